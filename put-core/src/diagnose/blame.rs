//! What inside a value is at fault, where serde read the value whole and says no place.
//!
//! The error itself is the measure: what can be left out while it stays the same is innocent. What cannot is few: the
//! value at fault, a member that names the variant, an element that holds a place before it. Each of them is replaced;
//! the one at fault is where the error goes away, or speaks of the new value. One file, because every kind of error is one more case of this.

use super::SUBSTITUTES;
use super::node::{Node, is_called, quoted, unquoted};
use super::search::{Fault, Reader, Spent, Stop, What};
use super::words::Says;

/// More than this are never needed for an error, except by a type that is not what it seems.
const NEEDED: usize = 64;
/// Some more values, for what must be in some relation to another one.
const MORE: [&str; 3] = ["1", "100", "true"];
/// A name that nobody has.
const NOBODY: &str = "~ nobody ~";

/// The search for what one error is about.
pub(super) struct Blame<'b, 'o> {
    reader: &'b mut Reader<'o>,
    message: &'b str,
}

/// What stands before and behind a value: no more than the error needs.
#[derive(Clone, Default)]
struct Around {
    head: String,
    tail: String,
}

/// What became of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    /// It is the same.
    Same,
    /// It is about the value that stands in.
    About,
    /// It went away.
    Gone,
}

impl<'b, 'o> Blame<'b, 'o> {
    pub(super) fn new(reader: &'b mut Reader<'o>, message: &'b str) -> Self {
        Self { reader, message }
    }

    /// What is at fault in the whole value.
    pub(super) fn whole(&mut self, node: &Node<'_>) -> Result<Option<Fault>, Spent> {
        let found = self.value(&Around::default(), node)?;
        Ok(found.map(|mut fault| {
            fault.path.reverse();
            fault
        }))
    }

    fn read(&mut self, around: &Around, text: &str) -> Result<Option<Stop>, Spent> {
        self.reader.read(&format!("{}{text}{}", around.head, around.tail))
    }

    /// Whether the error is the same with this text.
    fn stays(&mut self, around: &Around, text: &str) -> Result<bool, Spent> {
        Ok(self.read(around, text)?.is_some_and(|stop| stop.message == self.message))
    }

    fn now(&mut self, around: &Around, text: &str) -> Result<Now, Spent> {
        Ok(match self.read(around, text)? {
            Some(stop) if stop.message == self.message => Now::Same,
            Some(stop) if Says::of(&stop.message).is_about(text) => Now::About,
            _ => Now::Gone,
        })
    }

    /// What is at fault in this value or is this value. The paths are built from the inside to the outside.
    fn value(&mut self, around: &Around, node: &Node<'_>) -> Result<Option<Fault>, Spent> {
        let of_its_own = matches!(Says::of(self.message), Says::Other(_));
        // A type that says the same of whatever it cannot read, such as an untagged enum, is told as one.
        if of_its_own && self.is_deaf(around, node)? {
            return Ok(Some(Fault { path: Vec::new(), what: What::Value }));
        }
        if !node.is_container() {
            return self.itself(around, node, &[]);
        }
        let Some(needed) = self.needed(around, node)? else { return Ok(None) };
        let suspects =
            if of_its_own { self.suspect(around, node, &needed)?.into_iter().collect() } else { needed.clone() };
        for index in suspects {
            let Some((_, value)) = node.at(index) else { continue };
            if let Some(mut fault) = self.value(&beside(around, node, &needed, index), value)? {
                fault.path.push(index);
                return Ok(Some(fault));
            }
        }
        self.itself(around, node, &needed)
    }

    /// Whether the type never says anything else, whatever it is shown.
    fn is_deaf(&mut self, around: &Around, node: &Node<'_>) -> Result<bool, Spent> {
        // Nothing but the same kind would be looked at here.
        let mut same = false;
        for substitute in SUBSTITUTES {
            match self.now(around, substitute)? {
                Now::About => return Ok(false),
                Now::Same => same = true,
                Now::Gone => {}
            }
        }
        Ok(same || !node.is_container())
    }

