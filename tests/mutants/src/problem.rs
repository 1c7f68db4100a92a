//! Everything that goes wrong: status, type and title in one table, and the response they become (RFC 9457).

use crate::json::{Json, quoted};
use crate::mutant::Mutant;
use crate::variant::Variant;
use crate::wire::Answer;

macro_rules! kinds {
    ($($kind:ident = $status:literal $uri:literal $title:literal;)+) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($kind,)+
        }

        impl Kind {
            const fn row(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$kind => ($status, $uri, $title),)+ }
            }
        }
    };
}

kinds! {
    Malformed = 400 "about:blank" "";
    MalformedField = 400 "/problems/malformed-header" "Malformed request field";
    PartialPut = 400 "/problems/partial-put" "Partial PUT is not supported";
    ContentMissing = 400 "/problems/content-missing" "Content is missing";
    ContentTruncated = 400 "/problems/content-truncated" "Content is incomplete";
    DigestInvalid = 400 "https://iana.org/assignments/http-problem-types#digest-invalid-values" "Digest values are invalid";
    DigestMismatch = 400 "https://iana.org/assignments/http-problem-types#digest-mismatched-values" "Digest values do not match";
    MalformedJson = 400 "/problems/malformed-json" "Malformed JSON";
    NotFound = 404 "about:blank" "";
    MethodNotAllowed = 405 "about:blank" "";
    NotAcceptable = 406 "/problems/not-acceptable" "No acceptable representation";
    Conflict = 409 "/problems/conflict" "Conflict with another change";
    LengthRequired = 411 "about:blank" "";
    PreconditionFailed = 412 "/problems/precondition-failed" "Precondition failed";
    ContentTooLarge = 413 "about:blank" "";
    TargetTooLong = 414 "about:blank" "";
    UnsupportedMediaType = 415 "/problems/unsupported-media-type" "Unsupported media type";
    UnsupportedCoding = 415 "/problems/unsupported-coding" "Unsupported content coding";
    ExpectationFailed = 417 "about:blank" "";
    Validation = 422 "/problems/validation" "The content breaks rules of the resource";
    PreconditionRequired = 428 "/problems/precondition-required" "Precondition required";
    FieldsTooLarge = 431 "about:blank" "";
    Internal = 500 "about:blank" "";
    NotImplemented = 501 "about:blank" "";
    VersionUnknown = 505 "about:blank" "";
}

/// The phrase of a status.
pub(crate) fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Unassigned",
    }
}

/// One violation of the rules of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A JSON Pointer as URI fragment (RFC 6901, section 6).
    pub(crate) pointer: String,
    pub(crate) detail: String,
}

/// Something that went wrong.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    members: Vec<(&'static str, Json)>,
}

impl Problem {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, detail: String::new(), members: Vec::new() }
    }

    /// What was wrong and what would be right.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: Json) -> Self {
        self.members.push((name, value));
        self
    }

    pub(crate) fn errors(self, violations: &[Violation]) -> Self {
        let text = |text: &str| Json::Text(text.to_owned());
        let one = |found: &Violation| {
            let members = [("detail", text(&found.detail)), ("pointer", text(&found.pointer))];
            Json::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
        };
        self.with("errors", Json::List(violations.iter().map(one).collect()))
    }

    pub(crate) fn answer(self, variant: Variant) -> Answer {
        let (status, uri, title) = self.kind.row();
        let status = match self.kind {
            Kind::Validation if variant.is(Mutant::ViolationsAre400) => 400,
            Kind::Validation if variant.is(Mutant::StatusOfItsOwn) => 460,
            Kind::MalformedJson if variant.is(Mutant::SyntaxIs422) => 422,
            Kind::PartialPut if variant.is(Mutant::ContentRangeIs501) => 501,
            _ => status,
        };
        let title = if title.is_empty() { phrase(status) } else { title };
        let caching = if status == 404 && variant.is(Mutant::CacheableNotFound) { "max-age=600" } else { "no-store" };
        let answer = Answer::new(status).field("Cache-Control", caching);
        if variant.is(Mutant::ErrorPages) {
            let page = format!("<html><body><h1>{status} {title}</h1></body></html>\n");
            return answer.content("text/html", page.into_bytes());
        }
        if variant.is(Mutant::PlainErrors) {
            return answer.content("text/plain; charset=utf-8", format!("{title}: {}\n", self.detail).into_bytes());
        }
        let told = if variant.is(Mutant::ProblemStatusDiffers) { status + 1 } else { status };
        let mut content = format!(r#"{{"type":"{uri}","title":{},"status":{told}"#, quoted(title));
        let detail = Some(self.detail).filter(|detail| !detail.is_empty()).map(|detail| ("detail", Json::Text(detail)));
        for (name, value) in detail.into_iter().chain(self.members) {
            content.extend([",\"", name, "\":", &value.to_string()]);
        }
        content.push('}');
        answer.content("application/problem+json", content.into_bytes())
    }
}
