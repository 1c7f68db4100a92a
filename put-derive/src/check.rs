//! What PUT cannot mean: the rules between the words, the path and serde's attributes, each with its fix. What passes
//! is a resource as checked.
//!
//! One file, because the rules are one list: who adds a word must see which of the others it clashes with.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use regex_lite::Regex;
use syn::ext::IdentExt;
use syn::{Data, Fields, GenericArgument, GenericParam, LitStr, PathArguments, Type};

use crate::ctxt::{Ctxt, Refused};
use crate::model::{Absence, Echo, KeyField, Member, Resource, Role, StoreWith, Written, WrittenField};
use crate::path::Parameters;
use crate::serde_attr::Names;
use crate::symbol::{Form, KEEP, REJECT, REQUIRE_EQUAL, Word};

/// Notes every error of the struct. The resource counts only if nothing was noted.
pub(crate) fn check<'a>(ctxt: &Ctxt, written: &'a Written<'a>) -> Result<Resource<'a>, Refused> {
    lifetimes(ctxt, written);
    container(ctxt, written);
    shape(ctxt, written)?;
    let path = path(ctxt, written);
    let key = key(ctxt, written, &path);
    for field in written.fields() {
        clashes(ctxt, field);
        companions(ctxt, field);
        flattened(ctxt, written, field);
        server_managed(ctxt, field);
        key_type(ctxt, field);
        pattern(ctxt, field);
        version_form(ctxt, field);
        absence(ctxt, field);
        store_with(ctxt, field);
        blank(ctxt, field);
        survives_the_store(ctxt, written, field);
        presence(ctxt, field);
    }
    once(ctxt, written, Word::Version);
    once(ctxt, written, Word::LastModified);
    let names = names(ctxt, written);
    columns(ctxt, written, &names);
    let key = key?;
    let members = written.fields().iter().zip(names).map(|(field, names)| member(field, names, &key)).collect();
    Ok(Resource {
        ident: &written.input.ident,
        generics: &written.input.generics,
        root: written.root(),
        allowed_lints: written.allowed_lints(),
        path: path?.0,
        allow_unknown: written.put.words.has(Word::AllowUnknown),
        rules: written.put.words.iter().filter(|(word, _)| matches!(word, Word::Garde | Word::Validator)).collect(),
        members,
        key,
    })
}

// The struct.

fn shape(ctxt: &Ctxt, written: &Written<'_>) -> Result<(), Refused> {
    const ONLY: &str = "`PutResource` can be derived for structs with named fields only";
    Err(match &written.input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => return Ok(()),
            Fields::Unnamed(fields) => ctxt.error(fields, format_args!("{ONLY}; give these fields names")),
            Fields::Unit => ctxt.error(&written.input.ident, format_args!("{ONLY}; a unit struct has no key")),
        },
        Data::Enum(data) => {
            ctxt.error(data.enum_token, format_args!("{ONLY}; make the enum a member of a struct with a key"))
        }
        Data::Union(data) => ctxt.error(data.union_token, format_args!("{ONLY}; make the union a struct")),
    })
}

