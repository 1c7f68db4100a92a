//! What it means that a member is absent: to serde, which may refuse it, and in a replacement, where a word must say it.
//! Whether a member may be absent is asked here.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::ctxt::Ctxt;
use crate::model::WrittenField;
use crate::symbol::{KEEP, Word};

/// What the absence of a create-only or write-only member means in a replacement is said where it is a question.
pub(super) fn in_a_replacement(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let words = &field.put.words;
    // What clashes has been told already.
    let is_other = [Word::Key, Word::Version, Word::ReadOnly, Word::Immutable].into_iter().any(|word| words.has(word));
    let class = match (words.at(Word::CreateOnly), words.at(Word::WriteOnly)) {
        (Some(at), None) => Some((Word::CreateOnly, at)),
        (None, Some(at)) => Some((Word::WriteOnly, at)),
        _ => None,
    };
    let Some((word, at)) = class.filter(|_| !is_other && !field.serde.has("flatten")) else { return };
    match (words.at(Word::Absent), is_optional(field)) {
        (None, true) => {
            ctxt.error_at(
                at,
                format_args!(
                    "an optional {word} member must say what a replacement without it means: `absent = \"keep\"`, what \
                     is stored stays; or `absent = \"clear\"`, it becomes what serde makes of its absence"
                ),
            );
        }
        (Some(absent), false) => {
            ctxt.error_at(
                absent,
                format_args!(
                    "a {word} member that is not optional keeps what is stored when it is absent; remove `absent`, or \
                     make it an `Option`"
                ),
            );
        }
        (Some(_), true) | (None, false) => {}
    }
}

pub(super) fn read_by_function(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let reader = field.serde.item("deserialize_with").or_else(|| field.serde.item("with"));
    let Some(item) = reader else { return };
    if is_option(field.ty) && !field.put.words.has(Word::Key) && !field.serde.has("default") {
        let word = item.path().to_token_stream();
        ctxt.error(
            item,
            format_args!("with `{word}`, serde refuses an `Option` that is absent; add `#[serde(default)]`"),
        );
    }
}

/// Whether a replacement that leaves the member out keeps what is stored.
pub(super) fn keeps(field: &WrittenField<'_>) -> bool {
    !is_optional(field) || field.put.absent == Some(KEEP)
}

/// Whether serde accepts the absence of the member, as far as the struct shows it.
fn is_optional(field: &WrittenField<'_>) -> bool {
    is_option(field.ty) || field.serde.has("default")
}

/// The type inside an `Option` that is written as one.
pub(super) fn inside_option(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) if is_option(ty) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            }),
            PathArguments::None | PathArguments::Parenthesized(_) => None,
        },
        Type::Group(group) => inside_option(&group.elem),
        Type::Paren(paren) => inside_option(&paren.elem),
        _ => None,
    }
}

/// Whether the type is written as an `Option`. An alias is not seen, which is why `#[serde(default)]` always helps too.
pub(super) fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().is_some_and(|last| last.ident == "Option")
        }
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        _ => false,
    }
}
