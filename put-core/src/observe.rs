//! What is told of a request: the span that it runs in, one event with the answer, and the numbers of the feature `metrics`.
//!
//! The engine notes what it learns as it goes on, and all of it is told once, at the end. Where nobody looks there is nothing
//! to note it in, so it costs a few comparisons.
//!
//! One file, because what is noted and what is told of it are read together.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Empty, display};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument as _, Level, Span, debug, info_span};

use crate::entity_tag::EntityTag;
use crate::head::Verb;
use crate::meters::{self, Since};
use crate::precondition::{Condition, Precondition, TagCondition};
use crate::problem::Kind;
use crate::response::Response;
use crate::store::{Deletion, Failed, Key, Outcome, State};

/// A request as somebody looks at it, if anybody does.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    request: Option<Arc<Request>>,
    /// Whether the rest of the work is inside the span already.
    entered: bool,
}

#[derive(Debug)]
struct Request {
    resource: &'static str,
    method: &'static str,
    span: Span,
    since: Since,
    notes: Mutex<Notes>,
}

/// What the engine has learnt. Each field of a span is recorded once: what is recorded twice, some subscribers show twice.
#[derive(Debug, Default)]
struct Notes {
    answered: bool,
    /// What was done, if it was done.
    done: Option<&'static str>,
    condition: Option<Condition>,
    /// The one tag that a true If-Match leaves for what was replaced.
    expected: Option<EntityTag>,
    before: Option<EntityTag>,
    after: Option<EntityTag>,
    retries: Option<u32>,
}

/// What is being worked out.
pub(crate) type Working<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

static NOBODY: Observed = Observed { request: None, entered: false };

