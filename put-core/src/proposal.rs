//! What a client sent becomes a change. The fast path: one scan, one decoding, one encoding. Only when something is
//! wrong does [`diagnose`](crate::diagnose) look for all of it.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;

use crate::change::{Change, ServerValues, first_version};
use crate::content::{Entry, Source, with_buffer};
use crate::diagnose;
use crate::format::{Format, Meaning};
use crate::resource::Member;
use crate::scan::{Fault, Scan, scan};
use crate::violation::Violations;

/// Why some content is no proposal.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It cannot be parsed.
    Syntax(Fault),
    /// It is understood and wrong.
    Violations(Violations),
    /// The server's own values cannot be written.
    Server(String),
}

/// Some content, sorted into what the resource will read.
pub(crate) struct Sorted<'a> {
    /// The client's members, then an absent key from the path, then the server's values.
    pub(crate) entries: Vec<Entry<'a>>,
    /// How many of them the client sent.
    pub(crate) from_client: usize,
    /// Numbers of the client that a type might not hold exactly.
    pub(crate) numbers: Vec<&'a str>,
    pub(crate) unknown: Vec<&'a str>,
    /// Whether an array stands where a struct is to be read, which serde alone would let through.
    pub(crate) array_for_struct: bool,
}

impl Format {
    /// Reads the content of a PUT to the resource with this key.
    pub(crate) fn propose(&self, content: &[u8], key: &[Cow<'_, str>], now: SystemTime) -> Result<Change, Refusal> {
        let scan = scan(content).map_err(Refusal::Syntax)?;
        if scan.first != b'{' {
            return Err(Refusal::Violations(diagnose::not_an_object(&scan)));
        }
        let mut server = ServerValues::default();
        (self.facts().server_values)(&mut server);
        if let Some(error) = server.failed {
            return Err(Refusal::Server(error));
        }
        if let Some((name, max)) = self.version_member() {
            server.at_creation.push((name, first_version(now, max).to_string()));
        }
        let sorted = self.sort(&scan, key, &server);
        let complete = !sorted.array_for_struct
            && (sorted.unknown.is_empty() || self.facts().allow_unknown)
            && (!self.has_required() || self.required_are_there(&scan));
        let created = with_buffer(|out| {
            if !complete {
                return None;
            }
            let decoded = (self.facts().decode)(Source::new(&sorted.entries), Some(key), out);
            (decoded.is_ok() && diagnose::altered(&sorted.numbers, out).is_none()).then(|| Bytes::copy_from_slice(out))
        });
        match created {
            Some(created) => Ok(Change::new(self.clone(), created, server.at_change)),
            None => Err(Refusal::Violations(diagnose::proposed(self, &scan, &sorted, key))),
        }
    }

    fn sort<'a>(&self, scan: &'a Scan<'a>, key: &'a [Cow<'_, str>], server: &'a ServerValues) -> Sorted<'a> {
        let mut entries = Vec::with_capacity(scan.members.len() + key.len() + server.at_creation.len());
        let (mut numbers, mut unknown) = (Vec::new(), Vec::new());
        let (mut next, mut numbers_from, mut array_for_struct) = (0, 0, false);
        for found in &scan.members {
            let ignored = match self.meaning(&found.name, &mut next) {
                Meaning::Member(index) => self.members().get(index).is_some_and(|known| {
                    let ignored = known.fact.is_server_managed();
                    array_for_struct |= !ignored && known.is_struct() && found.value.starts_with('[');
                    ignored
                }),
                Meaning::Flattened => false,
                Meaning::Unknown => {
                    unknown.push(&*found.name);
                    true
                }
            };
            if !ignored {
                entries.push(Entry { name: Cow::Borrowed(&found.name), value: Cow::Borrowed(found.value) });
                numbers.extend(scan.numbers.get(numbers_from..found.numbers_until).unwrap_or_default());
            }
            numbers_from = found.numbers_until;
        }
        let from_client = entries.len();
        for (member, text) in self.keys().iter().zip(key) {
            if !entries.iter().any(|entry| member.is_named(&entry.name)) {
                entries.push(Entry { name: Cow::Borrowed(member.name), value: member.json(text) });
            }
        }
        for (name, json) in &server.at_creation {
            entries.push(Entry { name: Cow::Borrowed(name), value: Cow::Borrowed(json) });
        }
        Sorted { entries, from_client, numbers, unknown, array_for_struct }
    }

    fn required_are_there(&self, scan: &Scan<'_>) -> bool {
        let there = |fact: &Member| {
            scan.members.iter().any(|found| found.name == fact.name || fact.aliases.contains(&&*found.name))
        };
        self.members().iter().filter(|known| known.fact.required).all(|known| there(&known.fact))
    }
}
