//! A change: the data a client wants, and the function that decides it against the current state.
//!
//! A store that owns its lock calls [`Change::decide`]. A store that speaks another language (SQL) reads the data.
//!
//! One file, because the data and the function are two readings of one thing.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::canonical::Json;
use crate::entity_tag::EntityTag;
use crate::format::{Format, Known};
use crate::guard::{Guard, as_absent};
use crate::precondition::{Condition, Precondition};
use crate::resource::Role;
use crate::say::Caller;
use crate::scan::{Scan, scan};
use crate::store::{Failed, Outcome, State, StoreError};
use crate::violation::{Pointer, Violation, Violations};

/// The members that only the server sets, as JSON.
#[derive(Debug, Default)]
pub struct ServerValues {
    pub(crate) at_creation: Vec<(&'static str, String)>,
    pub(crate) at_change: Vec<(&'static str, String)>,
    pub(crate) failed: Option<String>,
}

/// Writes one value into the serializer it is given.
type Write<'a> = &'a mut dyn FnMut(Json<'_>) -> Result<(), serde_json::Error>;

impl ServerValues {
    /// `on_create`: the value of the member when the resource is created.
    pub fn on_create(&mut self, name: &'static str, write: Write<'_>) {
        if let Some(json) = self.written(name, write) {
            self.at_creation.retain(|(other, _)| *other != name);
            self.at_creation.push((name, json));
        }
    }

    /// `on_replace`: the value at every real change, and at creation unless `on_create` says another.
    pub fn on_replace(&mut self, name: &'static str, write: Write<'_>) {
        if let Some(json) = self.written(name, write) {
            if self.at_creation.iter().all(|(other, _)| *other != name) {
                self.at_creation.push((name, json.clone()));
            }
            self.at_change.push((name, json));
        }
    }

    fn written(&mut self, name: &str, write: Write<'_>) -> Option<String> {
        let mut out = Vec::new();
        let result = write(Json::new(&mut out)).map_err(|error| error.to_string());
        match result.and_then(|()| String::from_utf8(out).map_err(|error| error.to_string())) {
            Ok(json) => Some(json),
            Err(error) => {
                self.failed = Some(format!("the server's value of `{name}`: {error}"));
                None
            }
        }
    }
}

/// What a client wants a resource to be.
#[derive(Clone)]
pub struct Change {
    format: Format,
    /// The state there will be if the resource is created.
    created: Bytes,
    server_values: Vec<(&'static str, String)>,
    /// `None` for the common change, which nothing but the precondition speaks against.
    weighed: Option<Box<Weighed>>,
}

/// What of a change is weighed against the current state, besides the precondition.
#[derive(Clone, Default)]
pub(crate) struct Weighed {
    /// Members that the client left out, with the values that were taken over from a state that was seen.
    pub(crate) kept: Vec<(&'static str, Option<String>)>,
    /// Members that only the server sets and of which the client says the value.
    pub(crate) echoes: Vec<(&'static str, String)>,
    /// Whether members that would stay were left out where nothing was to take them from: then it is a creation or none.
    pub(crate) creates: bool,
    /// Whether the client sends a member that is never shown: that is a change whatever is stored, because an answer
    /// that depended on it would tell something of it.
    pub(crate) rewrites: bool,
    /// The application's say.
    pub(crate) guard: Option<Guard>,
}

/// What a store has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: this is the answer.
    Answer(Outcome),
    /// Write this state where there was none, then answer [`Outcome::Created`].
    Create(State),
    /// Write this state in the place of the current one, then answer [`Outcome::Replaced`].
    Replace(State),
}

/// Without the values, some of which nobody may see.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("resource", &self.format.name()).finish_non_exhaustive()
    }
}

impl Change {
    pub(crate) fn new(
        format: Format,
        created: Bytes,
        server_values: Vec<(&'static str, String)>,
        weighed: Option<Box<Weighed>>,
    ) -> Self {
        Self { format, created, server_values, weighed }
    }

    /// The same change, with the application's say.
    pub(crate) fn guarded(mut self, guard: Guard) -> Self {
        self.weighed.get_or_insert_default().guard = Some(guard);
        self
    }

    /// The canonical JSON of the state if the resource is created: the client's members and the server's.
    #[must_use]
    pub fn created(&self) -> &Bytes {
        &self.created
    }

    /// The members that the server sets anew at every real change, as JSON.
    pub fn at_change(&self) -> impl Iterator<Item = (&str, &str)> {
        self.server_values.iter().map(|(name, json)| (*name, json.as_str()))
    }

    /// Whether only [`decide`](Self::decide) knows what becomes of the change: the application has a say, or the
    /// resource has members that are weighed against the current state. A store that decides in its own language must
    /// not do so here.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// # fn main() -> Result<(), put_core::Error> {
    /// let (_key, change) = Note::endpoint(MemoryStore::new()).change(&Note { id: 7 })?;
    /// assert!(!change.must_be_decided(), "a precondition is all there is");
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    #[must_use]
    pub fn must_be_decided(&self) -> bool {
        self.format.weighs_members()
            || self.weighed.as_ref().is_some_and(|weighed| weighed.guard.as_ref().is_none_or(Guard::has_a_say))
    }

    /// Who makes the change, where the endpoint says what a caller is.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// # fn main() -> Result<(), put_core::Error> {
    /// let (_key, change) = Note::endpoint(MemoryStore::new()).change(&Note { id: 7 })?;
    /// assert!(change.caller().is_none(), "nobody in particular");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        Some(&self.weighed.as_ref()?.guard.as_ref()?.caller)
    }

    /// The same change in the spelling of a store, which may hold some values less exactly than a client sends them
    /// (a timestamp to the microsecond, a number to so many places): the state there will be if the resource is created,
    /// in canonical JSON, and the members set anew at every change. What [`decide`](Self::decide) compares and answers
    /// is then what the store would show.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, seconds: f64 }
    /// # fn main() -> Result<(), put_core::Error> {
    /// let (_key, change) = Note::endpoint(MemoryStore::new()).change(&Note { id: 7, seconds: 1.04 })?;
    /// let rounded = change.spelled(r#"{"id":7,"seconds":1.0}"#.into(), |_| None);
    /// assert_eq!(rounded.created(), r#"{"id":7,"seconds":1.0}"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn spelled(&self, created: Bytes, at_change: impl Fn(&str) -> Option<String>) -> Self {
        let spelled = |(name, json): &(&'static str, String)| (*name, at_change(name).unwrap_or_else(|| json.clone()));
        let server_values = self.server_values.iter().map(spelled).collect();
        Self { format: self.format.clone(), created, server_values, weighed: self.weighed.clone() }
    }

    /// The names of the members that a client cannot change once the resource exists.
    pub fn immutable(&self) -> impl Iterator<Item = &'static str> {
        self.format.members_where(|role| matches!(role, Role::Immutable | Role::CreateOnly))
    }

    /// Decides the change against the state that is really replaced. Called under the store's lock. It writes nothing;
    /// where the application has a say it is asked here, and its code must come to an end at once.
    ///
    /// # Errors
    /// If the current state is not JSON, or its version cannot grow.
    pub fn decide(
        &self,
        current: Option<&State>,
        precondition: &Precondition,
        now: SystemTime,
    ) -> Result<Decision, StoreError> {
        if !self.must_be_decided() && !self.format.has_members_of_its_own() && precondition.evaluate(current).is_ok() {
            return self.decide_plainly(current, now);
        }
        let guard = self.weighed.as_ref().and_then(|weighed| weighed.guard.as_ref());
        if let (Some(guard), Some(state)) = (guard, current) {
            match guard.hides(state) {
                Some(false) => {}
                Some(true) => return Ok(Decision::Answer(as_absent(precondition))),
                None => return Ok(Decision::Answer(overtaken(Some(state)))),
            }
        }
        let (decision, conflicts) = self.weigh(current, precondition, now)?;
        let (Decision::Create(proposed) | Decision::Replace(proposed)) = &decision else { return Ok(decision) };
        let refused = match guard {
            Some(guard) => {
                guard.permits(current, proposed, conflicts).map_or_else(|| Some(overtaken(current)), Result::err)
            }
            None => (!conflicts.is_empty()).then(|| Outcome::Conflict(conflicts.into())),
        };
        Ok(refused.map_or(decision, Decision::Answer))
    }

    /// The common change, which nothing speaks against.
    #[inline]
    fn decide_plainly(&self, current: Option<&State>, now: SystemTime) -> Result<Decision, StoreError> {
        match current {
            Some(state) if state.json() == &self.created => Ok(Decision::Answer(Outcome::Unchanged(state.clone()))),
            Some(_) => Ok(Decision::Replace(self.format.state(self.created.clone(), Some(now))?)),
            None => Ok(Decision::Create(self.format.state(self.created.clone(), Some(now))?)),
        }
    }

    /// The answer that comes before anything which a store itself has against the content, if there is one: the resource
    /// is hidden from the caller, or the precondition is false. The same as [`decide`](Self::decide) would begin with.
    ///
    /// ```
    /// # use put_core::{MemoryStore, Precondition, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// # fn main() -> Result<(), put_core::Error> {
    /// let (_key, change) = Note::endpoint(MemoryStore::new()).change(&Note { id: 7 })?;
    /// assert!(change.answer_before(None, &Precondition::if_match_any()).is_some());
    /// assert!(change.answer_before(None, &Precondition::none()).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn answer_before(&self, current: Option<&State>, precondition: &Precondition) -> Option<Outcome> {
        let guard = self.weighed.as_ref().and_then(|weighed| weighed.guard.as_ref());
        if let (Some(guard), Some(state)) = (guard, current) {
            match guard.hides(state) {
                Some(false) => {}
                Some(true) => return Some(as_absent(precondition)),
                None => return Some(overtaken(Some(state))),
            }
        }
        let condition = precondition.evaluate(current).err()?;
        Some(Outcome::Failed(Failed::new(condition, current)))
    }

    /// What becomes of the change if the application has nothing against it, and what clashes with the current state.
    pub(crate) fn weigh(
        &self,
        current: Option<&State>,
        precondition: &Precondition,
        now: SystemTime,
    ) -> Result<(Decision, Vec<Violation>), StoreError> {
        let verdict = precondition.evaluate(current);
        let Some(state) = current else {
            if let Err(condition) = verdict {
                return Ok((Decision::Answer(Outcome::Failed(Failed::new(condition, None))), Vec::new()));
            }
            let mut conflicts = Vec::new();
            if let Some(weighed) = &self.weighed {
                if !weighed.kept.is_empty() {
                    return Ok((Decision::Answer(overtaken(None)), conflicts));
                }
                let detail = "is set by the server, and nothing is stored that it could be equal to; leave it out";
                conflicts.extend(weighed.echoes.iter().map(|(name, _)| echo_differs(name, detail)));
            }
            return Ok((Decision::Create(self.format.state(self.created.clone(), Some(now))?), conflicts));
        };
        match verdict {
            Ok(()) => self.resolve(state, now),
            // A client whose response was lost asks again: it may be told that the wanted state is there
            // (RFC 9110, section 13.1.1), if the endpoint accepts replays.
            Err(Condition::IfMatch | Condition::IfUnmodifiedSince) if precondition.accept_replay => {
                match self.resolve(state, now)? {
                    (answer @ Decision::Answer(Outcome::Unchanged(_) | Outcome::Overtaken(_)), _) => {
                        Ok((answer, Vec::new()))
                    }
                    _ => Ok((failed(precondition, state), Vec::new())),
                }
            }
            Err(_) => Ok((failed(precondition, state), Vec::new())),
        }
    }

    fn resolve(&self, state: &State, now: SystemTime) -> Result<(Decision, Vec<Violation>), StoreError> {
        if !self.format.has_members_of_its_own() {
            return Ok((self.decide_plainly(Some(state), now)?, Vec::new()));
        }
        if self.weighed.is_none() && state.json() == &self.created {
            return Ok((Decision::Answer(Outcome::Unchanged(state.clone())), Vec::new()));
        }
        self.resolve_members(state, now)
    }

    /// The slower way, for resources with members that the server sets or that never change.
    fn resolve_members(&self, state: &State, now: SystemTime) -> Result<(Decision, Vec<Violation>), StoreError> {
        let (wanted, current) = (members(&self.created)?, members(state.json())?);
        let old: HashMap<&str, &str> = current.members.iter().map(|found| (found.name.as_ref(), found.value)).collect();
        let new: HashMap<&str, &str> = wanted.members.iter().map(|found| (found.name.as_ref(), found.value)).collect();
        let weighed = self.weighed.as_deref();
        let is_other = |name: &str, value: Option<&str>| old.get(name).copied() != value;
        let is_of_another = |weighed: &Weighed| {
            weighed.creates || weighed.kept.iter().any(|(name, value)| is_other(name, value.as_deref()))
        };
        if weighed.is_some_and(is_of_another) {
            return Ok((Decision::Answer(overtaken(Some(state))), Vec::new()));
        }
        let differs = |name: &str| {
            let echo = weighed.and_then(|weighed| weighed.echoes.iter().find(|(echo, _)| *echo == name));
            echo.is_some_and(|(_, value)| is_other(name, Some(value)))
        };
        let clash = |known: &Known| match (known.fact.name, known.fact.role) {
            (name, Role::Immutable | Role::CreateOnly) => {
                (old.get(name) != new.get(name)).then(|| never_changing(name))
            }
            (name, _) => differs(name).then(|| echo_differs(name, NOT_THE_STORED)),
        };
        let conflicts: Vec<Violation> = self.format.known().iter().filter_map(clash).collect();
        // Unchanged is judged on what a client controls: a time the server would have set does not count.
        let managed: Vec<_> = self.format.members_where(|role| matches!(role, Role::ReadOnly)).collect();
        let version = self.format.version_member();
        let by_client = |name: &&&str| !managed.contains(*name) && version.is_none_or(|(version, _)| version != **name);
        let same = weighed.is_none_or(|weighed| !weighed.rewrites)
            && old.keys().filter(by_client).all(|name| old.get(name) == new.get(name))
            && new.keys().filter(by_client).all(|name| old.contains_key(name));
        if same {
            let answer = if conflicts.is_empty() {
                Outcome::Unchanged(state.clone())
            } else {
                Outcome::Conflict(conflicts.into())
            };
            return Ok((Decision::Answer(answer), Vec::new()));
        }
        let version =
            version.map(|(name, max)| next_version(old.get(name).copied(), max, now).map(|next| (name, next)));
        let version = version.transpose()?;
        let at_change = |name: &str| match &version {
            Some((version, next)) if *version == name => Some(next.as_str()),
            _ => self.at_change().find(|(other, _)| *other == name).map(|(_, json)| json),
        };
        let value = |name: &str, wanted: Option<&'_ str>| -> Option<String> {
            let server = managed.contains(&name) || version.as_ref().is_some_and(|(version, _)| *version == name);
            let value = if server { at_change(name).or(old.get(name).copied()) } else { wanted };
            value.map(str::to_owned)
        };
        let mut merged: Vec<(String, String)> = Vec::with_capacity(new.len() + managed.len());
        for found in &wanted.members {
            merged.extend(value(&found.name, Some(found.value)).map(|json| (found.name.clone().into_owned(), json)));
        }
        // What the proposal has of a member is in canonical form; another value need not be.
        let mut in_order = self.at_change().all(|(name, json)| new.get(name) == Some(&json));
        for name in managed.iter().filter(|name| !new.contains_key(**name)) {
            if let Some(json) = value(name, None) {
                merged.push(((*name).to_owned(), json));
                in_order = false;
            }
        }
        let json = object(merged)?;
        // A member that the proposal leaves out has no place in it: decoding and encoding finds the place, and whether
        // it is written at all.
        let json = if in_order { json } else { self.format.canonical(&json).map_err(StoreError::failed)? };
        Ok((Decision::Replace(self.format.state(json, Some(now))?), conflicts))
    }
}

