//! What the servers in this program log.

use std::io::{self, Write};
use std::sync::{Mutex, Once};

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Collect;

impl Write for Collect {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        WRITTEN.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on the log is kept.
pub(super) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::fmt().with_writer(|| Collect).init());
}

/// The line of the log that has this text.
pub(super) fn line_with(text: &str) -> String {
    let written = WRITTEN.lock().unwrap().clone();
    let log = String::from_utf8(written).unwrap();
    let line = log.lines().find(|line| line.contains(text));
    line.unwrap_or_else(|| panic!("{text} is not in the log:\n{log}")).to_owned()
}
