//! A server that says what it was told to say; the tests of the client and of the invariants speak to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What to do with one connection, one step after the other.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Read up to the end of a header section.
    ReadHead,
    /// Read this many octets behind the header section.
    ReadContent(usize),
    /// Write these octets.
    Say(Vec<u8>),
    /// Wait.
    Wait(Duration),
}

pub(crate) fn say(text: impl AsRef<[u8]>) -> Step {
    Step::Say(text.as_ref().to_vec())
}

/// A listener with one script for each connection, in order; behind the last step the connection is closed.
pub(crate) struct Scripted {
    pub(crate) addr: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Vec<u8>>>>,
}

impl Scripted {
    pub(crate) fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let addr = listener.local_addr().expect("its address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut heard = Vec::new();
            for script in scripts {
                let Ok((stream, _)) = listener.accept() else { break };
                if stopped.load(Ordering::Acquire) {
                    break;
                }
                heard.push(play(stream, &script));
            }
            heard
        });
        Self { addr, stop, thread: Some(thread) }
    }

    /// Ends the server and returns what each connection heard.
    pub(crate) fn heard(mut self) -> Vec<Vec<u8>> {
        self.end()
    }

    fn end(&mut self) -> Vec<Vec<u8>> {
        self.stop.store(true, Ordering::Release);
        // A last connection wakes a listener that still waits; if none waits, nobody answers, and that is fine.
        let _ = TcpStream::connect(self.addr);
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.end();
    }
}

fn play(mut stream: TcpStream, script: &[Step]) -> Vec<u8> {
    let mut heard = Vec::new();
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a time limit");
    for step in script {
        match step {
            Step::ReadHead => {
                let start = heard.len();
                let mut octet = [0];
                while !heard[start..].ends_with(b"\r\n\r\n") && matches!(stream.read(&mut octet), Ok(1)) {
                    heard.push(octet[0]);
                }
            }
            Step::ReadContent(count) => {
                let mut content = vec![0; *count];
                let _ = stream.read_exact(&mut content);
                heard.extend(content);
            }
            Step::Say(octets) => {
                let _ = stream.write_all(octets);
            }
            Step::Wait(time) => std::thread::sleep(*time),
        }
    }
    heard
}