const NOT_THE_STORED: &str = "differs from the stored value, which only the server sets; send that, or leave it out";
const NEVER_CHANGES: &str = "cannot change once the resource exists; send the stored value";

/// The conflict of these members, which never change.
#[must_use]
pub fn never_changes<'n>(names: impl IntoIterator<Item = &'n str>) -> Violations {
    names.into_iter().map(never_changing).collect::<Vec<_>>().into()
}

fn never_changing(name: &str) -> Violation {
    Violation::new(Pointer::root().member(name), NEVER_CHANGES).with_code("immutable")
}

/// A value that only the server sets, and that the client says otherwise.
fn echo_differs(name: &str, detail: &str) -> Violation {
    Violation::new(Pointer::root().member(name), detail).with_code("read_only")
}

/// Another write came between.
fn overtaken(current: Option<&State>) -> Outcome {
    Outcome::Overtaken(current.cloned().map(Box::new))
}

fn failed(precondition: &Precondition, state: &State) -> Decision {
    let condition = precondition.evaluate(Some(state)).err().unwrap_or(Condition::IfMatch);
    Decision::Answer(Outcome::Failed(Failed::new(condition, Some(state))))
}

fn members(json: &[u8]) -> Result<Scan<'_>, StoreError> {
    scan(json).map_err(|fault| StoreError::failed(format!("the stored state is not JSON: {}", fault.reason)))
}

