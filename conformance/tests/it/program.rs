//! Running the program.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

pub(crate) const CONTENTS: [&str; 4] =
    ["--content", r#"{"name":"a","size":1}"#, "--content", r#"{"name":"b","size":2}"#];

/// What came of one call.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Calls the program; whatever the server does, it comes to an end by itself, so a limit here is a failed test.
pub(crate) fn call(arguments: &[&str]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_put-conformance"))
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let deadline = Instant::now() + Duration::from_mins(2);
    while child.try_wait().expect("a child").is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the program does not end: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().expect("its output");
    let ended = Ended {
        code: status.code(),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    };
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    assert!(!ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'), "colours although nobody sees them");
    ended
}

/// Calls the program for a URL, with two contents and more.
pub(crate) fn judge(url: &str, more: &[&str]) -> Ended {
    call(&[&[url], &CONTENTS[..], more].concat())
}

impl Ended {
    /// That nothing was judged, and the one line that says why.
    pub(crate) fn refused(&self, word: &str) {
        assert_eq!(self.code, Some(2), "{}{}", self.out, self.err);
        let lines: Vec<&str> = self.err.lines().filter(|line| line.starts_with("put-conformance: ")).collect();
        assert!(matches!(lines[..], [only] if only.contains(word)), "{word:?} is not in {:?}", self.err);
        assert_eq!(self.out, "");
    }
}
