//! The order of everything; the only file that knows it. One non-generic machine for all resources.
//!
//! [`Engine::admit`] judges a request without its content, [`Admitted::apply`] with it. Only `admit` makes an
//! [`Admitted`], so the order cannot be got wrong.

mod answers;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use crate::answer::{Show, absent, content_missing, failed, forbidden, unauthenticated};
use crate::digest::Digests;
use crate::fields::{self, Return};
use crate::format::KeyMember;
use crate::head::{Field, Head, Verb};
use crate::host::{Host, to_the_end};
use crate::incoming::Incoming;
use crate::meters;
use crate::observe::{Observed, Working};
use crate::path::{Cut, Uncut};
use crate::plan::Plan;
use crate::precondition::{Condition, Precondition, TagCondition, whole_seconds};
use crate::problem::{Kind, Problem};
use crate::proposal::{Prepared, Seen};
use crate::response::{Response, ResponseField, Unread};
use crate::rounds::{Rounds, Trouble};
use crate::rules::{Access, Action};
use crate::say::Caller;
use crate::store::{Deletion, Failed, Key, Outcome, Refused, State};
use crate::watch::{Harm, message, watched};
use crate::wording::{Spoken, reworded, spoken};

/// Content up to this length is read before the preconditions are looked at for the first time: they are then
/// decided once, with the write. Longer content is worth a look first.
const SMALL: u64 = 64 * 1024;

/// An endpoint as an adapter runs it. Made by [`Endpoint::mount`](crate::Endpoint::mount).
///
/// ```
/// use put_core::{Admission, Head, Host, MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64, text: String }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let engine = Note::endpoint(MemoryStore::new()).mount(Host::new(|task| drop(tokio::spawn(task))));
///
/// let mut head = Head::new("PUT", "/notes/1", engine.path());
/// head.field("content-type", b"application/json");
/// let Admission::Content(admitted) = engine.admit(&head).await else { panic!("refused") };
/// let response = admitted.apply(br#"{"text":"hi"}"#.as_slice().into()).await;
/// assert_eq!(response.status(), 201);
/// # }
/// ```
pub struct Engine {
    plan: Plan,
    cut: Cut,
    host: Host,
    dry_run: Option<Arc<Engine>>,
}

/// What an adapter does next.
#[derive(Debug)]
#[must_use]
pub enum Admission {
    /// Send this answer. Content that was not read is passed over or the connection closed.
    Answer(Response),
    /// Read the content, up to [`Admitted::limit`].
    Content(Admitted),
}

/// A PUT that nothing speaks against so far.
///
/// Boxed inside, so that the futures it goes through stay small.
#[derive(Debug)]
#[must_use = "the request is not answered yet"]
pub struct Admitted(Box<Pending>);

#[derive(Debug)]
struct Pending {
    engine: Arc<Engine>,
    key: Key,
    caller: Caller,
    location: Bytes,
    precondition: Precondition,
    prefers: Option<Return>,
    /// What the client says that the content is, if it says so.
    digests: Option<Box<Digests>>,
    /// The application's own words for violations.
    spoken: Option<Box<Spoken>>,
    /// Whether the first look at the preconditions has not been taken yet. A failure that is found later must
    /// take it before it chooses its answer, because a false precondition beats a bad content.
    owed: bool,
    observed: Observed,
}

/// Why an adapter has no content to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// There is more of it than [`Admitted::limit`].
    TooLarge,
    /// It ended before all of it had come, or could not be read.
    Truncated,
}

impl Engine {
    #[inline(never)]
    #[expect(clippy::boxed_local, reason = "it is boxed for those who call this for each resource")]
    pub(crate) fn of(plan: Box<Plan>, host: Host) -> Arc<Self> {
        let plan = *plan;
        meters::describe();
        let dry_run = plan.settings.dry_run.is_some().then(|| {
            let mut plan = plan.clone();
            plan.settings.dry = true;
            Arc::new(Self { cut: Cut::new(plan.format.path()), plan, host, dry_run: None })
        });
        Arc::new(Self { cut: Cut::new(plan.format.path()), plan, host, dry_run })
    }

    /// The path template of this mount.
    #[must_use]
    pub fn path(&self) -> &str {
        match &self.plan.settings.dry_run {
            Some(path) if self.plan.settings.dry => path,
            _ => self.plan.format.path(),
        }
    }

