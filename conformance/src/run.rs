//! A case in progress: its own resource, a client whose every response is held against the invariants, the exchange.
//!
//! One thing although it is long: it is what every case and every script of the table works with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::case::{Before, Case, Outcome, Shape};
use crate::digest;
use crate::http::{Client, Connection, Request, Response, Transcript, Trouble};
use crate::invariants::{self, Asked, Ledger};
use crate::race::{LostUpdates, Register};
use crate::snapshot::Snapshot;
use crate::subject::{Need, Profile, Resources, Subject, Switch};
use crate::survey::SETTLING;

/// How long one race may go on, and how long each of its rounds where there are very many.
const RACE_LIMIT: Duration = Duration::from_secs(40);
const ROUND_LIMIT: Duration = Duration::from_millis(150);

/// A case in progress.
#[derive(Debug)]
pub struct Run<'a> {
    subject: &'a Subject,
    ledger: &'a Ledger,
    case: &'a Case,
    /// The place of the case in the table; where responses are recorded, the keys come from it.
    place: usize,
    key: String,
    path: String,
    before: Option<Snapshot>,
    client: Client,
    transcript: Transcript,
    breaches: Vec<String>,
    inapplicable: Option<String>,
    silent: bool,
    made: Vec<String>,
    fresh: u64,
    recorded: Vec<Response>,
    lost: Option<LostUpdates>,
}

/// Keys are fresh over all runs against one store: seconds since 1970 and a counter, below 2^53.
fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let process = u64::from(std::process::id()) & 0xff;
    (((seconds & 0xffff_ffff) << 20) + (process << 12) + (NEXT.fetch_add(1, Ordering::Relaxed) & 0xfff)).to_string()
}

impl<'a> Run<'a> {
    pub(crate) fn new(subject: &'a Subject, ledger: &'a Ledger, case: &'a Case, place: usize) -> Self {
        let mut run = Self {
            subject,
            ledger,
            case,
            place,
            key: String::new(),
            path: String::new(),
            before: None,
            client: Client::new(subject.origin()),
            transcript: Transcript::default(),
            breaches: Vec::new(),
            inapplicable: None,
            silent: false,
            made: Vec::new(),
            fresh: 0,
            recorded: Vec::new(),
            lost: None,
        };
        run.settle();
        run
    }

    /// Takes a resource for the case that was not used before; without creation, the one that there is.
    fn settle(&mut self) {
        self.key = match self.subject.own() {
            Some(own) if self.subject.lacks(Need::Creation) => own.target.own().to_owned(),
            _ => self.next_key(),
        };
        self.path = self.path_of(&self.key.clone());
    }

    fn next_key(&mut self) -> String {
        self.fresh += 1;
        match &self.subject.resources {
            Resources::Own(own) => own.target.fresh(),
            Resources::Fixture if self.subject.recording => {
                format!("{}", 1_000_000 + self.place * 100 + self.made.len())
            }
            Resources::Fixture => fresh_key(),
        }
    }

    fn path_of(&mut self, key: &str) -> String {
        let path = match &self.subject.resources {
            Resources::Own(own) => own.target.path(key),
            Resources::Fixture => format!("{}{}", self.case.switch.prefix(), self.case.shape.path(key)),
        };
        self.made.push(path.clone());
        path
    }

