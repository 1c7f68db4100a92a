//! Digests, written as the digest fields have them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};

pub(crate) fn sha256(content: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(content))
}

pub(crate) fn sha512(content: &[u8]) -> String {
    STANDARD.encode(Sha512::digest(content))
}
