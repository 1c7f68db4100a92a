//! What a target can do, found by asking: whether PUT creates, what GET shows, whether DELETE removes, which value in the
//! content is free. Everything that makes a run senseless is told here, in one line.

mod wire;

use std::time::Duration;

use crate::http::{Client, Connection, Message, Origin, Request, Response};
use crate::invariants::is_tag;
use crate::subject::{Need, Own, Resources, Subject};
use crate::target::Target;
use wire::{Wire, told};

/// A server that makes its tags from a date of one second cannot call them strong before that second is over.
pub(crate) const SETTLING: Duration = Duration::from_millis(1200);

/// How long a server is given to say 100.
const INTERIM: Duration = Duration::from_secs(1);

/// What was found out about a target before the run.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The server with what it was found able to do; the cases are run against it.
    pub subject: Subject,
    /// What was found, a line each.
    pub notes: Vec<String>,
    /// What GET showed at the URL that was given, where the run changes that very resource.
    restore: Option<Restore>,
}

/// Asks the target what it can do.
///
/// # Errors
///
/// One line that says why nothing can be judged: nobody answers, it is not HTTP, it wants credentials, it redirects, or
/// it refuses contents that were called good.
pub fn survey(target: Target) -> Result<Survey, String> {
    let mut wire = Wire::new(target.origin());
    let (own, origin) = (target.path(target.own()), target.origin().clone());
    let shown = wire.ask(&Request::get(&own))?;
    wire.welcome(&own, &shown)?;
    let mut found = Found { own: Own { target, guarded: false, settles: false }, lacks: Vec::new(), notes: Vec::new() };
    let (key, restore) = found.creation(&mut wire, &own, shown)?;
    let interim = found.abilities(&mut wire, &key).inspect_err(|_| {
        // What cannot be judged is left as it was; the reason why it cannot is the one to tell.
        let _ = put_back(&origin, restore.as_ref());
    })?;
    let Found { own, lacks, notes } = found;
    let threads = match (lacks.contains(&Need::Creation), own.settles) {
        (true, _) => 1,
        // They mostly wait.
        (false, true) => 16,
        (false, false) => 4,
    };
    let mut subject = Subject::over(own.target.origin().clone(), Resources::Own(Box::new(own)));
    subject.lacks = lacks;
    subject.threads = threads;
    subject.interim_by_framework = interim;
    Ok(Survey { subject, notes, restore })
}

/// What is known so far.
struct Found {
    own: Own,
    lacks: Vec<Need>,
    notes: Vec<String>,
}

impl Found {
    fn lacks(&mut self, need: Need, note: impl Into<String>) {
        self.lacks.push(need);
        self.notes.push(note.into());
    }

    /// What else there is, tried on the resource with this key. Whether 100 comes from a framework.
    fn abilities(&mut self, wire: &mut Wire, key: &str) -> Result<bool, String> {
        let path = self.own.target.path(key);
        wire.replace(&path, &self.own.target.content(1, key), "second")?;
        self.validators(wire, &path)?;
        self.freedom(wire, &path, key)?;
        let interim = self.interim(&path);
        self.removal(wire, &path)?;
        Ok(interim)
    }

    /// Whether PUT creates. The key to go on with, and what is to be put back where it is the one that was given.
    fn creation(&mut self, wire: &mut Wire, own: &str, shown: Response) -> Result<(String, Option<Restore>), String> {
        let key = self.own.target.fresh();
        let path = self.own.target.path(&key);
        let request = Request::put(&path).json(self.own.target.content(0, &key).to_string());
        let mut response = wire.ask(&request)?;
        if response.status == 428 {
            self.own.guarded = true;
            self.notes.push("a PUT without a precondition is refused (428)".to_owned());
            response = wire.ask(&request.field("If-None-Match", "*"))?;
        }
        wire.welcome(&path, &response)?;
        if response.is_success() {
            return Ok((key, None));
        }
        if shown.status != 200 {
            return Err(format!(
                "nothing can be judged: PUT of the first content to {path} was refused ({}), and GET {own} answered {}; \
                 if the key is not the last segment, --url-template says where it is",
                told(&response),
                shown.status
            ));
        }
        let status = response.status;
        self.lacks(Need::Creation, format!("PUT creates nothing (it answered {status}): all is tried on {own} alone"));
        let key = self.own.target.own().to_owned();
        wire.replace(own, &self.own.target.content(0, &key), "first")?;
        Ok((key, Some((own.to_owned(), shown.content))))
    }

