//! `validator`: it has codes and parameters, and a message only where the application wrote one.

use std::collections::HashMap;
use std::fmt::Write as _;

use ::validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};
use serde_json::Value;

use super::{Fault, Other, Step, ValidatorRules};

/// The name under which a rule about all members of a struct stands.
const ALL: &str = "__all__";
/// The name that a list puts around its elements.
const LIST: &str = "_tmp_validator";

#[diagnostic::do_not_recommend]
impl<T: Validate + ?Sized> ValidatorRules for T {
    fn faults(&self) -> Vec<Fault> {
        faults(self.validate())
    }
}

fn faults(result: Result<(), ValidationErrors>) -> Vec<Fault> {
    let mut found = Vec::new();
    if let Err(errors) = result {
        of_struct(&errors, &mut Vec::new(), &mut found);
    }
    // validator's own order is that of a hash map.
    found.sort_by(|one, other| one.steps.cmp(&other.steps));
    found
}

fn of_struct(errors: &ValidationErrors, steps: &mut Vec<Step>, found: &mut Vec<Fault>) {
    for (name, kind) in errors.errors() {
        let depth = steps.len();
        if name != ALL && name != LIST {
            steps.push(Step::Name(name.trim_start_matches("r#").to_owned()));
        }
        match kind {
            ValidationErrorsKind::Struct(inner) => of_struct(inner, steps, found),
            ValidationErrorsKind::List(elements) => {
                for (index, inner) in elements {
                    steps.push(Step::Nth(*index));
                    of_struct(inner, steps, found);
                    steps.pop();
                }
            }
            ValidationErrorsKind::Field(broken) => found.extend(broken.iter().map(|error| fault(steps, error))),
        }
        steps.truncate(depth);
    }
}

fn fault(steps: &[Step], error: &ValidationError) -> Fault {
    let detail =
        error.message.as_ref().map_or_else(|| sentence(&error.code, &Params(&error.params)), ToString::to_string);
    let other = if error.code == "must_match" { Other::Unnamed } else { Other::No };
    Fault { steps: steps.to_vec(), code: error.code.clone(), detail, other }
}

/// The parameters of a rule. The value itself is one of them, and may be a secret: only its kind is looked at.
struct Params<'a>(&'a HashMap<std::borrow::Cow<'static, str>, Value>);

impl Params<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(ToString::to_string)
    }

    /// What the length of the value counts.
    fn unit(&self) -> &'static str {
        match self.0.get("value") {
            Some(Value::String(_)) => "characters",
            Some(Value::Array(_)) => "elements",
            Some(Value::Object(_)) => "members",
            _ => "in length",
        }
    }
}

/// What a rule without a message says.
fn sentence(code: &str, params: &Params<'_>) -> String {
    match code {
        "length" => {
            let unit = params.unit();
            match (params.text("equal"), params.text("min"), params.text("max")) {
                (Some(equal), ..) => format!("must have exactly {equal} {unit}"),
                (None, Some(min), Some(max)) => format!("must have from {min} to {max} {unit}"),
                (None, Some(min), None) => format!("must have at least {min} {unit}"),
                (None, None, Some(max)) => format!("must have at most {max} {unit}"),
                (None, None, None) => "has the wrong length".to_owned(),
            }
        }
        "range" => {
            let mut bounds = String::new();
            for (name, words) in [
                ("min", "at least"),
                ("exclusive_min", "more than"),
                ("max", "at most"),
                ("exclusive_max", "less than"),
            ] {
                if let Some(bound) = params.text(name) {
                    let and = if bounds.is_empty() { "must be" } else { " and" };
                    // Writing to a text does not fail.
                    let _ = write!(bounds, "{and} {words} {bound}");
                }
            }
            if bounds.is_empty() { "is out of range".to_owned() } else { bounds }
        }
        "contains" => format!("must contain {}", params.text("needle").unwrap_or_default()),
        "does_not_contain" => format!("must not contain {}", params.text("needle").unwrap_or_default()),
        "email" => "must be an e-mail address".to_owned(),
        "url" => "must be a URL".to_owned(),
        "ip" => "must be an IP address".to_owned(),
        "ipv4" => "must be an IPv4 address".to_owned(),
        "ipv6" => "must be an IPv6 address".to_owned(),
        "credit_card" => "must be the number of a payment card".to_owned(),
        "must_match" => "must be the same as another member".to_owned(),
        "non_control_character" => "must have no control characters".to_owned(),
        "regex" => "does not have the form that is asked for".to_owned(),
        "required" | "required_nested" => "is required".to_owned(),
        other => format!("breaks the rule `{other}`"),
    }
}
