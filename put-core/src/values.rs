//! Value rules: what a type demands of its values beside their kinds, stated with `garde` or `validator`.
//!
//! They are asked of a proposed state, after it was read and before anything is made of it. What they find has a path of
//! Rust names; only where something was found do [`walk`] and [`tree`] make JSON Pointers of it.

#[cfg(feature = "garde")]
mod garde;
mod tree;
#[cfg(feature = "validator")]
mod validator;
mod walk;

use std::borrow::Cow;

use self::tree::Tree;
use self::walk::{Step, Walk};
use crate::content::{DecodeError, Entry};
use crate::part::Field;
use crate::resource::WriteJson;
use crate::scan::Scan;
use crate::violation::Violation;

/// More are not looked at: their places cost time, and nobody reads them.
const LOOKED_AT: usize = 4096;
/// Octets that are gone through to find places, about: each place is looked for in all of the content. Large content has
/// fewer violations told than it has, rather than hold up the server.
const WORK: usize = 16 * 1024 * 1024;
/// So many are looked at, however large the content is.
const AT_LEAST: usize = 64;

/// One broken rule.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    steps: Vec<Step>,
    code: Cow<'static, str>,
    detail: String,
    other: Other,
}

/// Whether the rule compares the member with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Other {
    #[cfg_attr(
        not(any(feature = "garde", feature = "validator")),
        expect(dead_code, reason = "without either there are no rules")
    )]
    No,
    /// It is beside it and has this field. Its name belongs to the end of the detail.
    #[cfg_attr(not(feature = "garde"), expect(dead_code, reason = "only garde says which"))]
    Field(String),
    #[cfg_attr(not(feature = "validator"), expect(dead_code, reason = "only validator does not say which"))]
    Unnamed,
}

/// Collects the rules that one value breaks.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct ValueFaults {
    fields: &'static [Field],
    found: Vec<Fault>,
    /// The value as JSON, its maps in the order in which they are gone through.
    written: Vec<u8>,
}

impl ValueFaults {
    /// The fields of the resource.
    pub fn fields(&mut self, fields: &'static [Field]) {
        self.fields = fields;
    }

    /// `#[put(garde)]`
    pub fn garde<T: GardeRules + WriteJson + ?Sized>(&mut self, value: &T) {
        self.ask(&|| value.faults(), &|out| value.write(&mut serde_json::Serializer::new(out)).is_ok());
    }

    /// `#[put(validator)]`
    pub fn validator<T: ValidatorRules + WriteJson + ?Sized>(&mut self, value: &T) {
        self.ask(&|| value.faults(), &|out| value.write(&mut serde_json::Serializer::new(out)).is_ok());
    }

    fn ask(&mut self, rules: &dyn Fn() -> Vec<Fault>, write: &dyn Fn(&mut Vec<u8>) -> bool) {
        let mut found = rules();
        found.retain(|fault| !self.is_the_servers(fault));
        if found.is_empty() {
            return;
        }
        self.found.append(&mut found);
        if self.written.is_empty() && !write(&mut self.written) {
            self.written.clear();
        }
    }

    /// Whether the rule is one for a member that only the server sets. What it gave is not the client's fault.
    fn is_the_servers(&self, fault: &Fault) -> bool {
        let Some(Step::Name(name)) = fault.steps.first() else { return false };
        self.fields.iter().any(|field| field.server && field.ident == name)
    }

    /// # Errors
    /// The rules that are broken, if any are.
    pub(crate) fn none(self) -> Result<(), DecodeError> {
        if self.found.is_empty() { Ok(()) } else { Err(DecodeError::Values(Box::new(self))) }
    }

    /// Whether only rules for these members are broken.
    #[cold]
    pub(crate) fn are_of(&self, scan: &Scan<'_>, members: &[&str]) -> bool {
        self.violations(scan, false, &|name| members.contains(&name)).is_empty()
    }

