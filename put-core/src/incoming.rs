//! Content on its way in: pieces are joined under the limit of the endpoint.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::engine::NotRead;

/// The content of one request as it comes in, piece by piece. Made by [`Admitted::incoming`](crate::Admitted::incoming).
pub struct Incoming {
    limit: u64,
    /// The only piece so far: small content comes in one and is not copied.
    whole: Bytes,
    joined: BytesMut,
}

impl Incoming {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, whole: Bytes::new(), joined: BytesMut::new() }
    }

    /// Adds the next piece.
    ///
    /// # Errors
    /// [`NotRead::TooLarge`] if it does not fit under the limit any more; the content is to be refused with it.
    pub fn push(&mut self, piece: Bytes) -> Result<(), NotRead> {
        let length = self.whole.len() + self.joined.len() + piece.len();
        if u64::try_from(length).is_ok_and(|length| length > self.limit) {
            return Err(NotRead::TooLarge);
        }
        if length == piece.len() {
            self.whole = piece;
        } else {
            self.joined.extend_from_slice(&std::mem::take(&mut self.whole));
            self.joined.extend_from_slice(&piece);
        }
        Ok(())
    }

    /// All of it, once it has ended.
    #[must_use]
    pub fn into_content(self) -> Bytes {
        if self.joined.is_empty() { self.whole } else { self.joined.freeze() }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.whole.len() + self.joined.len();
        f.debug_struct("Incoming").field("length", &length).field("limit", &self.limit).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_up_to_the_limit_and_no_further_len_01() {
        for (pieces, whole) in [
            (vec![], Some("")),
            (vec!["abcd"], Some("abcd")),
            (vec!["", "ab", "", "cd"], Some("abcd")),
            (vec!["a", "b", "c", "d"], Some("abcd")),
            (vec!["abcde"], None),
            (vec!["abcd", "e"], None),
        ] {
            let mut incoming = Incoming::new(4);
            let all = pieces.iter().try_for_each(|piece| incoming.push(Bytes::from_static(piece.as_bytes())));
            assert_eq!(
                all.map(|()| incoming.into_content()),
                whole.map(Bytes::from).ok_or(NotRead::TooLarge),
                "{pieces:?}"
            );
        }
    }
}
