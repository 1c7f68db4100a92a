//! What a GET showed of a resource, to be held against what another one shows.

use std::fmt;

use crate::http::Response;

/// What a GET shows of a resource; whether it shows it still is how "state unchanged" is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The status of the GET.
    pub status: u16,
    /// The content; empty unless the status is 200, because problem details may differ from answer to answer.
    pub content: Vec<u8>,
    /// The entity tag.
    pub tag: Option<String>,
    /// Last-Modified.
    pub modified: Option<String>,
}

impl Snapshot {
    pub(crate) fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            content: if response.status == 200 { response.content.clone() } else { Vec::new() },
            tag: response.tag().map(str::to_owned),
            modified: response.field("Last-Modified").map(str::to_owned),
        }
    }

    /// Whether this, which came later, shows the same state. A tag that is made of a date may be weak at first and strong
    /// when the second is over, though nothing has changed but the time.
    pub(crate) fn is_still(&self, before: &Self) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").map(str::to_owned);
        let settled = self.tag.is_some() && self.tag == before.tag.as_deref().and_then(opaque);
        self == before || (settled && *self == Self { tag: self.tag.clone(), ..before.clone() })
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.status)?;
        for (name, value) in [("ETag", &self.tag), ("Last-Modified", &self.modified)] {
            if let Some(value) = value {
                write!(out, ", {name} {value}")?;
            }
        }
        if self.content.is_empty() { Ok(()) } else { write!(out, ", {}", String::from_utf8_lossy(&self.content)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tag: &str, content: &str) -> Snapshot {
        Snapshot { status: 200, content: content.into(), tag: Some(tag.to_owned()), modified: None }
    }

    #[test]
    fn a_tag_may_become_strong_and_nothing_else_may_change() {
        let before = shown("W/\"a\"", "1");
        assert!(before.is_still(&before));
        assert!(shown("\"a\"", "1").is_still(&before));
        for changed in [shown("\"a\"", "2"), shown("\"b\"", "1"), shown("W/\"b\"", "1")] {
            assert!(!changed.is_still(&before), "{changed:?}");
        }
        assert!(!before.is_still(&shown("\"a\"", "1")));
        let untagged = Snapshot { tag: None, ..before.clone() };
        assert!(untagged.is_still(&untagged) && !untagged.is_still(&before) && !before.is_still(&untagged));
    }
}