    /// The mount beside this one that does everything but write, if there is one.
    #[must_use]
    pub fn dry_run(&self) -> Option<&Arc<Self>> {
        self.dry_run.as_ref()
    }

    /// Whether it matters who makes a request, so that the caller must be looked for.
    #[must_use]
    pub fn asks_for_caller(&self) -> bool {
        self.plan.rulebook.is_some()
    }

    /// Judges a request without its content. The steps are those of the decision pipeline, in its order.
    pub async fn admit(self: &Arc<Self>, head: &Head<'_>) -> Admission {
        let observed = Observed::request(self.plan.format.name(), head.verb);
        let judged = if observed.is_by_nobody() {
            self.judge(head, &observed).await
        } else {
            observed.inside(Box::pin(self.judge(head, &observed))).await
        };
        let admission = match judged {
            Ok(admission) => admission,
            Err(problem) => self.answer(head, Response::problem(&problem)),
        };
        if let Admission::Answer(response) = &admission {
            observed.answered(response);
        }
        admission
    }

    async fn judge(self: &Arc<Self>, head: &Head<'_>, observed: &Observed) -> Result<Admission, Problem> {
        // The message, as far as frameworks leave it to us.
        fields::host(head)?;
        // The method: known, and allowed here.
        if !self.plan.settings.allows(head.verb) {
            return Ok(self.answer(head, self.not_allowed(head.verb)));
        }
        if head.verb == Verb::Options {
            return Ok(self.answer(head, self.options()));
        }
        // The target resource.
        let key = self.key(head)?;
        observed.key(&key);
        // The caller, before anything that could tell whether there is a resource.
        if self.plan.rulebook.is_some()
            && let Err(response) = Box::pin(self.authorize(&head.caller, action_of(head.verb), &key)).await
        {
            return Ok(self.answer(head, *response));
        }
        // Fields that must be readable.
        let mut precondition = fields::precondition(head, self.plan.settings.tolerate_proxy_tags)?;
        observed.precondition(&precondition);
        if matches!(head.verb, Verb::Get | Verb::Head) {
            return Ok(self.answer(head, self.get(head, &key, &precondition, observed).await));
        }
        if head.verb == Verb::Delete {
            return Ok(self.answer(head, Box::pin(self.delete(head, key, precondition, observed)).await));
        }
        fields::no_content_range(head)?;
        let expects_continue = fields::expects_continue(head)?;
        // The content, as far as it is declared.
        let length = fields::declared_length(head);
        fields::media_type(head)?;
        fields::content_coding(head)?;
        if length.is_some_and(|length| length > self.plan.settings.content_limit) {
            return Err(self.too_large());
        }
        if length == Some(0) {
            return Err(content_missing());
        }
        // The preconditions: demanded, and true.
        self.demand(&precondition)?;
        precondition.must_exist = self.plan.settings.update_only;
        precondition.accept_replay = self.plan.settings.accept_replay;
        let mut pending = Box::new(Pending {
            engine: Arc::clone(self),
            key,
            caller: head.caller.clone(),
            location: self.plan.settings.location(head.path),
            owed: !precondition.is_none(),
            precondition,
            prefers: fields::prefers(head),
            digests: Digests::parse(head),
            spoken: spoken(&self.plan.settings, head),
            observed: observed.clone(),
        });
        if pending.owed && (expects_continue || length.is_none_or(|length| length > SMALL)) {
            let replay = pending.precondition.accept_replay;
            if let Err(response) = Box::pin(pending.first_look(replay)).await {
                return Ok(self.answer(head, *response));
            }
            // What might have been a replay may turn out to be none.
            pending.owed = replay;
        }
        Ok(Admission::Content(Admitted(pending)))
    }

    /// An answer that leaves the content unread, if there is any.
    fn answer(&self, head: &Head<'_>, response: Response) -> Admission {
        let response = if head.verb == Verb::Head { response.without_content() } else { response };
        let limit = self.plan.settings.content_limit;
        let response = match fields::declared_length(head) {
            _ if !head.has_content() => response,
            _ if head.has(Field::Expect) => response.leaving(Unread::NOTHING),
            Some(length) if length <= limit => response.leaving(Unread::little(limit)),
            _ => response.leaving(Unread::MUCH),
        };
        Admission::Answer(response)
    }

