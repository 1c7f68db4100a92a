//! PUT: what the head decides, what the content decides, and the one step in which the precondition and the write happen.
//!
//! One file, because the order of these steps is the contract.

use std::thread;
use std::time::Duration;

use super::{Origin, Stop};
use crate::conditions::{Act, Conditions, Verdict};
use crate::digest;
use crate::json::{self, Fault, Json};
use crate::media::{self, Media};
use crate::mutant::Mutant;
use crate::negotiation::{Preferences, Return, accepts_json};
use crate::problem::{Kind, Problem};
use crate::store::Entry;
use crate::target::{Key, Target, resolve};
use crate::thing::{Described, Unfit};
use crate::wire::{Answer, Content, Head, Unread};

/// The most content that is read.
const CONTENT_MAX: u64 = 1024 * 1024;
/// How long a mutant waits between its check and its write.
const GAP: Duration = Duration::from_millis(4);

/// What a write came to.
struct Written {
    created: bool,
    entry: Entry,
}

impl Origin {
    pub(super) fn put(&self, head: &Head, target: &Target, content: &mut Content<'_>) -> Result<Answer, Stop> {
        let (conditions, media) = self.head_decides(head, target, content)?;
        let preferences = Preferences::read(&head.fields, self.variant);
        if preferences.refused {
            return Err(self.problem(Kind::MalformedField, "Prefer asks for something else").into());
        }
        let current = self.store.current(&target.key);
        let mut owed = None;
        if !self.is(Mutant::ConditionAfterValidation)
            && let Err(stop) = self.guard(&conditions, current.as_ref())
        {
            let by_if_match = conditions.has_only_if_match();
            if by_if_match && self.is(Mutant::FailedWriteSucceeds) {
                return Ok(Answer::new(204));
            }
            let goes_on = self.is(Mutant::FailedWriteHappens) || (by_if_match && self.is(Mutant::ReplayAccepted));
            if !goes_on {
                return Err(stop);
            }
            owed = Some(stop);
        }
        let received = self.received(content)?;
        let described = match self.described(head, &received, &target.key) {
            Ok(described) => described,
            Err(answer) => return Err(owed.unwrap_or(Stop::Answered(answer))),
        };
        let conditions = if self.is(Mutant::TrailerConditionCounts) {
            let mut fields = head.fields.clone();
            fields.extend(content.trailers().clone());
            Conditions::read(&fields, Act::Put, self.variant)
        } else {
            conditions
        };
        if let Some(stop) = owed.filter(|_| self.is(Mutant::FailedWriteHappens)) {
            self.store.change(&target.key, |slot| self.replace(slot, &described, media));
            return Err(stop);
        }
        let mut written = self.write(head, target, (&conditions, current.as_ref()), &described, media)?;
        if self.is(Mutant::FieldsStored) {
            written.entry.remembered = head.fields.beginning("x-");
            self.store.change(&target.key, |slot| *slot = Some(written.entry.clone()));
        }
        if self.is(Mutant::NotAcceptableAfterWrite) && !accepts_json(&head.fields, self.variant) {
            return Err(self.problem(Kind::NotAcceptable, "there is JSON and nothing else").into());
        }
        Ok(self.success(head, target, &written, preferences.wanted, &received))
    }