fn lifetimes(ctxt: &Ctxt, written: &Written<'_>) {
    let name = &written.input.ident;
    let lifetime = written.input.generics.params.iter().find_map(|param| match param {
        GenericParam::Lifetime(param) => Some(&param.lifetime),
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    if let Some(lifetime) = lifetime {
        let message = format!("`{name}` outlives the request it is read from, so it cannot borrow");
        ctxt.error(lifetime, format_args!("{message}; remove `{lifetime}` and own the data, `String` for `&str`"));
    }
}

/// serde's attributes on the struct.
fn container(ctxt: &Ctxt, written: &Written<'_>) {
    let name = &written.input.ident;
    let serde = &written.serde;
    let refuse = |word: &str, message: String| {
        if let Some(item) = serde.item(word) {
            ctxt.error(item, message);
        }
    };
    refuse(
        "default",
        "`default` on the struct would give every absent member its default in silence; write `#[serde(default)]` on \
         each field that may be absent"
            .to_owned(),
    );
    for (word, does) in [("from", "reads"), ("try_from", "reads"), ("into", "writes")] {
        let message =
            format!("with `{word}`, serde {does} the members of another type; derive `PutResource` for that type");
        refuse(word, message);
    }
    refuse("remote", format!("with `remote`, serde reads and writes another type than `{name}`; remove it"));
    refuse("transparent", format!("with `transparent`, `{name}` is not an object with members; remove it"));
    refuse("tag", format!("`tag` writes a member that `{name}` has no field for; remove it, or make it a field"));
    let rules = serde.rules();
    if rules.serialize != rules.deserialize {
        refuse(
            "rename_all",
            "`rename_all` must be the same in both directions, or a store cannot read what it wrote; write `rename_all \
             = \"..\"`"
                .to_owned(),
        );
    }
    if let (Some(at), true) = (written.put.words.at(Word::AllowUnknown), serde.has("deny_unknown_fields")) {
        ctxt.error_at(at, "`allow_unknown` lets in what serde's `deny_unknown_fields` refuses; remove one of the two");
    }
}

// The path and the key.

fn path<'a>(ctxt: &Ctxt, written: &'a Written<'a>) -> Result<(&'a LitStr, Parameters), Refused> {
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

fn key_fields<'w>(written: &'w Written<'w>) -> impl Iterator<Item = &'w WrittenField<'w>> {
    written.fields().iter().filter(|field| field.put.words.has(Word::Key))
}

/// The key fields in the order of the path.
fn key<'a>(
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

fn key_type(ctxt: &Ctxt, field: &WrittenField<'_>) {
    if field.put.words.has(Word::Key) && is_option(field.ty) {
        ctxt.error(
            field.ty,
            "a key cannot be an `Option`, because every path has one; write the type inside the `Option`",
        );
    }
}

/// The pattern is one that a whole key can match.
fn pattern(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

// The words on one field.

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

fn clashes(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

fn companions(ctxt: &Ctxt, field: &WrittenField<'_>) {
    for (word, others, message) in COMPANIONS {
        if let Some(at) = field.put.words.at(*word)
            && !others.iter().any(|other| field.put.words.has(*other))
        {
            ctxt.error_at(at, message);
        }
    }
}

fn flattened(ctxt: &Ctxt, written: &Written<'_>, field: &WrittenField<'_>) {
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

fn server_managed(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

fn version_form(ctxt: &Ctxt, field: &WrittenField<'_>) {
    if !field.put.words.has(Word::Version) {
        return;
    }
    if let Some(item) = BY_FUNCTION.iter().find_map(|word| field.serde.item(word)) {
        let word = item.path().to_token_stream();
        ctxt.error(item, format_args!("the server counts a `version` as a plain integer; remove `{word}`"));
    }
}

/// What the absence of a create-only or write-only member means in a replacement is said where it is a question.
fn absence(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

/// The function takes what the type itself reads.
fn store_with(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

/// The texts that a store takes over have something in them.
fn blank(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

/// The word occurs on one field at most.
fn once(ctxt: &Ctxt, written: &Written<'_>, word: Word) {
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

// serde's attributes on one field.

const BY_FUNCTION: &[&str] = &["with", "serialize_with", "deserialize_with"];

const SKIPS: &[&str] = &["skip", "skip_serializing", "skip_deserializing"];

fn skipped<'w>(field: &'w WrittenField<'_>) -> Option<&'w syn::Meta> {
    SKIPS.iter().find_map(|word| field.serde.item(word))
}

fn survives_the_store(ctxt: &Ctxt, written: &Written<'_>, field: &WrittenField<'_>) {
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

fn presence(ctxt: &Ctxt, field: &WrittenField<'_>) {
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

// Names.

/// serde's names of all fields, in order.
fn names(ctxt: &Ctxt, written: &Written<'_>) -> Vec<Names> {
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
fn columns(ctxt: &Ctxt, written: &Written<'_>, names: &[Names]) {
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
            // They have one name, and `names` has said so.
            (None, None) => {}
        }
    }
}

fn member<'a>(field: &'a WrittenField<'a>, names: Names, key: &[KeyField<'_>]) -> Member<'a> {
    let words = &field.put.words;
    let role = if let Some(part) = key.iter().position(|part| part.ident == field.ident) {
        Role::Key { part }
    } else if words.has(Word::Version) {
        Role::Version
    } else if words.has(Word::ReadOnly) {
        Role::ReadOnly { on_create: field.put.on_create.as_ref(), on_replace: field.put.on_replace.as_ref() }
    } else if words.has(Word::Immutable) {
        Role::Immutable
    } else if words.has(Word::CreateOnly) {
        Role::CreateOnly { keeps: keeps(field) }
    } else if words.has(Word::WriteOnly) {
        Role::WriteOnly { keeps: keeps(field), store_with: kept(field) }
    } else {
        Role::Client
    };
    let reader = field.serde.reader();
    let absence = match (field.serde.has("default"), &reader) {
        (true, _) => Absence::Accepted,
        (false, Some(_)) => Absence::Refused,
        (false, None) => Absence::ByType,
    };
    Member {
        ident: field.ident,
        ty: field.ty,
        name: names.deserialize,
        aliases: names.aliases,
        absence,
        role,
        pattern: field.put.pattern.as_ref(),
        echo: match field.put.echo {
            Some(REQUIRE_EQUAL) => Echo::RequireEqual,
            Some(REJECT) => Echo::Reject,
            _ => Echo::Ignore,
        },
        required: words.has(Word::Required),
        flatten: field.serde.has("flatten"),
        last_modified: words.has(Word::LastModified),
        column: field.put.column.as_ref(),
        column_type: field.put.column_type.as_ref(),
        reader,
        writer: field.serde.writer(),
    }
}

/// Whether a replacement that leaves the member out keeps what is stored.
fn keeps(field: &WrittenField<'_>) -> bool {
    !is_optional(field) || field.put.absent == Some(KEEP)
}

fn kept<'a>(field: &'a WrittenField<'a>) -> Option<StoreWith<'a>> {
    let inside = inside_option(field.ty);
    let function = field.put.store_with.as_ref()?;
    Some(StoreWith { ty: inside.unwrap_or(field.ty), is_option: inside.is_some(), function })
}

/// Whether serde accepts the absence of the member, as far as the struct shows it.
fn is_optional(field: &WrittenField<'_>) -> bool {
    is_option(field.ty) || field.serde.has("default")
}

/// The type inside an `Option` that is written as one.
fn inside_option(ty: &Type) -> Option<&Type> {
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
fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().is_some_and(|last| last.ident == "Option")
        }
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        _ => false,
    }
}
