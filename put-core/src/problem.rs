//! The one table that decides status, type and title of everything that goes wrong (RFC 9457).

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::violation::{Violation, Violations};

macro_rules! problems {
    ($($(#[doc = $doc:literal])* $kind:ident = $status:ident, $slug:literal, $title:literal;)*) => {
        /// What can go wrong: one row for each, and nobody else decides a status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl Kind {
            /// All rows of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The status code.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),* }
            }

            /// The problem type: a path, or `about:blank` where the status says it all (RFC 9457, section 4.2.1).
            #[must_use]
            pub const fn type_uri(self) -> &'static str {
                match self { $(Self::$kind => $slug),* }
            }

            /// The title, the same for every problem of one type.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),* }
            }
        }
    };
}

problems! {
    /// There is nothing here, or the path names no key.
    NotFound = NOT_FOUND, "about:blank", "Not Found";
    /// The method is known, but this resource does not have it.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "about:blank", "Method Not Allowed";
    /// The method is not known here at all.
    MethodUnknown = NOT_IMPLEMENTED, "about:blank", "Not Implemented";
    /// No representation fits the Accept field of a GET.
    NotAcceptable = NOT_ACCEPTABLE, "/problems/not-acceptable", "No acceptable representation";
    /// A request field cannot be read.
    MalformedField = BAD_REQUEST, "/problems/malformed-header", "Malformed request field";
    /// A condition field lists more than is looked at.
    FieldTooLarge = REQUEST_HEADER_FIELDS_TOO_LARGE, "about:blank", "Request Header Fields Too Large";
    /// Content-Range with a PUT.
    PartialPut = BAD_REQUEST, "/problems/partial-put", "Partial PUT is not supported";
    /// An expectation other than 100-continue.
    ExpectationFailed = EXPECTATION_FAILED, "about:blank", "Expectation Failed";
    /// The content is of a media type that is not taken.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "/problems/unsupported-media-type", "Unsupported media type";
    /// The content is in a coding that is not taken.
    UnsupportedCoding = UNSUPPORTED_MEDIA_TYPE, "/problems/unsupported-coding", "Unsupported content coding";
    /// The content is larger than the limit.
    ContentTooLarge = PAYLOAD_TOO_LARGE, "about:blank", "Content Too Large";
    /// A PUT without content.
    ContentMissing = BAD_REQUEST, "/problems/content-missing", "Content is missing";
    /// The content ended before all of it had come.
    ContentTruncated = BAD_REQUEST, "/problems/content-truncated", "Content is incomplete";
    /// A precondition is demanded and there is none.
    PreconditionRequired = PRECONDITION_REQUIRED, "/problems/precondition-required", "Precondition required";
    /// A precondition is false.
    PreconditionFailed = PRECONDITION_FAILED, "/problems/precondition-failed", "Precondition failed";
    /// A digest field cannot be read.
    DigestInvalid = BAD_REQUEST, "https://iana.org/assignments/http-problem-types#digest-invalid-values", "Digest values are invalid";
    /// The content is not what its digest says.
    DigestMismatch = BAD_REQUEST, "https://iana.org/assignments/http-problem-types#digest-mismatched-values", "Digest values do not match";
    /// The content cannot be parsed.
    MalformedJson = BAD_REQUEST, "/problems/malformed-json", "Malformed JSON";
    /// The content is understood and wrong.
    Validation = UNPROCESSABLE_ENTITY, "/problems/validation", "The content breaks rules of the resource";
    /// Nobody knows who the caller is.
    Unauthenticated = UNAUTHORIZED, "about:blank", "Unauthorized";
    /// The caller may not do this.
    Forbidden = FORBIDDEN, "about:blank", "Forbidden";
    /// The content clashes with the stored state.
    Conflict = CONFLICT, "/problems/conflict", "Conflict with the stored state";
    /// The server failed.
    Internal = INTERNAL_SERVER_ERROR, "about:blank", "Internal Server Error";
    /// The server cannot answer now.
    Unavailable = SERVICE_UNAVAILABLE, "about:blank", "Service Unavailable";
}

