//! The path and the key: each parameter has its field, the field has a type that every path has a value of, and its
//! pattern is one that such a value can match. The segments of a path are read in `path` beside `check`.

use regex_lite::Regex;
use syn::LitStr;
use syn::ext::IdentExt;

use super::absence::is_option;
use crate::ctxt::{Ctxt, Refused};
use crate::model::{KeyField, Written, WrittenField};
use crate::path::Parameters;
use crate::symbol::Word;

pub(super) fn path<'a>(ctxt: &Ctxt, written: &'a Written<'a>) -> Result<(&'a LitStr, Parameters), Refused> {
    let Some(path) = &written.put.path else {
        let misplaced = written.fields().iter().any(|field| field.put.misplaced.contains(&Word::Path));
        if misplaced || written.put.words.has(Word::Path) {
            return Err(ctxt.refused_before());
        }
        let name = &written.input.ident;
        let segments: Vec<String> = key_fields(written).map(|field| format!("{{{}}}", field.ident.unraw())).collect();
        let key = if segments.is_empty() { "{id}".to_owned() } else { segments.join("/") };
        let plural = name.unraw().to_string().to_lowercase();
        let message = format!("`{name}` needs a path: `#[put(path = \"/{plural}s/{key}\")]`");
        return Err(ctxt.error(name, message));
    };
    Ok((path, Parameters::read(ctxt, path)?))
}

/// The key fields in the order of the path.
pub(super) fn key<'a>(
    ctxt: &Ctxt,
    written: &'a Written<'a>,
    path: &Result<(&LitStr, Parameters), Refused>,
) -> Result<Vec<KeyField<'a>>, Refused> {
    let parameters = path.as_ref().map_or(&[][..], |(_, Parameters(names))| names);
    let is_named = |field: &WrittenField<'_>, name: &str| field.ident.unraw() == name;
    let field_named = |name: &str| written.fields().iter().find(|field| is_named(field, name));
    if key_fields(written).next().is_none() {
        if written.put.misplaced.contains(&Word::Key) {
            return Err(ctxt.refused_before());
        }
        let name = &written.input.ident;
        let fields: Vec<String> =
            parameters.iter().filter(|name| field_named(name).is_some()).map(|name| format!("`{name}`")).collect();
        let which = match &fields[..] {
            [] => "the field that the path names".to_owned(),
            [field] => format!("the field {field}"),
            fields => format!("the fields {}", fields.join(", ")),
        };
        return Err(ctxt.error(name, format_args!("`{name}` needs a key: mark {which} with `#[put(key)]`")));
    }
    let Ok((literal, _)) = path else { return Err(ctxt.refused_before()) };

    let mut key = Vec::new();
    let mut unbound = Vec::new();
    for name in parameters {
        match key_fields(written).find(|field| is_named(field, name)) {
            Some(field) => key.push(KeyField { ident: field.ident, ty: field.ty }),
            None => unbound.push(name),
        }
    }
    let unnamed: Vec<_> =
        key_fields(written).filter(|field| !parameters.iter().any(|name| is_named(field, name))).collect();
    let mut refused = None;
    if let ([name], [field]) = (&unbound[..], &unnamed[..]) {
        let field = field.ident.unraw();
        let message =
            format!("path parameter `{{{name}}}` has no key field; name it like the key field: `{{{field}}}`");
        return Err(ctxt.error(literal, message));
    }
    for name in unbound {
        let fix = match field_named(name) {
            Some(_) => format!("mark the field `{name}` with `#[put(key)]`"),
            None => "mark the field with `#[put(key)]` or rename the parameter".to_owned(),
        };
        refused = Some(ctxt.error(literal, format_args!("path parameter `{{{name}}}` has no key field; {fix}")));
    }
    for field in unnamed {
        let name = field.ident.unraw();
        let message = format!("key `{name}` is not in the path; add `/{{{name}}}` to the path or remove `#[put(key)]`");
        refused = Some(ctxt.error(field.ident, message));
    }
    match refused {
        Some(refused) => Err(refused),
        None => Ok(key),
    }
}

fn key_fields<'w>(written: &'w Written<'w>) -> impl Iterator<Item = &'w WrittenField<'w>> {
    written.fields().iter().filter(|field| field.put.words.has(Word::Key))
}

pub(super) fn key_type(ctxt: &Ctxt, field: &WrittenField<'_>) {
    if field.put.words.has(Word::Key) && is_option(field.ty) {
        ctxt.error(
            field.ty,
            "a key cannot be an `Option`, because every path has one; write the type inside the `Option`",
        );
    }
}

/// The pattern is one that a whole key can match.
pub(super) fn pattern(ctxt: &Ctxt, field: &WrittenField<'_>) {
    let Some(text) = &field.put.pattern else { return };
    let pattern = text.value();
    if let Err(error) = Regex::new(&pattern) {
        ctxt.error(text, format_args!("`pattern` is no regular expression of the crate `regex-lite`: {error}"));
        return;
    }
    // As put-core holds it against a whole key; by itself it might be another one.
    match Regex::new(&format!("^(?:{pattern})$")) {
        Err(error) => {
            ctxt.error(
                text,
                format_args!(
                    "`pattern` cannot stand in the group that holds it against the whole key: {error}; end its last \
                     comment with a line break, or nest it less"
                ),
            );
        }
        Ok(whole) if whole.is_match("") => {
            ctxt.error(text, "`pattern` lets an empty key pass, and no path has one; ask for one character at least");
        }
        Ok(_) => {}
    }
}
