//! The format of a resource: what the derive states and what the probe learned, together, once for each endpoint.
//!
//! One file, because what was stated and what was learned are asked together.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::change;
use crate::content::{Source, with_buffer};
use crate::diagnose;
use crate::member::{self, Echo, Kind};
use crate::path::is_dots;
use crate::pattern::Pattern;
use crate::probe::{Learned, Names};
use crate::resource::{Absence, Facts, Member, PutResource, Role};
use crate::scan::{Found, scan};
use crate::store::{Key, KeyPart, State, StoreError};
use crate::table_name::table_name;
use crate::violation::{Pointer, Violation, Violations};

/// How the states of one resource type look. What a store needs to know of a resource; cheap to clone.
///
/// ```
/// use put_core::{Format, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64, text: String }
///
/// let format = Format::of::<Note>();
/// assert_eq!(format.path(), "/notes/{id}");
/// assert_eq!(format.canonical(br#"{"text": "hi", "id": 1}"#).unwrap(), r#"{"id":1,"text":"hi"}"#);
/// ```
#[derive(Clone)]
pub struct Format(Arc<Shape>);

#[expect(clippy::struct_excessive_bools, reason = "each was noticed by itself")]
struct Shape {
    facts: &'static Facts,
    members: Box<[Known]>,
    keys: Box<[KeyMember]>,
    /// The names of the flattened parts, aliases included; `None` if one of them takes any name.
    flattened: Option<Vec<&'static str>>,
    required: bool,
    own: bool,
    /// Whether there are members that are never shown.
    secret: bool,
    /// Whether there are members of which what a client sends, or leaves out, is weighed against the current state.
    weighed: bool,
    version: Option<(&'static str, u64)>,
}

/// A member and what its type said of itself.
pub(crate) struct Known {
    pub(crate) fact: Member,
    pub(crate) kind: Kind,
    /// Whether the type reads null.
    pub(crate) null: bool,
    /// Whether serde accepts its absence.
    pub(crate) absent: bool,
    /// Whether a client may leave it out.
    pub(crate) optional: bool,
}

/// The member that is one part of the key.
pub(crate) struct KeyMember {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    canonical: fn(&str) -> bool,
    pattern: Option<Pattern>,
    pub(crate) kind: Kind,
}

impl Known {
    /// Whether the type is a struct. serde would read one from an array as well, member by member.
    pub(crate) fn is_struct(&self) -> bool {
        self.kind == Kind::Object
    }
}

impl KeyMember {
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Whether the text is a key here.
    #[inline]
    fn reads(&self, text: &str) -> bool {
        (self.canonical)(text) && self.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
    }

    /// What is to be said to a text that is no key, besides that it is none.
    pub(crate) fn demand(&self) -> String {
        self.pattern
            .as_ref()
            .map_or_else(String::new, |pattern| format!("; a key matches the pattern `{}`", pattern.text()))
    }

    pub(crate) fn part(&self, text: &str) -> KeyPart {
        KeyPart::new(text, matches!(self.kind, Kind::Integer(_)))
    }

    /// The text of this part of a key as JSON.
    pub(crate) fn json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.kind {
            Kind::Integer(_) | Kind::Number | Kind::Boolean => Cow::Borrowed(text),
            _ => Cow::Owned(serde_json::Value::from(text).to_string()),
        }
    }
}

/// What a name in some content means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The member at this index.
    Member(usize),
    /// A name of a flattened part.
    Flattened,
    Unknown,
}

impl Format {
    /// The format of `R`. Its types are asked here, once.
    #[must_use]
    pub fn of<R: PutResource>() -> Self {
        Self::new(R::FACTS)
    }

    pub(crate) fn new(facts: &'static Facts) -> Self {
        let mut flattened = Some(Vec::new());
        let mut keys = Vec::new();
        let known = |fact: &Member| {
            let learned = Learned::of(fact.probe);
            if fact.flatten {
                match learned.names {
                    Names::Any => flattened = None,
                    Names::These(names) => flattened.iter_mut().for_each(|known| known.extend(names)),
                }
            }
            if let Role::Key { part, canonical } = fact.role {
                let pattern = fact.pattern.map(|(text, compile)| compile(text));
                let (name, aliases) = (fact.name, fact.aliases);
                keys.push((part, KeyMember { name, aliases, canonical, pattern, kind: learned.kind }));
            }
            let absent = match fact.absence {
                Absence::Accepted => true,
                Absence::Refused => false,
                Absence::ByType => learned.optional,
            };
            let by_server = fact.is_server_managed() || matches!(fact.role, Role::Key { .. }) || fact.flatten;
            let optional = !fact.required && (absent || by_server);
            Known { fact: *fact, kind: learned.kind, null: learned.null, absent, optional }
        };
        let members: Box<[Known]> = facts.members.iter().map(known).collect();
        keys.sort_by_key(|(part, _)| *part);
        let roles = || facts.members.iter().map(|member| member.role);
        let version = facts.members.iter().find_map(|member| match member.role {
            Role::Version { max } => Some((member.name, max)),
            _ => None,
        });
        Self(Arc::new(Shape {
            facts,
            members,
            keys: keys.into_iter().map(|(_, key)| key).collect(),
            flattened,
            required: facts.members.iter().any(|member| member.required),
            own: roles().any(|role| !matches!(role, Role::Client | Role::Key { .. })),
            secret: roles().any(|role| matches!(role, Role::WriteOnly)),
            weighed: facts
                .members
                .iter()
                .any(|member| matches!(member.role, Role::WriteOnly | Role::CreateOnly) || member.echo != Echo::Ignore),
            version,
        }))
    }

