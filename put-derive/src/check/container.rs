//! The struct, and serde's attributes on it: one that has members with names, owns what it holds, and is written and read
//! as itself.

use syn::{Data, Fields, GenericParam};

use crate::ctxt::{Ctxt, Refused};
use crate::model::Written;
use crate::symbol::Word;

pub(super) fn lifetimes(ctxt: &Ctxt, written: &Written<'_>) {
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
pub(super) fn serde_attributes(ctxt: &Ctxt, written: &Written<'_>) {
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

pub(super) fn shape(ctxt: &Ctxt, written: &Written<'_>) -> Result<(), Refused> {
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
