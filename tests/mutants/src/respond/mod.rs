//! Which method does what, and in which order a request is judged before its method acts.

mod put;
mod read;

use std::sync::atomic::AtomicUsize;

use crate::conditions::{Act, Conditions, Current, Unusable, Verdict};
use crate::digest;
use crate::json::Json;
use crate::mutant::Mutant;
use crate::problem::{Kind, Problem};
use crate::store::{Entry, Store};
use crate::target::{Key, Target, resolve};
use crate::thing::Described;
use crate::variant::Variant;
use crate::wire::{Answer, Content, Head, date_of};

/// Methods that are known and that no resource here has.
const KNOWN: [&str; 4] = ["POST", "PATCH", "TRACE", "CONNECT"];

/// The origin server.
#[derive(Debug)]
pub(crate) struct Origin {
    store: Store,
    variant: Variant,
    /// How often a mutant has shown something.
    shows: AtomicUsize,
}

/// Why there is no further step.
pub(crate) enum Stop {
    Answered(Answer),
    /// A mutant says nothing.
    Silent,
}

impl From<Answer> for Stop {
    fn from(answer: Answer) -> Self {
        Self::Answered(answer)
    }
}

impl Origin {
    pub(crate) fn new(variant: Variant) -> Self {
        let store = Store::new(variant);
        if variant.is(Mutant::UpdateOnly) {
            let key = Key::Text("42".to_owned());
            let name = Json::Object(vec![("name".to_owned(), Json::Text("one".to_owned()))]);
            if let Ok(first) = Described::read(name, &key, variant) {
                store.change(&key, |slot| *slot = Some(Entry::new(first.onto(None, false, variant), None, variant)));
            }
        }
        Self { store, variant, shows: AtomicUsize::new(0) }
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.variant.is(mutant)
    }

    fn problem(&self, kind: Kind, detail: &str) -> Answer {
        Problem::new(kind).detail(detail).answer(self.variant)
    }

    /// Answers a request; without an answer the connection ends.
    pub(crate) fn answer(&self, head: &Head, content: &mut Content<'_>) -> Option<Answer> {
        match self.judge(head, content) {
            Ok(answer) | Err(Stop::Answered(answer)) => Some(answer),
            Err(Stop::Silent) => None,
        }
    }

    fn judge(&self, head: &Head, content: &mut Content<'_>) -> Result<Answer, Stop> {
        let method = self.method(head);
        if head.target == "*" {
            let whole = method == "OPTIONS";
            return Ok(if whole { self.options() } else { self.problem(Kind::Malformed, "only OPTIONS asks for *") });
        }
        if !(head.target.starts_with('/') || head.target.starts_with("http://")) || head.target.contains('#') {
            return Err(self.problem(Kind::Malformed, "the request target is no path").into());
        }
        let target = resolve(&head.target, self.variant);
        if !self.allowed().contains(&method.as_str()) {
            return Err(self.not_a_method(&method, head, target.as_ref()).into());
        }
        if method == "OPTIONS" {
            if let Some(target) = target.filter(|_| self.is(Mutant::OptionsWithConditions)) {
                self.guard(&self.conditions(head, Act::Put)?, self.store.current(&target.key).as_ref())?;
            }
            return Ok(self.options());
        }
        let Some(target) = target else {
            return Err(self.problem(Kind::NotFound, "there is no such resource, and no key is spelled so").into());
        };
        match method.as_str() {
            "PUT" => self.put(head, &target, content),
            "DELETE" => self.delete(head, &target),
            _ => self.read(head, &target),
        }
    }

    fn method(&self, head: &Head) -> String {
        let instead = head.fields.text("X-HTTP-Method-Override").filter(|_| self.is(Mutant::MethodOverride));
        match instead {
            Some(instead) if head.method == "POST" => instead,
            _ if self.is(Mutant::MethodInAnyCase) => head.method.to_ascii_uppercase(),
            _ => head.method.clone(),
        }
    }

