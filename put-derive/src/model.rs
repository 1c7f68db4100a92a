//! The resource twice: as written, where anything may be missing or contradict itself, and as checked, where the
//! expansion finds only what it can state.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Expr, ExprPath, Field, Fields, Generics, LitStr, Type};

use crate::attr::{FieldAttrs, StructAttrs};
use crate::ctxt::Ctxt;
use crate::serde_attr::Serde;
use crate::symbol::Word;

/// As written.
pub(crate) struct Written<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) put: StructAttrs,
    pub(crate) serde: Serde,
    /// `None` if the type is not a struct with named fields.
    pub(crate) fields: Option<Vec<WrittenField<'a>>>,
}

/// One field as written.
pub(crate) struct WrittenField<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) put: FieldAttrs,
    pub(crate) serde: Serde,
}

impl<'a> Written<'a> {
    pub(crate) fn read(ctxt: &Ctxt, input: &'a DeriveInput) -> Self {
        let put = StructAttrs::read(ctxt, &input.attrs);
        let serde = Serde::read(&input.attrs);
        let fields = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => {
                    Some(fields.named.iter().filter_map(|field| WrittenField::read(ctxt, field)).collect())
                }
                Fields::Unnamed(_) | Fields::Unit => None,
            },
            Data::Enum(_) | Data::Union(_) => None,
        };
        Self { input, put, serde, fields }
    }

    pub(crate) fn fields(&self) -> &[WrittenField<'a>] {
        self.fields.as_deref().unwrap_or_default()
    }

    /// What all paths of the expansion start with.
    pub(crate) fn root(&self) -> TokenStream {
        self.put.root.as_ref().map_or_else(|| quote!(::put_core), ToTokens::to_token_stream)
    }

    /// The lint attributes that the expansion repeats: a user who allows a lint for the struct means its facts too, and
    /// to name a deprecated field or struct in them is no use of it.
    pub(crate) fn allowed_lints(&self) -> TokenStream {
        let attrs = &self.input.attrs;
        let allowed = attrs.iter().filter(|attr| attr.path().is_ident("allow"));
        let is_deprecated = |attrs: &[Attribute]| attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
        let fields = match &self.input.data {
            Data::Struct(data) => Some(&data.fields),
            Data::Enum(_) | Data::Union(_) => None,
        };
        let deprecated =
            is_deprecated(attrs) || fields.is_some_and(|fields| fields.iter().any(|field| is_deprecated(&field.attrs)));
        let deprecated = deprecated.then(|| quote!(#[allow(deprecated)]));
        quote!(#(#allowed)* #deprecated)
    }
}

impl<'a> WrittenField<'a> {
    /// `None` for a field without a name, which a struct with named fields does not have.
    fn read(ctxt: &Ctxt, field: &'a Field) -> Option<Self> {
        Some(Self {
            ident: field.ident.as_ref()?,
            ty: &field.ty,
            put: FieldAttrs::read(ctxt, &field.attrs),
            serde: Serde::read(&field.attrs),
        })
    }
}

/// As checked.
pub(crate) struct Resource<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) root: TokenStream,
    pub(crate) allowed_lints: TokenStream,
    pub(crate) path: &'a LitStr,
    pub(crate) allow_unknown: bool,
    /// Whose value rules there are, and where that is said.
    pub(crate) rules: Vec<(Word, Span)>,
    pub(crate) members: Vec<Member<'a>>,
    /// The key fields in the order of the path; at least one.
    pub(crate) key: Vec<KeyField<'a>>,
}

/// A field that is bound to a path parameter.
#[derive(Clone, Copy)]
pub(crate) struct KeyField<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
}

/// What is kept in the place of what a client sends.
pub(crate) struct StoreWith<'a> {
    /// What the function takes: the member's type, or the one inside its `Option`.
    pub(crate) ty: &'a Type,
    pub(crate) is_option: bool,
    pub(crate) function: &'a Expr,
}

/// One member as checked.
pub(crate) struct Member<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// serde's name, the same in both directions.
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) absence: Absence,
    pub(crate) role: Role<'a>,
    pub(crate) pattern: Option<&'a LitStr>,
    pub(crate) echo: Echo,
    pub(crate) required: bool,
    pub(crate) flatten: bool,
    pub(crate) last_modified: bool,
    pub(crate) column: Option<&'a LitStr>,
    pub(crate) column_type: Option<&'a LitStr>,
    /// The function that reads it instead of its type.
    pub(crate) reader: Option<ExprPath>,
    /// The function that writes it instead of its type.
    pub(crate) writer: Option<ExprPath>,
}

/// Who decides whether the member may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    ByType,
    Accepted,
    Refused,
}

/// What becomes of a member that the server sets, if a client sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    Ignore,
    RequireEqual,
    Reject,
}

/// Who sets the member, and when.
pub(crate) enum Role<'a> {
    Client,
    Key {
        part: usize,
    },
    Immutable,
    /// `keeps`: a replacement that leaves it out keeps what is stored. So it is below.
    CreateOnly {
        keeps: bool,
    },
    WriteOnly {
        keeps: bool,
        store_with: Option<StoreWith<'a>>,
    },
    ReadOnly {
        on_create: Option<&'a Expr>,
        on_replace: Option<&'a Expr>,
    },
    Version,
}
