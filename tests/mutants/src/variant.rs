//! The one question that all files ask: is this the server that does it otherwise?

use crate::mutant::Mutant;

/// What the server is: correct, or one mutant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Variant(Option<Mutant>);

impl Variant {
    pub(crate) fn new(mutant: Option<Mutant>) -> Self {
        Self(mutant)
    }

    pub(crate) fn is(self, mutant: Mutant) -> bool {
        self.0 == Some(mutant)
    }

    pub(crate) fn mutant(self) -> Option<Mutant> {
        self.0
    }
}
