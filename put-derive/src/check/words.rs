//! The words on one field, and what each demands of the others: which cannot stand together, which need another beside
//! them, and which one field at most has. Who adds a word looks here, at the two tables first.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::absence::is_option;
use super::kept::skipped;
use crate::ctxt::Ctxt;
use crate::model::{Written, WrittenField};
use crate::symbol::Word;

/// The words that cannot stand together, and what to do; the second is the wrong one.
const CLASHES: &[(Word, Word, &str)] = &[
    (Word::Key, Word::ReadOnly, "a key comes from the path, not from the server; remove `read_only`"),
    (Word::Key, Word::OnCreate, "a key comes from the path, not from the server; remove `on_create`"),
    (Word::Key, Word::OnReplace, "a key comes from the path, not from the server; remove `on_replace`"),
    (Word::Key, Word::Immutable, "a key never changes, so `immutable` says nothing; remove it"),
    (Word::Key, Word::CreateOnly, "a key never changes, so `create_only` says nothing; remove it"),
    (Word::Key, Word::WriteOnly, "every path shows its key, so it cannot be hidden; remove `write_only`"),
    (Word::Key, Word::Required, "a key that the content lacks is taken from the path; remove `required`"),
    (Word::Key, Word::Version, "a version moves with every change and a key never does; mark two fields"),
    (
        Word::Key,
        Word::LastModified,
        "a modification date moves with every change and a key never does; mark two fields",
    ),
    (Word::Version, Word::ReadOnly, "a `version` is read only by itself; remove `read_only`"),
    (Word::Version, Word::OnCreate, "the server counts a `version` by itself; remove `on_create`"),
    (Word::Version, Word::OnReplace, "the server counts a `version` by itself; remove `on_replace`"),
    (Word::Version, Word::Immutable, "a `version` moves with every change; remove `immutable`"),
    (Word::Version, Word::CreateOnly, "a `version` moves with every change; remove `create_only`"),
    (Word::Version, Word::WriteOnly, "the server sets a `version`, and its tag shows it; remove `write_only`"),
    (Word::Version, Word::Required, "a client need not send a `version`; remove `required`"),
    (Word::Version, Word::LastModified, "a `version` is a number and no date; mark two fields"),
    (
        Word::ReadOnly,
        Word::Immutable,
        "no client sets a `read_only` member, so none can change it; remove `immutable`, or `read_only`",
    ),
    (
        Word::ReadOnly,
        Word::CreateOnly,
        "no client sets a `read_only` member, not even at creation; remove `create_only`, or `read_only`",
    ),
    (
        Word::ReadOnly,
        Word::WriteOnly,
        "no client sets a `read_only` member, and nobody would see it; remove `write_only`, or `read_only`",
    ),
    (Word::ReadOnly, Word::Required, "a client need not send a `read_only` member; remove `required`"),
    (
        Word::Immutable,
        Word::CreateOnly,
        "`create_only` is `immutable` that may be left out after the creation; keep one of the two",
    ),
    (
        Word::Immutable,
        Word::WriteOnly,
        "a client must send an `immutable` member as it sees it, and never sees a `write_only` one; keep one of the two",
    ),
    (
        Word::CreateOnly,
        Word::WriteOnly,
        "a client sees a `create_only` member and cannot change it, and it is the other way round with a `write_only` \
         one; keep one of the two",
    ),
    (
        Word::CreateOnly,
        Word::Required,
        "a `create_only` member may be left out after the creation; remove `required`, or write `immutable` instead of \
         `create_only`",
    ),
    (
        Word::WriteOnly,
        Word::Required,
        "a client that cannot read a `write_only` member may leave it out, and a member that is no `Option` is demanded \
         at creation anyway; remove `required`",
    ),
];

