//! Running the program.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
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
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (out, err) = (heard(child.stdout.take()), heard(child.stderr.take()));
    let deadline = Instant::now() + Duration::from_mins(2);
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the program does not end: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let ended =
        Ended { code: status.code(), out: out.join().expect("its output"), err: err.join().expect("its output") };
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    assert!(!ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'), "colours although nobody sees them");
    ended
}

/// Reads to the end while the program runs: a full pipe would stop it.
fn heard(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        stream.expect("a pipe").read_to_string(&mut text).expect("UTF-8");
        text
    })
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
