//! What a client sent becomes a change. The fast path: one scan, one decoding, one encoding. Only when something is
//! wrong does [`diagnose`](crate::diagnose) look for all of it.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;

use crate::change::{Change, ServerValues, first_version};
use crate::content::{DecodeError, Entry, Source, with_buffer};
use crate::diagnose;
use crate::exact::{altered, lost};
use crate::format::{Format, Meaning};
use crate::resource::Member;
use crate::scan::{Fault, Scan, scan};
use crate::store::State;
use crate::violation::Violations;
use crate::weighing;

/// Why some content is no proposal.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It cannot be parsed.
    Syntax(Box<Fault>),
    /// It is understood and wrong.
    Violations(Violations),
    /// The server's own values cannot be written.
    Server(String),
    /// Members are left out whose stored values stay, so the current state must be known.
    NeedsCurrent,
}

/// What is known of the current state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen<'s> {
    Unknown,
    Known(Option<&'s State>),
}

/// What the functions of `store_with` made of members, kept for another try at the same content: they may be slow.
pub(crate) type Prepared = Vec<(&'static str, String)>;

/// What there is besides the scanned members, and what was noticed about them.
#[expect(clippy::struct_excessive_bools, reason = "each was noticed by itself")]
pub(crate) struct Sorted<'a> {
    /// An absent key from the path, then the server's values, then stored ones that stay.
    pub(crate) others: Vec<Entry<'a>>,
    /// The members whose stored values stay.
    pub(crate) kept: Vec<&'static str>,
    /// Whether there are numbers of the client that a type might not hold exactly.
    pub(crate) doubtful: bool,
    /// Whether there are names that mean nothing.
    pub(crate) unknown: bool,
    /// Whether there are members of flattened parts, which may drop them.
    pub(crate) flattened: bool,
    /// Whether an array stands where a struct is to be read, which serde alone would let through.
    pub(crate) array_for_struct: bool,
}

impl Format {
    /// Reads the content of a PUT to the resource with this key. Without `prepared` it is a state that the application
    /// itself writes, which is taken as it is.
    pub(crate) fn propose(
        &self,
        content: &[u8],
        key: &[&str],
        seen: Seen<'_>,
        prepared: Option<&mut Prepared>,
    ) -> Result<Change, Refusal> {
        let mut scan = scan(content).map_err(Refusal::Syntax)?;
        if scan.first != b'{' {
            return Err(Refusal::Violations(diagnose::not_an_object(&scan)));
        }
        let mut server = ServerValues::default();
        (self.facts().server_values)(&mut server);
        if let Some(error) = server.failed {
            return Err(Refusal::Server(error));
        }
        if let Some((name, max)) = self.version_member() {
            server.at_creation.push((name, first_version(SystemTime::now(), max).to_string()));
        }
        let mut sorted = self.sort(&mut scan, key, &server);
        let mut weighed = match &prepared {
            Some(_) if self.weighs_members() => Some(weighing::of_members(self, &scan, &mut sorted, seen)?),
            _ => None,
        };
        let complete = !sorted.array_for_struct
            && weighed.as_ref().is_none_or(|weighed| !weighed.are_refused())
            && (!sorted.unknown || self.facts().allow_unknown)
            && (!self.has_required() || self.required_are_there(&scan));
        let created = with_buffer(|out| {
            if !complete {
                return None;
            }
            let decode = self.facts().decode;
            let decoded = match decode(Source::new(&scan.members, &sorted.others), Some(key), out) {
                // What is stored already may be older than the rules, or something else than a client sends.
                Err(DecodeError::Values(faults)) if !sorted.kept.is_empty() && faults.are_of(&scan, &sorted.kept) => {
                    out.clear();
                    decode(Source::new(&scan.members, &sorted.others), None, out)
                }
                decoded => decoded,
            };
            let kept = |out: &[u8]| {
                (!sorted.doubtful || altered(self, &scan, out).is_empty())
                    && (!sorted.flattened || lost(self, &scan.members, &sorted.others, out).next().is_none())
            };
            (decoded.is_ok() && kept(out)).then(|| Bytes::copy_from_slice(out))
        });
        let Some(created) = created else {
            // What is wrong with a stored value is not the client's fault, and what is said of it might quote a secret.
            if let Some(name) = diagnose::unreadable(self, &sorted) {
                return Err(Refusal::Server(format!("the stored value of `{name}` cannot be read")));
            }
            let wrong = weighed.map_or_else(Vec::new, |weighed| weighed.wrong(self, &scan));
            return Err(Refusal::Violations(diagnose::proposed(self, &scan, &sorted, key, &wrong)));
        };
        let (Some(weighed), Some(prepared)) = (&mut weighed, prepared) else {
            return Ok(Change::new(self.clone(), created, server.at_change, None));
        };
        let created = weighing::prepare(self, &scan, created, prepared)?;
        weighing::echoes(self, &mut scan, &sorted, weighed)?;
        Ok(Change::new(self.clone(), created, server.at_change, weighed.take().map(Box::new)))
    }

    /// Marks the members that the resource does not read, and adds those that do not come from the client.
    fn sort<'a>(&self, scan: &mut Scan<'a>, key: &'a [&str], server: &'a ServerValues) -> Sorted<'a> {
        let mut sorted = Sorted {
            others: Vec::new(),
            kept: Vec::new(),
            doubtful: false,
            unknown: false,
            flattened: false,
            array_for_struct: false,
        };
        let (mut next, mut numbers_from) = (0, 0);
        for found in &mut scan.members {
            match self.meaning(&found.name, &mut next) {
                Meaning::Member(index) => {
                    if let Some(known) = self.known().get(index) {
                        found.read = !known.fact.is_server_managed();
                        sorted.array_for_struct |= found.read && known.is_struct() && found.value.starts_with('[');
                    }
                }
                Meaning::Flattened => sorted.flattened = self.keeps_flattened(),
                Meaning::Unknown => {
                    found.read = false;
                    sorted.unknown = true;
                }
            }
            sorted.doubtful |= found.read && numbers_from < found.numbers_until;
            numbers_from = found.numbers_until;
        }
        for (member, text) in self.keys().iter().zip(key) {
            if !scan.members.iter().any(|found| member.is_named(&found.name)) {
                sorted.others.push(Entry { name: Cow::Borrowed(member.name), value: member.json(text) });
            }
        }
        let entry =
            |(name, json): &'a (&'static str, String)| Entry { name: Cow::Borrowed(name), value: Cow::Borrowed(json) };
        sorted.others.extend(server.at_creation.iter().map(entry));
        sorted
    }

    fn required_are_there(&self, scan: &Scan<'_>) -> bool {
        let there = |fact: &Member| {
            scan.members.iter().any(|found| found.name == fact.name || fact.aliases.contains(&&*found.name))
        };
        self.known().iter().filter(|known| known.fact.required).all(|known| there(&known.fact))
    }
}