    /// Everything that needs neither the content nor the state, and at last what the state alone decides.
    fn head_decides(&self, head: &Head, target: &Target, content: &Content<'_>) -> Result<(Conditions, Media), Stop> {
        let conditions = self.conditions(head, Act::Put)?;
        let fields = &head.fields;
        if fields.has("Content-Range") && !self.is(Mutant::RangeOfContentIgnored) {
            return Err(self.problem(Kind::PartialPut, "a PUT replaces the whole; Content-Range has no place").into());
        }
        if !media::expects_only_continue(fields, self.variant) {
            return Err(self.problem(Kind::ExpectationFailed, "only 100-continue can be expected").into());
        }
        let current = || self.store.current(&target.key);
        if self.is(Mutant::ConditionBeforeMediaType) {
            self.guard(&conditions, current().as_ref())?;
        }
        let media = media::judge(fields, self.variant)?;
        match content.declared() {
            None if self.is(Mutant::LengthRequired) => {
                return Err(self.problem(Kind::LengthRequired, "content comes with its length").into());
            }
            Some(length) if length > CONTENT_MAX => return Err(self.too_long().into()),
            Some(0) if !self.is(Mutant::NoContentIsFine) => return Err(self.no_content().into()),
            Some(0) => return Err(Answer::new(204).into()),
            _ => {}
        }
        let exists = current().is_some();
        let demanded = (self.is(Mutant::PreconditionRequired) && !conditions.protect())
            || (self.is(Mutant::PreconditionNeverEnough) && conditions.has_if_match() && exists);
        if demanded {
            let detail = "send If-Match with the tag that you have read, or `If-None-Match: *` to create";
            return Err(self.problem(Kind::PreconditionRequired, detail).into());
        }
        let hides = self.is(Mutant::UpdateOnly) || (self.is(Mutant::AbsentIfMatchIs404) && conditions.has_if_match());
        if hides && !exists {
            return Err(self.problem(Kind::NotFound, "there is nothing to replace").into());
        }
        Ok((conditions, media))
    }

    fn too_long(&self) -> Answer {
        self.problem(Kind::ContentTooLarge, "content has at most 1 MiB")
    }

    fn no_content(&self) -> Answer {
        self.problem(Kind::ContentMissing, "a PUT needs content")
    }

    fn received(&self, content: &mut Content<'_>) -> Result<Vec<u8>, Stop> {
        match content.read(CONTENT_MAX) {
            Ok(received) => Ok(received),
            Err(Unread::Silence) => Err(Stop::Silent),
            Err(Unread::TooLong) => Err(self.too_long().into()),
            Err(Unread::Truncated) => {
                Err(self.problem(Kind::ContentTruncated, "the connection ended before the content").into())
            }
            Err(Unread::Malformed) => Err(self.problem(Kind::Malformed, "the chunks cannot be read").into()),
        }
    }

    /// Digest, syntax, rules of the resource: in this order.
    fn described(&self, head: &Head, received: &[u8], key: &Key) -> Result<Described, Answer> {
        digest::verify(&head.fields, received, self.variant).map_err(|problem| problem.answer(self.variant))?;
        if received.is_empty() {
            return Err(self.no_content());
        }
        let broken = || self.problem(Kind::Internal, "");
        let content = json::read(received, self.variant).map_err(|fault| match fault {
            Fault::Breakdown => broken(),
            Fault::Syntax(what, at) => {
                let problem = Problem::new(Kind::MalformedJson).detail(format!("{what}, at octet {at}"));
                problem.with("position", Json::Number(at.to_string())).answer(self.variant)
            }
        })?;
        Described::read(content, key, self.variant).map_err(|unfit| match unfit {
            Unfit::Breakdown => broken(),
            Unfit::Violations(violations) => Problem::new(Kind::Validation)
                .detail("the content is understood, and is not what the resource can be")
                .errors(&violations)
                .answer(self.variant),
        })
    }

    fn write(
        &self,
        head: &Head,
        target: &Target,
        (conditions, first_seen): (&Conditions, Option<&Entry>),
        described: &Described,
        media: Media,
    ) -> Result<Written, Stop> {
        let current = self.store.current(&target.key);
        let torn = self.is(Mutant::ChecksThenWrites) || (self.is(Mutant::ChecksThenCreates) && current.is_none());
        if torn {
            self.guard(conditions, current.as_ref())?;
            thread::sleep(GAP);
        }
        let elsewhere = head.fields.text("Content-Location").filter(|_| self.is(Mutant::ContentLocationRedirects));
        let elsewhere = elsewhere.and_then(|location| resolve(&location, self.variant));
        let key = elsewhere.map_or_else(|| target.key.clone(), |other| other.key);
        self.store.change(&key, |slot| {
            let judged = !torn && !self.is(Mutant::FirstPassOnly);
            if judged && let Err(stop) = self.guard(conditions, slot.as_ref()) {
                let wanted =
                    slot.as_ref().is_some_and(|entry| entry.state == described.onto(None, false, self.variant));
                let replayed = self.is(Mutant::ReplayAccepted) && conditions.has_only_if_match() && wanted;
                return match slot {
                    Some(entry) if replayed => Ok(Written { created: false, entry: entry.clone() }),
                    _ if self.is(Mutant::LostRaceIs409) && self.lost(conditions, first_seen) => {
                        Err(self.problem(Kind::Conflict, "another change came first; read the resource again").into())
                    }
                    _ => Err(stop),
                };
            }
            Ok(self.replace(slot, described, media))
        })
    }