    fn key(&self, head: &Head<'_>) -> Result<Key, Problem> {
        let key =
            self.cut.texts(head.path, head.template, |texts| self.plan.format.key(texts.iter().map(|text| &**text)));
        let detail = match key {
            Ok(Ok(key)) => return Ok(key),
            Ok(Err(wrong)) => {
                let name = self.cut.name(wrong);
                let demand = self.plan.format.keys().get(wrong).map(KeyMember::demand).unwrap_or_default();
                format!("the path parameter `{name}` is not a key, or not in its one canonical spelling{demand}")
            }
            Err(Uncut::NotUtf8) => "the path is not percent-coded UTF-8".to_owned(),
            Err(Uncut::OtherRoute) => return Err(self.mounted_elsewhere(head.template)),
        };
        Err(Problem::new(Kind::NotFound).detail(detail))
    }

    /// Lets the caller pass, or answers.
    async fn authorize(&self, caller: &Caller, action: Action, key: &Key) -> Result<(), Box<Response>> {
        if let Some(mistake) = self.plan.mistake {
            return Err(Box::new(Response::problem(&self.mistaken(mistake))));
        }
        let Some(rulebook) = &self.plan.rulebook else { return Ok(()) };
        let limit = Some((self.host, self.plan.settings.rule_timeout));
        Err(Box::new(match watched(rulebook.authorize(caller, action, key), limit).await {
            Ok((Access::Granted, _)) => return Ok(()),
            Ok((Access::Unauthenticated { challenge }, _)) => unauthenticated(&challenge),
            Ok((Access::Forbidden { detail }, _)) => forbidden(&detail),
            Ok((Access::Hidden, _)) => absent(),
            Err(harm) => self.harmed(&harm),
        }))
    }

    /// What the answer to a write may show of the current state: nothing to a caller who may not read it.
    async fn show(&self, caller: &Caller, key: &Key, prefers: Option<Return>) -> Show {
        let may_read = match &self.plan.rulebook {
            Some(rulebook) if rulebook.topics().authorize => {
                Box::pin(self.authorize(caller, Action::Read, key)).await.is_ok()
            }
            _ => true,
        };
        if may_read { self.show_to_all(prefers) } else { Show::NOTHING }
    }

    /// The same where nobody is asked.
    fn show_to_all(&self, prefers: Option<Return>) -> Show {
        let wants = self.plan.settings.reveal_current || prefers == Some(Return::Representation);
        Show { tag: true, representation: wants }
    }

    /// Whether the state exists for the caller.
    async fn reaches(&self, caller: &Caller, state: &State) -> Result<bool, Box<Response>> {
        match &self.plan.rulebook {
            Some(rulebook) => rulebook.reaches(caller, state).await.map_err(|harm| Box::new(self.harmed(&harm))),
            None => Ok(true),
        }
    }

    /// A write without a condition is refused where one is demanded (RFC 6585, section 3). Decided from the fields
    /// alone, so that the answer tells nothing of the resource.
    fn demand(&self, precondition: &Precondition) -> Result<(), Problem> {
        let conditional =
            precondition.if_match.is_some() || matches!(precondition.if_none_match, Some(TagCondition::Any));
        if conditional || !self.plan.settings.require_precondition {
            return Ok(());
        }
        Err(Problem::new(Kind::PreconditionRequired)
            .detail("send If-Match with the entity tag that a GET gave, or If-None-Match: * to create")
            .with("accepted_conditions", vec!["If-Match", "If-None-Match: *"]))
    }

    async fn get(&self, head: &Head<'_>, key: &Key, precondition: &Precondition, observed: &Observed) -> Response {
        let state = match self.plan.store.get(key).await {
            Ok(Some(state)) => state,
            // The plain answer is neither 2xx nor 412, so the conditions are not looked at (RFC 9110, 13.2.1).
            Ok(None) => return absent(),
            Err(error) => return self.broken(&error),
        };
        if self.plan.rulebook.is_some() {
            match Box::pin(self.reaches(&head.caller, &state)).await {
                Ok(true) => {}
                Ok(false) => return absent(),
                Err(response) => return *response,
            }
        }
        observed.read(&state);
        if let Err(problem) = fields::accepts_json(head) {
            return Response::problem(&problem);
        }
        let not_modified = match precondition.evaluate(Some(&state)) {
            Err(Condition::IfNoneMatch) => true,
            Err(condition) => {
                let why = Failed::new(condition, Some(&state));
                observed.failed(&why);
                return failed(&why, Show::TAG);
            }
            // If-Modified-Since counts only where there is no If-None-Match (RFC 9110, section 13.1.3).
            Ok(()) if precondition.if_none_match.is_some() => false,
            Ok(()) => match (state.modified(), fields::date(head, Field::IfModifiedSince)) {
                (Some(modified), Some(since)) => whole_seconds(modified) <= whole_seconds(since),
                _ => false,
            },
        };
        let status = if not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = Response::new(status);
        response.set(ResponseField::CacheControl, self.plan.settings.cache_control.clone());
        if not_modified {
            response.entity_tag(state.tag());
            if head.verb == Verb::Head {
                // Said here, because a framework would say 0 (RFC 9110, section 8.6).
                response.set(ResponseField::ContentLength, state.representation().len().to_string());
            }
        } else {
            response.validators(&state);
            response.content_of(&state);
        }
        response
    }

