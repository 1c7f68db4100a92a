//! Collects every error of one derive, so that a user sees all of them after one compilation.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The errors so far. Nothing that reads or checks returns early on an error; it notes it here and goes on.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: RefCell<Vec<syn::Error>>,
}

/// The proof that an error was noted. Whoever has no result to give must show it, so a failure cannot be silent.
#[derive(Debug)]
pub(crate) struct Refused(());

impl Ctxt {
    /// Notes an error at these tokens.
    pub(crate) fn error(&self, at: impl ToTokens, message: impl Display) -> Refused {
        self.note(syn::Error::new_spanned(at, message))
    }

    /// Notes an error at this place.
    pub(crate) fn error_at(&self, at: Span, message: impl Display) -> Refused {
        self.note(syn::Error::new(at, message))
    }

    /// Notes what syn says.
    pub(crate) fn note(&self, error: syn::Error) -> Refused {
        self.errors.borrow_mut().push(error);
        Refused(())
    }

    /// The proof again, for an error that the reading noted before.
    pub(crate) fn refused_before(&self) -> Refused {
        debug_assert!(!self.errors.borrow().is_empty(), "an error must have been noted");
        Refused(())
    }

    /// What the compiler shows, if there is anything.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        let errors = self.errors.into_inner();
        (!errors.is_empty()).then(|| errors.iter().map(syn::Error::to_compile_error).collect())
    }

    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.errors.into_inner().iter().map(ToString::to_string).collect()
    }
}
