//! What the engine answers once it is decided what to answer.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::Engine;
use crate::answer::{Show, absent, failed, forbidden, incident_id};
use crate::fields::Return;
use crate::head::Verb;
use crate::problem::{Kind, Problem};
use crate::proposal::Refusal;
use crate::response::{JSON, Response, ResponseField};
use crate::rounds::Trouble;
use crate::store::{Outcome, Refused, StoreError};
use crate::watch::Harm;
use crate::wording::{Spoken, reworded};

impl Engine {
    /// The application has mounted the endpoint where no request can name a resource.
    #[cold]
    pub(super) fn mounted_elsewhere(&self, template: &str) -> Problem {
        let (resource, path) = (self.plan.format.name(), self.plan.format.path());
        let detail =
            format!("the route `{template}` has not the parameters of `{path}`, which the key of `{resource}` needs");
        self.mistaken(&detail)
    }

    /// The application is put together in a way that cannot be meant: its mistake, not the client's.
    #[cold]
    pub(super) fn mistaken(&self, detail: &str) -> Problem {
        let id = incident_id();
        tracing::error!(resource = self.plan.format.name(), id, "{detail}");
        Problem::new(Kind::Internal).detail(detail).with("instance", format!("urn:put:incident:{id}"))
    }

    /// A method that is known but not allowed here is 405, one that is known nowhere 501 (RFC 9110, section 15.6.2).
    pub(super) fn not_allowed(&self, verb: Verb) -> Response {
        let allow = self.plan.settings.allow();
        let detail = format!("this resource takes {allow}");
        let kind = if verb == Verb::Unknown { Kind::MethodUnknown } else { Kind::MethodNotAllowed };
        let mut response = Response::problem(&Problem::new(kind).detail(detail));
        response.set(ResponseField::Allow, allow);
        response
    }

    pub(super) fn options(&self) -> Response {
        let mut response = Response::new(StatusCode::NO_CONTENT);
        response.set(ResponseField::Allow, self.plan.settings.allow());
        response.set(ResponseField::Accept, JSON);
        response.set(ResponseField::AcceptEncoding, "identity");
        response
    }

    pub(super) fn too_large(&self) -> Problem {
        Problem::new(Kind::ContentTooLarge)
            .detail(format!("the content may have {} octets at the most", self.plan.settings.content_limit))
            .with("limit", self.plan.settings.content_limit)
    }

    /// The store failed. The client gets an id, the log the same id and the reason.
    #[cold]
    pub(super) fn broken(&self, error: &StoreError) -> Response {
        let wait = error.retry_after();
        let kind = if wait.is_some() { Kind::Unavailable } else { Kind::Internal };
        let mut response = self.incident(kind, &error.to_string());
        if let Some(wait) = wait {
            response.retry_after(wait);
        }
        response
    }

    /// Somebody must look at a 500. A 503 passes by itself, and many of them at once are one trouble.
    #[cold]
    pub(super) fn incident(&self, kind: Kind, reason: &str) -> Response {
        let (resource, id) = (self.plan.format.name(), incident_id());
        if kind == Kind::Unavailable {
            tracing::warn!(resource, id, reason, "a request could not be served now");
        } else {
            tracing::error!(resource, id, reason, "a request could not be served");
        }
        let detail = match kind {
            Kind::Unavailable => "the server cannot do this now; nothing is known to be wrong with the request",
            _ => "the server failed; the id finds the reason in its log",
        };
        Response::problem(&Problem::new(kind).detail(detail).with("instance", format!("urn:put:incident:{id}")))
    }

    /// A rule did harm. What it says is for the log.
    #[cold]
    pub(super) fn harmed(&self, harm: &Harm) -> Response {
        match harm {
            Harm::Panicked(_) => self.incident(Kind::Internal, &harm.to_string()),
            Harm::TimedOut(limit) => {
                let mut response = self.incident(Kind::Unavailable, &harm.to_string());
                response.retry_after(*limit);
                response
            }
            Harm::Failed(error) => match error.downcast_ref::<StoreError>().and_then(StoreError::retry_after) {
                Some(wait) => {
                    let mut response = self.incident(Kind::Unavailable, &harm.to_string());
                    response.retry_after(wait);
                    response
                }
                None => self.incident(Kind::Internal, &harm.to_string()),
            },
        }
    }

