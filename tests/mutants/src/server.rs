//! A server on a loopback port: it starts at once, and stops when it is dropped.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::mutant::Mutant;
use crate::respond::Origin;
use crate::variant::Variant;
use crate::wire::{Asked, Content, Head, NoHead, Wire};

/// A running server. See [`Server::start`].
pub struct Server {
    addr: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

/// What all connections share.
struct Shared {
    origin: Origin,
    variant: Variant,
    stops: AtomicBool,
    /// The connections that are open, so that they can be ended.
    open: Mutex<BTreeMap<u64, TcpStream>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Server").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Server {
    /// Starts the correct server, or the one with this bug or other reading, on a port that the system chooses.
    ///
    /// # Panics
    ///
    /// If there is no loopback port or no thread to be had.
    pub fn start(mutant: Option<Mutant>) -> Self {
        let variant = Variant::new(mutant);
        let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (addr, listener) = bound.expect("the loopback interface has a free port");
        let origin = Origin::new(variant);
        let shared =
            Arc::new(Shared { origin, variant, stops: AtomicBool::new(false), open: Mutex::new(BTreeMap::new()) });
        let accepting = Arc::clone(&shared);
        let listener = thread::spawn(move || accept(&listener, &accepting));
        Self { addr, shared, listener: Some(listener) }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of a thing with this key, written as it stands in a path.
    pub fn url(&self, key: &str) -> String {
        format!("http://{}/things/{key}", self.addr)
    }

    /// The URL of a thing whose key is a number.
    pub fn number_url(&self, id: u64) -> String {
        format!("http://{}/api/numbers/{id}", self.addr)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stops.store(true, Ordering::Release);
        // The listener waits for a connection, so it gets one.
        let _ = TcpStream::connect(self.addr);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for (id, stream) in (0..).zip(listener.incoming()) {
        if shared.stops.load(Ordering::Acquire) {
            break;
        }
        let Ok(stream) = stream else { continue };
        threads.retain(|thread| !thread.is_finished());
        let Ok(handle) = stream.try_clone() else { continue };
        shared.open().insert(id, handle);
        let shared = Arc::clone(shared);
        threads.push(thread::spawn(move || {
            // A connection that cannot be served is closed; the client sees that.
            let _ = serve(stream, &shared);
            shared.open().remove(&id);
        }));
    }
    for stream in shared.open().values() {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Serves the requests of one connection, one after the other.
fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let variant = shared.variant;
    let mut wire = Wire::new(stream)?;
    loop {
        let refused = Asked { is_head: false, minor: 1, ends: true };
        let head = match Head::read(&mut wire, variant) {
            Ok(head) => head,
            Err(NoHead::Ended) => return Ok(()),
            Err(NoHead::Refused(answer)) => {
                wire.write(&answer.octets(refused, variant));
                break;
            }
        };
        let mut content = match Content::of(&head, &mut wire, variant) {
            Ok(content) => content,
            Err(answer) => {
                wire.write(&answer.octets(refused, variant));
                break;
            }
        };
        if variant.is(Mutant::ContinueAlways) {
            content.ask();
        }
        let Some(answer) = shared.origin.answer(&head, &mut content) else { break };
        let wants_end = head.fields.lines("Connection").any(|value| value.eq_ignore_ascii_case(b"close"));
        let ends =
            wants_end || head.minor == 0 || variant.is(Mutant::ConnectionEnds) || !content.leaves_connection_usable();
        let asked = Asked { is_head: head.method == "HEAD", minor: head.minor, ends };
        if !content.conclude(&answer.octets(asked, variant), !ends) {
            break;
        }
    }
    wire.end();
    Ok(())
}
