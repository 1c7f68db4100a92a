//! `#[derive(PutResource)]`, used through `put-core`, which exports it beside the trait.
//!
//! The files are the phases, in this order:
//!
//! - `attr` and `serde_attr` read the words of `#[put(..)]` and `#[serde(..)]`; `symbol` knows the words;
//! - `model` has the resource twice: as written, and as checked;
//! - `check` goes from the one to the other, with `path` for the path: the list of all rules, and below it a room for
//!   each subject they are about;
//! - `expand` states the facts of a checked resource; `fallback` stands in when there are errors;
//! - `part` states the names that value rules need, of a resource and of what derives `PutPart`;
//! - `ctxt` collects the errors of all of them.
//!
//! Everything below the entry works on `proc_macro2`, so unit tests can run it.

mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod model;
mod part;
mod path;
mod serde_attr;
#[cfg(test)]
mod snapshots;
mod symbol;

use proc_macro2::TokenStream;

#[doc = include_str!("../derive.md")]
// `serde` is declared as well: without serde's derives its attributes would be unknown, and that error would hide ours.
#[proc_macro_derive(PutResource, attributes(put, serde))]
pub fn derive_put_resource(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into()).into()
}

#[doc = include_str!("../part.md")]
#[proc_macro_derive(PutPart, attributes(put, serde))]
pub fn derive_put_part(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input: TokenStream = input.into();
    syn::parse2(input).map_or_else(syn::Error::into_compile_error, |input| part::derive(&input)).into()
}

fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let ctxt = ctxt::Ctxt::default();
    let written = model::Written::read(&ctxt, &input);
    let checked = check::check(&ctxt, &written);
    match (checked, ctxt.into_compile_errors()) {
        (Ok(resource), None) => expand::expand(&resource),
        (_, errors) => fallback::fallback(&written, errors.as_ref()),
    }
}
