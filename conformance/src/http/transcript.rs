//! What went over the wire, for the message of a failure.

use std::fmt::{self, Write as _};

use super::Origin;

/// Messages longer than this are shown by their beginning and their length.
const SHOWN: usize = 1500;
/// More is kept than shown, so that no secret is cut in two before it is taken out.
const KEPT: usize = 16 * 1024;

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

    /// The same without the values that go with every request to this server.
    pub(super) fn veiled(mut self, origin: &Origin) -> Self {
        for (_, kept, _) in self.parts.iter_mut().filter(|(outgoing, ..)| *outgoing) {
            origin.veil(kept);
        }
        self
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
            let room = KEPT.saturating_sub(kept.len()).min(octets.len());
            kept.extend_from_slice(&octets[..room]);
            *total += octets.len();
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (outgoing, kept, total) in &self.parts {
            let shown = &kept[..kept.len().min(SHOWN)];
            let mark = if *outgoing { "> " } else { "< " };
            for line in shown.split_inclusive(|octet| *octet == b'\n') {
                out.write_str(mark)?;
                // A CR that ends no line is shown: a reader would look for it in vain.
                let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
                for octet in line {
                    match octet {
                        0x20..=0x7e => out.write_char(char::from(*octet))?,
                        other => write!(out, "\\x{other:02x}")?,
                    }
                }
                out.write_char('\n')?;
            }
            if *total > SHOWN {
                writeln!(out, "{mark}[{total} octets in all]")?;
            }
        }
        Ok(())
    }
}
