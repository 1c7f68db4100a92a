//! Preconditions: parsed from their fields, evaluated against the current state (RFC 9110, section 13).
//!
//! The same evaluation gives the early answer and, under the store's lock, the one that counts. One file, because what
//! can be said and what it means are read together.

use std::time::{Duration, SystemTime};

use crate::entity_tag::EntityTag;
use crate::store::State;

/// Entity tags one condition field may list.
const TAGS: usize = 64;
/// Octets one condition field may have over all its lines.
const OCTETS: usize = 8 * 1024;

/// The value of If-Match or If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TagCondition {
    /// `*`: any current representation.
    Any,
    /// A list of entity tags, perhaps empty.
    List(Vec<EntityTag>),
}

/// Why a condition field could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Malformed,
    TooLarge,
}

impl TagCondition {
    /// Reads all lines of one field. Each line is read on its own: a tag cannot span lines, and joining them
    /// would let the joining decide what is valid.
    pub(crate) fn parse(lines: &[&[u8]]) -> Result<Self, Unreadable> {
        if lines.iter().map(|line| line.len()).sum::<usize>() > OCTETS {
            return Err(Unreadable::TooLarge);
        }
        if let [line] = lines
            && trim(line) == b"*"
        {
            return Ok(Self::Any);
        }
        let mut tags = Vec::new();
        for line in lines {
            let mut rest = *line;
            let mut separated = true;
            loop {
                rest = match rest {
                    [] => break,
                    [b' ' | b'\t', after @ ..] => after,
                    [b',', after @ ..] => {
                        separated = true;
                        after
                    }
                    _ if !separated => return Err(Unreadable::Malformed),
                    _ => {
                        let (tag, after) = EntityTag::parse_prefix(rest).ok_or(Unreadable::Malformed)?;
                        if tags.len() == TAGS {
                            return Err(Unreadable::TooLarge);
                        }
                        tags.push(tag);
                        separated = false;
                        after
                    }
                };
            }
        }
        Ok(Self::List(tags))
    }

    /// The same tags without what a compressing proxy may have done to them.
    pub(crate) fn untouched_by_proxies(self) -> Self {
        match self {
            Self::Any => Self::Any,
            Self::List(tags) => Self::List(tags.into_iter().map(EntityTag::untouched_by_proxies).collect()),
        }
    }

    fn matches(&self, current: Option<&State>, same: fn(&EntityTag, &EntityTag) -> bool) -> bool {
        match (self, current) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::List(tags), Some(state)) => tags.iter().any(|tag| same(tag, state.tag())),
        }
    }
}

/// The condition that was false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// If-Match (RFC 9110, section 13.1.1).
    IfMatch,
    /// If-None-Match (RFC 9110, section 13.1.2).
    IfNoneMatch,
    /// If-Unmodified-Since (RFC 9110, section 13.1.4).
    IfUnmodifiedSince,
    /// Not a field: the endpoint only updates, and nothing is there to update.
    MustExist,
}

impl Condition {
    /// The name of the field, as people write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::IfMatch => "If-Match",
            Self::IfNoneMatch => "If-None-Match",
            Self::IfUnmodifiedSince => "If-Unmodified-Since",
            Self::MustExist => "must exist",
        }
    }
}

/// What must hold of the current state for a write to happen; travels with the write into the store.
///
/// ```
/// use put_core::{EntityTag, Precondition};
///
/// let only_this_version = Precondition::if_match(EntityTag::of(b"{}"));
/// let only_create = Precondition::if_none_match_any();
/// assert!(only_create.evaluate(None).is_ok());
/// assert!(only_this_version.evaluate(None).is_err(), "a tag never matches what is absent");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    pub(crate) if_match: Option<TagCondition>,
    pub(crate) if_none_match: Option<TagCondition>,
    pub(crate) if_unmodified_since: Option<SystemTime>,
    pub(crate) must_exist: bool,
    pub(crate) accept_replay: bool,
}

