//! The names of members beside those of their fields: of a resource with value rules, and of a part that derives
//! `PutPart`.
//!
//! One file, because both state names in the same way.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsNamed, Meta, Token, Type};

use crate::attr::{FieldAttrs, StructAttrs};
use crate::ctxt::Ctxt;
use crate::model::{Member, Resource, Role};
use crate::serde_attr::{Rules, Serde};
use crate::symbol::Word;

/// What a resource with value rules overrides: the fields with their names, and who is asked.
pub(crate) fn value_rules(resource: &Resource<'_>) -> Option<TokenStream> {
    let Resource { root, rules, members, .. } = resource;
    if rules.is_empty() {
        return None;
    }
    let faults = Ident::new("faults", proc_macro2::Span::mixed_site());
    let fields = members.iter().map(|member| {
        let Member { ident, ty, name, aliases, flatten, role, .. } = member;
        let server = matches!(role, Role::ReadOnly { .. } | Role::Version).then(|| quote!(.server()));
        let field = field(root, &ident.unraw().to_string(), name, aliases, *flatten, ty);
        quote!(#field #server)
    });
    let asked = rules.iter().map(|(word, at)| {
        let method = Ident::new(word.name(), *at);
        quote_spanned!(*at=> #faults.#method(self);)
    });
    Some(quote! {
        const VALUE_RULES: bool = true;
        fn value_rules(&self, #faults: &mut #root::__private::ValueFaults) {
            use #root::__private::{ByNothing as _, ByPart as _, ByShape as _};
            #faults.fields(const { &[#(#fields),*] });
            #(#asked)*
        }
    })
}

/// What a resource asks for, as bounds of a generic struct.
pub(crate) fn bounds<'a>(resource: &'a Resource<'_>) -> impl Iterator<Item = syn::WherePredicate> + 'a {
    let root = &resource.root;
    resource.rules.iter().map(move |(word, _)| match word {
        Word::Garde => syn::parse_quote!(Self: #root::__private::GardeRules),
        _ => syn::parse_quote!(Self: #root::__private::ValidatorRules),
    })
}

fn field(root: &TokenStream, field: &str, name: &str, aliases: &[String], flatten: bool, ty: &Type) -> TokenStream {
    let part = asked(root, ty);
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let flatten = flatten.then(|| quote!(.flatten()));
    quote!(#root::__private::Field::new(#field, #name, #part) #aliases #flatten)
}

/// Asks the type for its part, whatever it is.
fn asked(root: &TokenStream, ty: &Type) -> TokenStream {
    quote!(|| (&&&#root::__private::Ask::<#ty>::NEW).part())
}

/// `#[derive(PutPart)]`
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let ctxt = Ctxt::default();
    let put = StructAttrs::read(&ctxt, &input.attrs);
    for (word, at) in put.words.iter().filter(|(word, _)| *word != Word::Crate) {
        ctxt.error_at(at, format_args!("{word} is for a resource; on a part only `crate` has a meaning"));
    }
    words_of_fields(&ctxt, input);
    let root = put.root.as_ref().map_or_else(|| quote!(::put_core), ToTokens::to_token_stream);
    let part = part(&ctxt, &root, input);
    let errors = ctxt.into_compile_errors();
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #errors
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #root::PutPart for #ident #ty_generics #where_clause {
                fn part() -> #root::__private::Part {
                    use #root::__private::{ByNothing as _, ByPart as _, ByShape as _};
                    #part
                }
            }
        };
    }
}

/// The words on fields belong to members of the resource itself.
fn words_of_fields(ctxt: &Ctxt, input: &DeriveInput) {
    let fields: Vec<_> = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    for field in fields {
        for (word, at) in FieldAttrs::read(ctxt, &field.attrs).words.iter() {
            ctxt.error_at(at, format_args!("{word} is for a member of a resource; remove it from the part"));
        }
    }
}

fn part(ctxt: &Ctxt, root: &TokenStream, input: &DeriveInput) -> TokenStream {
    let serde = Serde::read(&input.attrs);
    // The members are those of another type.
    if ["from", "try_from", "into"].iter().any(|word| serde.has(word)) {
        return quote!(#root::__private::Part::Unknown);
    }
    let through = serde.has("transparent");
    match &input.data {
        Data::Struct(data) => shape(root, &data.fields, serde.rules(), through, passes_through(&input.attrs)),
        Data::Enum(data) => {
            let text = |word: &str| serde.text(word).map(|text| text.value());
            let tagging = match (text("tag"), text("content")) {
                _ if serde.has("untagged") => quote!(Untagged),
                (Some(tag), Some(content)) => quote!(Adjacent(#tag, #content)),
                (Some(tag), None) => quote!(Internal(#tag)),
                (None, _) => quote!(External),
            };
            let rule = serde.rule_of_variants();
            let variants = data.variants.iter().map(|variant| {
                let own = Serde::read(&variant.attrs);
                let (name, aliases) = own.variant_names(&variant.ident, rule.as_deref());
                let rules = if own.has("rename_all") { own.rules() } else { serde.rules_of_fields() };
                let part = shape(root, &variant.fields, rules, false, passes_through(&input.attrs));
                quote!(#root::__private::Variant::new(#name, &[#(#aliases),*], #part))
            });
            let variants = quote!(const { &[#(#variants),*] });
            quote!(#root::__private::Part::Enum(#root::__private::Tagging::#tagging, #variants))
        }
        Data::Union(data) => {
            ctxt.error(data.union_token, "`PutPart` can be derived for structs and enums only");
            quote!(#root::__private::Part::Unknown)
        }
    }
}

/// Whether the rules of garde have no step for the one field, just as serde has none.
fn passes_through(attrs: &[Attribute]) -> bool {
    let lists = attrs.iter().filter(|attr| attr.path().is_ident("garde"));
    let items = lists.filter_map(|attr| attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok());
    items.flatten().any(|item| item.path().is_ident("transparent"))
}

/// `through` says that serde passes through a struct of one field with a name, `rules_through` that rules do.
fn shape(root: &TokenStream, fields: &Fields, rules: Rules, through: bool, rules_through: bool) -> TokenStream {
    let private = quote!(#root::__private);
    match fields {
        Fields::Named(fields) => {
            let fields = named(root, fields, rules, through);
            quote!(#private::Part::Fields(const { &[#(#fields),*] }))
        }
        Fields::Unnamed(fields) => {
            let mut all = fields.unnamed.iter().map(|field| asked(root, &field.ty));
            match (all.len(), all.next()) {
                (1, Some(inner)) if rules_through => quote!(#private::Part::Through(#inner)),
                (1, Some(inner)) => quote!(#private::Part::Newtype(#inner)),
                (_, first) => {
                    let all = first.into_iter().chain(all);
                    quote!(#private::Part::Tuple(const { &[#(#all),*] }))
                }
            }
        }
        Fields::Unit => quote!(#private::Part::Unknown),
    }
}

fn named(root: &TokenStream, fields: &FieldsNamed, rules: Rules, through: bool) -> Vec<TokenStream> {
    let fields = fields.named.iter().filter_map(|field| {
        let serde = Serde::read(&field.attrs);
        let ident = field.ident.as_ref()?;
        let is_there = !serde.has("skip") && !serde.has("skip_deserializing");
        let names = serde.names(ident, rules);
        let name = ident.unraw().to_string();
        let flatten = through || serde.has("flatten");
        is_there.then(|| self::field(root, &name, &names.deserialize, &names.aliases, flatten, &field.ty))
    });
    fields.collect()
}