    /// The name of the struct.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.facts.name
    }

    /// What a store calls the table of the resource, if it is told no other name: the name of the struct in snake case.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/posts/{id}")]
    /// # struct BlogPost { #[put(key)] id: u64 }
    /// assert_eq!(Format::of::<BlogPost>().table_name(), "blog_post");
    /// ```
    #[must_use]
    pub fn table_name(&self) -> String {
        table_name(self.name())
    }

    /// The path, as the attribute has it.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.0.facts.path
    }

    /// The member that `#[put(last_modified)]` names.
    #[must_use]
    pub fn last_modified(&self) -> Option<&'static str> {
        self.0.facts.members.iter().find(|member| member.last_modified).map(|member| member.name)
    }

    /// The members, in the order of the struct.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, text: String }
    /// let names: Vec<&str> = Format::of::<Note>().members().map(|member| member.name()).collect();
    /// assert_eq!(names, ["id", "text"]);
    /// ```
    pub fn members(&self) -> impl Iterator<Item = member::Member<'_>> {
        self.0.members.iter().map(member::Member::new)
    }

    /// A text that is another one when the members are: their names, aliases, kinds, who sets them, and whether
    /// they may be absent. A store compares it with the one it was written with.
    ///
    /// An integer of another width is another kind, because what is stored may not fit it. The columns are left out:
    /// they say where a store keeps a state, and not what it is.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        for Known { fact, kind, optional, .. } in &self.0.members {
            let role = match fact.role {
                Role::Client => "client",
                Role::Key { .. } => "key",
                Role::Immutable => "immutable",
                Role::CreateOnly => "create_only",
                Role::WriteOnly => "write_only",
                Role::ReadOnly => "read_only",
                Role::Version { .. } => "version",
            };
            let flatten = fact.flatten;
            let _ = writeln!(text, "{:?} {:?} {kind:?} {role} {optional} {flatten}", fact.name, fact.aliases);
        }
        let _ = writeln!(text, "{:?} {}", self.0.flattened, self.0.facts.allow_unknown);
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(16).fold(String::new(), |mut hex, octet| {
            let _ = write!(hex, "{octet:02x}");
            hex
        })
    }

    /// The state for canonical JSON that a store kept.
    ///
    /// # Errors
    /// If the resource names a version and the JSON has none.
    #[inline]
    pub fn state(&self, json: Bytes, modified: Option<SystemTime>) -> Result<State, StoreError> {
        if self.0.secret {
            return self.state_with_secrets(json, modified);
        }
        let tag = change::tag(self, &json)?;
        Ok(State::new(json, None, tag, modified))
    }

    fn state_with_secrets(&self, json: Bytes, modified: Option<SystemTime>) -> Result<State, StoreError> {
        let shown = change::shown(self, &json)?;
        let tag = change::tag(self, &shown)?;
        Ok(State::new(json, Some(shown), tag, modified))
    }

    /// Whatever a store kept, in canonical form: decoded as the resource, and encoded again.
    ///
    /// # Errors
    /// All that keeps the JSON from being read as this resource, or the names that it does not know: what they hold
    /// would be lost without a word.
    pub fn canonical(&self, json: &[u8]) -> Result<Bytes, Violations> {
        self.canonical_where(json, |_| true)
    }

    /// The same for a store that spreads the members over columns, where an absent member and null are one: null stands
    /// for absence where the type reads no null and may be absent.
    ///
    /// ```
    /// # use put_core::{Format, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64, #[serde(default)] tags: Vec<String> }
    /// // struct Note { #[put(key)] id: u64, #[serde(default)] tags: Vec<String> }
    /// let format = Format::of::<Note>();
    /// assert_eq!(format.canonical_of_columns(br#"{"id":1,"tags":null}"#).unwrap(), r#"{"id":1,"tags":[]}"#);
    /// assert!(format.canonical(br#"{"id":1,"tags":null}"#).is_err());
    /// ```
    ///
    /// # Errors
    /// As of [`canonical`](Self::canonical).
    pub fn canonical_of_columns(&self, json: &[u8]) -> Result<Bytes, Violations> {
        let mut next = 0;
        self.canonical_where(json, |found| {
            let reads_no_null =
                |index: usize| self.0.members.get(index).is_some_and(|known| !known.null && known.absent);
            found.value != "null"
                || !matches!(self.meaning(&found.name, &mut next), Meaning::Member(index) if reads_no_null(index))
        })
    }

    fn canonical_where(&self, json: &[u8], mut is_read: impl FnMut(&Found<'_>) -> bool) -> Result<Bytes, Violations> {
        let whole =
            |detail: String| Violations::from(vec![Violation::new(Pointer::root(), detail).with_code("invalid")]);
        let mut scan = scan(json).map_err(|fault| whole(fault.reason))?;
        for found in &mut scan.members {
            found.read = is_read(found);
        }
        if scan.first != b'{' {
            return Err(diagnose::not_an_object(&scan));
        }
        if let Some(unknown) = diagnose::unknown_members(self, &scan) {
            return Err(unknown);
        }
        with_buffer(|out| match (self.0.facts.decode)(Source::new(&scan.members, &[]), None, out) {
            Ok(()) if self.keeps_flattened() => match diagnose::lost_members(self, &scan.members, &[], out) {
                lost if lost.is_empty() => Ok(Bytes::copy_from_slice(out)),
                lost => Err(lost.into()),
            },
            Ok(()) => Ok(Bytes::copy_from_slice(out)),
            Err(error) => Err(diagnose::stored(self, &scan, &error)),
        })
    }

    /// The key of a state, from its canonical JSON; `None` if it has none.
    #[must_use]
    pub fn key_of(&self, json: &[u8]) -> Option<Key> {
        let scan = scan(json).ok()?;
        let parts = self.0.keys.iter().map(|key| {
            let found = scan.members.iter().find(|found| found.name == key.name)?;
            let text = match serde_json::from_str::<String>(found.value) {
                Ok(text) => Cow::Owned(text),
                Err(_) => Cow::Borrowed(found.value),
            };
            key.reads(&text).then(|| key.part(&text))
        });
        parts.collect::<Option<Vec<_>>>().map(Key::from)
    }

    /// The key of these texts; the index of the first that is no key otherwise.
    pub(crate) fn key<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Result<Key, usize> {
        let part = |(index, (key, text)): (usize, (&KeyMember, &str))| {
            if !is_dots(text) && key.reads(text) { Ok(key.part(text)) } else { Err(index) }
        };
        let mut parts = self.0.keys.iter().zip(texts).enumerate().map(part);
        match &*self.0.keys {
            // The common key has one part and needs no list.
            [_] => parts.next().unwrap_or(Err(0)).map(Key::from),
            _ => parts.collect::<Result<Vec<_>, _>>().map(Key::from),
        }
    }

    pub(crate) fn facts(&self) -> &'static Facts {
        self.0.facts
    }

    pub(crate) fn known(&self) -> &[Known] {
        &self.0.members
    }

    pub(crate) fn keys(&self) -> &[KeyMember] {
        &self.0.keys
    }

    /// Whether some member must be named even where serde would accept its absence.
    pub(crate) fn has_required(&self) -> bool {
        self.0.required
    }

    /// Whether there are members that a replacement does not simply take over from the client.
    #[inline]
    pub(crate) fn has_members_of_its_own(&self) -> bool {
        self.0.own
    }

    /// Whether there are members of which what a client sends, or leaves out, is weighed against the current state.
    #[inline]
    pub(crate) fn weighs_members(&self) -> bool {
        self.0.weighed
    }

    pub(crate) fn version_member(&self) -> Option<(&'static str, u64)> {
        self.0.version
    }

    pub(crate) fn members_where(&self, role: fn(&Role) -> bool) -> impl Iterator<Item = &'static str> {
        self.0.facts.members.iter().filter(move |member| role(&member.role)).map(|member| member.name)
    }

    /// What a name means. Members mostly come in the order of the struct, so `next` is tried first.
    pub(crate) fn meaning(&self, name: &str, next: &mut usize) -> Meaning {
        let members = &self.0.members;
        let is = |known: &Known| !known.fact.flatten && (known.fact.name == name || known.fact.aliases.contains(&name));
        let index = match members.get(*next) {
            Some(known) if is(known) => Some(*next),
            _ => members.iter().position(is),
        };
        if let Some(index) = index {
            *next = index + 1;
            return Meaning::Member(index);
        }
        match &self.0.flattened {
            None => Meaning::Flattened,
            Some(names) if names.contains(&name) => Meaning::Flattened,
            _ => Meaning::Unknown,
        }
    }

    /// Whether a flattened part takes any name.
    pub(crate) fn takes_any_name(&self) -> bool {
        self.0.flattened.is_none()
    }

    /// Whether every name that a flattened part takes must be kept. Where unknown members are passed over and a part
    /// takes any name, nobody can tell which of them it knows.
    pub(crate) fn keeps_flattened(&self) -> bool {
        match &self.0.flattened {
            None => !self.0.facts.allow_unknown,
            Some(names) => !names.is_empty(),
        }
    }

    pub(crate) fn takes_only_an_object(&self, name: &str) -> bool {
        match self.meaning(name, &mut 0) {
            Meaning::Member(index) => self.0.members.get(index).is_some_and(Known::is_struct),
            _ => false,
        }
    }

    /// All names a client may send.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let members = self.0.members.iter().filter(|known| !known.fact.flatten).map(|known| known.fact.name);
        members.chain(self.0.flattened.iter().flatten().copied())
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("name", &self.name()).field("path", &self.path()).finish_non_exhaustive()
    }
}