/// What a precondition comes to in terms that a store can decide in its own language, without making entity tags.
///
/// A store that is told less than it needs reads the current state and asks [`Precondition::evaluate`]; the write is then
/// made to depend on exactly that state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing is demanded.
    Nothing,
    /// The resource must not exist.
    Absent,
    /// The resource must exist.
    Present,
    /// Where tags are made of versions: the resource must exist, and its version be one of these, of which there may be
    /// none.
    Versions(Vec<u64>),
    /// Something that only the whole current state decides.
    State,
}

impl Precondition {
    /// What is demanded, in terms of a store. [`evaluate`](Self::evaluate) decides the same, and says which condition is
    /// false.
    ///
    /// ```
    /// use put_core::{Demand, EntityTag, Precondition};
    ///
    /// assert_eq!(Precondition::if_none_match_any().demand(), Demand::Absent);
    /// assert_eq!(Precondition::if_match(EntityTag::parse(b"\"v7\"").unwrap()).demand(), Demand::Versions(vec![7]));
    /// assert_eq!(Precondition::if_none_match_one_of([EntityTag::of(b"{}")]).demand(), Demand::State);
    /// ```
    #[must_use]
    pub fn demand(&self) -> Demand {
        // If-Unmodified-Since counts only without If-Match (RFC 9110, section 13.1.4).
        match (&self.if_match, &self.if_none_match, self.if_unmodified_since) {
            (None, None, None) if self.must_exist => Demand::Present,
            (None, None, None) => Demand::Nothing,
            (Some(TagCondition::Any), None, _) => Demand::Present,
            (None, Some(TagCondition::Any), None) if !self.must_exist => Demand::Absent,
            // A replay is recognised by what is stored.
            (Some(TagCondition::List(tags)), None, _) if !self.accept_replay => {
                Demand::Versions(tags.iter().filter_map(EntityTag::version).collect())
            }
            _ => Demand::State,
        }
    }

    /// No precondition: the write always happens.
    ///
    /// ```
    /// # use put_core::Precondition;
    /// assert!(Precondition::none().evaluate(None).is_ok());
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// True only while the current entity tag is this one (If-Match, strong comparison).
    ///
    /// ```
    /// # use put_core::{EntityTag, Precondition};
    /// assert!(Precondition::if_match(EntityTag::of(b"{}")).evaluate(None).is_err());
    /// ```
    #[must_use]
    pub fn if_match(tag: EntityTag) -> Self {
        Self { if_match: Some(TagCondition::List(vec![tag])), ..Self::default() }
    }

    /// True only while the current entity tag is one of these (If-Match, strong comparison); never for an empty list.
    ///
    /// ```
    /// # use put_core::Precondition;
    /// assert!(Precondition::if_match_one_of([]).evaluate(None).is_err());
    /// ```
    #[must_use]
    pub fn if_match_one_of(tags: impl IntoIterator<Item = EntityTag>) -> Self {
        Self { if_match: Some(TagCondition::List(tags.into_iter().collect())), ..Self::default() }
    }

    /// True only if the resource exists (`If-Match: *`).
    ///
    /// ```
    /// # use put_core::Precondition;
    /// assert!(Precondition::if_match_any().evaluate(None).is_err());
    /// ```
    #[must_use]
    pub fn if_match_any() -> Self {
        Self { if_match: Some(TagCondition::Any), ..Self::default() }
    }

    /// True only if the resource does not exist (`If-None-Match: *`).
    ///
    /// ```
    /// # use put_core::Precondition;
    /// assert!(Precondition::if_none_match_any().evaluate(None).is_ok());
    /// ```
    #[must_use]
    pub fn if_none_match_any() -> Self {
        Self { if_none_match: Some(TagCondition::Any), ..Self::default() }
    }

    /// True unless the current entity tag is one of these (If-None-Match, weak comparison).
    ///
    /// ```
    /// # use put_core::{EntityTag, Precondition};
    /// assert!(Precondition::if_none_match_one_of([EntityTag::of(b"{}")]).evaluate(None).is_ok());
    /// ```
    #[must_use]
    pub fn if_none_match_one_of(tags: impl IntoIterator<Item = EntityTag>) -> Self {
        Self { if_none_match: Some(TagCondition::List(tags.into_iter().collect())), ..Self::default() }
    }

