//! Asking a target that nothing is known of: whatever comes instead of an answer is told in one line.

use serde_json::Value;

use crate::http::{Client, Origin, Request, Response, Trouble};
use crate::judgement::same;
use crate::target::{Target, varied};

/// A client that says in one line what went wrong.
pub(super) struct Wire {
    client: Client,
    origin: Origin,
    base: String,
}

impl Wire {
    pub(super) fn new(origin: &Origin) -> Self {
        Self { client: Client::new(origin), origin: origin.clone(), base: format!("http://{}", origin.host()) }
    }

    pub(super) fn ask(&mut self, request: &Request) -> Result<Response, String> {
        let target = String::from_utf8_lossy(request.target()).into_owned();
        let (method, base) = (request.method().to_owned(), self.base.clone());
        self.client.send(request).map_err(|trouble| match trouble {
            _ if self.origin.is_over() => format!("the time for the run was over at {method} {base}{target}"),
            Trouble::Connect(why) => format!("{base} cannot be reached: {why}"),
            Trouble::TimedOut(what) => format!("{method} {base}{target}: timed out waiting for {what}"),
            Trouble::Closed => format!("{method} {base}{target}: the connection was closed without an answer"),
            Trouble::Truncated(what) => format!("{method} {base}{target}: the connection was closed inside {what}"),
            Trouble::Malformed(why) => format!("{base} does not speak correct HTTP/1.1 ({method} {target}): {why}"),
        })
    }

    /// Refuses what no case could get past: credentials that are missing, and redirects.
    pub(super) fn welcome(&self, path: &str, response: &Response) -> Result<(), String> {
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

    pub(super) fn replace(&mut self, path: &str, content: &Value, which: &str) -> Result<(), String> {
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
        Err(format!("nothing can be judged: PUT of the {which} content to {path} was refused ({})", told(&response)))
    }

    /// The first place in the first content whose value can be another and is then shown by GET.
    pub(super) fn free_value(&mut self, target: &Target, path: &str, key: &str) -> Result<Option<String>, String> {
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
}

/// So many characters of a refusal are shown.
const TOLD: usize = 240;

/// A response in a few words.
pub(super) fn told(response: &Response) -> String {
    let whole = String::from_utf8_lossy(&response.content);
    let mut text: String = whole.chars().map(|each| if each.is_control() { ' ' } else { each }).take(TOLD).collect();
    if whole.chars().count() > TOLD {
        text.push_str(" ..");
    }
    let text = text.trim();
    if text.is_empty() { response.status.to_string() } else { format!("{}: {text}", response.status) }
}
