//! What a struct with errors expands to: the errors, and an impl that is true as far as the compiler can see, so that
//! each use of the struct does not report another one.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::expand::key_type;
use crate::model::{KeyField, Written};
use crate::symbol::Word;

pub(crate) fn fallback(written: &Written<'_>, errors: Option<&TokenStream>) -> TokenStream {
    let root = written.root();
    let ident = &written.input.ident;
    let allowed_lints = written.allowed_lints();
    let name = LitStr::new(&ident.to_string(), ident.span());
    let marked = written.fields().iter().filter(|field| field.put.words.has(Word::Key));
    let key = key_type(&marked.map(|field| KeyField { ident: field.ident, ty: field.ty }).collect::<Vec<_>>());
    let (impl_generics, ty_generics, where_clause) = written.input.generics.split_for_impl();
    let predicates = where_clause.map(|clause| &clause.predicates);
    let predicates = predicates.into_iter().flatten();
    quote! {
        #errors
        #allowed_lints
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #root::PutResource for #ident #ty_generics
            where
                #(#predicates,)*
                // The compiler does not look into a bound with a lifetime of its own: whatever else is wrong with the
                // struct, this impl adds nothing to it.
                for<'fallback> Self: #root::__private::ReadJson + #root::__private::WriteJson
                    + ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                type Key = #key;
                const FACTS: &'static #root::__private::Facts = &#root::__private::Facts::new::<Self>(#name, "/", &[]);
                fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
                    &""
                }
                fn part_of(_: &#key, _: usize) -> &dyn ::core::fmt::Display {
                    &""
                }
                fn key_from(_: &[&str]) -> ::core::option::Option<#key> {
                    ::core::option::Option::None
                }
            }
        };
    }
}
