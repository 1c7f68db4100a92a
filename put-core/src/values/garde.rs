//! `garde`: its messages are ours, and each brings the name of its rule along, because garde itself has no codes.

use std::borrow::Cow;
use std::fmt::Display;

use ::garde::Validate;
use ::garde::error::Path;
use ::garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind, with_i18n};
use serde_json::Value;

use super::{Fault, GardeRules, Other, Step};

/// The code of a rule that the application wrote itself.
const CUSTOM: &str = "custom";
/// Between the parts of a message of ours: a character that no text has for its own sake.
const MARK: char = '\u{F8FF}';

#[diagnostic::do_not_recommend]
impl<T: Validate<Context: Default> + ?Sized> GardeRules for T {
    fn faults(&self) -> Vec<Fault> {
        faults(&|| self.validate())
    }
}

fn faults(validate: &dyn Fn() -> Result<(), ::garde::Report>) -> Vec<Fault> {
    match with_i18n(Words, validate) {
        Ok(()) => Vec::new(),
        Err(report) => report.iter().map(|(path, error)| fault(path, error.message())).collect(),
    }
}

#[cold]
fn fault(path: &Path, message: &str) -> Fault {
    let steps = steps(path);
    let mut parts = message.splitn(4, MARK);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(code), Some(detail), None) => {
            Fault { steps, code: code.to_owned().into(), detail: detail.to_owned(), other: Other::No }
        }
        (Some(""), Some(code), Some(detail), Some(field)) => {
            let other = Other::Field(field.trim_start_matches("r#").to_owned());
            Fault { steps, code: code.to_owned().into(), detail: detail.to_owned(), other }
        }
        // The application's own, whatever it took from garde for it.
        _ => {
            let mut detail = String::new();
            let mut pieces = message.split(MARK);
            detail.push_str(pieces.next().unwrap_or_default());
            // After each mark stands a code, then the text.
            while let Some(_code) = pieces.next() {
                detail.push_str(pieces.next().unwrap_or_default());
            }
            Fault { steps, code: CUSTOM.into(), detail, other: Other::No }
        }
    }
}

/// The steps of a path, from its serialized form, which alone tells a key from an index and a key's dots from its own.
fn steps(path: &Path) -> Vec<Step> {
    let parts: Vec<(String, String)> = serde_json::to_value(path).and_then(serde_json::from_value).unwrap_or_default();
    let step = |(kind, text): (String, String)| match kind.as_str() {
        "key" => Some(Step::Name(text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned))),
        "index" => text.parse().ok().map(Step::Index),
        _ => None,
    };
    parts.into_iter().filter_map(step).collect()
}

/// garde's rules in the words of this project.
struct Words;

fn said(code: &str, detail: impl Display) -> Cow<'static, str> {
    format!("{MARK}{code}{MARK}{detail}").into()
}

/// A text as JSON shows it.
fn quoted(text: &dyn Display) -> Value {
    Value::from(text.to_string())
}

impl I18n for Words {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        said("length", format_args!("must have a length of at least {min}"))
    }

    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        said("length", format_args!("must have a length of at most {max}"))
    }

    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        said("range", format_args!("must be at least {min}"))
    }

    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        said("range", format_args!("must be at most {max}"))
    }

    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Cow<'static, str> {
        said("credit_card", "must be the number of a payment card")
    }

    fn pattern_no_match(&self, pattern: &dyn Display) -> Cow<'static, str> {
        said("pattern", format_args!("must match the pattern {}", quoted(pattern)))
    }

    fn contains_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        said("contains", format_args!("must contain {}", quoted(pattern)))
    }

    fn url_invalid(&self, _: InvalidUrl) -> Cow<'static, str> {
        said("url", "must be a URL")
    }

    fn prefix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        said("prefix", format_args!("must begin with {}", quoted(pattern)))
    }

    fn suffix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        said("suffix", format_args!("must end with {}", quoted(pattern)))
    }

    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Cow<'static, str> {
        said("phone_number", "must be a phone number")
    }

    fn ip_invalid(&self, kind: IpKind) -> Cow<'static, str> {
        said("ip", format_args!("must be an {kind} address"))
    }

    fn matches_field_mismatch(&self, field: &dyn Display) -> Cow<'static, str> {
        // The other member's name in JSON is put to the end later.
        said("matches", format_args!("must be the same as{MARK}{field}"))
    }

    fn email_invalid(&self, _: InvalidEmail) -> Cow<'static, str> {
        said("email", "must be an e-mail address")
    }

    fn ascii_invalid(&self) -> Cow<'static, str> {
        said("ascii", "must have ASCII characters only")
    }

    fn alphanumeric_invalid(&self) -> Cow<'static, str> {
        said("alphanumeric", "must have letters and digits only")
    }

    fn required_not_set(&self) -> Cow<'static, str> {
        said("required", "is required")
    }
}
