//! What the runner needs to know of a server.

use std::net::SocketAddr;
use std::time::Duration;

use crate::http::Origin;
use crate::target::Target;

/// The policy of one mount of the fixture; each has a prefix of its own.
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

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What the standards demand, with every fair reading of them.
    Rfc,
    /// Also what this project decides where the standards leave it open.
    Put,
}

/// Something that a server may or may not be able to do, and that a case depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// PUT creates what is absent.
    Creation,
    /// GET shows a strong entity tag.
    StrongTag,
    /// GET shows Last-Modified.
    Date,
    /// DELETE removes.
    Removal,
    /// A value in the content may be chosen freely.
    FreeValue,
    /// A page of the fixture is stored as it came, octet for octet.
    Verbatim,
}

impl Need {
    /// Why a case is not applicable to a server that lacks this.
    pub const fn lacking(self) -> &'static str {
        match self {
            Self::Creation => "PUT creates nothing here",
            Self::StrongTag => "GET shows no strong entity tag",
            Self::Date => "GET shows no Last-Modified",
            Self::Removal => "DELETE removes nothing here",
            Self::FreeValue => "no value in the content was found that may be chosen freely",
            Self::Verbatim => "the server adds members of its own to everything that it stores",
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

/// What is asked for: the fixture with all its mounts, or somebody's own resource.
#[derive(Clone, Debug)]
pub(crate) enum Resources {
    Fixture,
    Own(Box<Own>),
}

/// Somebody's own resource and what it was found able to do.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) target: Target,
    /// A PUT without a precondition is 428 here.
    pub(crate) guarded: bool,
    /// A tag is weak until the resource has been left alone for a while.
    pub(crate) settles: bool,
}

/// A server under judgement.
#[derive(Clone, Debug)]
pub struct Subject {
    origin: Origin,
    pub(crate) resources: Resources,
    pub(crate) profile: Profile,
    pub(crate) lacks: Vec<Need>,
    pub(crate) holds_nul: bool,
    pub(crate) interim_by_framework: bool,
    pub(crate) deviations: Vec<Deviation>,
    pub(crate) threads: usize,
    pub(crate) recording: bool,
    pub(crate) races: usize,
}

impl Subject {
    /// A server that serves the fixture at this address, without deviations.
    pub fn new(addr: SocketAddr) -> Self {
        Self::over(addr.into(), Resources::Fixture)
    }

    pub(crate) fn over(origin: Origin, resources: Resources) -> Self {
        Self {
            origin,
            resources,
            profile: Profile::Put,
            lacks: Vec::new(),
            holds_nul: true,
            interim_by_framework: false,
            deviations: Vec::new(),
            threads: 4,
            recording: false,
            races: 50,
        }
    }

    /// The server.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What is judged; this project's profile unless something else is said.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// States that the server cannot do this. The cases that depend on it are not applicable.
    #[must_use]
    pub fn lacking(mut self, need: Need) -> Self {
        self.lacks.push(need);
        self
    }

    /// States that the server cannot keep U+0000 in a text. It must then refuse each one at its place.
    #[must_use]
    pub fn without_nul(mut self) -> Self {
        self.holds_nul = false;
        self
    }

    /// States that the framework sends 100 by itself.
    #[must_use]
    pub fn interim_by_framework(mut self) -> Self {
        self.interim_by_framework = true;
        self
    }

    /// Whether the framework sends 100 by itself; then only the final status is judged. The standards know no framework.
    pub fn sends_interim_by_framework(&self) -> bool {
        self.interim_by_framework && self.profile == Profile::Put
    }

    /// States that a case is known to fail here.
    #[must_use]
    pub fn deviation(mut self, case: &str, reason: &str) -> Self {
        self.deviations.push(Deviation { case: case.to_owned(), reason: reason.to_owned() });
        self
    }

    /// Ends the run after this time from now; the cases that are left are not run.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.origin = self.origin.within(time);
        self
    }

    /// Changes how many rounds the race of two careful writers has.
    #[must_use]
    pub fn races(mut self, rounds: usize) -> Self {
        self.races = rounds;
        self
    }

    pub(crate) fn race_rounds(&self) -> usize {
        self.races
    }

    /// Uses keys that are the same in every run, and keeps every response: for comparing two servers.
    #[must_use]
    pub fn recording(mut self) -> Self {
        self.recording = true;
        self
    }

    /// The one resource that was given, where it is not the fixture that is asked.
    pub(crate) fn own(&self) -> Option<&Own> {
        match &self.resources {
            Resources::Own(own) => Some(own),
            Resources::Fixture => None,
        }
    }

    pub(crate) fn lacks(&self, need: Need) -> bool {
        self.lacks.contains(&need)
    }
}
