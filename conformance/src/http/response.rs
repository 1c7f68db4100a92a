//! A response, as it came.

use serde_json::Value;

/// The final response to one request, with the interim responses that came before it.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status codes of the 1xx responses before this one, in order.
    pub interim: Vec<u16>,
    /// The status code.
    pub status: u16,
    /// Every field line in order, the name as it was spelled.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content after the framing was removed.
    pub content: Vec<u8>,
    /// Whether the connection is over: announced by the server, or implied by the framing.
    pub closed: bool,
}

impl Response {
    /// The value of the first field line with this name, when it is ASCII.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.values(name).next().and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The values of all field lines with this name.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Whether there is at least one field line with this name.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The members of a list field, all lines together, trimmed and without empty members.
    ///
    /// Only for lists whose members hold no quoted string.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.values(name)
            .flat_map(|value| {
                String::from_utf8_lossy(value).split(',').map(|member| member.trim().to_owned()).collect::<Vec<_>>()
            })
            .filter(|member| !member.is_empty())
            .collect()
    }

    /// The entity tag, quotes included.
    pub fn tag(&self) -> Option<&str> {
        self.field("ETag")
    }

    /// The content as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.content).ok()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the status is 4xx or 5xx.
    pub fn is_error(&self) -> bool {
        self.status >= 400
    }
}
