//! The policy of one mount: the switches of the profile.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::head::Verb;
use crate::wording::Wording;

/// What an endpoint does where the standards leave it open.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own; any combination makes sense")]
pub(crate) struct Settings {
    pub(crate) require_precondition: bool,
    pub(crate) update_only: bool,
    pub(crate) return_minimal: bool,
    pub(crate) strict_validators: bool,
    pub(crate) accept_replay: bool,
    pub(crate) delete: bool,
    pub(crate) put_only: bool,
    pub(crate) content_limit: u64,
    pub(crate) public_prefix: String,
    pub(crate) cache_control: Bytes,
    pub(crate) reveal_current: bool,
    pub(crate) tolerate_proxy_tags: bool,
    /// How long a rule may wait.
    pub(crate) rule_timeout: Duration,
    /// The path of the mount that does everything but write.
    pub(crate) dry_run: Option<String>,
    /// Whether this is that mount.
    pub(crate) dry: bool,
    pub(crate) wording: Option<Wording>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            require_precondition: false,
            update_only: false,
            return_minimal: false,
            strict_validators: false,
            accept_replay: false,
            delete: false,
            put_only: false,
            content_limit: 1024 * 1024,
            public_prefix: String::new(),
            // No heuristics with a representation whose tag the next write needs, and no proxy that rewrites it.
            cache_control: Bytes::from_static(b"private, no-cache, no-transform"),
            reveal_current: false,
            tolerate_proxy_tags: false,
            rule_timeout: Duration::from_secs(10),
            dry_run: None,
            dry: false,
            wording: None,
        }
    }
}

impl Settings {
    /// The methods of this mount, in the order in which Allow lists them.
    pub(crate) fn methods(&self) -> impl Iterator<Item = Method> {
        [
            (Method::GET, Verb::Get),
            (Method::HEAD, Verb::Head),
            (Method::PUT, Verb::Put),
            (Method::DELETE, Verb::Delete),
            (Method::OPTIONS, Verb::Options),
        ]
        .into_iter()
        .filter_map(|(method, verb)| self.allows(verb).then_some(method))
    }

    pub(crate) fn allows(&self, verb: Verb) -> bool {
        match verb {
            Verb::Get | Verb::Head => !self.put_only && !self.dry,
            Verb::Put | Verb::Options => true,
            Verb::Delete => self.delete && !self.dry,
            Verb::Other | Verb::Unknown => false,
        }
    }

    /// The value of Allow.
    pub(crate) fn allow(&self) -> String {
        self.methods().map(|method| method.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// The URI of a resource, from the path as it arrived. A path with octets that no URI has, which a lenient server
    /// lets through, has them percent-coded.
    pub(crate) fn location(&self, path: &str) -> Bytes {
        let coded;
        let path = if path.bytes().all(is_of_path) {
            path
        } else {
            coded = path.bytes().fold(String::with_capacity(path.len() * 3), |mut coded, octet| {
                match octet {
                    octet if is_of_path(octet) => coded.push(char::from(octet)),
                    // Writing to a text does not fail.
                    octet => drop(write!(coded, "%{octet:02X}")),
                }
                coded
            });
            &coded
        };
        if self.public_prefix.is_empty() {
            return Bytes::copy_from_slice(path.as_bytes());
        }
        format!("{}{path}", self.public_prefix).into()
    }
}

/// Whether an octet can stand in the path of a URI (RFC 3986, section 3.3).
fn is_of_path(octet: u8) -> bool {
    matches!(octet,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
        | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@' | b'/' | b'%')
}