    /// Whether the preconditions held when they were looked at first.
    fn lost(&self, conditions: &Conditions, first_seen: Option<&Entry>) -> bool {
        conditions.evaluate(first_seen.map(|entry| entry.current(self.variant)).as_ref()) == Verdict::Perform
    }

    /// Writes, unless the state would not change.
    fn replace(&self, slot: &mut Option<Entry>, described: &Described, media: Media) -> Written {
        let state = described.onto(slot.as_ref().map(|entry| &entry.state), media == Media::Patch, self.variant);
        let created = slot.is_none();
        let entry = match slot.take() {
            Some(entry) if entry.state == state && !self.is(Mutant::UnchangedIsChange) => entry,
            previous => Entry::new(state, previous.as_ref(), self.variant),
        };
        *slot = Some(entry.clone());
        Written { created, entry }
    }

    fn success(
        &self,
        head: &Head,
        target: &Target,
        written: &Written,
        wanted: Option<Return>,
        received: &[u8],
    ) -> Answer {
        let Written { created, entry } = written;
        let bare = if *created { Mutant::CreatedWithoutContent } else { Mutant::ReplacedWithoutContent };
        let minimal = match wanted {
            Some(wanted) => wanted == Return::Minimal,
            None => self.is(bare) || self.is(Mutant::TagForRewritten),
        };
        let status = match created {
            _ if self.is(Mutant::Accepted) => 202,
            true if self.is(Mutant::CreatedIsOk) => 200,
            true => 201,
            false if self.is(Mutant::ReplacedIsCreated) => 201,
            false if minimal => 204,
            false => 200,
        };
        if self.is(Mutant::RangeOnPut) && head.fields.has("Range") {
            let part = entry.content.iter().copied().take(2).collect::<Vec<u8>>();
            let of = format!("bytes 0-1/{}", entry.content.len());
            return Answer::new(206).field("Content-Range", of).content("application/json", part);
        }
        let mut answer = Answer::new(status);
        if (*created && !self.is(Mutant::CreatedWithoutContent)) || self.is(Mutant::LocationOnReplace) {
            let elsewhere = if self.is(Mutant::LocationElsewhere) { "-1" } else { "" };
            answer = answer.field("Location", format!("{}{elsewhere}", target.path));
        }
        if !self.is(Mutant::PreferIgnored) {
            answer = answer.field("Vary", "Prefer");
        }
        if let Some(wanted) = wanted {
            let applied = if wanted == Return::Minimal { "minimal" } else { "representation" };
            answer = answer.field("Preference-Applied", format!("return={applied}"));
        }
        let says_where = !minimal && !self.is(Mutant::NoContentLocation);
        if says_where {
            answer = answer.field("Content-Location", &target.path);
        }
        let mut current = entry.current(self.variant);
        let mut tagged = says_where || received == entry.content;
        match self.variant.mutant() {
            Some(Mutant::NoValidatorsInPut) => tagged = false,
            Some(Mutant::TagForRewritten) => tagged = true,
            Some(Mutant::TagOfReceived) => current.tag = format!("\"{}\"", digest::short(received)),
            _ => {}
        }
        if tagged {
            answer = self.with_validators(answer, &current);
        }
        if self.is(Mutant::ReportPosesAsResource) && !minimal {
            return answer.content("application/json", br#"{"result":"stored"}"#.to_vec());
        }
        if minimal { answer } else { answer.content("application/json", entry.content.clone()) }
    }
}
