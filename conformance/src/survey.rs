//! What a target can do, found by asking: whether PUT creates, what GET shows, whether DELETE removes, which value in the
//! content is free. Everything that makes a run senseless is told here, in one line.

use serde_json::Value;

use crate::http::{Client, Request, Response, Trouble};
use crate::judgement::same;
use crate::subject::{Need, Resources, Subject};
use crate::target::{Target, varied};

/// What was found out about a target before the run.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The server with what it was found able to do; the cases are run against it.
    pub subject: Subject,
    /// What was found, a line each.
    pub notes: Vec<String>,
    /// What GET showed at the URL that was given, where the run changes that very resource.
    restore: Option<(String, Vec<u8>)>,
}

/// Asks the target what it can do.
///
/// # Errors
///
/// One line that says why nothing can be judged: nobody answers, it is not HTTP, it wants credentials, it redirects, or
/// it refuses contents that were called good.
pub fn survey(mut target: Target) -> Result<Survey, String> {
    let mut wire = Wire { client: Client::new(target.origin()), base: format!("http://{}", target.origin().host()) };
    let own = target.path(target.own());
    let shown = wire.ask(&Request::get(&own))?;
    wire.welcome(&own, &shown)?;

    let key = target.fresh();
    let mut path = target.path(&key);
    let put = |path: &str, content: &Value| Request::put(path).json(content.to_string());
    let first = target.content(0, &key);
    let mut guarded = false;
    let mut response = wire.ask(&put(&path, &first))?;
    if response.status == 428 {
        guarded = true;
        response = wire.ask(&put(&path, &first).field("If-None-Match", "*"))?;
    }
    wire.welcome(&path, &response)?;
    let (mut notes, mut lacks, mut restore) = (Vec::new(), Vec::new(), None);
    let creates = response.is_success();
    let mut key = key;
    if !creates {
        if shown.status != 200 {
            return Err(format!(
                "nothing can be judged: PUT of the first content to {path} was refused ({}), and GET {own} answered {}",
                wire.told(&response),
                shown.status
            ));
        }
        lacks.push(Need::Creation);
        restore = Some((own.clone(), shown.content.clone()));
        notes.push(format!(
            "PUT creates nothing (it answered {}): all is tried on {own}, one case after the other",
            response.status
        ));
        target.own().clone_into(&mut key);
        path.clone_from(&own);
        wire.replace(&path, &target.content(0, &key), "first")?;
    }
    wire.replace(&path, &target.content(1, &key), "second")?;

    let after = wire.ask(&Request::get(&path))?;
    if after.status != 200 {
        return Err(format!("nothing can be judged: GET {path} answered {} after a successful PUT", after.status));
    }
    match after.tag() {
        Some(tag) if !tag.starts_with("W/") => {}
        Some(tag) => {
            lacks.push(Need::StrongTag);
            notes.push(format!("GET shows weak entity tags only ({tag}): no If-Match with a tag can ever be true"));
        }
        None => {
            lacks.push(Need::StrongTag);
            notes.push("GET shows no ETag: nobody can write carefully here".to_owned());
        }
    }
    if !after.has("Last-Modified") {
        lacks.push(Need::Date);
    }
    target.free = wire.free_value(&target, &path, &key)?;
    if target.free.is_none() {
        lacks.push(Need::FreeValue);
        notes.push("no value in the first content was found that may be chosen freely: races are left out".to_owned());
    }
    if creates {
        let removed = wire.ask(&Request::delete(&path))?;
        let gone = removed.is_success() && matches!(wire.ask(&Request::get(&path))?.status, 404 | 410);
        if !gone {
            lacks.push(Need::Removal);
            notes.push("DELETE removes nothing: what the run makes stays on the server".to_owned());
        }
    } else {
        lacks.push(Need::Removal);
    }
    if guarded {
        notes.push("a PUT without a precondition is refused (428)".to_owned());
    }
    let threads = if creates { 4 } else { 1 };
    let mut subject = Subject::over(target.origin().clone(), Resources::Own { target, lacks, guarded });
    subject.threads = threads;
    Ok(Survey { subject, notes, restore })
}