    fn validators(&mut self, wire: &mut Wire, path: &str) -> Result<(), String> {
        let shown = wire.ask(&Request::get(path))?;
        if shown.status != 200 {
            return Err(format!("nothing can be judged: GET {path} answered {} after a successful PUT", shown.status));
        }
        match shown.tag() {
            Some(tag) if !is_tag(tag.as_bytes()) => {
                self.lacks(Need::StrongTag, format!("GET shows `ETag: {tag}`, which is no entity tag"));
            }
            Some(tag) if !tag.starts_with("W/") => {}
            Some(weak) => {
                std::thread::sleep(SETTLING);
                self.own.settles = wire.ask(&Request::get(path))?.tag().is_some_and(|tag| !tag.starts_with("W/"));
                if self.own.settles {
                    self.notes.push(format!("GET shows a weak entity tag ({weak}) until a second has passed"));
                } else {
                    let note = format!("GET shows a weak entity tag ({weak}): no If-Match with it can be true");
                    self.lacks(Need::StrongTag, note);
                }
            }
            None => self.lacks(Need::StrongTag, "GET shows no ETag: nobody can write carefully here"),
        }
        if !shown.has("Last-Modified") {
            self.lacks.push(Need::Date);
        }
        Ok(())
    }

    fn freedom(&mut self, wire: &mut Wire, path: &str, key: &str) -> Result<(), String> {
        self.own.target.free = wire.free_value(&self.own.target, path, key)?;
        if self.own.target.free.is_none() {
            self.lacks(Need::FreeValue, "no value in the first content may be chosen freely: races are left out");
        }
        Ok(())
    }

    /// Whether 100 comes before anything is looked at, as from a framework that says it on its own.
    fn interim(&mut self, path: &str) -> bool {
        let request = Request::put(path).field("If-Match", "malformed").field("Expect", "100-continue").content("{}");
        let early = Connection::open(self.own.target.origin()).is_ok_and(|mut line| {
            line.set_limit(INTERIM);
            line.write_head(&request);
            let early = matches!(line.read_message("PUT"), Ok(Message::Interim(100)));
            // Sent to its end: a server that falls over a request that is broken off is found out in the cases.
            line.write_content(&request);
            let _ = line.read_response("PUT");
            early
        });
        if early {
            self.notes
                .push("100 is sent before the fields are looked at: beside Expect only the final status counts".into());
        }
        early
    }

    fn removal(&mut self, wire: &mut Wire, path: &str) -> Result<(), String> {
        if self.lacks.contains(&Need::Creation) {
            // What is removed here could not be made again.
            self.lacks.push(Need::Removal);
            return Ok(());
        }
        let removed = wire.ask(&Request::delete(path).field("If-Match", "*"))?;
        let gone = removed.is_success() && matches!(wire.ask(&Request::get(path))?.status, 404 | 410);
        if !gone {
            self.lacks(Need::Removal, "DELETE removes nothing: what the run makes stays on the server");
        }
        Ok(())
    }
}

/// A path and the representation that was there.
type Restore = (String, Vec<u8>);

impl Survey {
    /// Puts back what GET showed before the run, where the run has changed the resource that was given.
    ///
    /// # Errors
    ///
    /// One line that says what the server answered instead of a success.
    pub fn restore(&self) -> Result<(), String> {
        put_back(self.subject.origin(), self.restore.as_ref())
    }
}

fn put_back(origin: &Origin, restore: Option<&Restore>) -> Result<(), String> {
    let Some((path, content)) = restore else { return Ok(()) };
    let mut client = Client::new(origin.afterwards());
    let tag = client.send(&Request::get(path)).ok().and_then(|shown| shown.tag().map(str::to_owned));
    let mut request = Request::put(path).json(content);
    if let Some(tag) = tag {
        request = request.field("If-Match", tag);
    }
    match client.send(&request) {
        Ok(response) if response.is_success() => Ok(()),
        Ok(response) => Err(format!("{path} could not be put back as it was: PUT answered {}", response.status)),
        Err(trouble) => Err(format!("{path} could not be put back as it was: {trouble}")),
    }
}
