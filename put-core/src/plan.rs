//! What there is to an endpoint besides its type.

use std::sync::Arc;

use crate::format::Format;
use crate::resource::Facts;
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
    /// The plan of the resource with these facts, as nobody has changed it yet. Nothing is generic here.
    #[inline(never)]
    pub(crate) fn boxed(facts: &'static Facts, store: Arc<dyn Store>) -> Box<Self> {
        let format = Format::new(facts);
        Box::new(Self { format, store, settings: Settings::default(), rulebook: None, mistake: None })
    }

    /// Whether a change of it is nothing but content and precondition.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.rulebook.is_none() && !self.format.weighs_members()
    }
}