    async fn delete(&self, head: &Head<'_>, key: Key, precondition: Precondition, observed: &Observed) -> Response {
        if let Err(problem) = self.demand(&precondition) {
            return Response::problem(&problem);
        }
        let deletion = if self.plan.rulebook.is_none() {
            to_the_end(self.host, self.plan.store.delete(key.clone(), precondition.into()))
                .await
                .map_err(Trouble::Store)
        } else {
            let mut rounds = self.rounds(&key, &head.caller, observed);
            let deletion = Box::pin(rounds.delete(&precondition)).await;
            observed.retried(rounds.retries);
            deletion
        };
        if let Ok(deletion) = &deletion {
            observed.deleted(deletion);
        }
        match deletion {
            Ok(Deletion::Deleted) => Response::new(StatusCode::NO_CONTENT),
            Ok(Deletion::Absent | Deletion::Refused(Refused::Hidden)) => absent(),
            Ok(Deletion::Failed(why)) => failed(&why, self.show(&head.caller, &key, fields::prefers(head)).await),
            Ok(Deletion::Conflict(violations)) => {
                let spoken = spoken(&self.plan.settings, head);
                Response::problem(&Problem::conflict(&reworded(violations, spoken.as_deref())))
            }
            Ok(Deletion::Refused(Refused::Forbidden(detail))) => forbidden(&detail),
            Ok(Deletion::Overtaken(_)) => self.troubled(Trouble::Outrun),
            Err(trouble) => self.troubled(trouble),
        }
    }

    fn rounds<'w>(&'w self, key: &'w Key, caller: &'w Caller, observed: &'w Observed) -> Rounds<'w> {
        Rounds { plan: &self.plan, key, caller, observed, host: Some(self.host), retries: 0 }
    }
}

fn action_of(verb: Verb) -> Action {
    match verb {
        Verb::Get | Verb::Head => Action::Read,
        Verb::Delete => Action::Delete,
        _ => Action::Put,
    }
}

impl Admitted {
    /// How many octets of content may be read; with one more, [`refuse`](Self::refuse) it.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.engine.plan.settings.content_limit
    }

    /// Takes the content as it comes in, up to that limit.
    #[must_use]
    pub fn incoming(&self) -> Incoming {
        Incoming::new(self.limit())
    }

    /// Answers when the content could not be read.
    pub async fn refuse(mut self, reason: NotRead) -> Response {
        if let Some(observed) = self.0.observed.outside() {
            return observed.answer(self.refusing(reason)).await;
        }
        let (problem, unread) = match reason {
            NotRead::TooLarge => (self.0.engine.too_large(), Unread::MUCH),
            NotRead::Truncated => {
                let detail = "the content ended before all of it had come";
                (Problem::new(Kind::ContentTruncated).detail(detail), Unread::NOTHING)
            }
        };
        Box::pin(self.0.fail(Response::problem(&problem))).await.leaving(unread)
    }

    /// Applies the whole content: judges it, and writes it if the precondition still holds.
    pub async fn apply(mut self, content: Bytes) -> Response {
        if let Some(observed) = self.0.observed.outside() {
            return observed.answer(self.applying(content)).await;
        }
        if content.is_empty() {
            return Response::problem(&content_missing());
        }
        if u64::try_from(content.len()).is_ok_and(|length| length > self.limit()) {
            return Box::pin(self.refuse(NotRead::TooLarge)).await;
        }
        if let Some(digests) = &self.0.digests
            && let Err(problem) = digests.verify(&content)
        {
            return Box::pin(self.0.fail(Response::problem(&problem))).await;
        }
        if !self.0.engine.plan.is_plain() || self.0.engine.plan.settings.dry {
            return Box::pin(self.0.in_rounds(content)).await;
        }
        let propose = |key: &[&str]| self.0.engine.plan.format.propose(&content, key, Seen::Unknown, None);
        // The application's code may run in there.
        let change = match catch_unwind(AssertUnwindSafe(|| self.0.key.with_texts(propose))) {
            Ok(Ok(change)) => change,
            Ok(Err(refusal)) => {
                return Box::pin(self.0.fail(self.0.engine.refused(refusal, self.0.spoken.as_deref()))).await;
            }
            Err(panic) => return self.0.engine.harmed(&Harm::Panicked(message(&*panic))),
        };
        let Pending { engine, key, location, precondition, prefers, spoken, observed, .. } = *self.0;
        let outcome = match engine.plan.store.put(key, change, precondition).now() {
            Ok(outcome) => outcome,
            Err(later) => Box::pin(to_the_end(engine.host, later)).await,
        };
        match outcome {
            Ok(outcome) => {
                observed.put(&outcome);
                let show = engine.show_to_all(prefers);
                engine.outcome(location, prefers, &content, outcome, show, spoken.as_deref())
            }
            Err(error) => engine.broken(&error),
        }
    }
}

