//! What PUT cannot mean: the rules between the words, the path and serde's attributes, each with its fix. What passes
//! is a resource as checked.
//!
//! Here is the list of all rules in their order, and the making of the checked members. Each rule is in the room of its
//! subject: `container` has the struct, `key` the path and the key, `words` what the words on a field demand of each
//! other, `absence` what it means that a member is left out, `kept` what serde's attributes do to what is kept, `names`
//! the names and columns.

mod absence;
mod container;
mod kept;
mod key;
mod names;
mod words;

use crate::ctxt::{Ctxt, Refused};
use crate::model::{Absence, Echo, KeyField, Member, Resource, Role, StoreWith, Written, WrittenField};
use crate::serde_attr::Names;
use crate::symbol::{REJECT, REQUIRE_EQUAL, Word};

/// Notes every error of the struct. The resource counts only if nothing was noted.
pub(crate) fn check<'a>(ctxt: &Ctxt, written: &'a Written<'a>) -> Result<Resource<'a>, Refused> {
    container::lifetimes(ctxt, written);
    container::serde_attributes(ctxt, written);
    container::shape(ctxt, written)?;
    let path = key::path(ctxt, written);
    let key = key::key(ctxt, written, &path);
    for field in written.fields() {
        words::clashes(ctxt, field);
        words::companions(ctxt, field);
        words::flattened(ctxt, written, field);
        words::server_managed(ctxt, field);
        key::key_type(ctxt, field);
        key::pattern(ctxt, field);
        kept::version_form(ctxt, field);
        absence::in_a_replacement(ctxt, field);
        kept::store_with(ctxt, field);
        names::blank(ctxt, field);
        kept::survives_the_store(ctxt, written, field);
        absence::read_by_function(ctxt, field);
    }
    words::once(ctxt, written, Word::Version);
    words::once(ctxt, written, Word::LastModified);
    let names = names::in_json(ctxt, written);
    names::columns(ctxt, written, &names);
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
        Role::CreateOnly { keeps: absence::keeps(field) }
    } else if words.has(Word::WriteOnly) {
        Role::WriteOnly { keeps: absence::keeps(field), store_with: store_with(field) }
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

fn store_with<'a>(field: &'a WrittenField<'a>) -> Option<StoreWith<'a>> {
    let inside = absence::inside_option(field.ty);
    let function = field.put.store_with.as_ref()?;
    Some(StoreWith { ty: inside.unwrap_or(field.ty), is_option: inside.is_some(), function })
}
