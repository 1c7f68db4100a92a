//! The way of a broken rule: from the names of fields to a place in the content.
//!
//! Two trees are walked side by side. The value as it was written shows what a path speaks of; the content shows how
//! the client named it and where it stands. A step that nobody knows ends the walk: a place that contains the right
//! one is told rather than a wrong one.

use super::tree::Tree;
use crate::part::{Field, Part, Tagging, Variant};
use crate::violation::Pointer;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A field, or the key of a map.
    Name(String),
    /// The position in a list or a tuple, or a key that is a number.
    Index(usize),
    /// The position in a list or a map: the path has no keys.
    #[cfg_attr(not(feature = "validator"), expect(dead_code, reason = "only validator counts the members of a map"))]
    Nth(usize),
}

/// Where a walk has come to.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    part: Part,
    written: Option<&'a Tree>,
    sent: Option<&'a Tree>,
    pub(crate) pointer: Pointer,
    /// The member of the content that the place is in.
    pub(crate) top: Option<String>,
    /// The name of the last member.
    pub(crate) name: Option<String>,
    /// What places are put in order by: at each step whether the content lacks it, then where it stands.
    pub(crate) rank: Vec<(bool, usize)>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(fields: &'static [Field], written: Option<&'a Tree>, sent: &'a Tree) -> Self {
        let part = Part::Fields(fields);
        Self { part, written, sent: Some(sent), pointer: Pointer::root(), top: None, name: None, rank: Vec::new() }
    }

    /// Goes on as far as the way is known. Whether it was known to the end.
    pub(crate) fn go(&mut self, steps: &[Step]) -> bool {
        steps.iter().all(|step| self.step(step).is_some())
    }

    /// One step; `None` if it is not known where it leads.
    fn step(&mut self, step: &Step) -> Option<()> {
        if let Part::Enum(tagging, variants) = self.part {
            self.enter_variant(tagging, variants)?;
        }
        match (self.part, step) {
            (Part::Through(inner), step) => {
                self.part = inner();
                self.step(step)
            }
            (Part::Newtype(inner), step) => {
                self.part = inner();
                (*step == Step::Index(0)).then_some(())
            }
            (Part::Fields(fields), Step::Name(name)) => {
                let index = fields.iter().position(|field| field.ident == name)?;
                let field = fields.get(index)?;
                self.part = (field.part)();
                if !field.flatten {
                    self.member(field.name, field.aliases, index);
                }
                Some(())
            }
            (Part::Each(inner) | Part::Set(inner), Step::Name(name)) => self.key(name, inner()),
            (Part::Unknown, Step::Name(name)) => self.spelled(name),
            (Part::Tuple(parts), Step::Index(index)) => {
                let part = parts.get(*index)?();
                self.element(*index, part)
            }
            (Part::Unknown, Step::Index(index)) => match self.written.or(self.sent)? {
                // The first might as well be the one field of a tuple struct, which has no place of its own.
                Tree::Array(_) if *index > 0 => self.element(*index, Part::Unknown),
                Tree::Array(_) => None,
                tree if tree.member(&index.to_string()).is_some() => self.key(&index.to_string(), Part::Unknown),
                _ if *index == 0 => Some(()),
                _ => None,
            },
            (Part::Each(inner), Step::Index(index)) => match self.written.or(self.sent)? {
                Tree::Array(_) => self.element(*index, inner()),
                _ => self.key(&index.to_string(), inner()),
            },
            (Part::Each(_) | Part::Unknown, Step::Nth(index)) => {
                let inner = if let Part::Each(inner) = self.part { inner() } else { Part::Unknown };
                match self.written? {
                    Tree::Array(_) => self.element(*index, inner),
                    tree => {
                        let name = tree.name_at(*index)?.to_owned();
                        self.key(&name, inner)
                    }
                }
            }
            (Part::Set(inner), Step::Index(index) | Step::Nth(index)) => {
                let index = self.place_in_set(*index)?;
                self.element(index, inner())
            }
            (Part::Fields(_) | Part::Tuple(_) | Part::Enum(..), _) => None,
        }
    }

    /// To the member of this name, as the client spells it; `order` is where it stands if the client left it out.
    fn member(&mut self, name: &str, aliases: &[&str], order: usize) {
        let of_sent = |name: &str| self.sent.and_then(|sent| sent.member(name));
        let spelled = std::iter::once(name).chain(aliases.iter().copied()).find(|name| of_sent(name).is_some());
        let spelled = spelled.unwrap_or(name);
        let sent = of_sent(spelled);
        self.rank.push(sent.map_or((true, order), |(index, _)| (false, index)));
        self.written = self.written.and_then(|written| written.member(name)).map(|(_, value)| value);
        self.sent = sent.map(|(_, value)| value);
        self.pointer = std::mem::take(&mut self.pointer).member(spelled);
        self.top.get_or_insert_with(|| spelled.to_owned());
        self.name = Some(spelled.to_owned());
    }

    /// To the value of a map.
    fn key(&mut self, key: &str, part: Part) -> Option<()> {
        let index = [self.sent, self.written].into_iter().flatten().find_map(|tree| tree.member(key))?.0;
        self.part = part;
        self.member(key, &[], index);
        Some(())
    }

    /// To the member that has the name of a field, or one that is spelled like it in another style.
    fn spelled(&mut self, name: &str) -> Option<()> {
        let plain = |name: &str| -> String {
            name.chars().filter(|letter| !matches!(letter, '_' | '-')).flat_map(char::to_lowercase).collect()
        };
        if self.key(name, Part::Unknown).is_some() {
            return Some(());
        }
        let Tree::Object(members) = self.written.or(self.sent)? else { return None };
        let wanted = plain(name);
        let mut alike = members.iter().map(|(name, _)| name).filter(|other| plain(other) == wanted);
        match (alike.next(), alike.next()) {
            (Some(only), None) => self.key(only, Part::Unknown),
            _ => None,
        }
    }

    /// To the element at this place of the content.
    fn element(&mut self, index: usize, part: Part) -> Option<()> {
        let written = self.written.and_then(|written| written.element(index));
        let sent = self.sent.and_then(|sent| sent.element(index));
        if written.is_none() && sent.is_none() {
            return None;
        }
        (self.written, self.sent, self.part) = (written, sent, part);
        self.rank.push((sent.is_none(), index));
        self.pointer = std::mem::take(&mut self.pointer).element(index);
        Some(())
    }

    /// Where the client put what stands at this place of a set.
    fn place_in_set(&self, index: usize) -> Option<usize> {
        let Some(Tree::Array(sent)) = self.sent else { return Some(index) };
        let value = self.written?.element(index)?;
        sent.iter().position(|sent| sent.became(value))
    }

    /// Into the variant that was written. A path has no step for it.
    fn enter_variant(&mut self, tagging: Tagging, variants: &'static [Variant]) -> Option<()> {
        let named = |name: &str| variants.iter().find(|variant| variant.name == name);
        let variant = match tagging {
            Tagging::External => {
                let variant = named(self.written?.name_at(0)?)?;
                self.member(variant.name, variant.aliases, 0);
                variant
            }
            Tagging::Internal(tag) => named(self.written?.member(tag)?.1.text()?)?,
            Tagging::Adjacent(tag, content) => {
                let variant = named(self.written?.member(tag)?.1.text()?)?;
                self.member(content, &[], 0);
                variant
            }
            Tagging::Untagged => {
                self.part = Part::Unknown;
                return Some(());
            }
        };
        self.part = variant.part;
        Some(())
    }
}