/// The words that need one of others beside them, and what to say without.
const COMPANIONS: &[(Word, &[Word], &str)] = &[
    (Word::Pattern, &[Word::Key], "`pattern` is for a key; add `key`, or hold the member against it when it is read"),
    (
        Word::Echo,
        &[Word::ReadOnly, Word::Version],
        "`echo` says what becomes of a member that only the server sets; add `read_only`, or remove it",
    ),
    (
        Word::Absent,
        &[Word::CreateOnly, Word::WriteOnly],
        "`absent` is for a `create_only` or `write_only` member; of any other, absence means what serde makes of it, so \
         remove it",
    ),
    (
        Word::StoreWith,
        &[Word::WriteOnly],
        "`store_with` keeps another value than the client sent, which only a `write_only` member hides; add \
         `write_only`, or remove it",
    ),
];

pub(super) fn clashes(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let mut wrong: Vec<Word> = Vec::new();
    for (word, other, message) in CLASHES {
        let (true, Some(at)) = (field.put.words.has(*word), field.put.words.at(*other)) else { continue };
        // A word is wrong once, and one that is wrong already accuses no other.
        if !wrong.contains(word) && !wrong.contains(other) {
            ctxt.error_at(at, message);
            wrong.push(*other);
        }
    }
}

pub(super) fn companions(ctxt: &Ctxt, field: &WrittenField<'_>) {
    for (word, others, message) in COMPANIONS {
        if let Some(at) = field.put.words.at(*word)
            && !others.iter().any(|other| field.put.words.has(*other))
        {
            ctxt.error_at(at, message);
        }
    }
}

pub(super) fn flattened(ctxt: &Ctxt, written: &Written<'_>, field: &WrittenField<'_>) {
    if !field.serde.has("flatten") {
        return;
    }
    // A word that another one needs is the fault of that one.
    let goes_with = |word: Word| {
        matches!(word, Word::OnCreate | Word::OnReplace) || COMPANIONS.iter().any(|(other, ..)| *other == word)
    };
    let first = field.put.words.iter().find(|(word, _)| !goes_with(*word));
    if let Some((word, at)) = first {
        let name = &written.input.ident;
        let message = match word {
            Word::Column | Word::ColumnType => {
                format!("a flattened part is many members, so it has no {word} of its own")
            }
            _ => format!("a flattened part has no name of its own, so it cannot be {word}"),
        };
        ctxt.error_at(at, format_args!("{message}; write the member that is meant into `{name}` itself"));
    }
}

pub(super) fn server_managed(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let words = &field.put.words;
    // These two are set by something else, and `clashes` has said so.
    if words.has(Word::Key) || words.has(Word::Version) {
        return;
    }
    let Some(read_only) = words.at(Word::ReadOnly) else {
        let instead_of = [Word::Immutable, Word::CreateOnly, Word::WriteOnly, Word::Required];
        let fix = match instead_of.into_iter().find(|word| words.has(*word)) {
            Some(word) => format!("write `read_only` instead of {word}"),
            None => "add `read_only`".to_owned(),
        };
        let first =
            words.iter().find(|(word, _)| matches!(word, Word::OnCreate | Word::OnReplace | Word::LastModified));
        match first {
            Some((Word::LastModified, at)) => {
                ctxt.error_at(at, format_args!("a client could set the modification date itself; {fix}"));
            }
            Some((word, at)) => {
                ctxt.error_at(at, format_args!("{word} is for members that only the server sets; {fix}"));
            }
            None => {}
        }
        return;
    };
    let has_value = words.has(Word::OnCreate)
        || words.has(Word::OnReplace)
        || field.serde.has("default")
        || field.serde.has("flatten")
        || skipped(field).is_some()
        || is_option(field.ty);
    if !has_value {
        let name = field.ident.unraw();
        let message = format!("nobody sets `{name}` at creation");
        ctxt.error_at(
            read_only,
            format_args!(
                "{message}; add `on_create = ..`, `on_replace = ..` or `#[serde(default)]`, or make it an `Option`"
            ),
        );
    }
}

/// The word occurs on one field at most.
pub(super) fn once(ctxt: &Ctxt, written: &Written<'_>, word: Word) {
    let mut first: Option<&Ident> = None;
    for field in written.fields() {
        match (field.put.words.at(word), first) {
            (Some(_), None) => first = Some(field.ident),
            (Some(at), Some(first)) => {
                ctxt.error_at(at, format_args!("`{}` is the {word} already; mark one field", first.unraw()));
            }
            (None, _) => {}
        }
    }
}
