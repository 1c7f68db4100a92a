//! States the facts of a checked resource. Nothing here decides anything: each fact is one call, and what it means is
//! in `put-core`.
//!
//! All paths start with the root (`::put_core`) or with `::core`, besides what the user wrote. What the user wrote keeps
//! its meaning because the impl stands beside the struct, and cannot see our names because those are hygienic.
//!
//! One file, because it is read beside an expansion, from its first line to its last.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Generics, LitStr, WherePredicate, parse_quote};

use crate::model::{Absence, Echo, KeyField, Member, Resource, Role, StoreWith};
use crate::part;

pub(crate) fn expand(resource: &Resource<'_>) -> TokenStream {
    let Resource { ident, root, allowed_lints, .. } = resource;
    let generics = bounded(resource);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let key = key_type(&resource.key);
    // At the place of the key's type, where the compiler then finds it too private for a public struct.
    let key = quote_spanned!(key.span()=> type Key = #key;);
    let facts = facts(resource);
    let key_part = key_part(resource);
    let part_of = part_of(resource);
    let key_from = key_from(resource);
    let server_values = server_values(resource);
    let value_rules = part::value_rules(resource);
    quote! {
        #allowed_lints
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #root::PutResource for #ident #ty_generics #where_clause {
                #key
                const FACTS: &'static #root::__private::Facts = &#facts;
                #key_part
                #part_of
                #key_from
                #server_values
                #value_rules
            }
        };
    }
}

