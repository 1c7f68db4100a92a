//! All that is wrong inside one value. The first error is told and mended, until the value is read.
//!
//! One file, because telling and mending take turns. An error is found from the offset at which serde_json stopped, if that is the place. It is not where serde reads a
//! value whole before it looks inside, for a flattened part and for most enums: those are [looked into](super::blame).

use super::blame::Blame;
use super::node::{Node, Spot, is_called, quoted};
use super::words::{Says, choices_of, not_an_object, violation};
use super::{OF_ONE_MEMBER, SUBSTITUTES};
use crate::violation::{Pointer, Violation};

/// At most so many variants are tried in place of one that is not known.
const CHOICES: usize = 16;

/// What is wrong in a value, and after how many octets.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) message: String,
    pub(super) offset: Option<usize>,
}

/// Nothing more may be decoded.
#[derive(Debug)]
pub(super) struct Spent;

/// Reads texts in the place of a value, as long as the octets last that may be decoded for all values together.
pub(super) struct Reader<'a> {
    read: &'a dyn Fn(&str) -> Option<Stop>,
    left: &'a mut usize,
    /// Octets that are read with each text.
    beside: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(read: &'a dyn Fn(&str) -> Option<Stop>, beside: usize, left: &'a mut usize) -> Self {
        // Each reading costs something, however short the text.
        Self { read, left, beside: beside + 64 }
    }

    /// The error in this text, if there is one.
    pub(super) fn read(&mut self, text: &str) -> Result<Option<Stop>, Spent> {
        *self.left = self.left.checked_sub(self.beside + text.len()).ok_or(Spent)?;
        Ok((self.read)(text))
    }
}

/// Whether a fault is mended.
enum Mended {
    /// It is, and this is the next error, if there is one.
    Yes(Option<Stop>),
    No,
}

/// One thing that is wrong: where, and what would mend it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) path: Vec<usize>,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The value.
    Value,
    /// The member is there at all.
    Member,
    /// The object has no member of this name.
    Missing(String),
    /// An array stands where an object is read, of which serde says that it lacks a member.
    NoObject,
}

/// The search in one value.
pub(super) struct Search<'r, 'o, 't> {
    reader: &'r mut Reader<'o>,
    node: Node<'t>,
    root: Pointer,
    told: Vec<Violation>,
}

/// All that is wrong in the value, which has this place; and what is read in its stead, if something was found.
///
/// What was told before is not told again, and nothing is told of what is around it.
pub(super) fn all(
    reader: &mut Reader<'_>,
    text: &str,
    root: &Pointer,
    before: &[Violation],
) -> (Vec<Violation>, Option<String>) {
    let Some(node) = Node::parse(text) else { return (Vec::new(), None) };
    let mut search = Search { reader, node, root: root.clone(), told: before.to_vec() };
    let text = search.node.text();
    // The first error is always told, even if there is nothing left to look for its place with.
    let Some(first) = (search.reader.read)(&text) else { return (Vec::new(), Some(text)) };
    *search.reader.left = search.reader.left.saturating_sub(text.len());
    let done = search.from(first.clone());
    let mut told = search.told.split_off(before.len());
    if told.is_empty() && before.is_empty() && !matches!(done, Ok(true)) {
        told.push(violation(root.clone(), &first.message));
    }
    (told, matches!(done, Ok(true)).then(|| search.node.text()))
}

