//! Content-Digest and Repr-Digest (RFC 9530). Without a content coding both speak of the same octets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use crate::head::{Field, Head};
use crate::problem::{Kind, Problem};

/// The digests a client sent that are to be verified, or why they cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Digests(Result<Vec<Sent>, Problem>);

#[derive(Clone, Debug)]
struct Sent {
    field: Field,
    algorithm: Algorithm,
    octets: Vec<u8>,
}

/// The algorithms that prove something; deprecated ones are ignored (RFC 9530, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [(Self, &'static str); 2] = [(Self::Sha256, "sha-256"), (Self::Sha512, "sha-512")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(algorithm, _)| *algorithm == self).map_or("", |(_, name)| name)
    }

    fn is_of(self, content: &[u8], octets: &[u8]) -> bool {
        match self {
            Self::Sha256 => Sha256::digest(content)[..] == *octets,
            Self::Sha512 => Sha512::digest(content)[..] == *octets,
        }
    }
}

impl Digests {
    /// Reads both fields; usually there is neither.
    pub(crate) fn parse(head: &Head<'_>) -> Option<Box<Self>> {
        let mut fields =
            [Field::ContentDigest, Field::ReprDigest].into_iter().filter(|field| head.has(*field)).peekable();
        fields.peek()?;
        let mut sent = Vec::new();
        let read = fields.try_for_each(|field| Self::read(&mut sent, head, field));
        Some(Box::new(Self(read.map(|()| sent))))
    }

    /// A field that is no dictionary of byte sequences refuses the whole message.
    #[cold]
    fn read(sent: &mut Vec<Sent>, head: &Head<'_>, field: Field) -> Result<(), Problem> {
        let invalid = |reason: String| {
            Problem::new(Kind::DigestInvalid).detail(format!("the field {} cannot be read: {reason}", field.name()))
        };
        // Several lines are one dictionary, in which the last member of a name counts (RFC 9651, section 4.2).
        let joined = head.all(field).collect::<Vec<_>>().join(&b", "[..]);
        let dictionary: Dictionary = Parser::new(&joined).parse().map_err(|error| invalid(error.to_string()))?;
        for (algorithm, name) in Algorithm::ALL {
            match dictionary.get(name) {
                None => {}
                Some(ListEntry::Item(item)) if let BareItem::ByteSequence(octets) = &item.bare_item => {
                    sent.push(Sent { field, algorithm, octets: octets.clone() });
                }
                Some(_) => return Err(invalid(format!("{name} is not a byte sequence between colons"))),
            }
        }
        Ok(())
    }

    /// Whether the content is what all of them say. The digest we computed is not told.
    pub(crate) fn verify(&self, content: &[u8]) -> Result<(), Problem> {
        let wrong =
            self.0.as_ref().map_err(Problem::clone)?.iter().find(|sent| !sent.algorithm.is_of(content, &sent.octets));
        let Some(Sent { field, algorithm, octets }) = wrong else { return Ok(()) };
        let provided = format!("{}=:{}:", algorithm.name(), STANDARD.encode(octets));
        Err(Problem::new(Kind::DigestMismatch)
            .detail(format!("the content is not what {} in {} says", algorithm.name(), field.name()))
            .with("header", field.name())
            .with("provided_digest", provided))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of DIG-01.
    const PLAIN: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    const WITH_LINE_FEED: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

    #[test]
    fn digests_dig_01_to_07() {
        let plain = b"{\"hello\": \"world\"}".as_slice();
        let with_line_feed = b"{\"hello\": \"world\"}\n".as_slice();
        for (lines, content, answer) in [
            (vec![PLAIN], plain, Ok(())),
            (vec![WITH_LINE_FEED], with_line_feed, Ok(())),
            (vec![PLAIN], with_line_feed, Err(Kind::DigestMismatch)),
            (vec![WITH_LINE_FEED, PLAIN], plain, Ok(())),
            (vec![PLAIN, WITH_LINE_FEED], plain, Err(Kind::DigestMismatch)),
            (vec!["md5=:AAAA:"], plain, Ok(())),
            (vec!["sha-256=abc"], plain, Err(Kind::DigestInvalid)),
            (vec!["sha-256=:!!:"], plain, Err(Kind::DigestInvalid)),
            (vec!["sha-512=:AAAA:"], plain, Err(Kind::DigestMismatch)),
            (vec!["=="], plain, Err(Kind::DigestInvalid)),
        ] {
            for field in ["content-digest", "repr-digest"] {
                let mut head = Head::new("PUT", "/", "/");
                for line in &lines {
                    head.field(field, line.as_bytes());
                }
                let verdict = Digests::parse(&head).unwrap().verify(content);
                assert_eq!(verdict.map_err(|problem| problem.kind()), answer, "{field}: {lines:?}");
            }
        }
    }
}
