//! The answers that are the same for every resource: what they say, in one place.

use std::time::{Duration, SystemTime};

use crate::precondition::Condition;
use crate::problem::{Kind, Problem};
use crate::response::{Response, ResponseField};
use crate::store::Failed;

pub(crate) fn content_missing() -> Problem {
    Problem::new(Kind::ContentMissing)
        .detail("a PUT carries the whole new representation as its content; this one is empty")
}

pub(crate) fn absent() -> Response {
    Response::problem(&Problem::new(Kind::NotFound).detail("there is no resource under this key"))
}

/// Nobody knows who the caller is (RFC 9110, section 15.5.2).
pub(crate) fn unauthenticated(challenge: &str) -> Response {
    let detail = "who you are must be known first; the challenge says how to tell";
    let mut response = Response::problem(&Problem::new(Kind::Unauthenticated).detail(detail));
    // The text is the application's, and may have come from anywhere.
    let visible: String =
        challenge.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' }).collect();
    response.set(ResponseField::WwwAuthenticate, visible);
    response
}

/// The caller may not do this.
pub(crate) fn forbidden(detail: &str) -> Response {
    Response::problem(&Problem::new(Kind::Forbidden).detail(detail))
}

/// What the answer to a write may show of the current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Show {
    /// Whether the caller may read.
    pub(crate) tag: bool,
    /// Whether one whose precondition is false is shown the current representation as well.
    pub(crate) representation: bool,
}

impl Show {
    pub(crate) const TAG: Self = Self { tag: true, representation: false };
    pub(crate) const NOTHING: Self = Self { tag: false, representation: false };
}

/// A false precondition. The current entity tag is told, which is of the resource and not of this answer.
pub(crate) fn failed(why: &Failed, show: Show) -> Response {
    let (reason, detail) = match (why.condition, &why.current) {
        (Condition::MustExist, _) => {
            let detail = "there is no resource under this key, and this endpoint does not create one";
            return Response::problem(&Problem::new(Kind::NotFound).detail(detail));
        }
        (Condition::IfMatch, Some(_)) => {
            ("changed", "the resource has another entity tag by now; read it again before you write")
        }
        (Condition::IfMatch, None) => ("gone", "there is no resource under this key, or no longer"),
        (Condition::IfNoneMatch, _) => ("exists", "the resource exists with an entity tag that must not match"),
        (Condition::IfUnmodifiedSince, _) => ("changed", "the resource has been modified since"),
    };
    let mut problem = Problem::new(Kind::PreconditionFailed)
        .detail(detail)
        .with("condition", why.condition.name())
        .with("reason", reason);
    if let (true, Some(state)) = (show.representation, &why.current) {
        problem = problem.with_json("current", state.representation().clone());
    }
    let mut response = Response::problem(&problem);
    if let (true, Some(tag)) = (show.tag, why.tag()) {
        response.entity_tag(tag);
    }
    response
}

/// An id that finds a failure in the log: unique enough, and it tells nothing.
pub(crate) fn incident_id() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    format!("{:016x}", RandomState::new().hash_one(since))
}
