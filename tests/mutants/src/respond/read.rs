//! GET and HEAD.

use std::sync::atomic::Ordering;

use super::{Origin, Stop};
use crate::conditions::Act;
use crate::json::Json;
use crate::mutant::Mutant;
use crate::negotiation::accepts_json;
use crate::problem::{Kind, Problem};
use crate::store::Entry;
use crate::target::Target;
use crate::wire::{Answer, Head};

impl Origin {
    pub(super) fn read(&self, head: &Head, target: &Target) -> Result<Answer, Stop> {
        let conditions = self.conditions(head, Act::Read)?;
        let Some(entry) = self.store.shown(&target.key) else {
            if self.is(Mutant::AbsentIsNull) {
                return Ok(Answer::new(200).content("application/json", b"null".to_vec()));
            }
            if self.is(Mutant::AbsentGetIfMatchIs412) && conditions.has_if_match() {
                return Err(self.failed("If-Match", None).into());
            }
            return Err(self.problem(Kind::NotFound, "there is nothing here; a PUT would create it").into());
        };
        if !accepts_json(&head.fields, self.variant) {
            let available = Json::List(vec![Json::Text("application/json".to_owned())]);
            let problem = Problem::new(Kind::NotAcceptable).detail("there is JSON and nothing else");
            return Err(problem.with("available", available).answer(self.variant).into());
        }
        self.guard(&conditions, Some(&entry))?;
        let answer = self.shown(&entry);
        let coded = self.is(Mutant::TagSuffixed) && head.fields.joined("Accept-Encoding").starts_with(b"gzip");
        if coded {
            let tag = format!("{}-gzip\"", entry.tag.trim_end_matches('"'));
            return Ok(answer.without("ETag").field("ETag", tag));
        }
        Ok(answer)
    }

    /// The 200 to GET.
    pub(super) fn shown(&self, entry: &Entry) -> Answer {
        let mut answer = self.with_validators(Answer::new(200), &entry.current(self.variant));
        if !self.is(Mutant::NoCacheControl) {
            answer = answer.field("Cache-Control", "private, no-cache, no-transform");
        }
        answer.fields.extend(entry.remembered.iter().cloned());
        let content = match &entry.state {
            Json::Object(members) if self.is(Mutant::OrderVaries) => {
                let mut members = members.clone();
                let turns = self.shows.fetch_add(1, Ordering::Relaxed) % members.len();
                members.rotate_left(turns);
                Json::Object(members).to_string().into_bytes()
            }
            _ => entry.content.clone(),
        };
        answer.content("application/json", content)
    }

    /// The 304 in the place of the 200.
    pub(super) fn not_modified(&self, entry: Option<&Entry>) -> Answer {
        let Some(entry) = entry else { return Answer::new(304) };
        let mut answer = self.shown(entry).without("Content-Type").without("Last-Modified");
        answer.status = 304;
        if !self.is(Mutant::NotModifiedWithContent) {
            answer.content.clear();
        }
        if self.is(Mutant::NotModifiedWithoutTag) { answer.without("ETag") } else { answer }
    }
}
