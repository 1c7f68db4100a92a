//! Where requests go, and what goes with every one of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one response may take unless something else is said.
const LIMIT: Duration = Duration::from_secs(10);
/// How long one response may take behind the end of the time for all.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// A server: its address, what Host says, and the field lines that every request to it carries.
///
/// ```
/// use put_conformance::http::Origin;
///
/// let origin = Origin::new(([127, 0, 0, 1], 3000).into(), "localhost:3000").field("Authorization", "Bearer x");
/// assert_eq!(origin.host(), "localhost:3000");
/// ```
#[derive(Clone, Debug)]
pub struct Origin {
    addr: SocketAddr,
    host: Arc<str>,
    fields: Arc<[(String, Vec<u8>)]>,
    limit: Duration,
    end: Option<Instant>,
}

impl Origin {
    /// A server at this address that is called by this name.
    pub fn new(addr: SocketAddr, host: &str) -> Self {
        Self { addr, host: host.into(), fields: Arc::new([]), limit: LIMIT, end: None }
    }

    /// Adds a field line to every request.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let more = (name.to_owned(), value.as_ref().to_vec());
        self.fields = self.fields.iter().cloned().chain([more]).collect();
        self
    }

    /// Changes how long one response may take.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// No answer is waited for behind this time from now.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.end = Instant::now().checked_add(time);
        self
    }

    /// The same server, to clean up when the time is over: for a short while each.
    pub(crate) fn afterwards(&self) -> Self {
        Self { end: None, limit: self.limit.min(AFTERWARDS), ..self.clone() }
    }

    /// The address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What is written into the Host field.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The field lines that every request carries.
    pub fn fields(&self) -> &[(String, Vec<u8>)] {
        &self.fields
    }

    /// Takes the values that were given for every request out of octets that a report shows: they may be secrets, and a
    /// report is kept where many read it.
    pub(super) fn veil(&self, octets: &mut Vec<u8>) {
        for (name, value) in self.fields.iter() {
            let given = [b"\r\n", name.as_bytes(), b": ", value, b"\r\n"].concat();
            let instead = [b"\r\n", name.as_bytes(), b": [as given]\r\n"].concat();
            let mut from = 0;
            while let Some(found) = octets[from..].windows(given.len()).position(|line| line == given) {
                octets.splice(from + found..from + found + given.len(), instead.iter().copied());
                // The end of this line begins the next one.
                from += found + instead.len() - 2;
            }
        }
    }

    /// How long one response may take, if it may begin now.
    pub(crate) fn patience(&self) -> Duration {
        self.left().map_or(self.limit, |left| left.min(self.limit))
    }

    /// How much time there is to the end, if there is one.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

impl From<SocketAddr> for Origin {
    fn from(addr: SocketAddr) -> Self {
        Self::new(addr, &addr.to_string())
    }
}

impl From<&Origin> for Origin {
    fn from(origin: &Origin) -> Self {
        origin.clone()
    }
}