impl Kind {
    /// What became of the request, in the one word that spans and counters have for it.
    pub(crate) const fn outcome(self) -> &'static str {
        match self {
            Self::NotFound => "absent",
            Self::MethodNotAllowed | Self::MethodUnknown => "not_allowed",
            Self::NotAcceptable | Self::UnsupportedMediaType | Self::UnsupportedCoding => "unsupported",
            Self::ContentTooLarge => "too_large",
            Self::MalformedField
            | Self::FieldTooLarge
            | Self::PartialPut
            | Self::ExpectationFailed
            | Self::ContentMissing
            | Self::ContentTruncated
            | Self::DigestInvalid
            | Self::DigestMismatch
            | Self::MalformedJson => "malformed",
            Self::PreconditionRequired => "precondition_required",
            Self::PreconditionFailed => "precondition_failed",
            Self::Validation => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Conflict => "conflict",
            Self::Internal => "broken",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Something that went wrong, as a client sees it.
///
/// ```
/// use put_core::problem::{Kind, Problem};
///
/// let problem = Problem::new(Kind::NotFound).detail("no item has this key");
/// assert_eq!(problem.kind().status(), 404);
/// assert_eq!(
///     problem.to_json(),
///     r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no item has this key"}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    members: Map<String, Value>,
    /// A member whose value is JSON already.
    json: Option<(&'static str, Bytes)>,
}

impl Problem {
    /// A problem of this kind.
    #[cold]
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, detail: None, members: Map::new(), json: None }
    }

    /// Says what was wrong and what would be right.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// An extension member (RFC 9457, section 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// An extension member whose value is JSON already, and stays as it is written.
    pub(crate) fn with_json(mut self, name: &'static str, json: Bytes) -> Self {
        self.json = Some((name, json));
        self
    }

    /// The violations, as `errors`.
    #[must_use]
    pub fn errors<'a>(self, violations: impl IntoIterator<Item = &'a Violation>) -> Self {
        let error = |violation: &Violation| {
            let mut error = json!({ "detail": violation.detail(), "pointer": violation.pointer().to_string() });
            if let Value::Object(members) = &mut error {
                let beside = [("code", violation.code()), ("constraint", violation.constraint())];
                members.extend(beside.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
            }
            error
        };
        let errors: Vec<Value> = violations.into_iter().map(error).collect();
        self.with("errors", errors)
    }

    /// What is understood and breaks rules of the resource, or of the store that is to hold it.
    pub(crate) fn validation(violations: &Violations) -> Self {
        let detail = match violations.iter().count() {
            1 => "the content breaks a rule".to_owned(),
            count => format!("the content breaks {count} rules"),
        };
        Self::new(Kind::Validation).detail(detail).errors(violations)
    }

    /// What clashes with what is stored.
    pub(crate) fn conflict(violations: &Violations) -> Self {
        let detail = match violations.iter().count() {
            1 => "a value clashes with what is stored".to_owned(),
            count => format!("{count} values clash with what is stored"),
        };
        Self::new(Kind::Conflict).detail(detail).errors(violations)
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The problem as `application/problem+json`.
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        let text = |value: &str| Value::from(value).to_string();
        let mut out = format!(
            "{{\"type\":{},\"title\":{},\"status\":{}",
            text(self.kind.type_uri()),
            text(self.kind.title()),
            self.kind.status().as_u16()
        );
        if let Some(detail) = &self.detail {
            out.push_str(",\"detail\":");
            out.push_str(&text(detail));
        }
        for (name, value) in &self.members {
            out.push(',');
            out.push_str(&text(name));
            out.push(':');
            out.push_str(&value.to_string());
        }
        if let Some((name, json)) = &self.json {
            out.push(',');
            out.push_str(&text(name));
            out.push(':');
            out.push_str(&String::from_utf8_lossy(json));
        }
        out.push('}');
        out.into()
    }
}
