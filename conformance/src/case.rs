//! One row of the table: a request in a state, and what may come of it.
//!
//! One thing although it is long: a case is built in one place, and each way to build it is a few lines.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::http::{Framing, Request, Response};
use crate::rows::Strength;
use crate::run::Run;
use crate::{Need, Switch};

/// `Err` says in one sentence what is wrong.
pub type Outcome = Result<(), String>;

/// An extra condition on the response of a case.
pub type Check = Arc<dyn Fn(&mut Run<'_>, &Response) -> Outcome + Send + Sync>;

/// A case that is more than one request.
pub type Script = Arc<dyn Fn(&mut Run<'_>) -> Outcome + Send + Sync>;

/// Makes other content of good content for the resource with this key.
pub type Change = fn(&[u8], &str) -> Vec<u8>;

/// How strong the requirement behind a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A MUST of a standard, or what follows from one.
    Must,
    /// A SHOULD or MAY of a standard.
    Should,
    /// Decided by this project where the standards are silent.
    Policy,
}

impl From<Strength> for Level {
    fn from(strength: Strength) -> Self {
        match strength {
            Strength::Must => Self::Must,
            Strength::Should | Strength::May => Self::Should,
            Strength::Policy => Self::Policy,
        }
    }
}

/// The state of the case's own resource before the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Before {
    /// There is no representation.
    Absent,
    /// There is one.
    Present,
}

/// What a case can be tried on, and what the standards alone make of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The resources of the fixture only: the case speaks of their members, keys or mounts.
    Fixture,
    /// Any resource. The standards accept these statuses besides those that the profile expects or tolerates.
    Any(Vec<u16>),
    /// Any resource. The standards decide nothing here: only what must never come counts, and what holds always.
    Open,
}

/// The content of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enclosed {
    /// The content that makes the resource present.
    Original,
    /// Good content that differs from it.
    Replacement,
    /// These octets, their placeholders filled in.
    Octets(Vec<u8>),
}

/// The resource that a case works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `/items/{id}`: many members, some managed by the server.
    Item,
    /// `/pages/{slug}`: stored verbatim.
    Page,
    /// `/shelves/{shelf}/slots/{slot}`: a composite key.
    Pair,
}

impl Shape {
    /// The path below the prefix.
    pub fn path(self, key: &str) -> String {
        match self {
            Self::Item => format!("/items/{key}"),
            Self::Page => format!("/pages/{key}"),
            Self::Pair => format!("/shelves/s{key}/slots/7"),
        }
    }

    /// The content that makes the resource present.
    pub fn original(self) -> &'static str {
        match self {
            Self::Item => r#"{"id":$id,"name":"one","owner":"ann"}"#,
            Self::Page => r#"{"slug":"$key","title":"one"}"#,
            Self::Pair => r#"{"shelf":"s$key","slot":7,"label":"one"}"#,
        }
    }

    /// Good content for each number, different for different numbers.
    pub(crate) fn variant(self, number: u64, key: &str) -> Vec<u8> {
        let text = self.replacement().replace("\"two\"", &format!("\"one {number}\""));
        text.replace("$key", key).replace("$id", key).into_bytes()
    }

    /// Which variant a representation shows.
    pub(crate) fn number(representation: &[u8]) -> Option<u64> {
        let shown: Value = serde_json::from_slice(representation).ok()?;
        let free = ["name", "title", "label"].iter().find_map(|name| shown.get(name)?.as_str())?;
        free.rsplit(' ').next()?.parse().ok()
    }

    /// Good content that differs from the original.
    pub fn replacement(self) -> &'static str {
        match self {
            Self::Item => r#"{"id":$id,"name":"two","owner":"ann","tags":["x"]}"#,
            Self::Page => r#"{"slug":"$key","title":"two"}"#,
            Self::Pair => r#"{"shelf":"s$key","slot":7,"label":"two"}"#,
        }
    }
}