/// The type parameters with what the facts need of them. serde's bounds are not guessed again: that serde reads and
/// writes the struct is the bound.
fn bounded(resource: &Resource<'_>) -> Generics {
    let Resource { root, .. } = resource;
    let mut bounded = resource.generics.clone();
    let parameters: Vec<&Ident> = resource.generics.type_params().map(|param| &param.ident).collect();
    if parameters.is_empty() {
        return bounded;
    }
    let mut predicates: Vec<WherePredicate> = vec![parse_quote! {
        Self: #root::__private::ReadJson + #root::__private::WriteJson
            + ::core::marker::Send + ::core::marker::Sync + 'static
    }];
    predicates.extend(part::bounds(resource));
    for KeyField { ty, .. } in resource.key.iter().filter(|part| mentions(part.ty.to_token_stream(), &parameters)) {
        predicates.push(parse_quote!(#ty: #root::__private::KeyField));
    }
    for Member { ty, reader, writer, role, .. } in &resource.members {
        if !mentions(ty.to_token_stream(), &parameters) {
            continue;
        }
        if let Role::WriteOnly { store_with: Some(StoreWith { ty, .. }), .. } = role {
            predicates.push(parse_quote!(#ty: #root::__private::ReadJson + #root::__private::WriteJson));
        }
        if reader.is_none() {
            predicates.push(parse_quote!(#ty: #root::__private::ReadJson));
        }
        if writer.is_none() && matches!(role, Role::ReadOnly { .. }) {
            predicates.push(parse_quote!(#ty: #root::__private::Serialize));
        }
    }
    bounded.make_where_clause().predicates.extend(predicates);
    bounded
}

fn mentions(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == **name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The type of the one key field, or a tuple.
pub(crate) fn key_type(key: &[KeyField<'_>]) -> TokenStream {
    if let [KeyField { ty, .. }] = key {
        return quote!(#ty);
    }
    let types = key.iter().map(|part| part.ty);
    quote!((#(#types),*))
}

fn facts(resource: &Resource<'_>) -> TokenStream {
    let Resource { ident, root, path, .. } = resource;
    let name = LitStr::new(&ident.unraw().to_string(), ident.span());
    let members = resource.members.iter().map(|member| fact(member, root));
    let allow_unknown = resource.allow_unknown.then(|| quote!(.allow_unknown()));
    quote! {
        #root::__private::Facts::new::<Self>(#name, #path, &[#(#members),*])
        #allow_unknown
    }
}

fn fact(member: &Member<'_>, root: &TokenStream) -> TokenStream {
    let Member { ty, name, aliases, .. } = member;
    let probe = match &member.reader {
        None => quote!(#root::__private::probe::<#ty>),
        Some(reader) => {
            let probe = local("probe");
            quote!(|#probe| { let _: ::core::result::Result<#ty, _> = #reader(#probe); })
        }
    };
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let absence = match member.absence {
        Absence::ByType => None,
        Absence::Accepted => Some(quote!(.has_default())),
        Absence::Refused => Some(quote!(.read_by_function())),
    };
    let absent_keeps = |keeps: bool| keeps.then(|| quote!(.absent_keeps()));
    let role = match &member.role {
        Role::Client => None,
        Role::Key { part } => {
            let key = as_key(ty, root);
            let part = Literal::usize_unsuffixed(*part);
            Some(quote!(.key(#part, #key::is_canonical)))
        }
        Role::Immutable => Some(quote!(.immutable())),
        Role::CreateOnly { keeps } => {
            let keeps = absent_keeps(*keeps);
            Some(quote!(.create_only() #keeps))
        }
        Role::WriteOnly { keeps, store_with: function } => {
            let keeps = absent_keeps(*keeps);
            let store_with = function.as_ref().map(|function| store_with(function, root));
            Some(quote!(.write_only() #keeps #store_with))
        }
        Role::ReadOnly { on_create, on_replace } => {
            let on_create = on_create.map(|_| quote!(.set_on_create()));
            let on_replace = on_replace.map(|_| quote!(.set_on_replace()));
            Some(quote!(.read_only() #on_create #on_replace))
        }
        Role::Version => Some(quote!(.version(#root::__private::version::<#ty>()))),
    };
    let pattern = member.pattern.map(|pattern| quote!(.pattern(#pattern)));
    let echo = match member.echo {
        Echo::Ignore => None,
        Echo::RequireEqual => Some(quote!(.echo_require_equal())),
        Echo::Reject => Some(quote!(.echo_reject())),
    };
    let required = member.required.then(|| quote!(.required()));
    let flatten = member.flatten.then(|| quote!(.flatten()));
    let last_modified = member.last_modified.then(|| quote!(.last_modified()));
    let column = member.column.map(|column| quote!(.column(#column)));
    let column_type = member.column_type.map(|column_type| quote!(.column_type(#column_type)));
    quote! {
        #root::__private::Member::new(#name, #probe)
            #aliases #absence #role #pattern #echo #required #flatten #last_modified #column
            #column_type
    }
}

/// The call stands at the place of the user's function, where the compiler says what the function should give.
fn store_with(StoreWith { ty, is_option, function }: &StoreWith<'_>, root: &TokenStream) -> TokenStream {
    let json = local("json");
    let call = if *is_option { quote!(stored_option_with) } else { quote!(stored_with) };
    let path = respanned(quote!(#root::__private::#call), function.span());
    let call = quote_spanned!(function.span()=> #path::<#ty, _>(#json, #function));
    quote!(.store_with(|#json| #call))
}

/// `<Type as KeyField>`, at the place of the type: if it cannot be a key, all who ask say so in the same words at the same
/// place, and the compiler shows equal errors once.
fn as_key(ty: &syn::Type, root: &TokenStream) -> TokenStream {
    let key_field = respanned(quote!(#root::__private::KeyField), ty.span());
    quote_spanned!(ty.span()=> <#ty as #key_field>)
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

fn key_part(resource: &Resource<'_>) -> TokenStream {
    let root = &resource.root;
    let displays = resource.key.iter().map(|KeyField { ident, ty }| {
        let key = as_key(ty, root);
        quote_spanned!(ty.span()=> #key::as_display(&self.#ident))
    });
    let (part, chosen) = choose(&displays.collect::<Vec<_>>());
    quote! {
        fn key_part(&self, #part: usize) -> &dyn ::core::fmt::Display {
            #chosen
        }
    }
}

fn part_of(resource: &Resource<'_>) -> TokenStream {
    let root = &resource.root;
    let key = local("key");
    let is_one = resource.key.len() == 1;
    let displays = resource.key.iter().enumerate().map(|(index, KeyField { ty, .. })| {
        let as_key = as_key(ty, root);
        let index = syn::Index::from(index);
        let value = if is_one { quote!(#key) } else { quote!(&#key.#index) };
        quote_spanned!(ty.span()=> #as_key::as_display(#value))
    });
    let (part, chosen) = choose(&displays.collect::<Vec<_>>());
    // Not `Self::Key`, which would ask again whether serde's derives are there.
    let ty = key_type(&resource.key);
    quote! {
        fn part_of(#key: &#ty, #part: usize) -> &dyn ::core::fmt::Display {
            #chosen
        }
    }
}

fn key_from(resource: &Resource<'_>) -> TokenStream {
    let root = &resource.root;
    let parts = local("parts");
    let keys = resource.key.iter().enumerate().map(|(index, KeyField { ty, .. })| {
        let as_key = as_key(ty, root);
        let index = Literal::usize_unsuffixed(index);
        quote_spanned!(ty.span()=> #as_key::parse(#parts.get(#index)?))
    });
    let keys: Vec<_> = keys.collect();
    let key = match &keys[..] {
        [key] => quote!(#key),
        keys => quote!(::core::option::Option::Some((#(#keys?),*))),
    };
    let ty = key_type(&resource.key);
    quote! {
        fn key_from(#parts: &[&str]) -> ::core::option::Option<#ty> {
            #key
        }
    }
}

/// The name of the parameter, and the expression that chooses by it. A part that does not exist is never asked for, so
/// the last one stands for all others.
fn choose(displays: &[TokenStream]) -> (TokenStream, TokenStream) {
    let part = local("part");
    match displays {
        [display] => (quote!(_), quote!(#display)),
        [arms @ .., last] => {
            let index = (0..arms.len()).map(Literal::usize_unsuffixed);
            (quote!(#part), quote!(match #part { #(#index => #arms,)* _ => #last, }))
        }
        [] => (quote!(_), quote!(&"")),
    }
}

fn server_values(resource: &Resource<'_>) -> Option<TokenStream> {
    let root = &resource.root;
    let values = local("values");
    let mut calls = Vec::new();
    for Member { ty, name, writer, role, .. } in &resource.members {
        let Role::ReadOnly { on_create, on_replace } = role else { continue };
        let (value, json) = (local("value"), local("json"));
        let writer =
            writer.as_ref().map_or_else(|| quote!(#root::__private::Serialize::serialize), |path| quote!(#path));
        for (call, expression) in [(quote!(on_create), on_create), (quote!(on_replace), on_replace)] {
            let Some(expression) = expression else { continue };
            calls.push(quote! {
                let #value: #ty = #expression;
                #values.#call(#name, &mut |#json| #writer(&#value, #json));
            });
        }
    }
    (!calls.is_empty()).then(|| {
        quote! {
            fn server_values(#values: &mut #root::__private::ServerValues) {
                #(#calls)*
            }
        }
    })
}

/// A name that the user's expressions cannot see, and that cannot hide theirs.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
