//! What went over the wire, for the message of a failure.

use std::fmt::{self, Write as _};

/// Messages longer than this are shown by their beginning and their length.
const SHOWN: usize = 1500;

/// The octets of one or more connections, in the order in which they were sent and received.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    parts: Vec<(bool, Vec<u8>, usize)>,
}

impl Transcript {
    /// Remembers octets that were sent.
    pub(crate) fn sent(&mut self, octets: &[u8]) {
        self.add(true, octets);
    }

    /// Remembers octets that were received.
    pub(crate) fn received(&mut self, octets: &[u8]) {
        self.add(false, octets);
    }

    /// Puts another transcript behind this one.
    pub fn append(&mut self, mut other: Self) {
        self.parts.append(&mut other.parts);
    }

    /// Whether nothing was sent or received.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn add(&mut self, outgoing: bool, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let fresh = !matches!(self.parts.last(), Some((direction, ..)) if *direction == outgoing);
        if fresh {
            self.parts.push((outgoing, Vec::new(), 0));
        }
        if let Some((_, kept, total)) = self.parts.last_mut() {
            let room = SHOWN.saturating_sub(kept.len()).min(octets.len());
            kept.extend_from_slice(&octets[..room]);
            *total += octets.len();
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (outgoing, kept, total) in &self.parts {
            let mark = if *outgoing { "> " } else { "< " };
            for line in kept.split_inclusive(|octet| *octet == b'\n') {
                out.write_str(mark)?;
                for octet in line {
                    match octet {
                        b'\r' | b'\n' => {}
                        0x20..=0x7e => out.write_char(char::from(*octet))?,
                        other => write!(out, "\\x{other:02x}")?,
                    }
                }
                out.write_char('\n')?;
            }
            if *total > kept.len() {
                writeln!(out, "{mark}[{total} octets in all]")?;
            }
        }
        Ok(())
    }
}