/// One case. Texts may hold `$key` and `$id` (the key of the case's resource), `$path` (its path), `$E` (its entity
/// tag with the quotes), `$opaque` (the tag without them), `$sha256` and `$sha512` (the digests of the content that
/// differs from the original).
#[derive(Clone)]
pub struct Case {
    /// What the case says, unique in the table.
    pub name: String,
    /// The rows of the contract that it proves.
    pub rows: Vec<&'static str>,
    /// How strong the requirement is.
    pub level: Level,
    /// The mount it is about.
    pub switch: Switch,
    /// The resource it works on.
    pub shape: Shape,
    /// The state before.
    pub before: Before,
    /// What it can be tried on.
    pub scope: Scope,
    /// What the server must be able to do, beyond what the placeholders tell.
    pub needs: Vec<Need>,
    /// Whether the framework may answer before the engine: then an error needs no problem details.
    pub framework: bool,
    /// The method.
    pub method: String,
    /// The target when it is not the case's own path.
    pub target: Option<Vec<u8>>,
    /// The field lines.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content.
    pub content: Option<Enclosed>,
    /// What is made of the content before it is sent.
    pub change: Option<Change>,
    /// How the length of the content is told.
    pub framing: Framing,
    /// Trailer fields, behind chunked content.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// The statuses that the profile decides on.
    pub expect: Vec<u16>,
    /// Statuses that the contract lets pass although the profile decides otherwise.
    pub tolerate: Vec<u16>,
    /// Statuses whose appearance is worth a special word.
    pub never: Vec<u16>,
    /// Conditions beyond the status that the profile sets.
    pub checks: Vec<Check>,
    /// Conditions beyond the status that the standards set.
    pub demands: Vec<Check>,
    /// What to do instead of sending the one request.
    pub script: Option<Script>,
}