/// What somebody looks at is done by itself, inside the span: who is not looked at pays nothing for it.
impl Admitted {
    #[cold]
    fn refusing(self, reason: NotRead) -> Working<'static, Response> {
        Box::pin(self.refuse(reason))
    }

    #[cold]
    fn applying(self, content: Bytes) -> Working<'static, Response> {
        Box::pin(self.apply(content))
    }
}

impl Pending {
    /// The content of a write that is more than its content and precondition.
    async fn in_rounds(self: Box<Self>, content: Bytes) -> Response {
        let engine = &self.engine;
        let mut prepared = Prepared::new();
        let mut propose = |seen: Seen<'_>| {
            self.key.with_texts(|key| engine.plan.format.propose(&content, key, seen, Some(&mut prepared)))
        };
        let mut rounds = engine.rounds(&self.key, &self.caller, &self.observed);
        let outcome = rounds.put(&mut propose, &self.precondition, engine.plan.settings.dry).await;
        self.observed.retried(rounds.retries);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Trouble::Refusal(refusal)) => {
                return self.fail(engine.refused(refusal, self.spoken.as_deref())).await;
            }
            Err(trouble) => return engine.troubled(trouble),
        };
        let show = match &outcome {
            Outcome::Created(_) | Outcome::Replaced(_) | Outcome::Unchanged(_) | Outcome::Failed(_) => {
                engine.show(&self.caller, &self.key, self.prefers).await
            }
            _ => Show::NOTHING,
        };
        if engine.plan.settings.dry {
            self.observed.rehearsed(&outcome);
            return engine.rehearsed(outcome, show, self.spoken.as_deref());
        }
        self.observed.put(&outcome);
        engine.outcome(self.location.clone(), self.prefers, &content, outcome, show, self.spoken.as_deref())
    }

    /// Answers with this failure, unless a precondition is false: that is told first. Content that failed is no replay.
    async fn fail(&self, response: Response) -> Response {
        if self.owed
            && let Err(earlier) = self.first_look(false).await
        {
            return *earlier;
        }
        response
    }

    /// The first pass of the preconditions. It may only refuse; the store decides. With `replay` the content may turn out
    /// to be what is stored already, and then a false If-Match does not count.
    async fn first_look(&self, replay: bool) -> Result<(), Box<Response>> {
        let engine = &self.engine;
        let mut state = engine.plan.store.get(&self.key).await.map_err(|error| engine.broken(&error))?;
        // What does not exist for the caller is looked at as if it did not exist.
        if let Some(current) = &state
            && !engine.reaches(&self.caller, current).await?
        {
            state = None;
        }
        match self.precondition.evaluate(state.as_ref()) {
            Err(Condition::IfMatch | Condition::IfUnmodifiedSince) if replay && state.is_some() => Ok(()),
            Err(condition) => {
                let why = Failed::new(condition, state.as_ref());
                self.observed.failed(&why);
                Err(Box::new(failed(&why, engine.show(&self.caller, &self.key, self.prefers).await)))
            }
            Ok(()) => Ok(()),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { format, settings, .. } = &self.plan;
        f.debug_struct("Engine").field("format", format).field("settings", settings).finish_non_exhaustive()
    }
}
