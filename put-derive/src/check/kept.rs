//! What serde's attributes on a field do to what is kept: a store writes a state and reads it again with no member lost,
//! the server counts the version in it, and `store_with` takes a value as its type reads it.

use quote::ToTokens;
use syn::Meta;

use super::absence::is_option;
use crate::ctxt::Ctxt;
use crate::model::{Written, WrittenField};
use crate::symbol::Word;

const BY_FUNCTION: &[&str] = &["with", "serialize_with", "deserialize_with"];

const SKIPS: &[&str] = &["skip", "skip_serializing", "skip_deserializing"];

pub(super) fn survives_the_store(ctxt: &Ctxt, written: &Written<'_>, field: &WrittenField<'_>) {
    for item in SKIPS.iter().filter_map(|word| field.serde.item(word)) {
        let word = item.path().to_token_stream();
        let name = &written.input.ident;
        ctxt.error(
            item,
            format_args!("a store writes a state and reads it again, and `{word}` would lose this member; remove it, or move the field out of `{name}`"),
        );
    }
    let always_there = [Word::Key, Word::Version].into_iter().find(|word| field.put.words.has(*word));
    if let (Some(item), Some(word)) = (field.serde.item("skip_serializing_if"), always_there) {
        ctxt.error(item, format_args!("a representation without its {word} is none; remove `skip_serializing_if`"));
        return;
    }
    if let (Some(item), true) = (field.serde.item("skip_serializing_if"), field.put.words.has(Word::WriteOnly)) {
        ctxt.error(item, "no representation has a `write_only` member anyway; remove `skip_serializing_if`");
        return;
    }
    let absence_reads_back = field.serde.has("default") || field.serde.has("flatten") || is_option(field.ty);
    if let (Some(item), false) = (field.serde.item("skip_serializing_if"), absence_reads_back) {
        ctxt.error(item, "a member that `skip_serializing_if` left out cannot be read again; add `#[serde(default)]`");
    }
}

pub(super) fn version_form(ctxt: &Ctxt, field: &WrittenField<'_>) {
    if !field.put.words.has(Word::Version) {
        return;
    }
    if let Some(item) = BY_FUNCTION.iter().find_map(|word| field.serde.item(word)) {
        let word = item.path().to_token_stream();
        ctxt.error(item, format_args!("the server counts a `version` as a plain integer; remove `{word}`"));
    }
}

/// The function takes what the type itself reads.
pub(super) fn store_with(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let Some(at) = field.put.words.at(Word::StoreWith) else { return };
    let by_function = BY_FUNCTION.iter().find(|word| field.serde.has(word));
    if let Some(word) = by_function {
        ctxt.error_at(
            at,
            format_args!(
                "`store_with` takes and gives what the type itself reads, and serde reads or writes it by `{word}`; keep \
                 one of the two"
            ),
        );
    }
}

pub(super) fn skipped<'w>(field: &'w WrittenField<'_>) -> Option<&'w Meta> {
    SKIPS.iter().find_map(|word| field.serde.item(word))
}