    /// What cannot be left out without that the error changes, in its order; nothing if it is too much.
    fn needed(&mut self, around: &Around, node: &Node<'_>) -> Result<Option<Vec<usize>>, Spent> {
        // A missing member may have a namesake here, which must not become missing too.
        let mut needed: Vec<usize> = Vec::new();
        if let Says::Missing(missing) = Says::of(self.message) {
            let missing = quoted(missing);
            needed.extend((0..node.len()).find(|index| node.at(*index).is_some_and(|(own, _)| own == Some(&missing))));
        }
        let mut until = node.len();
        loop {
            if self.stays_with(around, node, &needed, 0)? {
                return Ok(Some(needed));
            }
            if until == 0 || needed.len() == NEEDED {
                return Ok(None);
            }
            // With the first `until` it is the same, with the first `without` it is not.
            let mut without = 0;
            while until - without > 1 {
                let middle = without.midpoint(until);
                if self.stays_with(around, node, &needed, middle)? {
                    until = middle;
                } else {
                    without = middle;
                }
            }
            until -= 1;
            // Each one lies before those that were found, but for a namesake.
            needed.push(until);
            needed.sort_unstable();
        }
    }

    fn stays_with(&mut self, around: &Around, node: &Node<'_>, needed: &[usize], before: usize) -> Result<bool, Spent> {
        let mut text = String::new();
        node.write_some((0..before).chain(needed.iter().copied().filter(|index| *index >= before)), &mut text);
        self.stays(around, &text)
    }

    /// Which of these an error is about that says nothing of the value.
    fn suspect(&mut self, around: &Around, node: &Node<'_>, needed: &[usize]) -> Result<Option<usize>, Spent> {
        let (mut last, mut deaf) = (None, None);
        let mut gone = Vec::new();
        for index in needed {
            let Some((_, value)) = node.at(*index) else { continue };
            let around = beside(around, node, needed, *index);
            if value.string().is_some()
                && let Some(next) = self.read(&around, &quoted(NOBODY))?
                && matches!(Says::of(&next.message), Says::Variant(NOBODY))
                // It may be the name of another one.
                && next.message != self.message
            {
                continue;
            }
            let mut nows = Vec::new();
            for substitute in SUBSTITUTES.into_iter().chain(MORE) {
                nows.push(self.now(&around, substitute)?);
            }
            if nows.contains(&Now::Gone) {
                gone.push(*index);
            } else if nows.contains(&Now::About) {
                last = Some(*index);
            } else {
                deaf = Some(*index);
            }
        }
        Ok(match gone.as_slice() {
            [] => deaf.or(last),
            [one] => Some(*one),
            // It is about how they go together.
            _ => None,
        })
    }

