//! The resource: what a thing consists of, and how content becomes one.

use crate::json::Json;
use crate::mutant::Mutant;
use crate::problem::Violation;
use crate::target::Key;
use crate::variant::Variant;

/// What a member must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    /// 64 bits, with a sign.
    Integer,
    /// Binary64.
    Number,
    Truth,
    Texts,
    Place,
}

/// The members beside the key, in the order of the representation. `name` is required and `done` is false by default;
/// the others are null when they are absent.
const MEMBERS: [(&str, Shape); 7] = [
    ("name", Shape::Text),
    ("note", Shape::Text),
    ("count", Shape::Integer),
    ("ratio", Shape::Number),
    ("done", Shape::Truth),
    ("place", Shape::Place),
    ("tags", Shape::Texts),
];

/// A thing as content describes it.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    members: Vec<(String, Json)>,
    /// The names that the content had.
    sent: Vec<String>,
}

/// Why content describes no thing.
#[derive(Clone, Debug)]
pub(crate) enum Unfit {
    Violations(Vec<Violation>),
    /// A mutant breaks down.
    Breakdown,
}

impl Described {
    pub(crate) fn read(content: Json, key: &Key, variant: Variant) -> Result<Self, Unfit> {
        if variant.is(Mutant::ZeroCharacterFails) && content.to_string().contains("\\u0000") {
            return Err(Unfit::Breakdown);
        }
        let Json::Object(mut sent) = content else {
            let violation = violation("#", "a thing is an object");
            let fails = variant.is(Mutant::OtherTextFails);
            return Err(if fails { Unfit::Breakdown } else { Unfit::Violations(vec![violation]) });
        };
        let names: Vec<String> = sent.iter().map(|(name, _)| name.clone()).collect();
        let mut found = Vec::new();
        let place_of = |name: &str| names.iter().position(|found| found == name);
        if variant.is(Mutant::OrderMatters) && place_of("tags").is_some_and(|tags| place_of("name") > Some(tags)) {
            found.push(violation("#/tags", "the tags come after the name"));
        }
        let mut take = |name: &str| sent.iter().position(|(found, _)| found == name).map(|at| sent.remove(at).1);
        let (key_name, key_value) = match key {
            Key::Text(key) => ("key", Json::Text(key.clone())),
            Key::Number(id, _) => ("id", Json::Number(id.to_string())),
        };
        if take(key_name).is_some_and(|told| told != key_value) && !variant.is(Mutant::ForeignKeyOverwritten) {
            found.push(violation(&pointer(&[key_name]), "the key in the content is not the one in the path"));
        }
        let mut members = vec![(key_name.to_owned(), key_value)];
        for (name, shape) in MEMBERS {
            let value = take(name);
            let is_required = name == "name" && !variant.is(Mutant::MissingIsNull);
            let value = match value {
                None if is_required => {
                    found.push(violation(&pointer(&[name]), "this member is required"));
                    continue;
                }
                None if shape == Shape::Truth => Json::Bool(false),
                None => Json::Null,
                Some(Json::Null) if name != "name" && shape != Shape::Truth => Json::Null,
                Some(value) => shape.checked(value, &[name], &mut found, variant),
            };
            members.push((name.to_owned(), value));
        }
        for (name, value) in sent {
            if variant.is(Mutant::UnknownKept) {
                members.push((name, value));
            } else if !variant.is(Mutant::UnknownDropped) {
                found.push(violation(&pointer(&[&name]), "a thing has no such member"));
            }
        }
        if variant.is(Mutant::FirstViolationOnly) {
            found.truncate(1);
        }
        if found.is_empty() { Ok(Self { members, sent: names }) } else { Err(Unfit::Violations(found)) }
    }

    /// The new state. A correct server does not look at the old one.
    pub(crate) fn onto(&self, old: Option<&Json>, merges: bool, variant: Variant) -> Json {
        let Some(Json::Object(old)) = old else { return Json::Object(self.members.clone()) };
        let before = |name: &str| old.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
        let settle = |(name, value): &(String, Json)| {
            let is_absent = !self.sent.contains(name);
            let keeps = merges || variant.is(Mutant::Merges) || (variant.is(Mutant::KeepsDefaults) && name == "done");
            let value = match (before(name), value) {
                (Some(before), _) if is_absent && keeps => before,
                (Some(Json::List(mut before)), Json::List(more)) if variant.is(Mutant::ListsGrow) => {
                    before.extend(more.iter().cloned());
                    Json::List(before)
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        };
        Json::Object(self.members.iter().map(settle).collect())
    }
}

impl Shape {
    /// The value as it is stored; what is wrong with it is added to the violations.
    fn checked(self, value: Json, at: &[&str], found: &mut Vec<Violation>, variant: Variant) -> Json {
        let value = match value {
            Json::Text(text)
                if variant.is(Mutant::TextBecomesNumber) && self == Self::Integer && text.parse::<i64>().is_ok() =>
            {
                Json::Number(text)
            }
            Json::Number(digits) if variant.is(Mutant::IntegersAreDoubles) && self == Self::Integer => {
                Json::Number(digits.parse().map_or(digits, |value: f64| value.to_string()))
            }
            other => other,
        };
        let wrong = match (self, &value) {
            (Self::Text, Json::Text(_)) | (Self::Truth, Json::Bool(_)) => None,
            (Self::Text, _) => Some("this is a string"),
            (Self::Truth, _) => Some("this is true or false"),
            (Self::Integer, Json::Number(_)) if variant.is(Mutant::IntegersAreDoubles) => None,
            (Self::Integer, Json::Number(digits)) if digits.parse::<i64>().is_ok() => None,
            (Self::Integer, _) => Some("this is an integer of 64 bits"),
            (Self::Number, Json::Number(digits)) if digits.parse().is_ok_and(f64::is_finite) => None,
            (Self::Number, _) => Some("this is a number that binary64 can hold"),
            (Self::Texts, Json::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    if !matches!(value, Json::Text(_)) {
                        found.push(violation(&pointer(&[at, &[&index.to_string()]].concat()), "this is a string"));
                    }
                }
                None
            }
            (Self::Texts, _) => Some("this is a list of strings"),
            (Self::Place, Json::Object(members)) => {
                place(members, at, found);
                None
            }
            (Self::Place, _) => Some("this is an object with the members city and zip"),
        };
        found.extend(wrong.map(|detail| violation(&pointer(at), detail)));
        value
    }
}

/// A place has a city, and perhaps a zip.
fn place(members: &[(String, Json)], at: &[&str], found: &mut Vec<Violation>) {
    let within = |name: &str| pointer(&[at, &[name]].concat());
    if !members.iter().any(|(name, _)| name == "city") {
        found.push(violation(&within("city"), "this member is required"));
    }
    for (name, value) in members {
        match (name.as_str(), value) {
            ("city" | "zip", Json::Text(_)) | ("zip", Json::Null) => {}
            ("city" | "zip", _) => found.push(violation(&within(name), "this is a string")),
            _ => found.push(violation(&within(name), "a place has no such member")),
        }
    }
}

fn violation(pointer: &str, detail: &str) -> Violation {
    Violation { pointer: pointer.to_owned(), detail: detail.to_owned() }
}

/// A JSON Pointer as URI fragment.
fn pointer(path: &[&str]) -> String {
    let mut out = String::from("#");
    for name in path {
        out.push('/');
        for octet in name.replace('~', "~0").replace('/', "~1").bytes() {
            if octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&octet) {
                out.push(char::from(octet));
            } else {
                out.extend(format!("%{octet:02X}").chars());
            }
        }
    }
    out
}