    #[cold]
    pub(super) fn troubled(&self, trouble: Trouble) -> Response {
        match trouble {
            Trouble::Store(error) => self.broken(&error),
            Trouble::Harm(harm) => self.harmed(&harm),
            Trouble::Refusal(refusal) => self.refused(refusal, None),
            Trouble::Outrun => {
                let mut response = self.incident(Kind::Unavailable, "another write came between each time");
                response.retry_after(Duration::from_secs(1));
                response
            }
        }
    }

    /// Content that is no proposal.
    #[cold]
    pub(super) fn refused(&self, refusal: Refusal, spoken: Option<&Spoken>) -> Response {
        match refusal {
            Refusal::Syntax(fault) => Response::problem(
                &Problem::new(Kind::MalformedJson)
                    .detail(format!("{}, at octet {}", fault.reason, fault.position))
                    .with("position", fault.position)
                    .with("reason", fault.reason),
            ),
            Refusal::Violations(violations) => Response::problem(&Problem::validation(&reworded(violations, spoken))),
            Refusal::Server(reason) => self.incident(Kind::Internal, &reason),
            Refusal::NeedsCurrent => self.incident(Kind::Internal, "the current state was not looked at"),
        }
    }

    /// The answer to a PUT that came to nothing.
    #[cold]
    fn not_written(&self, outcome: Outcome, show: Show, spoken: Option<&Spoken>) -> Response {
        match outcome {
            Outcome::Failed(why) => failed(&why, show),
            Outcome::Conflict(violations) => Response::problem(&Problem::conflict(&reworded(violations, spoken))),
            Outcome::Invalid(violations) => Response::problem(&Problem::validation(&reworded(violations, spoken))),
            Outcome::Refused(Refused::Hidden) => absent(),
            Outcome::Refused(Refused::Forbidden(detail)) => forbidden(&detail),
            // These three were written, and are asked of nobody here.
            Outcome::Overtaken(_) | Outcome::Created(_) | Outcome::Replaced(_) | Outcome::Unchanged(_) => {
                self.troubled(Trouble::Outrun)
            }
        }
    }

    /// The answer to a PUT that the store has decided.
    #[inline]
    pub(super) fn outcome(
        &self,
        location: Bytes,
        prefers: Option<Return>,
        content: &[u8],
        outcome: Outcome,
        show: Show,
        spoken: Option<&Spoken>,
    ) -> Response {
        let (state, created) = match outcome {
            Outcome::Created(state) => (state, true),
            Outcome::Replaced(state) | Outcome::Unchanged(state) => (state, false),
            nothing => return self.not_written(nothing, show, spoken),
        };
        let default = if self.plan.settings.return_minimal { Return::Minimal } else { Return::Representation };
        // Who may not read sees nothing that it has not sent.
        let returns = if show.tag { prefers.unwrap_or(default) } else { Return::Minimal };
        let minimal = returns == Return::Minimal;
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
        let verbatim = state.representation() == content;
        if verbatim || (!minimal && !self.plan.settings.strict_validators) {
            if show.tag {
                response.validators(&state);
            } else {
                // It has sent that much itself; when it was written is another matter.
                response.entity_tag(state.tag());
            }
        }
        if !minimal {
            response.set(ResponseField::ContentLocation, location);
            response.content_of(&state);
        }
        if let Some(preference) = prefers.filter(|preference| *preference == returns) {
            response.set(ResponseField::PreferenceApplied, preference.applied());
        }
        response.vary_by_prefer();
        response
    }

    /// The answer to a PUT that was not made: what it would have come to.
    pub(super) fn rehearsed(&self, outcome: Outcome, show: Show, spoken: Option<&Spoken>) -> Response {
        let (state, done) = match outcome {
            Outcome::Created(state) => (state, "created"),
            Outcome::Replaced(state) => (state, "replaced"),
            // Who may not read does not learn in this way what is stored.
            Outcome::Unchanged(state) => (state, if show.tag { "unchanged" } else { "replaced" }),
            nothing => return self.not_written(nothing, show, spoken),
        };
        let mut response = Response::new(StatusCode::OK);
        response.set(ResponseField::ContentType, JSON);
        response.set(ResponseField::CacheControl, "no-store");
        let mut content = format!("{{\"outcome\":{}", Value::from(done)).into_bytes();
        if show.tag {
            content.extend_from_slice(b",\"representation\":");
            content.extend_from_slice(state.representation());
        }
        content.push(b'}');
        response.set_content(content.into());
        response
    }
}