fn object<N: AsRef<str>, V: AsRef<str>>(members: impl IntoIterator<Item = (N, V)>) -> Result<Bytes, StoreError> {
    let mut out = vec![b'{'];
    for (index, (name, json)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut out, name.as_ref()).map_err(StoreError::failed)?;
        out.push(b':');
        out.extend_from_slice(json.as_ref().as_bytes());
    }
    out.push(b'}');
    Ok(out.into())
}

/// The canonical JSON with other values of some of its members.
pub(crate) fn with_values(json: &[u8], values: &[(&'static str, String)]) -> Result<Bytes, StoreError> {
    let other = |name: &str| values.iter().find(|(other, _)| *other == name).map(|(_, json)| json.as_str());
    object(members(json)?.members.iter().map(|found| (&*found.name, other(&found.name).unwrap_or(found.value))))
}

/// The representation of a state: without the members that are never shown.
pub(crate) fn shown(format: &Format, json: &[u8]) -> Result<Bytes, StoreError> {
    let secret: Vec<_> = format.members_where(|role| matches!(role, Role::WriteOnly)).collect();
    let scan = members(json)?;
    object(scan.members.iter().filter(|found| !secret.contains(&&*found.name)).map(|found| (&*found.name, found.value)))
}

/// The version at creation: the Unix time in nanoseconds.
pub(crate) fn first_version(now: SystemTime, max: u64) -> u64 {
    let nanoseconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos();
    u64::try_from(nanoseconds).unwrap_or(max).min(max)
}

fn next_version(current: Option<&str>, max: u64, now: SystemTime) -> Result<String, StoreError> {
    let current = current.and_then(|json| json.parse::<i128>().ok()).unwrap_or(0);
    let next = (current + 1).max(i128::from(first_version(now, max)));
    if next > i128::from(max) {
        return Err(StoreError::failed("the version of the stored state cannot grow any more"));
    }
    Ok(next.to_string())
}

/// The tag of a state: of its version where it has one, else of all its bytes.
pub(crate) fn tag(format: &Format, json: &[u8]) -> Result<EntityTag, StoreError> {
    let Some((name, _)) = format.version_member() else { return Ok(EntityTag::of(json)) };
    let scan = members(json)?;
    let version = scan.members.iter().find(|found| found.name == name).and_then(|found| found.value.parse().ok());
    version
        .map(EntityTag::of_version)
        .ok_or_else(|| StoreError::failed(format!("the stored state has no version `{name}`")))
}
