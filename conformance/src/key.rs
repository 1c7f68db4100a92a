//! Keys for fresh resources, of the kind that a given key has.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// How the keys of fresh resources look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A whole number below 2^31, because many a key is a column of that size.
    Int,
    /// A random-looking UUID.
    Uuid,
    /// Lower-case letters and digits.
    Text,
}

impl KeyKind {
    /// What this key looks like.
    pub fn of(key: &str) -> Self {
        let uuid = key.len() == 36
            && key.bytes().enumerate().all(|(at, octet)| match at {
                8 | 13 | 18 | 23 => octet == b'-',
                _ => octet.is_ascii_hexdigit(),
            });
        if !key.is_empty() && key.bytes().all(|octet| octet.is_ascii_digit()) {
            Self::Int
        } else if uuid {
            Self::Uuid
        } else {
            Self::Text
        }
    }

    pub(crate) fn fresh(self) -> String {
        let number = fresh_number();
        match self {
            Self::Int => (number % 2_000_000_000 + 1).to_string(),
            Self::Uuid => {
                let digits = format!("{number:016x}{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                format!(
                    "{}-{}-4{}-8{}-{}",
                    &digits[..8],
                    &digits[8..12],
                    &digits[13..16],
                    &digits[17..20],
                    &digits[20..]
                )
            }
            Self::Text => format!("c{number:x}"),
        }
    }
}

/// Fresh over all runs against one server, as far as that can be had: a block of numbers for each millisecond.
fn fresh_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static START: OnceLock<u64> = OnceLock::new();
    let start = START.get_or_init(|| {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis());
        u64::try_from(millis % 1_000_000).unwrap_or_default() * 2000
    });
    start + NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::KeyKind;

    #[test]
    fn fresh_keys_look_like_the_given_one_and_do_not_repeat() {
        for (given, kind) in [("42", KeyKind::Int), ("a1", KeyKind::Text), ("", KeyKind::Text)] {
            assert_eq!(KeyKind::of(given), kind);
        }
        assert_eq!(KeyKind::of("67e55044-10b1-426f-9247-bb680e5fe0c8"), KeyKind::Uuid);
        for kind in [KeyKind::Int, KeyKind::Uuid, KeyKind::Text] {
            let keys: std::collections::BTreeSet<String> = (0..2000).map(|_| kind.fresh()).collect();
            assert!(keys.len() > 1990, "{kind:?}: {}", keys.len());
            assert!(keys.iter().all(|key| KeyKind::of(key) == kind), "{kind:?}");
        }
    }
}