impl Observed {
    /// What is done outside HTTP is no request.
    pub(crate) fn nobody() -> &'static Self {
        &NOBODY
    }

    /// A request begins.
    #[inline]
    pub(crate) fn request(resource: &'static str, verb: Verb) -> Self {
        if LevelFilter::current() < Level::INFO && !meters::COUNTS {
            return NOBODY.clone();
        }
        Self::looked_at(resource, method(verb))
    }

    #[cold]
    fn looked_at(resource: &'static str, method: &'static str) -> Self {
        let span = info_span!(
            target: "put_core",
            "put",
            resource,
            method,
            key = Empty,
            status = Empty,
            outcome = Empty,
            tag_before = Empty,
            tag_after = Empty,
            retries = Empty,
        );
        if span.is_disabled() && !meters::COUNTS {
            return NOBODY.clone();
        }
        let request = Request { resource, method, span, since: meters::now(), notes: Mutex::default() };
        Self { request: Some(Arc::new(request)), entered: false }
    }

    /// Whether nobody looks.
    #[inline]
    pub(crate) fn is_by_nobody(&self) -> bool {
        self.request.is_none()
    }

    /// Does this inside the span.
    #[cold]
    pub(crate) fn inside<'a, T: 'a>(&self, work: Working<'a, T>) -> Working<'a, T> {
        match &self.request {
            Some(request) => Box::pin(work.instrument(request.span.clone())),
            None => work,
        }
    }

    /// The same of what ends with the answer.
    #[cold]
    pub(crate) fn answer(self, work: Working<'static, Response>) -> Working<'static, Response> {
        Box::pin(async move {
            let response = self.inside(work).await;
            self.answered(&response);
            response
        })
    }

    /// The request that what follows belongs inside of, unless nobody looks or it is inside already.
    #[inline]
    pub(crate) fn outside(&mut self) -> Option<Self> {
        if self.request.is_none() || self.entered {
            return None;
        }
        self.entered = true;
        Some(self.clone())
    }

    /// The key is known.
    #[inline]
    pub(crate) fn key(&self, key: &Key) {
        if let Some(request) = &self.request {
            request.span.record("key", display(key));
        }
    }

    /// The precondition is known.
    #[inline]
    pub(crate) fn precondition(&self, precondition: &Precondition) {
        if let Some(request) = &self.request
            && let Some(TagCondition::List(tags)) = &precondition.if_match
            && let [only] = &tags[..]
        {
            request.notes().expected = Some(only.clone());
        }
    }

    /// This is the current state, as far as is known.
    #[inline]
    pub(crate) fn current(&self, state: Option<&State>) {
        if let Some(request) = &self.request {
            request.notes().before = state.map(|state| state.tag().clone());
        }
    }

    /// A state is shown.
    #[inline]
    pub(crate) fn read(&self, state: &State) {
        if let Some(request) = &self.request {
            request.notes().done = Some("read");
            self.current(Some(state));
        }
    }

    /// A precondition is false.
    #[inline]
    pub(crate) fn failed(&self, why: &Failed) {
        if let Some(request) = &self.request {
            request.notes().condition = Some(why.condition);
            self.current(why.current.as_deref());
        }
    }

    /// A PUT has come to this.
    #[inline]
    pub(crate) fn put(&self, outcome: &Outcome) {
        if let Some(request) = &self.request {
            request.put(outcome);
        }
    }

    /// A PUT that is not made would come to this.
    #[inline]
    pub(crate) fn rehearsed(&self, outcome: &Outcome) {
        match (&self.request, outcome) {
            (None, _) => {}
            (Some(_), Outcome::Failed(why)) => self.failed(why),
            (Some(request), _) => request.notes().done = Some("rehearsed"),
        }
    }

    /// A DELETE has come to this.
    #[inline]
    pub(crate) fn deleted(&self, deletion: &Deletion) {
        match (&self.request, deletion) {
            (Some(request), Deletion::Deleted) => request.notes().done = Some("deleted"),
            (Some(_), Deletion::Failed(why)) => self.failed(why),
            _ => {}
        }
    }

    /// So often a write was made anew that can be.
    #[inline]
    pub(crate) fn retried(&self, retries: u32) {
        if let Some(request) = &self.request {
            request.notes().retries = Some(retries);
        }
    }

    #[inline]
    pub(crate) fn answered(&self, response: &Response) {
        if let Some(request) = &self.request {
            request.answered(response);
        }
    }
}

impl Request {
    // Nothing of it is computed under this lock, so a poisoned one would still hold notes that are whole.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn put(&self, outcome: &Outcome) {
        let mut notes = self.notes();
        let (done, state) = match outcome {
            Outcome::Created(state) => {
                notes.before = None;
                ("created", state)
            }
            Outcome::Replaced(state) => ("replaced", state),
            Outcome::Unchanged(state) => {
                notes.before = Some(state.tag().clone());
                ("unchanged", state)
            }
            Outcome::Failed(why) => {
                notes.condition = Some(why.condition);
                notes.before = why.tag().cloned();
                return;
            }
            Outcome::Conflict(_) | Outcome::Invalid(_) | Outcome::Refused(_) | Outcome::Overtaken(_) => return,
        };
        notes.done = Some(done);
        notes.after = Some(state.tag().clone());
    }

    #[cold]
    fn answered(&self, response: &Response) {
        let mut notes = self.notes();
        notes.answered = true;
        let outcome = outcome(response, notes.done);
        if matches!(outcome, "replaced" | "deleted") && notes.expected.is_some() {
            notes.before = notes.expected.take();
        }
        if response.kind() == Some(Kind::PreconditionFailed)
            && let Some(condition) = notes.condition
        {
            meters::failed(self.resource, condition.name());
        }
        if let Some(retries) = notes.retries {
            meters::retried(self.resource, retries);
        }
        meters::answered(self.resource, self.method, outcome, &self.since);
        self.span.record("status", response.status().as_u16());
        self.tell(outcome, &notes);
    }

    fn tell(&self, outcome: &'static str, notes: &Notes) {
        let span = &self.span;
        span.record("outcome", outcome);
        for (field, tag) in [("tag_before", &notes.before), ("tag_after", &notes.after)] {
            if let Some(tag) = tag {
                span.record(field, display(tag));
            }
        }
        if let Some(retries) = notes.retries {
            span.record("retries", retries);
        }
        span.in_scope(|| debug!(target: "put_core", outcome, "a request has ended"));
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let notes = std::mem::take(&mut *self.notes());
        if !notes.answered {
            meters::abandoned(self.resource, self.method);
            self.tell(ABANDONED, &notes);
        }
    }
}

/// The client left before there was an answer.
pub(crate) const ABANDONED: &str = "abandoned";

/// Not as it was sent: a stranger can send any.
fn method(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "GET",
        Verb::Head => "HEAD",
        Verb::Put => "PUT",
        Verb::Delete => "DELETE",
        Verb::Options => "OPTIONS",
        Verb::Other | Verb::Unknown => "other",
    }
}

/// The outcome in one word, of which there are only these and those of the table of problems, so that they can be counted.
fn outcome(response: &Response, done: Option<&'static str>) -> &'static str {
    match response.kind() {
        Some(kind) => kind.outcome(),
        None if response.status().is_success() => done.unwrap_or("described"),
        None => "not_modified",
    }
}