    /// True if the resource has not been modified after this instant (If-Unmodified-Since). The grain is one
    /// second, so an entity tag is the better choice.
    ///
    /// ```
    /// # use put_core::Precondition;
    /// # use std::time::SystemTime;
    /// assert!(Precondition::if_unmodified_since(SystemTime::now()).evaluate(None).is_ok());
    /// ```
    #[must_use]
    pub fn if_unmodified_since(instant: SystemTime) -> Self {
        Self { if_unmodified_since: Some(instant), ..Self::default() }
    }

    /// Never true of what does not exist, whatever else is demanded, as at an endpoint that only updates.
    ///
    /// ```
    /// # use put_core::{Condition, Precondition};
    /// assert_eq!(Precondition::none().must_exist().evaluate(None), Err(Condition::MustExist));
    /// ```
    #[must_use]
    pub fn must_exist(self) -> Self {
        Self { must_exist: true, ..self }
    }

    /// Takes a write whose wanted state is already there for one that is repeated because its answer was lost, as at
    /// an endpoint that accepts replays: the answer is then [`Unchanged`](crate::store::Outcome::Unchanged) although
    /// If-Match is false.
    ///
    /// ```
    /// # use put_core::{EntityTag, Precondition};
    /// let again = Precondition::if_match(EntityTag::of(b"{}")).accept_replay();
    /// assert!(again.evaluate(None).is_err(), "nothing is there, so nothing is repeated");
    /// ```
    #[must_use]
    pub fn accept_replay(self) -> Self {
        Self { accept_replay: true, ..self }
    }

    /// Both of these. Where both name the same condition, that of `other` counts.
    ///
    /// ```
    /// # use put_core::Precondition;
    /// let never = Precondition::if_match_any().and(Precondition::if_none_match_any());
    /// assert!(never.evaluate(None).is_err());
    /// ```
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            if_match: other.if_match.or(self.if_match),
            if_none_match: other.if_none_match.or(self.if_none_match),
            if_unmodified_since: other.if_unmodified_since.or(self.if_unmodified_since),
            must_exist: self.must_exist || other.must_exist,
            accept_replay: self.accept_replay || other.accept_replay,
        }
    }

    /// Whether nothing is demanded, so that a store need not look at the current tag.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.if_match.is_none()
            && self.if_none_match.is_none()
            && self.if_unmodified_since.is_none()
            && !self.must_exist
    }

    /// Evaluates the precondition of a write in the order of RFC 9110, section 13.2.2.
    ///
    /// # Errors
    /// The condition that is false; the write must not happen.
    pub fn evaluate(&self, current: Option<&State>) -> Result<(), Condition> {
        // An endpoint that only updates answers 404 here whatever the conditions say (section 13.2.1).
        if self.must_exist && current.is_none() {
            return Err(Condition::MustExist);
        }
        // Step 1, else step 2.
        if let Some(if_match) = &self.if_match {
            if !if_match.matches(current, EntityTag::strong_eq) {
                return Err(Condition::IfMatch);
            }
        } else if let Some(instant) = self.if_unmodified_since
            && let Some(modified) = current.and_then(State::modified)
            && whole_seconds(modified) > whole_seconds(instant)
        {
            return Err(Condition::IfUnmodifiedSince);
        }
        // Step 3: weak comparison, for writes as well.
        if let Some(if_none_match) = &self.if_none_match
            && if_none_match.matches(current, EntityTag::weak_eq)
        {
            return Err(Condition::IfNoneMatch);
        }
        Ok(())
    }
}

/// Without the white space HTTP allows around a field value: SP and HTAB only.
pub(crate) fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// The seconds of an HTTP-date, which has no finer grain.
pub(crate) fn whole_seconds(instant: SystemTime) -> u64 {
    instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

#[cfg(test)]
mod properties;