    /// Whether nothing but this value, of which only this is needed, is at fault.
    fn itself(&mut self, around: &Around, node: &Node<'_>, needed: &[usize]) -> Result<Option<Fault>, Spent> {
        let fault = |what| Ok(Some(Fault { path: Vec::new(), what }));
        let member = |index| Ok(Some(Fault { path: vec![index], what: What::Member }));
        match Says::of(self.message) {
            Says::Missing(name) => {
                if matches!(node, Node::Array(_)) && needed.is_empty() && !self.stays(around, "7")? {
                    return fault(What::NoObject);
                }
                if matches!(node, Node::Object(_)) && !node.has(name) && self.lacks(around, node, needed, name)? {
                    return fault(What::Missing(name.to_owned()));
                }
            }
            Says::Unknown(name) | Says::Variant(name) => {
                if node.string().is_some_and(|own| own == name) && !self.stays(around, &quoted(NOBODY))? {
                    return fault(What::Value);
                }
                let is_it =
                    |index: &&usize| node.at(**index).and_then(|(own, _)| own).is_some_and(|own| unquoted(own) == name);
                if let Some(index) = needed.iter().find(is_it)
                    && let Some(stop) = self.renamed(around, node, needed, *index)?
                {
                    return match Says::of(&stop.message) {
                        Says::Unknown(NOBODY) => member(*index),
                        Says::Variant(NOBODY) => Ok(Some(Fault { path: vec![*index], what: What::Value })),
                        _ => Ok(None),
                    };
                }
            }
            Says::Twice => {
                for index in needed.iter().rev() {
                    let Some((Some(own), _)) = node.at(*index) else { continue };
                    let own = unquoted(own);
                    let next = self.renamed(around, node, needed, *index)?;
                    let names = |next: &Stop| matches!(Says::of(&next.message), Says::Missing(name) if name == own);
                    if !next.is_some_and(|next| names(&next)) {
                        return member(*index);
                    }
                }
            }
            Says::Found { what: "unit variant", .. } => {
                let next = self.read(around, &quoted(NOBODY))?;
                let is_it = |next: Stop| matches!(Says::of(&next.message), Says::Variant(NOBODY));
                if !node.is_container() && next.is_some_and(is_it) {
                    return fault(What::Value);
                }
            }
            Says::Found { what, expected } => {
                if node.is_called(what) {
                    let changed = node.changed();
                    let is_it = match self.read(around, &changed)? {
                        None => true,
                        Some(stop) if stop.message == self.message => false,
                        Some(stop) => match Says::of(&stop.message) {
                            Says::Found { what, expected: now } if is_called(&changed, what) => now == expected,
                            Says::Missing(_) | Says::Found { .. } | Says::Length(_) => true,
                            other => !other.is_about(&changed),
                        },
                    };
                    if is_it {
                        return fault(What::Value);
                    }
                }
            }
            Says::Length(length) => {
                if matches!(node, Node::Array(elements) if elements.len() >= length) && needed.len() >= length {
                    return fault(What::Value);
                }
            }
            Says::Number | Says::Other(_) => return fault(What::Value),
        }
        Ok(None)
    }

    /// Whether the error changes once the object has a member of this name.
    fn lacks(&mut self, around: &Around, node: &Node<'_>, needed: &[usize], name: &str) -> Result<bool, Spent> {
        let mut text = String::new();
        node.write_some(needed.iter().copied(), &mut text);
        text.pop();
        let comma = if needed.is_empty() { "" } else { "," };
        let mut known = false;
        for substitute in SUBSTITUTES {
            let text = format!("{text}{comma}{}:{substitute}}}", quoted(name));
            match self.read(around, &text)? {
                Some(stop) if stop.message == self.message => return Ok(false),
                Some(stop) if Says::of(&stop.message) == Says::Unknown(name) => {}
                _ => known = true,
            }
        }
        Ok(known)
    }

    /// What becomes of the error if this member has a name that nobody knows.
    fn renamed(
        &mut self,
        around: &Around,
        node: &Node<'_>,
        needed: &[usize],
        index: usize,
    ) -> Result<Option<Stop>, Spent> {
        let Some((Some(name), value)) = node.at(index) else { return Ok(None) };
        let Around { mut head, tail } = beside(around, node, needed, index);
        head.truncate(head.len() - name.len() - ":".len());
        self.read(&Around { head, tail }, &format!("{}:{}", quoted(NOBODY), value.text()))
    }
}

/// What is around one value of an array or object, with only those beside it that are needed.
fn beside(around: &Around, node: &Node<'_>, needed: &[usize], index: usize) -> Around {
    let mut text = String::new();
    let close = node.open(&mut text);
    let mut head = format!("{}{text}", around.head);
    let mut tail = String::new();
    let mut first = true;
    for own in needed {
        let Some((name, value)) = node.at(*own) else { continue };
        let out = if *own <= index { &mut head } else { &mut tail };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        if let Some(name) = name {
            out.push_str(name);
            out.push(':');
        }
        if *own != index {
            value.write(out);
        }
    }
    Around { head, tail: format!("{tail}{close}{}", around.tail) }
}
