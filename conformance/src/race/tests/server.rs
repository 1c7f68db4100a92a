//! A server of one kind of resource, with a bug that can be chosen.
//!
//! One thing although it is long: every bug is a branch of the one right way to answer.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::race::Register;

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::race) enum Bug {
    /// Nothing.
    None,
    /// The condition is tested and, a moment later, the content is written.
    Gap,
    /// The condition is tested when the fields are in, before the content is read; then the write is one step.
    EarlyTest,
    /// If-Match is ignored.
    IfMatchIgnored,
    /// If-None-Match: * is tested and the creation is made a moment later; everything else is right.
    TwoCreations,
    /// The tag is made from the length of the content.
    CoarseTag,
    /// GET is answered from a copy that is renewed after every third GET.
    StaleRead,
    /// The answer is sent first, and the write is not yet seen by the next GET. The conditions know all writes.
    LateWrite,
    /// A PUT whose condition was false is written after all.
    RefusedButWritten,
    /// A PUT with If-Match on nothing creates.
    Revives,
    /// The winner is told 200 where it should be told 201.
    CreationIs200,
    /// The answer to a PUT has a tag that nobody ever sees again.
    OtherTag,
    /// Every loser is told 500.
    LosersGet500,
    /// A condition is never true.
    NobodyWins,
    /// Every fourth PUT is performed, and instead of an answer the connection is closed.
    LosesAnswers,
    /// Every fourth PUT is not performed and told 503.
    Busy,
    /// There are no tags at all.
    NoTags,
    /// Tags are weak.
    WeakTags,
    /// Nothing can be created.
    UpdateOnly,
    /// What comes back is not HTTP.
    Garbage,
    /// Nothing comes back, and the connection stays open.
    Silence,
    /// Each connection is closed after one answer, without a word.
    ClosesAlways,
}

/// A version and a content.
type State = Option<(u64, Vec<u8>)>;

struct Shelf {
    bug: Bug,
    states: Mutex<BTreeMap<String, State>>,
    /// What GET shows where that is not the state.
    copies: Mutex<BTreeMap<String, State>>,
    late: Mutex<VecDeque<(String, State)>>,
    versions: AtomicU64,
    gets: AtomicU64,
    puts: AtomicU64,
    stopped: AtomicBool,
}

/// A listener with a thread for each connection.
pub(in crate::race) struct Server {
    pub(in crate::race) addr: SocketAddr,
    shelf: Arc<Shelf>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(in crate::race) fn start(bug: Bug) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let addr = listener.local_addr().expect("its address");
        let shelf = Arc::new(Shelf {
            bug,
            states: Mutex::default(),
            copies: Mutex::default(),
            late: Mutex::default(),
            versions: AtomicU64::new(1),
            gets: AtomicU64::new(0),
            puts: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&shelf);
        let thread = std::thread::spawn(move || {
            let mut connections = Vec::new();
            while let Ok((stream, _)) = listener.accept() {
                if shared.stopped.load(Ordering::Acquire) {
                    break;
                }
                let shelf = Arc::clone(&shared);
                connections.push(std::thread::spawn(move || shelf.serve(&stream)));
            }
            for connection in connections {
                connection.join().expect("a connection ends");
            }
        });
        Self { addr, shelf, thread: Some(thread) }
    }

    /// A register whose content is the number, always in as many digits.
    pub(in crate::race) fn register(&self, path: &str) -> Register {
        let mut register = Register::new(
            self.addr,
            path,
            |number| format!("{{\"number\":{number:06}}}").into_bytes(),
            |content| {
                let text = std::str::from_utf8(content).ok()?;
                text.strip_prefix("{\"number\":")?.strip_suffix('}')?.parse().ok()
            },
        );
        register.answer_limit = Duration::from_secs(3);
        register
    }

