//! What the runner needs to know of a server.

use std::net::SocketAddr;

/// The policy of one mount; each has a prefix of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Switch {
    /// The profile as it is.
    Default,
    /// 428 without If-Match or `If-None-Match: *`.
    RequirePrecondition,
    /// 404 instead of creation. Shares its store with the default mount.
    UpdateOnly,
    /// No content in a 2xx to PUT unless `Prefer: return=representation` asks for it.
    ReturnMinimal,
    /// Validators in a 2xx to PUT only after verbatim storage.
    StrictValidators,
    /// 2xx to a false If-Match when the wanted state is already stored.
    AcceptReplay,
    /// DELETE is allowed.
    Delete,
    /// GET and HEAD are not allowed.
    PutOnly,
    /// The content limit of the mount, in octets. The table uses 64.
    ContentLimit(u64),
}

impl Switch {
    /// The path prefix under which the server mounts the resources with this policy.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::RequirePrecondition => "/guarded",
            Self::UpdateOnly => "/existing",
            Self::ReturnMinimal => "/minimal",
            Self::StrictValidators => "/strict",
            Self::AcceptReplay => "/replay",
            Self::Delete => "/removable",
            Self::PutOnly => "/writeonly",
            Self::ContentLimit(_) => "/tiny",
        }
    }
}

/// A case that this server is known to fail, with the reason. It is run all the same: a deviation that is gone is reported.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The name of the case.
    pub case: String,
    /// Why the server answers otherwise.
    pub reason: String,
}

/// A server under judgement.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The framework sends 100 before any handler runs; then only the final status is judged.
    pub interim_by_framework: bool,
    /// Cases that are known to fail here.
    pub deviations: Vec<Deviation>,
    /// How many cases run at one time.
    pub threads: usize,
}

impl Subject {
    /// A server at this address, without deviations.
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, interim_by_framework: false, deviations: Vec::new(), threads: 4 }
    }

    /// States that the framework sends 100 by itself.
    #[must_use]
    pub fn interim_by_framework(mut self) -> Self {
        self.interim_by_framework = true;
        self
    }

    /// States that a case is known to fail here.
    #[must_use]
    pub fn deviation(mut self, case: &str, reason: &str) -> Self {
        self.deviations.push(Deviation { case: case.to_owned(), reason: reason.to_owned() });
        self
    }
}