    /// The server under judgement.
    pub fn subject(&self) -> &'a Subject {
        self.subject
    }

    /// What is judged.
    pub fn profile(&self) -> Profile {
        self.subject.profile
    }

    /// The path of the case's own resource.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The key of the case's own resource.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the case's resource was present before the request.
    pub fn was_present(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.status == 200)
    }

    /// What a GET showed before the request.
    pub fn before(&self) -> Option<&Snapshot> {
        self.before.as_ref()
    }

    /// The entity tag before the request, or a well-formed one that never was when there is none.
    pub fn tag(&self) -> String {
        let tag = self.before.as_ref().and_then(|before| before.tag.clone());
        tag.unwrap_or_else(|| "\"no-such-tag\"".to_owned())
    }

    /// Another path of the same shape and mount, with its key.
    pub fn another(&mut self) -> (String, String) {
        let key = self.next_key();
        (self.path_of(&key), key)
    }

    /// Says that the case cannot tell anything about this server; to be returned as the error of a script.
    pub fn not_applicable(&mut self, why: impl Into<String>) -> String {
        let why = why.into();
        self.inapplicable = Some(why.clone());
        why
    }

    /// Puts values in the place of `$key`, `$id`, `$path`, `$E`, `$opaque`, `$sha256` and `$sha512`.
    pub fn fill(&self, text: &[u8]) -> Vec<u8> {
        self.fill_for(text, &self.key)
    }

    fn fill_for(&self, text: &[u8], key: &str) -> Vec<u8> {
        if !text.contains(&b'$') {
            return text.to_vec();
        }
        let tag = self.tag();
        let opaque = tag.trim_matches('"').to_owned();
        let (mut short, mut long) = (String::new(), String::new());
        if text.windows(4).any(|at| at == b"$sha") {
            let content = self.replacement();
            (short, long) = (digest::sha256(&content), digest::sha512(&content));
        }
        let values = [
            ("$key", key),
            ("$id", key),
            ("$path", &self.path),
            ("$E", &tag),
            ("$opaque", &opaque),
            ("$sha256", &short),
            ("$sha512", &long),
        ];
        let mut out = Vec::with_capacity(text.len() + 32);
        let mut rest = text;
        'next: while let Some(first) = rest.first() {
            for (name, value) in values {
                if let Some(behind) = rest.strip_prefix(name.as_bytes()) {
                    out.extend_from_slice(value.as_bytes());
                    rest = behind;
                    continue 'next;
                }
            }
            out.push(*first);
            rest = &rest[1..];
        }
        out
    }

    /// Content that makes the case's resource present.
    pub fn original(&self) -> Vec<u8> {
        self.original_of(&self.key)
    }

    /// Content that makes another resource of the same shape present.
    pub fn original_of(&self, key: &str) -> Vec<u8> {
        match &self.subject.resources {
            Resources::Own(own) => own.target.content(0, key).to_string().into_bytes(),
            Resources::Fixture => self.fill_for(self.case.shape.original().as_bytes(), key),
        }
    }

    /// Good content that differs from the original.
    pub fn replacement(&self) -> Vec<u8> {
        self.second_of(&self.key)
    }

    /// The second content for another resource of the same shape.
    pub fn second_of(&self, key: &str) -> Vec<u8> {
        match &self.subject.resources {
            Resources::Own(own) => own.target.content(1, key).to_string().into_bytes(),
            Resources::Fixture => self.fill_for(self.case.shape.replacement().as_bytes(), key),
        }
    }

    /// Good content for each number, different for different numbers. A case that uses it needs a free value.
    pub fn variant(&self, number: u64) -> Vec<u8> {
        self.variant_of(number, &self.key)
    }

    /// As [`Run::variant`], for another resource.
    pub fn variant_of(&self, number: u64, key: &str) -> Vec<u8> {
        match &self.subject.resources {
            Resources::Own(own) => {
                own.target.variant(number, key).unwrap_or_else(|| own.target.content(0, key)).to_string().into_bytes()
            }
            Resources::Fixture => self.case.shape.variant(number, key),
        }
    }

    /// Which variant a representation shows.
    pub fn number(&self, representation: &[u8]) -> Option<u64> {
        match &self.subject.resources {
            Resources::Own(own) => own.target.number(representation),
            Resources::Fixture => Shape::number(representation),
        }
    }

    /// The case's resource as a register that shows a number.
    pub fn register(&self) -> Register {
        self.register_for(0)
    }

    /// As [`Run::register`], with the time that so many rounds of a race take on a slow server.
    pub fn register_for(&self, rounds: usize) -> Register {
        let (key, shape) = (self.key.clone(), self.case.shape);
        let (origin, path) = (self.subject.origin(), self.path.clone());
        let mut register = match self.subject.own() {
            Some(own) => {
                let (made, read) = (own.target.clone(), own.target.clone());
                let content = move |number| made.variant(number, &key).unwrap_or_default().to_string().into_bytes();
                Register::new(origin, path, content, move |shown| read.number(shown))
            }
            None => Register::new(origin, path, move |number| shape.variant(number, &key), Shape::number),
        };
        register.answer_limit = register.answer_limit.min(origin.patience());
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        let limit = RACE_LIMIT.max(ROUND_LIMIT.saturating_mul(rounds));
        register.race_limit = origin.left().map_or(limit, |left| left.min(limit));
        register
    }

    /// Remembers what came of the rounds of two careful writers, for the report.
    pub fn count(&mut self, lost: LostUpdates) {
        self.lost = Some(lost);
    }

    /// Sends a request on the kept connection; the response is held against the invariants.
    pub fn send(&mut self, request: &Request) -> Result<Response, String> {
        let answer = self.client.send(request);
        self.transcript.append(self.client.take_transcript());
        let response = answer.map_err(|trouble| {
            self.silent |= matches!(trouble, Trouble::Connect(_) | Trouble::TimedOut(_));
            format!("{} {trouble}", request.method())
        })?;
        self.judge(request, &response);
        Ok(response)
    }

    /// Holds a response that was read by other means against the invariants.
    pub fn judge(&mut self, request: &Request, response: &Response) {
        let asked = Asked::of(request, self.case.framework);
        for breach in invariants::check(asked, response, self.ledger, self.subject.profile) {
            // Errors without a word would turn nearly every case into advice.
            if breach.starts_with("PRB-01") && !self.judges("PRB-01") && !self.judges("GET-03") {
                continue;
            }
            self.breaches.push(format!("{breach} ({} answered {})", request.method(), response.status));
        }
        if self.subject.recording {
            self.recorded.push(response.clone());
        }
        let careful =
            request.values("If-Match").next().is_some() || request.values("If-None-Match").any(|one| one == b"*");
        let Some(own) = self.subject.own() else { return };
        if response.status == 429 {
            self.inapplicable = Some("the server asked for fewer requests (429)".into());
        } else if response.status == 428 && own.guarded && !careful {
            self.inapplicable = Some("PUT without a precondition is refused here (428)".into());
        }
    }

    /// Works on a connection of its own, opened for this.
    pub fn raw<T>(&mut self, work: impl FnOnce(&mut Connection) -> Result<T, Trouble>) -> Result<T, String> {
        let mut connection = Connection::open(self.subject.origin()).map_err(|trouble| {
            self.silent = true;
            trouble.to_string()
        })?;
        let answer = work(&mut connection);
        self.transcript.append(connection.take_transcript());
        answer.map_err(|trouble| {
            self.silent |= matches!(trouble, Trouble::TimedOut(_));
            trouble.to_string()
        })
    }

    /// GET of a path.
    pub fn get(&mut self, path: &str) -> Result<Response, String> {
        self.send(&Request::get(path))
    }

    /// PUT of JSON to a path.
    pub fn put(&mut self, path: &str, content: impl AsRef<[u8]>) -> Result<Response, String> {
        self.send(&Request::put(path).json(content))
    }

    /// What a GET of the path shows.
    pub fn snapshot(&mut self, path: &str) -> Result<Snapshot, String> {
        Ok(Snapshot::of(&self.get(path)?))
    }

    /// Takes what GET shows now for the state before: behind requests of a script that were to change it.
    pub fn look_again(&mut self) -> Outcome {
        self.before = Some(self.snapshot(&self.path.clone())?);
        Ok(())
    }

    /// That the case's resource is as it was before (the contract's "state unchanged").
    pub fn unchanged(&mut self) -> Outcome {
        let path = self.path.clone();
        let now = self.snapshot(&path)?;
        match &self.before {
            Some(before) if !now.is_still(before) => {
                Err(format!("the state has changed although the request was refused: GET showed {before}, now {now}"))
            }
            _ => Ok(()),
        }
    }

    /// Makes the resource present when the case wants that, and remembers what a GET shows.
    pub(crate) fn prepare(&mut self) -> Outcome {
        let path = self.path.clone();
        if self.case.before == Before::Present {
            self.make_present(&path)?;
            if self.subject.own().is_some_and(|own| own.settles)
                && self.case.needed().any(|need| need == Need::StrongTag)
            {
                std::thread::sleep(SETTLING);
            }
        }
        let mut before = self.snapshot(&path)?;
        let wanted: &[u16] = match (self.case.switch, self.case.before) {
            (Switch::PutOnly, _) => &[405],
            (_, Before::Present) => &[200],
            (_, Before::Absent) => &[404, 410],
        };
        if self.case.before == Before::Absent && before.status == 200 && !self.subject.recording {
            // A key of an earlier run.
            self.settle();
            before = self.snapshot(&self.path.clone())?;
        }
        if !wanted.contains(&before.status) {
            return Err(format!("preparing the state: GET answered {}, not {wanted:?}", before.status));
        }
        self.before = Some(before);
        Ok(())
    }

    fn make_present(&mut self, path: &str) -> Outcome {
        // Nothing can be created on an update-only mount; it shares its store with the default mount.
        let at = match (&self.subject.resources, self.case.switch) {
            (Resources::Fixture, Switch::UpdateOnly) => self.case.shape.path(&self.key),
            _ => path.to_owned(),
        };
        let mut request = Request::put(&at).json(self.original());
        if self.subject.lacks(Need::Creation) {
            // What is there already may demand its tag.
            if let Some(tag) = self.get(&at)?.tag() {
                request = request.field("If-Match", tag);
            }
        } else {
            request = request.field("If-None-Match", "*");
        }
        let response = self.send(&request)?;
        let done = match &self.subject.resources {
            Resources::Fixture => response.status == 201,
            Resources::Own(_) => response.is_success(),
        };
        if done { Ok(()) } else { Err(format!("preparing the state: the PUT answered {}", response.status)) }
    }

    /// Removes what the case has made, where that can be done; what a case leaves behind is nobody's failure.
    pub(crate) fn clean_up(&mut self) {
        if self.subject.own().is_none() || self.subject.lacks(Need::Removal) || self.subject.lacks(Need::Creation) {
            return;
        }
        if self.subject.origin().is_over() {
            self.client = Client::new(self.subject.origin().afterwards());
        }
        for path in std::mem::take(&mut self.made) {
            let sent = self.client.send(&Request::delete(path));
            if sent.is_err() && self.subject.origin().is_over() {
                break;
            }
        }
        let _ = self.client.take_transcript();
    }

    pub(crate) fn case(&self) -> &'a Case {
        self.case
    }

    pub(crate) fn into_evidence(self) -> Evidence {
        let Self { transcript, mut breaches, inapplicable, silent, recorded, lost, .. } = self;
        breaches.dedup();
        Evidence { transcript, breaches, inapplicable, silent, recorded, lost }
    }
}

/// What is left when a case is over.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) transcript: Transcript,
    pub(crate) breaches: Vec<String>,
    pub(crate) inapplicable: Option<String>,
    pub(crate) silent: bool,
    pub(crate) recorded: Vec<Response>,
    pub(crate) lost: Option<LostUpdates>,
}