    fn allowed(&self) -> Vec<&'static str> {
        let lacks = |method| match method {
            "HEAD" => self.is(Mutant::HeadRefused),
            "DELETE" => self.is(Mutant::NoDelete),
            "OPTIONS" => self.is(Mutant::NoOptions),
            _ => false,
        };
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].into_iter().filter(|method| !lacks(*method)).collect()
    }

    fn not_a_method(&self, method: &str, head: &Head, target: Option<&Target>) -> Answer {
        let has_one = self.is(Mutant::ConditionBeforeMethod);
        let early = target.filter(|_| has_one).and_then(|target| {
            let conditions = self.conditions(head, Act::Put).ok()?;
            self.guard(&conditions, self.store.current(&target.key).as_ref()).err()
        });
        if let Some(Stop::Answered(answer)) = early {
            return answer;
        }
        let is_ours = ["HEAD", "DELETE", "OPTIONS"].contains(&method);
        if !is_ours && !KNOWN.contains(&method) {
            return self.problem(Kind::NotImplemented, "nothing here has this method");
        }
        if target.is_none() || self.is(Mutant::MethodsAreNotFound) {
            return self.problem(Kind::NotFound, "there is no such resource");
        }
        let answer = self.problem(Kind::MethodNotAllowed, "the resource does not have this method");
        if self.is(Mutant::NoAllow) { answer } else { answer.field("Allow", self.allowed().join(", ")) }
    }

    fn options(&self) -> Answer {
        let mut allowed = self.allowed();
        allowed.retain(|method| *method != "PUT" || !self.is(Mutant::OptionsWithoutPut));
        let answer = Answer::new(204)
            .field("Allow", allowed.join(", "))
            .field("Accept", "application/json")
            .field("Accept-Encoding", "identity");
        let promises = self.is(Mutant::PatchPromised);
        if promises { answer.field("Accept-Patch", "application/merge-patch+json") } else { answer }
    }

    fn delete(&self, head: &Head, target: &Target) -> Result<Answer, Stop> {
        let conditions = self.conditions(head, Act::Delete)?;
        self.store.change(&target.key, |slot| {
            let absent_is_done = self.is(Mutant::AbsentDeleteIs204);
            if slot.is_none() && !absent_is_done {
                let is_412 = self.is(Mutant::AbsentGetIfMatchIs412) && conditions.has_if_match();
                let kind = if is_412 { Kind::PreconditionFailed } else { Kind::NotFound };
                return Err(self.problem(kind, "there is nothing here").into());
            }
            self.guard(&conditions, slot.as_ref())?;
            if !self.is(Mutant::DeleteKeeps) {
                *slot = None;
            }
            Ok(Answer::new(204))
        })
    }

    /// The condition fields, if all of them can be read.
    fn conditions(&self, head: &Head, act: Act) -> Result<Conditions, Answer> {
        let conditions = Conditions::read(&head.fields, act, self.variant);
        match conditions.unusable() {
            None => Ok(conditions),
            Some(Unusable::Malformed(name)) => {
                let problem = Problem::new(Kind::MalformedField)
                    .detail(format!("{name} cannot be read; entity tags stand in double quotes"))
                    .with("header", Json::Text(name.to_owned()));
                Err(problem.answer(self.variant))
            }
            Some(Unusable::TooLarge(name)) => {
                Err(self.problem(Kind::FieldsTooLarge, &format!("{name} is longer than anything that is read")))
            }
        }
    }

    /// Goes on only if the preconditions hold.
    fn guard(&self, conditions: &Conditions, entry: Option<&Entry>) -> Result<(), Stop> {
        match conditions.evaluate(entry.map(|entry| entry.current(self.variant)).as_ref()) {
            Verdict::Perform => Ok(()),
            Verdict::NotModified => Err(self.not_modified(entry).into()),
            Verdict::Failed(field) => Err(self.failed(field, entry).into()),
        }
    }

    fn failed(&self, field: &'static str, entry: Option<&Entry>) -> Answer {
        let problem = Problem::new(Kind::PreconditionFailed)
            .detail(format!("{field} is false; read the resource again and decide anew"))
            .with("condition", Json::Text(field.to_owned()));
        let answer = problem.answer(self.variant);
        match entry {
            _ if self.is(Mutant::NoTagIn412) => answer,
            _ if self.is(Mutant::TagOfError) => {
                let tag = format!("\"{}\"", digest::short(&answer.content));
                answer.field("ETag", tag)
            }
            Some(entry) => answer.field("ETag", self.tag_sent(&entry.tag)),
            None => answer,
        }
    }

    fn tag_sent(&self, tag: &str) -> String {
        if self.is(Mutant::UnquotedTagSent) { tag.trim_matches('"').to_owned() } else { tag.to_owned() }
    }

    fn with_validators(&self, answer: Answer, current: &Current) -> Answer {
        let answer = answer.field("ETag", self.tag_sent(&current.tag));
        let ahead = if self.is(Mutant::ModifiedInFuture) { 3600 } else { 0 };
        match current.modified {
            Some(second) => answer.field("Last-Modified", date_of(second + ahead)),
            None => answer,
        }
    }
}
