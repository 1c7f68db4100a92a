//! What there is to an endpoint besides its type.

use std::sync::Arc;

use crate::format::Format;
use crate::rulebook::Rulebook;
use crate::settings::Settings;
use crate::store::Store;

/// An endpoint without its type.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) format: Format,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Settings,
    /// What the application says, if it says anything.
    pub(crate) rulebook: Option<Arc<Rulebook>>,
    /// What the application has put together in a way that cannot be meant.
    pub(crate) mistake: Option<&'static str>,
}

impl Plan {
    pub(crate) fn new(format: Format, store: Arc<dyn Store>) -> Self {
        Self { format, store, settings: Settings::default(), rulebook: None, mistake: None }
    }

    /// Whether a change of it is nothing but content and precondition.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.rulebook.is_none() && !self.format.weighs_members()
    }
}
