//! Content-Digest and Repr-Digest (RFC 9530). No coding is taken, so both cover the same octets.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use crate::json::Json;
use crate::mutant::Mutant;
use crate::problem::{Kind, Problem};
use crate::variant::Variant;
use crate::wire::Fields;

/// Verifies what the fields say of the content.
pub(crate) fn verify(fields: &Fields, content: &[u8], variant: Variant) -> Result<(), Problem> {
    if variant.is(Mutant::DigestsIgnored) {
        return Ok(());
    }
    for field in ["Content-Digest", "Repr-Digest"] {
        if !fields.has(field) {
            continue;
        }
        let invalid = if variant.is(Mutant::OddDigestFails) { Kind::Internal } else { Kind::DigestInvalid };
        let joined = if variant.is(Mutant::FirstDigestCounts) {
            // The last of two wins in a dictionary, so the lines are turned round.
            fields.lines(field).rev().collect::<Vec<_>>().join(&b", "[..])
        } else {
            fields.joined(field)
        };
        let dictionary: Dictionary = Parser::new(&joined)
            .parse()
            .map_err(|why| Problem::new(invalid).detail(format!("{field} cannot be read: {why}")))?;
        for (name, digest) in
            [("sha-256", Sha256::digest(content).to_vec()), ("sha-512", Sha512::digest(content).to_vec())]
        {
            let told = match dictionary.get(name) {
                None => continue,
                Some(ListEntry::Item(item)) if let BareItem::ByteSequence(octets) = &item.bare_item => octets,
                Some(_) => return Err(Problem::new(invalid).detail(format!("{name} is no byte sequence"))),
            };
            if *told != digest && !variant.is(Mutant::MismatchStored) {
                let problem = Problem::new(Kind::DigestMismatch)
                    .detail(format!("the content is not what {name} in {field} says"))
                    .with("provided_digest", Json::Text(format!("{name}=:{}:", STANDARD.encode(told))));
                let reveals = variant.is(Mutant::DigestRevealed);
                let computed = Json::Text(format!("{name}=:{}:", STANDARD.encode(digest)));
                return Err(if reveals { problem.with("computed_digest", computed) } else { problem });
            }
        }
    }
    Ok(())
}

/// 128 bits of a digest, in the letters that an entity tag may hold.
pub(crate) fn short(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..16])
}
