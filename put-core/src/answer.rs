//! The answers that are the same for every resource: what they say, in one place.

use std::time::{Duration, SystemTime};

use crate::precondition::Condition;
use crate::problem::{Kind, Problem};
use crate::response::Response;
use crate::store::Failed;

pub(crate) fn content_missing() -> Problem {
    Problem::new(Kind::ContentMissing)
        .detail("a PUT carries the whole new representation as its content; this one is empty")
}

pub(crate) fn absent() -> Response {
    Response::problem(&Problem::new(Kind::NotFound).detail("there is no resource under this key"))
}

/// A false precondition. The current entity tag is told, which is of the resource and not of this answer.
pub(crate) fn failed(why: &Failed) -> Response {
    let (name, detail) = match (why.condition, &why.current) {
        (Condition::MustExist, _) => {
            let detail = "there is no resource under this key, and this endpoint does not create one";
            return Response::problem(&Problem::new(Kind::NotFound).detail(detail));
        }
        (Condition::IfMatch, Some(_)) => {
            ("If-Match", "the resource has another entity tag by now; read it again before you write")
        }
        (Condition::IfMatch, None) => ("If-Match", "there is no resource under this key"),
        (Condition::IfNoneMatch, _) => ("If-None-Match", "the resource exists with an entity tag that must not match"),
        (Condition::IfUnmodifiedSince, _) => ("If-Unmodified-Since", "the resource has been modified since"),
    };
    let mut response =
        Response::problem(&Problem::new(Kind::PreconditionFailed).detail(detail).with("condition", name));
    if let Some(tag) = why.current.as_ref() {
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