impl fmt::Debug for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Case").field("name", &self.name).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Case {
    /// A PUT of good, new content to an absent page on the default mount; everything else is said by what follows.
    pub fn new(name: impl Into<String>, rows: &[&'static str]) -> Self {
        Self {
            name: name.into(),
            rows: rows.to_vec(),
            level: Level::Must,
            switch: Switch::Default,
            shape: Shape::Page,
            before: Before::Absent,
            scope: Scope::Fixture,
            needs: Vec::new(),
            framework: false,
            method: "PUT".to_owned(),
            target: None,
            fields: Vec::new(),
            content: Some(Enclosed::Replacement),
            change: None,
            framing: Framing::Length,
            trailers: Vec::new(),
            expect: Vec::new(),
            tolerate: Vec::new(),
            never: Vec::new(),
            checks: Vec::new(),
            demands: Vec::new(),
            script: None,
        }
    }

    /// On any resource; the standards accept what the profile expects or tolerates.
    pub(crate) fn any(self) -> Self {
        self.fair(&[])
    }

    /// On any resource; the standards accept these statuses, too.
    pub(crate) fn fair(mut self, statuses: &[u16]) -> Self {
        self.scope = Scope::Any(statuses.to_vec());
        self
    }

    /// On any resource; the standards leave the answer open, but for what must never come.
    pub(crate) fn open(mut self) -> Self {
        self.scope = Scope::Open;
        self
    }

    /// The server must be able to do this.
    pub(crate) fn needs(mut self, need: Need) -> Self {
        self.needs.push(need);
        self
    }

    pub(crate) fn should(mut self) -> Self {
        self.level = Level::Should;
        self
    }

    pub(crate) fn policy(mut self) -> Self {
        self.level = Level::Policy;
        self
    }

    pub(crate) fn on(mut self, switch: Switch) -> Self {
        self.switch = switch;
        self
    }

    pub(crate) fn item(mut self) -> Self {
        self.shape = Shape::Item;
        self
    }

    pub(crate) fn pair(mut self) -> Self {
        self.shape = Shape::Pair;
        self
    }

    pub(crate) fn present(mut self) -> Self {
        self.before = Before::Present;
        self
    }

    pub(crate) fn before(mut self, before: Before) -> Self {
        self.before = before;
        self
    }

    pub(crate) fn framework(mut self) -> Self {
        self.framework = true;
        self
    }

    /// Another method; every method but PUT starts without content.
    pub(crate) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self.content = None;
        self
    }

    pub(crate) fn target(mut self, target: impl AsRef<[u8]>) -> Self {
        self.target = Some(target.as_ref().to_vec());
        self
    }

    pub(crate) fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn content(mut self, content: impl AsRef<[u8]>) -> Self {
        self.content = Some(Enclosed::Octets(content.as_ref().to_vec()));
        self
    }

    /// Good content that differs from what is stored, for a method that has none by itself.
    pub(crate) fn replacing(mut self) -> Self {
        self.content = Some(Enclosed::Replacement);
        self
    }

    /// The content that is stored already.
    pub(crate) fn unchanged(mut self) -> Self {
        self.content = Some(Enclosed::Original);
        self
    }

    /// Sends what this makes of the good content.
    pub(crate) fn changed(mut self, change: Change) -> Self {
        self.change = Some(change);
        self
    }

    pub(crate) fn no_content(mut self) -> Self {
        self.content = None;
        self
    }

    pub(crate) fn chunked(mut self, size: usize) -> Self {
        self.framing = Framing::Chunked { size, last: true };
        self
    }

    pub(crate) fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.trailers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn expect(mut self, statuses: &[u16]) -> Self {
        self.expect = statuses.to_vec();
        self
    }

    pub(crate) fn tolerate(mut self, statuses: &[u16]) -> Self {
        self.tolerate = statuses.to_vec();
        self
    }

    pub(crate) fn never(mut self, statuses: &[u16]) -> Self {
        self.never = statuses.to_vec();
        self
    }

    pub(crate) fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// A condition of the standards, not only of the profile.
    pub(crate) fn must(mut self, check: Check) -> Self {
        self.demands.push(check);
        self
    }

    /// As [`Case::must`].
    pub(crate) fn must_then(self, check: impl Fn(&mut Run<'_>, &Response) -> Outcome + Send + Sync + 'static) -> Self {
        self.must(Arc::new(check))
    }

    pub(crate) fn then(self, check: impl Fn(&mut Run<'_>, &Response) -> Outcome + Send + Sync + 'static) -> Self {
        self.check(Arc::new(check))
    }

    pub(crate) fn script(mut self, script: impl Fn(&mut Run<'_>) -> Outcome + Send + Sync + 'static) -> Self {
        self.script = Some(Arc::new(script));
        self
    }

    /// What the server must be able to do for this case to say anything.
    pub(crate) fn needed(&self) -> impl Iterator<Item = Need> {
        let octets = |content: &Option<Enclosed>| match content {
            Some(Enclosed::Octets(octets)) => octets.clone(),
            _ => Vec::new(),
        };
        let mut texts = self.fields.iter().chain(&self.trailers).map(|(_, value)| value.clone());
        let mentions = |text: &[u8], word: &[u8]| text.windows(word.len()).any(|at| at == word);
        let tagged = texts.any(|text| mentions(&text, b"$E") || mentions(&text, b"$opaque"))
            || mentions(&octets(&self.content), b"$opaque");
        let absent = self.before == Before::Absent;
        let derived = [(tagged, Need::StrongTag), (absent, Need::Creation), (self.method == "DELETE", Need::Removal)];
        derived.into_iter().filter_map(|(needed, need)| needed.then_some(need)).chain(self.needs.iter().copied())
    }

    /// The request that the case describes, with the placeholders filled in by the run.
    pub(crate) fn request(&self, run: &Run<'_>) -> Request {
        let target = self.target.as_ref().map_or_else(|| run.path().as_bytes().to_vec(), |target| run.fill(target));
        let mut request = Request::new(self.method.clone(), target);
        let typed = self.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        if self.content.is_some() && self.method == "PUT" && !typed {
            request = request.field("Content-Type", "application/json");
        }
        for (name, value) in &self.fields {
            // `Content-Type: -` is how a case says that the field is left out.
            if !(name == "Content-Type" && value == b"-") {
                request = request.field(name, run.fill(value));
            }
        }
        for (name, value) in &self.trailers {
            request = request.trailer(name, run.fill(value));
        }
        if let Some(content) = &self.content {
            let content = match content {
                Enclosed::Original => run.original(),
                Enclosed::Replacement => run.replacement(),
                Enclosed::Octets(octets) => run.fill(octets),
            };
            request = request.content(match self.change {
                Some(change) => change(&content, run.key()),
                None => content,
            });
        }
        request.framing(self.framing.clone())
    }
}
