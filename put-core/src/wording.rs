//! The application's own words for violations, in the language that a client asks for.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::head::{Field, Head};
use crate::settings::Settings;
use crate::violation::{Violation, Violations};
use crate::watch::message;

type Words = dyn Fn(&Violation, &str) -> Option<String> + Send + Sync;

/// What [`Endpoint::wording`](crate::Endpoint::wording) was given.
#[derive(Clone)]
pub(crate) struct Wording(Arc<Words>);

impl Wording {
    pub(crate) fn new(words: impl Fn(&Violation, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(words))
    }
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wording")
    }
}

/// The application's words for one request.
#[derive(Debug)]
pub(crate) struct Spoken {
    wording: Wording,
    /// The value of Accept-Language; empty if the client named no language.
    language: String,
}

/// What the answers to this request are put into words with; `None` if they keep ours.
#[inline]
pub(crate) fn spoken(settings: &Settings, head: &Head<'_>) -> Option<Box<Spoken>> {
    let wording = settings.wording.clone()?;
    let lines = head.all(Field::AcceptLanguage).map(|line| String::from_utf8_lossy(line));
    Some(Box::new(Spoken { wording, language: lines.collect::<Vec<_>>().join(", ") }))
}

/// The violations in the application's words, where it has any.
pub(crate) fn reworded(violations: Violations, spoken: Option<&Spoken>) -> Violations {
    let Some(Spoken { wording, language }) = spoken else { return violations };
    let reworded = violations.iter().map(|violation| {
        // Without the application's words there are ours.
        match catch_unwind(AssertUnwindSafe(|| wording.0(violation, language))) {
            Ok(Some(detail)) => violation.clone().with_detail(detail),
            Ok(None) => violation.clone(),
            Err(panic) => {
                tracing::error!(code = violation.code(), "the wording of a violation panicked: {}", message(&*panic));
                violation.clone()
            }
        }
    });
    reworded.collect::<Vec<_>>().into()
}
