//! The order of everything; the only file that knows it. One non-generic machine for all resources.
//!
//! [`Engine::admit`] judges a request without its content, [`Admitted::apply`] with it. Only `admit` makes an
//! [`Admitted`], so the order cannot be got wrong.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use crate::answer::{absent, content_missing, failed, incident_id};
use crate::change::Change;
use crate::digest::Digests;
use crate::fields::{self, Return};
use crate::format::{Format, KeyMember};
use crate::head::{Field, Head, Verb};
use crate::host::{Host, to_the_end};
use crate::incoming::Incoming;
use crate::path::{Cut, Uncut};
use crate::precondition::{Condition, Precondition, TagCondition, whole_seconds};
use crate::problem::{Kind, Problem};
use crate::proposal::Refusal;
use crate::response::{JSON, Response, ResponseField, Unread};
use crate::settings::Settings;
use crate::store::{Deletion, Failed, Key, Outcome, Store, StoreError};

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
    format: Format,
    cut: Cut,
    store: Arc<dyn Store>,
    settings: Settings,
    host: Host,
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
    location: Bytes,
    precondition: Precondition,
    prefers: Option<Return>,
    /// What the client says that the content is, if it says so.
    digests: Option<Box<Digests>>,
    /// Whether the first look at the preconditions has not been taken yet. A failure that is found later must
    /// take it before it chooses its answer, because a false precondition beats a bad content.
    owed: bool,
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
    pub(crate) fn new(format: Format, store: Arc<dyn Store>, settings: Settings, host: Host) -> Arc<Self> {
        Arc::new(Self { cut: Cut::new(format.path()), format, store, settings, host })
    }

    /// The path template of the resource.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.format.path()
    }

    /// Judges a request without its content. The steps are those of the decision pipeline, in its order.
    pub async fn admit(self: &Arc<Self>, head: &Head<'_>) -> Admission {
        match self.judge(head).await {
            Ok(admission) => admission,
            Err(problem) => self.answer(head, Response::problem(&problem)),
        }
    }

    async fn judge(self: &Arc<Self>, head: &Head<'_>) -> Result<Admission, Problem> {
        // The message, as far as frameworks leave it to us.
        fields::host(head)?;
        // The method: known, and allowed here.
        if !self.settings.allows(head.verb) {
            return Ok(self.answer(head, self.not_allowed(head.verb)));
        }
        if head.verb == Verb::Options {
            return Ok(self.answer(head, self.options()));
        }
        // The target resource.
        let key = self.key(head)?;
        // Fields that must be readable.
        let mut precondition = fields::precondition(head)?;
        if matches!(head.verb, Verb::Get | Verb::Head) {
            return Ok(self.answer(head, self.get(head, &key, &precondition).await));
        }
        if head.verb == Verb::Delete {
            return Ok(self.answer(head, Box::pin(self.delete(key, precondition)).await));
        }
        fields::no_content_range(head)?;
        let expects_continue = fields::expects_continue(head)?;
        // The content, as far as it is declared.
        let length = fields::declared_length(head);
        fields::media_type(head)?;
        fields::content_coding(head)?;
        if length.is_some_and(|length| length > self.settings.content_limit) {
            return Err(self.too_large());
        }
        if length == Some(0) {
            return Err(content_missing());
        }
        // The preconditions: demanded, and true.
        self.demand(&precondition)?;
        precondition.must_exist = self.settings.update_only;
        precondition.accept_replay = self.settings.accept_replay;
        let mut pending = Box::new(Pending {
            engine: Arc::clone(self),
            key,
            location: self.settings.location(head.path),
            owed: !precondition.is_none(),
            precondition,
            prefers: fields::prefers(head),
            digests: Digests::parse(head),
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
        let limit = self.settings.content_limit;
        let response = match fields::declared_length(head) {
            _ if !head.has_content() => response,
            _ if head.has(Field::Expect) => response.leaving(Unread::NOTHING),
            Some(length) if length <= limit => response.leaving(Unread::little(limit)),
            _ => response.leaving(Unread::MUCH),
        };
        Admission::Answer(response)
    }

    fn key(&self, head: &Head<'_>) -> Result<Key, Problem> {
        let key = self.cut.texts(head.path, head.template, |texts| self.format.key(texts.iter().map(|text| &**text)));
        let detail = match key {
            Ok(Ok(key)) => return Ok(key),
            Ok(Err(wrong)) => {
                let name = self.cut.name(wrong);
                let demand = self.format.keys().get(wrong).map(KeyMember::demand).unwrap_or_default();
                format!("the path parameter `{name}` is not a key, or not in its one canonical spelling{demand}")
            }
            Err(Uncut::NotUtf8) => "the path is not percent-coded UTF-8".to_owned(),
            Err(Uncut::OtherRoute) => return Err(self.mounted_elsewhere(head.template)),
        };
        Err(Problem::new(Kind::NotFound).detail(detail))
    }

    /// The application has mounted the endpoint where no request can name a resource: its mistake, not the client's.
    #[cold]
    fn mounted_elsewhere(&self, template: &str) -> Problem {
        let (resource, path) = (self.format.name(), self.format.path());
        let detail =
            format!("the route `{template}` has not the parameters of `{path}`, which the key of `{resource}` needs");
        let id = incident_id();
        tracing::error!(resource, id, "{detail}");
        Problem::new(Kind::Internal).detail(detail).with("instance", format!("urn:put:incident:{id}"))
    }

    /// A method that is known but not allowed here is 405, one that is known nowhere 501 (RFC 9110, section 15.6.2).
    fn not_allowed(&self, verb: Verb) -> Response {
        let allow = self.settings.allow();
        let detail = format!("this resource takes {allow}");
        let kind = if verb == Verb::Unknown { Kind::MethodUnknown } else { Kind::MethodNotAllowed };
        let mut response = Response::problem(&Problem::new(kind).detail(detail));
        response.set(ResponseField::Allow, allow);
        response
    }

    fn options(&self) -> Response {
        let mut response = Response::new(StatusCode::NO_CONTENT);
        response.set(ResponseField::Allow, self.settings.allow());
        response.set(ResponseField::Accept, JSON);
        response.set(ResponseField::AcceptEncoding, "identity");
        response
    }

    /// A write without a condition is refused where one is demanded (RFC 6585, section 3). Decided from the fields
    /// alone, so that the answer tells nothing of the resource.
    fn demand(&self, precondition: &Precondition) -> Result<(), Problem> {
        let conditional =
            precondition.if_match.is_some() || matches!(precondition.if_none_match, Some(TagCondition::Any));
        if conditional || !self.settings.require_precondition {
            return Ok(());
        }
        Err(Problem::new(Kind::PreconditionRequired)
            .detail("send If-Match with the entity tag that a GET gave, or If-None-Match: * to create")
            .with("accepted_conditions", vec!["If-Match", "If-None-Match: *"]))
    }

    async fn get(&self, head: &Head<'_>, key: &Key, precondition: &Precondition) -> Response {
        let state = match self.store.get(key).await {
            Ok(Some(state)) => state,
            // The plain answer is neither 2xx nor 412, so the conditions are not looked at (RFC 9110, 13.2.1).
            Ok(None) => return absent(),
            Err(error) => return self.broken(&error),
        };
        if let Err(problem) = fields::accepts_json(head) {
            return Response::problem(&problem);
        }
        let not_modified = match precondition.evaluate(Some(&state)) {
            Err(Condition::IfNoneMatch) => true,
            Err(condition) => return failed(&Failed::new(condition, Some(&state))),
            // If-Modified-Since counts only where there is no If-None-Match (RFC 9110, section 13.1.3).
            Ok(()) if precondition.if_none_match.is_some() => false,
            Ok(()) => match (state.modified(), fields::date(head, Field::IfModifiedSince)) {
                (Some(modified), Some(since)) => whole_seconds(modified) <= whole_seconds(since),
                _ => false,
            },
        };
        let status = if not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = Response::new(status);
        response.set(ResponseField::CacheControl, self.settings.cache_control.clone());
        if not_modified {
            response.entity_tag(state.tag());
            if head.verb == Verb::Head {
                // Said here, because a framework would say 0 (RFC 9110, section 8.6).
                response.set(ResponseField::ContentLength, state.json().len().to_string());
            }
        } else {
            response.validators(&state);
            response.content_of(&state);
        }
        response
    }

    async fn delete(&self, key: Key, precondition: Precondition) -> Response {
        if let Err(problem) = self.demand(&precondition) {
            return Response::problem(&problem);
        }
        match to_the_end(self.host, self.store.delete(key, precondition)).await {
            Ok(Deletion::Deleted) => Response::new(StatusCode::NO_CONTENT),
            Ok(Deletion::Absent) => absent(),
            Ok(Deletion::Failed(why)) => failed(&why),
            Ok(Deletion::Conflict(violations)) => Response::problem(&Problem::conflict(&violations)),
            Err(error) => self.broken(&error),
        }
    }

    fn too_large(&self) -> Problem {
        Problem::new(Kind::ContentTooLarge)
            .detail(format!("the content may have {} octets at the most", self.settings.content_limit))
            .with("limit", self.settings.content_limit)
    }

    /// The store failed. The client gets an id, the log the same id and the reason.
    #[cold]
    fn broken(&self, error: &StoreError) -> Response {
        let wait = error.retry_after();
        let kind = if wait.is_some() { Kind::Unavailable } else { Kind::Internal };
        let mut response = self.incident(kind, &error.to_string());
        if let Some(wait) = wait {
            response.retry_after(wait);
        }
        response
    }

    #[cold]
    fn incident(&self, kind: Kind, reason: &str) -> Response {
        let id = incident_id();
        tracing::error!(resource = self.format.name(), id, reason, "a request could not be served");
        let detail = match kind {
            Kind::Unavailable => "the server cannot do this now; nothing is known to be wrong with the request",
            _ => "the server failed; the id finds the reason in its log",
        };
        Response::problem(&Problem::new(kind).detail(detail).with("instance", format!("urn:put:incident:{id}")))
    }

    /// The answer to a PUT that the store has decided.
    fn outcome(&self, location: Bytes, prefers: Option<Return>, content: &[u8], outcome: Outcome) -> Response {
        let (state, created) = match outcome {
            Outcome::Created(state) => (state, true),
            Outcome::Replaced(state) | Outcome::Unchanged(state) => (state, false),
            Outcome::Failed(why) => return failed(&why),
            Outcome::Conflict(violations) => return Response::problem(&Problem::conflict(&violations)),
            Outcome::Invalid(violations) => return Response::problem(&Problem::validation(&violations)),
        };
        let default = if self.settings.return_minimal { Return::Minimal } else { Return::Representation };
        let minimal = prefers.unwrap_or(default) == Return::Minimal;
        let mut response = Response::new(match (created, minimal) {
            (true, _) => StatusCode::CREATED,
            (false, true) => StatusCode::NO_CONTENT,
            (false, false) => StatusCode::OK,
        });
        if created {
            response.set(ResponseField::Location, location.clone());
        }
        // Validators only for what the client has seen: stored as it was sent, or shown in this very answer
        // (RFC 9110, section 9.3.4, and our reading of it).
        let verbatim = state.json() == content;
        if verbatim || (!minimal && !self.settings.strict_validators) {
            response.validators(&state);
        }
        if !minimal {
            response.set(ResponseField::ContentLocation, location);
            response.content_of(&state);
        }
        if let Some(preference) = prefers {
            response.set(ResponseField::PreferenceApplied, preference.applied());
        }
        response.vary_by_prefer();
        response
    }
}

impl Admitted {
    /// How many octets of content may be read; with one more, [`refuse`](Self::refuse) it.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.engine.settings.content_limit
    }

    /// Takes the content as it comes in, up to that limit.
    #[must_use]
    pub fn incoming(&self) -> Incoming {
        Incoming::new(self.limit())
    }

    /// Answers when the content could not be read.
    pub async fn refuse(self, reason: NotRead) -> Response {
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
    pub async fn apply(self, content: Bytes) -> Response {
        if content.is_empty() {
            return Response::problem(&content_missing());
        }
        if u64::try_from(content.len()).is_ok_and(|length| length > self.limit()) {
            return Box::pin(self.refuse(NotRead::TooLarge)).await;
        }
        let change = match self.0.change(&content) {
            Ok(change) => change,
            Err(response) => return Box::pin(self.0.fail(*response)).await,
        };
        let Pending { engine, key, location, precondition, prefers, .. } = *self.0;
        let outcome = match engine.store.put(key, change, precondition).now() {
            Ok(outcome) => outcome,
            Err(later) => Box::pin(to_the_end(engine.host, later)).await,
        };
        match outcome {
            Ok(outcome) => engine.outcome(location, prefers, &content, outcome),
            Err(error) => engine.broken(&error),
        }
    }
}

impl Pending {
    fn change(&self, content: &[u8]) -> Result<Change, Box<Response>> {
        let refused = |problem: &Problem| Box::new(Response::problem(problem));
        if let Some(digests) = &self.digests {
            digests.verify(content).map_err(|problem| refused(&problem))?;
        }
        let propose = |key: &[&str]| self.engine.format.propose(content, key);
        self.key.with_texts(propose).map_err(|refusal| match refusal {
            Refusal::Syntax(fault) => refused(
                &Problem::new(Kind::MalformedJson)
                    .detail(format!("{}, at octet {}", fault.reason, fault.position))
                    .with("position", fault.position)
                    .with("reason", fault.reason),
            ),
            Refusal::Violations(violations) => refused(&Problem::validation(&violations)),
            Refusal::Server(reason) => Box::new(self.engine.incident(Kind::Internal, &reason)),
        })
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
        let state = self.engine.store.get(&self.key).await.map_err(|error| self.engine.broken(&error))?;
        match self.precondition.evaluate(state.as_ref()) {
            Err(Condition::IfMatch | Condition::IfUnmodifiedSince) if replay && state.is_some() => Ok(()),
            Err(condition) => Err(Box::new(failed(&Failed::new(condition, state.as_ref())))),
            Ok(()) => Ok(()),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("format", &self.format).field("settings", &self.settings).finish_non_exhaustive()
    }
}
