//! Servers that nobody could judge, and a plain correct one for the report.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that does the same with every connection, until it is dropped.
pub(crate) struct Server {
    addr: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `each` is given the connection and its number.
    pub(crate) fn start(each: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let addr = listener.local_addr().expect("its address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let count = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                while let Ok((stream, _)) = listener.accept() {
                    if stopped.load(Ordering::Acquire) {
                        break;
                    }
                    // Whatever a connection does, it must not keep the test.
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
                    let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
                    let number = count.fetch_add(1, Ordering::Relaxed);
                    let each = &each;
                    scope.spawn(move || each(stream, number));
                }
            });
        });
        Self { addr, stop, thread: Some(thread) }
    }

    /// Says this to every request, one on each connection.
    pub(crate) fn saying(answer: impl AsRef<[u8]>) -> Self {
        let answer = answer.as_ref().to_vec();
        Self::start(move |mut stream, _| {
            read(&mut stream);
            let _ = stream.write_all(&answer);
        })
    }

    /// Things in memory, as a careful beginner would write it: PUT, GET, DELETE, If-Match, If-None-Match. After this many
    /// connections it accepts and says nothing more.
    pub(crate) fn things(lasting: usize) -> Self {
        let things: Mutex<HashMap<String, String>> = Mutex::default();
        Self::start(move |mut stream, number| {
            let (head, content) = read(&mut stream);
            if number >= lasting {
                std::thread::sleep(Duration::from_secs(3));
                return;
            }
            let mut things = things.lock().expect("a map");
            let _ = stream.write_all(answer(&head, &content, &mut things).as_bytes());
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/things/42", self.addr)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.addr);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A header section and as much content as Content-Length says.
pub(crate) fn read(stream: &mut TcpStream) -> (String, String) {
    let (mut head, mut octet) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut octet), Ok(1)) {
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length: usize = field(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    // No more than a test sends, whatever is declared.
    let mut content = vec![0; length.min(1024 * 1024)];
    let _ = stream.read_exact(&mut content);
    (head, String::from_utf8_lossy(&content).into_owned())
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn answer(head: &str, content: &str, things: &mut HashMap<String, String>) -> String {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let tag = |content: &str| {
        format!("\"{}\"", content.bytes().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat())
    };
    let current = things.get(path).map(|content| tag(content));
    let matched =
        field(head, "if-match").is_none_or(|tags| current.as_deref().is_some_and(|tag| tags == "*" || tags == tag));
    let unmatched =
        field(head, "if-none-match").is_none_or(|tags| current.as_deref().is_none_or(|tag| tags != "*" && tags != tag));
    match (method, &current) {
        ("GET", Some(tag)) => {
            message("200 OK", &format!("ETag: {tag}\r\nContent-Type: application/json\r\n"), &things[path])
        }
        ("PUT" | "DELETE", _) if !(matched && unmatched) => {
            message("412 Precondition Failed", "", "the precondition is false")
        }
        ("PUT", old) => {
            let status = if old.is_some() { "200 OK" } else { "201 Created" };
            things.insert(path.to_owned(), content.to_owned());
            message(status, &format!("ETag: {}\r\n", tag(content)), "")
        }
        ("DELETE", Some(_)) => {
            things.remove(path);
            message("200 OK", "", "gone")
        }
        _ => message("404 Not Found", "", "there is nothing here"),
    }
}

pub(crate) fn message(status: &str, fields: &str, content: &str) -> String {
    let length = content.len();
    format!(
        "HTTP/1.1 {status}\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{content}"
    )
}
