//! The names that a member goes by: serde's in JSON, and its column in a store. No two members have one of them.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::LitStr;
use syn::ext::IdentExt;

use super::kept::skipped;
use crate::ctxt::Ctxt;
use crate::model::{Written, WrittenField};
use crate::serde_attr::Names;
use crate::symbol::{Form, Word};

/// serde's names of all fields, in order.
pub(super) fn in_json(ctxt: &Ctxt, written: &Written<'_>) -> Vec<Names> {
    let rules = written.serde.rules();
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    let mut all = Vec::new();
    for field in written.fields() {
        let names = field.serde.names(field.ident, rules);
        let has_names = !field.serde.has("flatten") && skipped(field).is_none();
        let rename = field.serde.item("rename");
        if let (Some(item), true) = (rename, has_names && names.serialize != names.deserialize) {
            let Names { serialize, deserialize, .. } = &names;
            let message =
                format!("`{serialize}` is written and `{deserialize}` is read, so a store cannot read what it wrote");
            ctxt.error(item, format_args!("{message}; write `rename = \"..\"` for both directions"));
        }
        let said = std::iter::once((&names.deserialize, rename))
            .chain(names.aliases.iter().map(|alias| (alias, field.serde.item("alias"))));
        for (name, item) in said.filter(|_| has_names) {
            match owners.get(name) {
                Some(owner) if *owner == field.ident => {}
                Some(owner) => {
                    let message = format!("`{}` has the name `{name}` in JSON already; choose another", owner.unraw());
                    match item {
                        Some(item) => ctxt.error(item, message),
                        None => ctxt.error(field.ident, message),
                    };
                }
                None => {
                    owners.insert(name.clone(), field.ident);
                }
            }
        }
        all.push(names);
    }
    all
}

/// No two members have one column. A member without the word has serde's name there.
pub(super) fn columns(ctxt: &Ctxt, written: &Written<'_>, names: &[Names]) {
    let mut owners: HashMap<String, &WrittenField<'_>> = HashMap::new();
    let has_column = |field: &WrittenField<'_>| !field.serde.has("flatten") && skipped(field).is_none();
    for (field, names) in written.fields().iter().zip(names).filter(|(field, _)| has_column(field)) {
        let column = match &field.put.column {
            Some(text) if is_blank(text) => continue,
            Some(text) => text.value(),
            // It was said, but not as a text.
            None if field.put.words.has(Word::Column) => continue,
            None => names.deserialize.clone(),
        };
        let Some(owner) = owners.get(&column) else {
            owners.insert(column, field);
            continue;
        };
        let message = format!("`{}` has the column `{column}` already", owner.ident.unraw());
        match (&field.put.column, &owner.put.column) {
            (Some(text), _) => {
                ctxt.error(text, format_args!("{message}; choose another"));
            }
            (None, Some(_)) => {
                ctxt.error(field.ident, format_args!("{message}; choose another there, or write `column = ..` here"));
            }
            // They have one name, and `in_json` has said so.
            (None, None) => {}
        }
    }
}

/// The texts that a store takes over have something in them.
pub(super) fn blank(ctxt: &Ctxt, field: &WrittenField<'_>) {
    for (word, text) in [(Word::Column, &field.put.column), (Word::ColumnType, &field.put.column_type)] {
        let (Some(text), Form::Text { example }) = (text, word.form()) else { continue };
        if is_blank(text) {
            ctxt.error(text, format_args!("{word} is empty; write `{} = {example}`, or remove it", word.name()));
        }
    }
}

fn is_blank(text: &LitStr) -> bool {
    text.value().trim().is_empty()
}