impl Search<'_, '_, '_> {
    /// Tells and mends error after error; whether the value is read at last.
    fn from(&mut self, first: Stop) -> Result<bool, Spent> {
        let already = self.told.len();
        let mut error = Some(first);
        while let Some(stop) = error {
            if self.told.len() - already == OF_ONE_MEMBER {
                return Ok(false);
            }
            let fault = match self.fault(&stop) {
                Ok(fault) => fault,
                Err(Spent) if self.told.is_empty() => {
                    self.told.push(violation(self.guess(&stop), &stop.message));
                    return Err(Spent);
                }
                Err(spent) => return Err(spent),
            };
            let pointer = self.pointer(&fault);
            error = if self.told.iter().any(|told| told.pointer().is_in(&pointer)) {
                // What was told could not be mended, or what stands in for it is not good enough.
                if !self.leave_out(&fault.path) {
                    return Ok(false);
                }
                self.read()?
            } else {
                self.told.push(match fault.what {
                    What::NoObject => not_an_object(pointer),
                    _ => violation(pointer, &stop.message),
                });
                match self.mend(&fault, &stop)? {
                    Mended::Yes(next) => next,
                    Mended::No => return Ok(false),
                }
            };
        }
        Ok(true)
    }

    fn pointer(&self, fault: &Fault) -> Pointer {
        let pointer = self.node.pointer(&fault.path, self.root.clone());
        match &fault.what {
            What::Missing(name) => pointer.member(name),
            What::Value | What::Member | What::NoObject => pointer,
        }
    }

    fn read(&mut self) -> Result<Option<Stop>, Spent> {
        let text = self.node.text();
        self.reader.read(&text)
    }

    /// The place of an error without a look at it.
    fn guess(&self, stop: &Stop) -> Pointer {
        let spot = stop.offset.and_then(|offset| self.node.spot(offset));
        let path = spot.map(|spot| spot.path).unwrap_or_default();
        let what = match Says::of(&stop.message) {
            Says::Missing(name) => What::Missing(name.to_owned()),
            _ => What::Value,
        };
        self.pointer(&Fault { path, what })
    }

    /// What is at fault.
    fn fault(&mut self, stop: &Stop) -> Result<Fault, Spent> {
        let spot = stop.offset.and_then(|offset| self.node.spot(offset));
        if let Some(spot) = &spot
            && let Some(what) = self.is_at(spot, stop)?
        {
            return Ok(Fault { path: spot.path.clone(), what });
        }
        if let Some(fault) = Blame::new(self.reader, &stop.message).whole(&self.node)? {
            return Ok(fault);
        }
        Ok(Fault { path: spot.map(|spot| spot.path).unwrap_or_default(), what: What::Value })
    }

    /// Whether reading stopped at what is at fault, and not behind something that had been read whole before.
    fn is_at(&mut self, spot: &Spot, stop: &Stop) -> Result<Option<What>, Spent> {
        let Some(node) = self.node.get(&spot.path) else { return Ok(None) };
        let says = Says::of(&stop.message);
        match says {
            Says::Missing(name) => {
                if !matches!(node, Node::Object(_)) || node.has(name) {
                    return Ok(None);
                }
                let before = self.node.text().len();
                self.add(&spot.path, name, "null");
                let text = self.node.text();
                let next = self.reader.read(&text);
                self.take_back(&spot.path);
                // The same is said of one that lies behind, too.
                let moved = stop.offset.map(|offset| offset + text.len() - before);
                let is_same = |next: &Stop| next.message == stop.message && next.offset <= moved;
                let unknown = |next: &Stop| matches!(Says::of(&next.message), Says::Unknown(other) if other == name);
                let is_other = next?.is_none_or(|next| !is_same(&next) && !unknown(&next));
                Ok(is_other.then(|| What::Missing(name.to_owned())))
            }
            Says::Unknown(_) | Says::Twice => Ok(spot.in_name.then_some(What::Member)),
            Says::Variant(name) => {
                let is_it = spot.in_name || node.string().is_some_and(|own| own == name);
                Ok(is_it.then_some(What::Value))
            }
            Says::Found { what, .. } if spot.in_name || !node.is_called(what) => Ok(None),
            Says::Found { .. } if !node.is_container() => Ok(Some(What::Value)),
            Says::Found { expected, .. } => {
                // What is read whole is an array or object too, and reading stops behind it, where the next one begins.
                let changed = node.changed();
                let next = self.with(&spot.path, Node::Text(changed.clone().into()))?;
                let is_it = |next: &Stop| match Says::of(&next.message) {
                    Says::Found { what, expected: now } => is_called(&changed, what) && now == expected,
                    _ => false,
                };
                Ok(next.as_ref().is_none_or(is_it).then_some(What::Value))
            }
            Says::Number => Ok((!spot.in_name && !node.is_container()).then_some(What::Value)),
            _ => Ok(None),
        }
    }

    /// What is read with another value in this place, which is left as it is.
    fn with(&mut self, path: &[usize], value: Node<'static>) -> Result<Option<Stop>, Spent> {
        let Some(place) = self.node.get_mut(path) else { return Ok(None) };
        let own = std::mem::replace(place, value);
        let next = self.read();
        if let Some(place) = self.node.get_mut(path) {
            *place = own;
        }
        next
    }

    fn add(&mut self, path: &[usize], name: &str, value: &'static str) {
        if let Some(Node::Object(members)) = self.node.get_mut(path) {
            members.push((quoted(name).into(), Node::Text(value.into())));
        }
    }

    fn take_back(&mut self, path: &[usize]) {
        if let Some(Node::Object(members)) = self.node.get_mut(path) {
            members.pop();
        }
    }

    fn set(&mut self, path: &[usize], value: Node<'static>) {
        if let Some(place) = self.node.get_mut(path) {
            *place = value;
        }
    }

    /// Leaves out a value; what is around it, if it is left out already. Not the whole.
    fn leave_out(&mut self, path: &[usize]) -> bool {
        let there = |path: &[usize]| self.node.get(path).is_some_and(|node| !matches!(node, Node::Absent));
        let longest = (1..=path.len()).rev().filter_map(|length| path.get(..length)).find(|path| there(path));
        let Some(path) = longest else { return false };
        self.set(path, Node::Absent);
        true
    }

    /// Mends what is at fault, as well as it goes; gives the next error, or nothing if it cannot be mended.
    fn mend(&mut self, fault: &Fault, stop: &Stop) -> Result<Mended, Spent> {
        let is_missing = match &fault.what {
            What::Member => {
                self.leave_out(&fault.path);
                return self.read().map(Mended::Yes);
            }
            What::Missing(name) => {
                self.add(&fault.path, name, "null");
                true
            }
            What::Value | What::NoObject => false,
        };
        let mut path = fault.path.clone();
        if is_missing {
            path.push(self.node.get(&path).map_or(0, |node| node.len().saturating_sub(1)));
        }
        let message = if let Says::Variant(_) = Says::of(&stop.message) {
            stop.message.clone()
        } else {
            self.set(&path, Node::Text("\"\"".into()));
            self.read()?.map(|next| next.message).unwrap_or_default()
        };
        let choices = choices_of(&message);
        let mended = match Says::of(&message) {
            Says::Variant(_) => self.choose(&path, &choices)?,
            _ => self.substitute(&path, stop)?,
        };
        if matches!(mended, Mended::Yes(_)) {
            return Ok(mended);
        }
        if is_missing {
            self.take_back(&fault.path);
        }
        if !self.leave_out(&fault.path) {
            return Ok(Mended::No);
        }
        self.read().map(Mended::Yes)
    }

    /// Puts something in this place that is read there; gives the next error.
    fn substitute(&mut self, path: &[usize], stop: &Stop) -> Result<Mended, Spent> {
        for substitute in SUBSTITUTES {
            if Says::of(&stop.message).is_about(substitute) {
                continue;
            }
            self.set(path, Node::Text(substitute.into()));
            let next = self.read()?;
            let is_about = |next: &Stop| Says::of(&next.message).is_about(substitute);
            if !next.as_ref().is_some_and(is_about) {
                return Ok(Mended::Yes(next));
            }
        }
        Ok(Mended::No)
    }

    /// Puts a variant in this place that has only a name; gives the next error. A member that names the variant of what
    /// stands beside it is left alone: what is to stand there, nobody can say.
    fn choose(&mut self, path: &[usize], choices: &[&str]) -> Result<Mended, Spent> {
        let mut chosen: Vec<Option<Stop>> = Vec::new();
        for choice in choices.iter().take(CHOICES) {
            // Most members that name a variant are not read in this way.
            self.set(path, Node::Text(format!("{{{}:null}}", quoted(choice)).into()));
            let next = self.read()?;
            match next.as_ref().map(|next| Says::of(&next.message)) {
                Some(says) if says.is_about("{") => return Ok(Mended::No),
                // It has more than its name.
                Some(says) if says.is_about("null") => {}
                _ => chosen.push(next),
            }
        }
        // Nor does it matter which one it is.
        let message = |next: &Option<Stop>| next.as_ref().map(|next| next.message.clone());
        let same = chosen.windows(2).all(|pair| matches!(pair, [one, other] if message(one) == message(other)));
        Ok(if same { chosen.pop().map_or(Mended::No, Mended::Yes) } else { Mended::No })
    }
}