    /// The violations in the order of the content; what it lacks comes last. `is_substitute` says which members the client
    /// did not send as they were read: a rule says nothing about them, nor one about all members where there are such.
    #[cold]
    pub(crate) fn violations(
        &self,
        scan: &Scan<'_>,
        any_substitute: bool,
        is_substitute: &dyn Fn(&str) -> bool,
    ) -> Vec<Violation> {
        if cfg!(not(any(feature = "garde", feature = "validator"))) {
            // Nothing finds any, and a program without these features need not contain what follows.
            return Vec::new();
        }
        let read = |value: &str| Tree::read(value.as_bytes()).unwrap_or(Tree::Null);
        let members = scan.members.iter().filter(|found| found.read);
        let sent = Tree::Object(members.map(|found| (found.name.to_string(), read(found.value))).collect());
        let written = Tree::read(&self.written);
        let walk = |steps: &[Step]| {
            let mut walk = Walk::new(self.fields, written.as_ref(), &sent);
            let whole = walk.go(steps);
            (walk, whole)
        };
        let octets = self.written.len() + scan.members.iter().map(|found| found.value.len()).sum::<usize>();
        let limit = (WORK / octets.max(1)).clamp(AT_LEAST, LOOKED_AT);
        let silent = |top: Option<&str>| top.map_or(any_substitute, is_substitute);
        // Those that nothing is said about are known by their first step, and are not among those.
        let is_loud = |fault: &&Fault| {
            let (first, _) = walk(fault.steps.get(..1).unwrap_or_default());
            !first.top.as_deref().is_some_and(is_substitute)
        };
        let mut placed = Vec::new();
        for fault in self.found.iter().filter(is_loud).take(limit) {
            let (place, _) = walk(&fault.steps);
            let mut detail = fault.detail.clone();
            match &fault.other {
                Other::Unnamed if any_substitute => continue,
                Other::No | Other::Unnamed => {}
                Other::Field(field) => {
                    let beside = fault.steps.split_last().map_or(&[][..], |(_, before)| before);
                    let (mut other, whole) = walk(beside);
                    if whole && other.go(&[Step::Name(field.clone())]) {
                        if silent(other.top.as_deref()) {
                            continue;
                        }
                        detail = format!("{detail} `{}`", other.name.unwrap_or_default());
                    } else {
                        detail.push_str(" another member");
                    }
                }
            }
            if !silent(place.top.as_deref()) {
                let violation = Violation::new(place.pointer, detail).with_code(fault.code.clone());
                placed.push((place.rank, violation));
            }
        }
        placed.sort_by(|one, other| one.0.cmp(&other.0));
        placed.into_iter().map(|(_, violation)| violation).collect()
    }
}

/// Two decodings failed alike if the same rules were broken.
impl PartialEq for ValueFaults {
    fn eq(&self, other: &Self) -> bool {
        self.found == other.found
    }
}

impl Eq for ValueFaults {}

/// Which members of those that are read in the end stand in for what the client sent.
pub(crate) fn is_substitute(entry: &Entry<'_>, scan: &Scan<'_>, others: &[Entry<'_>]) -> bool {
    let sent = || scan.members.iter().any(|found| found.name == entry.name && found.value == entry.value);
    let other = || others.iter().any(|other| other.name == entry.name && other.value == entry.value);
    !sent() && !other()
}

/// A type with rules of `garde`.
#[doc(hidden)]
#[cfg_attr(
    feature = "garde",
    diagnostic::on_unimplemented(
        message = "`{Self}` has no rules of garde",
        label = "needs `#[derive(garde::Validate)]`",
        note = "`#[put(garde)]` asks rules whose context, if there is one, is its default"
    )
)]
#[cfg_attr(
    not(feature = "garde"),
    diagnostic::on_unimplemented(
        message = "`#[put(garde)]` needs the feature `garde` of put-core",
        label = "the rules would not be asked",
        note = "write `put-core = {{ .., features = [\"garde\"] }}` into Cargo.toml"
    )
)]
pub trait GardeRules {
    /// The rules that the value breaks.
    #[doc(hidden)]
    fn faults(&self) -> Vec<Fault>;
}

/// A type with rules of `validator`.
#[doc(hidden)]
#[cfg_attr(
    feature = "validator",
    diagnostic::on_unimplemented(
        message = "`{Self}` has no rules of validator",
        label = "needs `#[derive(validator::Validate)]`",
        note = "`#[put(validator)]` asks rules whose context, if there is one, is its default"
    )
)]
#[cfg_attr(
    not(feature = "validator"),
    diagnostic::on_unimplemented(
        message = "`#[put(validator)]` needs the feature `validator` of put-core",
        label = "the rules would not be asked",
        note = "write `put-core = {{ .., features = [\"validator\"] }}` into Cargo.toml"
    )
)]
pub trait ValidatorRules {
    /// The rules that the value breaks.
    #[doc(hidden)]
    fn faults(&self) -> Vec<Fault>;
}
