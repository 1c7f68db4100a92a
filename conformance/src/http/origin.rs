//! Where requests go, and what goes with every one of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long one response may take unless something else is said.
const LIMIT: Duration = Duration::from_secs(10);

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
}

impl Origin {
    /// A server at this address that is called by this name.
    pub fn new(addr: SocketAddr, host: &str) -> Self {
        Self { addr, host: host.into(), fields: Arc::new([]), limit: LIMIT }
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

    pub(crate) fn patience(&self) -> Duration {
        self.limit
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