    /// Puts a resource there.
    pub(in crate::race) fn with(self, path: &str, number: u64) -> Self {
        let content = self.register(path).content(number);
        self.shelf.lock().insert(path.to_owned(), Some((0, content.clone())));
        lock(&self.shelf.copies).insert(path.to_owned(), Some((0, content)));
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shelf.stopped.store(true, Ordering::Release);
        // A last connection wakes the listener.
        drop(TcpStream::connect(self.addr));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Asked {
    method: String,
    path: String,
    if_match: Option<String>,
    creates_only: bool,
    length: usize,
    closes: bool,
}

struct Said {
    status: u16,
    state: State,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        lock(&self.states)
    }

    fn serve(&self, stream: &TcpStream) {
        stream.set_nodelay(true).expect("no delay");
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a time limit");
        let mut input = BufReader::new(Patient { stream, shelf: self });
        while let Some(asked) = read_head(&mut input) {
            let early = (self.bug == Bug::EarlyTest).then(|| self.holds(&asked, &self.state(&asked.path)));
            let mut content = vec![0; asked.length];
            if input.read_exact(&mut content).is_err() {
                return;
            }
            match self.bug {
                Bug::Garbage => {
                    let _ = { stream }.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n");
                    return;
                }
                Bug::Silence => continue,
                _ => {}
            }
            let turn = if asked.method == "PUT" { self.puts.fetch_add(1, Ordering::Relaxed) % 4 } else { 0 };
            let said = if self.bug == Bug::Busy && turn == 3 {
                Said { status: 503, state: None }
            } else {
                self.answer(&asked, content, early)
            };
            if self.bug == Bug::LosesAnswers && turn == 3 {
                return;
            }
            let octets = self.octets(&asked, &said);
            if { stream }.write_all(&octets).is_err() || asked.closes || self.bug == Bug::ClosesAlways {
                return;
            }
        }
    }

    fn state(&self, path: &str) -> State {
        self.lock().get(path).cloned().flatten()
    }

    fn tag(&self, state: &State) -> Option<String> {
        let (version, content) = state.as_ref()?;
        match self.bug {
            Bug::NoTags => None,
            Bug::WeakTags => Some(format!("W/\"{version}\"")),
            Bug::CoarseTag => Some(format!("\"{}\"", content.len())),
            _ => Some(format!("\"v{version}\"")),
        }
    }

    fn holds(&self, asked: &Asked, state: &State) -> bool {
        let matches = match (&asked.if_match, self.bug) {
            (None, _) | (Some(_), Bug::IfMatchIgnored) => true,
            (Some(_), Bug::NobodyWins) => false,
            (Some(_), Bug::Revives) if state.is_none() => true,
            (Some(tag), _) => self.tag(state).is_some_and(|own| own == *tag && !own.starts_with("W/")),
        };
        matches && !(asked.creates_only && (state.is_some() || self.bug == Bug::NobodyWins))
    }

    fn answer(&self, asked: &Asked, content: Vec<u8>, early: Option<bool>) -> Said {
        match asked.method.as_str() {
            "GET" => self.show(&asked.path),
            "PUT" => self.put(asked, content, early),
            "DELETE" => {
                let mut states = self.lock();
                let state = states.get(&asked.path).cloned().flatten();
                if state.is_none() {
                    return Said { status: 404, state };
                }
                if !self.holds(asked, &state) {
                    return Said { status: 412, state: None };
                }
                states.insert(asked.path.clone(), None);
                Said { status: 204, state: None }
            }
            _ => Said { status: 405, state: None },
        }
    }

    fn show(&self, path: &str) -> Said {
        let copied = self.bug == Bug::LateWrite
            || (self.bug == Bug::StaleRead && self.gets.fetch_add(1, Ordering::Relaxed) % 3 != 2);
        let state = if copied { lock(&self.copies).get(path).cloned().flatten() } else { self.state(path) };
        if self.bug == Bug::StaleRead && !copied {
            lock(&self.copies).insert(path.to_owned(), state.clone());
        }
        while let Some((path, state)) = lock(&self.late).pop_front() {
            lock(&self.copies).insert(path, state);
        }
        Said { status: if state.is_some() { 200 } else { 404 }, state }
    }

    fn put(&self, asked: &Asked, content: Vec<u8>, early: Option<bool>) -> Said {
        let gap = match self.bug {
            Bug::Gap => true,
            Bug::TwoCreations => asked.creates_only,
            _ => false,
        };
        let mut states = self.lock();
        let before = states.get(&asked.path).cloned().flatten();
        let holds = early.unwrap_or_else(|| self.holds(asked, &before));
        if gap {
            drop(states);
            std::thread::sleep(Duration::from_millis(3));
            states = self.lock();
        }
        if before.is_none() && self.bug == Bug::UpdateOnly {
            return Said { status: 404, state: None };
        }
        if !holds && self.bug != Bug::RefusedButWritten {
            return Said { status: if self.bug == Bug::LosersGet500 { 500 } else { 412 }, state: None };
        }
        let state = Some((self.versions.fetch_add(1, Ordering::Relaxed), content));
        states.insert(asked.path.clone(), state.clone());
        if self.bug == Bug::LateWrite {
            lock(&self.late).push_back((asked.path.clone(), state.clone()));
        }
        let status = match (holds, before.is_some() || self.bug == Bug::CreationIs200) {
            (false, _) => 412,
            (true, true) => 200,
            (true, false) => 201,
        };
        Said { status, state }
    }

    fn octets(&self, asked: &Asked, said: &Said) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} x\r\n", said.status);
        if let Some(tag) = self.tag(&said.state).filter(|_| said.status < 300) {
            let tag = if self.bug == Bug::OtherTag && asked.method == "PUT" { "\"other\"".to_owned() } else { tag };
            head = format!("{head}ETag: {tag}\r\n");
        }
        let content = said.state.as_ref().map(|(_, content)| content.as_slice()).unwrap_or_default();
        if said.status == 204 {
            head.push_str("\r\n");
            return head.into_bytes();
        }
        let length = format!("Content-Length: {}\r\n\r\n", content.len());
        [head.as_bytes(), length.as_bytes(), content].concat()
    }
}

/// Reads until something comes, the client closes, or the server is stopped.
struct Patient<'a> {
    stream: &'a TcpStream,
    shelf: &'a Shelf,
}

impl Read for Patient<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match { self.stream }.read(room) {
                Err(_) if self.shelf.stopped.load(Ordering::Acquire) => return Ok(0),
                Err(why) if matches!(why.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
                other => return other,
            }
        }
    }
}

fn read_head(input: &mut impl BufRead) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut words = lines.first()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let field = |name: &str| {
        lines.iter().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    Some(Asked {
        method,
        path,
        if_match: field("If-Match"),
        creates_only: field("If-None-Match").is_some(),
        length: field("Content-Length").and_then(|length| length.parse().ok()).unwrap_or_default(),
        closes: field("Connection").is_some_and(|option| option == "close"),
    })
}