impl Survey {
    /// Puts back what GET showed before the run, where the run has changed the resource that was given.
    ///
    /// # Errors
    ///
    /// One line that says what the server answered instead of a success.
    pub fn restore(&self) -> Result<(), String> {
        let Some((path, content)) = &self.restore else { return Ok(()) };
        let mut client = Client::new(self.subject.origin());
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
}

struct Wire {
    client: Client,
    base: String,
}

impl Wire {
    fn ask(&mut self, request: &Request) -> Result<Response, String> {
        let target = String::from_utf8_lossy(request.target()).into_owned();
        let (method, base) = (request.method().to_owned(), self.base.clone());
        self.client.send(request).map_err(|trouble| match trouble {
            Trouble::Connect(why) => format!("{base} cannot be reached: {why}"),
            Trouble::TimedOut(what) => format!("{method} {base}{target}: timed out waiting for {what}"),
            Trouble::Closed => format!("{method} {base}{target}: the connection was closed without an answer"),
            Trouble::Truncated(what) => format!("{method} {base}{target}: the connection was closed inside {what}"),
            Trouble::Malformed(why) => format!("{base} does not speak correct HTTP/1.1 ({method} {target}): {why}"),
        })
    }

    /// Refuses what no case could get past: credentials that are missing, and redirects.
    fn welcome(&self, path: &str, response: &Response) -> Result<(), String> {
        let at = format!("{}{path} answered {}", self.base, response.status);
        match response.status {
            401 | 407 => {
                let scheme =
                    response.field("WWW-Authenticate").map(|scheme| format!(" ({scheme})")).unwrap_or_default();
                Err(format!("{at}{scheme}: give credentials, as in --header 'Authorization: Bearer ..'"))
            }
            403 if response.field("Allow").is_none() => {
                Err(format!("{at}: this resource may not be used with the given fields; --header adds one"))
            }
            300..=399 => {
                let to = response.field("Location").map(|to| format!(" to {to}")).unwrap_or_default();
                Err(format!("{at}{to}: redirects are not followed; give the URL of the resource itself"))
            }
            _ => Ok(()),
        }
    }

    fn replace(&mut self, path: &str, content: &Value, which: &str) -> Result<(), String> {
        let mut request = Request::put(path).json(content.to_string());
        let mut response = self.ask(&request)?;
        if response.status == 428 {
            let tag = self.ask(&Request::get(path))?.tag().unwrap_or("*").to_owned();
            request = request.field("If-Match", tag);
            response = self.ask(&request)?;
        }
        self.welcome(path, &response)?;
        if response.is_success() {
            return Ok(());
        }
        Err(format!(
            "nothing can be judged: PUT of the {which} content to {path} was refused ({})",
            self.told(&response)
        ))
    }

    /// The first place in the first content whose value can be another and is then shown by GET.
    fn free_value(&mut self, target: &Target, path: &str, key: &str) -> Result<Option<String>, String> {
        for place in target.candidates() {
            let mut content = target.content(0, key);
            let Some(other) = content.pointer(&place).and_then(|leaf| varied(leaf, 7)) else { continue };
            if let Some(leaf) = content.pointer_mut(&place) {
                leaf.clone_from(&other);
            }
            if self.replace(path, &content, "changed").is_err() {
                continue;
            }
            let shown = self.ask(&Request::get(path))?.json().unwrap_or_default();
            if shown.pointer(&place).is_some_and(|shown| same(&other, shown)) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// A response in a few words.
    fn told(&self, response: &Response) -> String {
        let text: String = String::from_utf8_lossy(&response.content)
            .chars()
            .map(|each| if each.is_control() { ' ' } else { each })
            .take(160)
            .collect();
        let text = text.trim();
        if text.is_empty() { response.status.to_string() } else { format!("{}: {text}", response.status) }
    }
}
