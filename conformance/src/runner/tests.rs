//! The runner against servers that are wrong on purpose: a table that cannot fail would prove nothing.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::{Case, Report, Subject, Verdict, date};

/// In which way the server is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Correct as far as the chosen cases look.
    None,
    /// Conditions are not looked at.
    NoConditions,
    /// What was refused is written all the same.
    WritesRefused,
    /// The tag in the answer to PUT is not the one that GET shows.
    OldTag,
    /// A replacement appends to the title.
    Merges,
}

/// Pages in memory, one thread, plain code: enough of the contract for a few cases.
struct Naive {
    addr: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Naive {
    fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let addr = listener.local_addr().expect("its address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let pages = Mutex::new(HashMap::new());
            std::thread::scope(|scope| {
                while let Ok((stream, _)) = listener.accept() {
                    if stopped.load(Ordering::Acquire) {
                        break;
                    }
                    let pages = &pages;
                    scope.spawn(move || serve(stream, fault, pages));
                }
            });
        });
        Self { addr, stop, thread: Some(thread) }
    }
}

impl Drop for Naive {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.addr);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One request on each connection.
fn serve(mut stream: TcpStream, fault: Fault, pages: &Mutex<HashMap<String, String>>) {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut octet), Ok(1)) {
            return;
        }
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.split_once(": ").filter(|(own, _)| *own == name).map(|(_, value)| value.to_owned()))
    };
    let mut content = vec![0; field("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    if stream.read_exact(&mut content).is_err() {
        return;
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_owned());
    let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
    let old = pages.get(&path).cloned();
    let tag = |content: &str| {
        format!("\"{}\"", content.bytes().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat())
    };
    let answer = match (method, &old) {
        ("GET", Some(shown)) => {
            let modified = date::imf_fixdate(784_111_777);
            message(
                "200 OK",
                &format!("Content-Type: application/json\r\nETag: {}\r\nLast-Modified: {modified}\r\n", tag(shown)),
                shown,
            )
        }
        ("PUT", _) => {
            let current = old.as_deref().map(tag);
            let if_match =
                field("If-Match").is_none_or(|tags| current.as_ref().is_some_and(|tag| tags == *tag || tags == "*"));
            let if_none_match = field("If-None-Match").is_none_or(|tags| tags != "*" || current.is_none());
            let refused = fault != Fault::NoConditions && !(if_match && if_none_match);
            let mut new = String::from_utf8_lossy(&content).into_owned();
            if fault == Fault::Merges && old.is_some() {
                new = new.replace("two", "one and two");
            }
            if !refused || fault == Fault::WritesRefused {
                pages.insert(path.clone(), new.clone());
            }
            if refused {
                problem("412 Precondition Failed", "Precondition Failed")
            } else {
                let told = if fault == Fault::OldTag { "\"old\"".to_owned() } else { tag(&new) };
                let (status, location) = if old.is_some() {
                    ("200 OK", String::new())
                } else {
                    ("201 Created", format!("Location: {path}\r\n"))
                };
                message(
                    status,
                    &format!(
                        "Content-Type: application/json\r\nETag: {told}\r\n{location}Content-Location: {path}\r\n"
                    ),
                    &new,
                )
            }
        }
        _ => problem("404 Not Found", "Not Found"),
    };
    let _ = stream.write_all(answer.as_bytes());
}

fn problem(status: &str, title: &str) -> String {
    message(
        status,
        "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n",
        &format!(r#"{{"title":"{title}","status":{}}}"#, &status[..3]),
    )
}

fn message(status: &str, fields: &str, content: &str) -> String {
    let date = date::imf_fixdate(784_111_777);
    let length = content.len();
    format!(
        "HTTP/1.1 {status}\r\nDate: {date}\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{content}"
    )
}

const CREATE: &str = "creating a resource answers 201 with the representation";
const REPLACE: &str = "replacing a resource answers 200 with the representation";
const STALE: &str = "truth table: If-Match \"\\\"zzz\\\"\", If-None-Match - on Present";
const ABSENT: &str = "truth table: If-Match \"\\\"zzz\\\"\", If-None-Match - on Absent";
const RACE: &str = "of 20 parallel PUTs with one If-Match exactly one writes";

fn chosen(case: &Case) -> bool {
    [CREATE, REPLACE, STALE, ABSENT, RACE].contains(&case.name.as_str())
}

fn report(fault: Fault) -> Report {
    let server = Naive::start(fault);
    crate::run(&Subject::new(server.addr), chosen)
}

fn failed(fault: Fault) -> Vec<String> {
    report(fault).failures().iter().map(|result| result.name.clone()).collect()
}

#[test]
fn a_correct_server_passes() {
    let report = report(Fault::None);
    assert_eq!((report.passed(), report.results.len()), (5, 5), "{}", report.to_text());
}

#[test]
fn ignored_conditions_are_found() {
    assert_eq!(failed(Fault::NoConditions), [ABSENT, STALE, RACE]);
}

#[test]
fn a_refused_request_that_writes_is_found_by_the_runner() {
    let report = report(Fault::WritesRefused);
    let text = report.to_text();
    let stale = report.failures().into_iter().find(|result| result.name == STALE).expect(&text);
    assert!(matches!(&stale.verdict, Verdict::Failed(why) if why.contains("the state has changed")), "{text}");
    assert!(
        text.contains("    > If-Match: \"zzz\"") && text.contains("    < HTTP/1.1 412 Precondition Failed"),
        "{text}"
    );
}

#[test]
fn a_tag_that_get_does_not_show_is_found_by_the_runner() {
    assert_eq!(failed(Fault::OldTag), [CREATE, REPLACE, RACE]);
}

#[test]
fn a_merge_is_found_by_the_runner() {
    assert!(failed(Fault::Merges).contains(&REPLACE.to_owned()));
}

#[test]
fn a_known_deviation_is_told_apart_and_must_be_true() {
    let wrong = Naive::start(Fault::NoConditions);
    let subject = Subject::new(wrong.addr).deviation(STALE, "it looks at no condition").deviation(CREATE, "not so");
    let report = crate::run(&subject, |case| case.name == STALE || case.name == CREATE);
    assert!(matches!(&report.results[1].verdict, Verdict::Deviates(_, reason) if reason.contains("no condition")));
    assert!(matches!(&report.results[0].verdict, Verdict::Failed(why) if why.contains("known deviation")));
}

#[test]
fn a_server_that_is_not_there_fails_every_case() {
    let gone = Naive::start(Fault::None).addr;
    let report = crate::run(&Subject::new(gone), chosen);
    assert_eq!(report.failures().len(), 5, "{}", report.to_text());
}
