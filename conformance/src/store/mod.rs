//! The contract of a [`Store`](put_core::store::Store), each rule a function.
//!
//! The rules are those of [`put_core::store`], as questions to a store that answers. A store that passes them all loses
//! no update, invents no absence and keeps what it has acknowledged, as far as questions can show that.
//!
//! # Your store
//!
//! A [`Place`] says where stores are opened; [`check`] asks every rule of a fresh one and tells the outcome of each.
//!
//! ```
//! use put_conformance::store::{Opening, Place, block_on, check};
//! use put_core::store::StoreFor;
//! use put_core::{MemoryStore, PutResource};
//!
//! struct Memory;
//!
//! impl Place for Memory {
//!     fn open<R: PutResource>(&self) -> Opening {
//!         Ok(MemoryStore::<R>::new().into_store())
//!     }
//! }
//!
//! let report = block_on(check(|| Memory));
//! assert!(report.is_kept(), "{report}");
//! ```
//!
//! What else a place can do, it says: that what it keeps is there when it is opened again ([`Place::is_durable`]), how
//! to make reads and writes fail ([`Place::break_reads`], [`Place::break_writes`]). A rule that needs what the place cannot do is
//! [not tried](Complaint::NotTried), and the report lists it: it never counts as kept.
//!
//! # Runtimes
//!
//! There is none here. Whoever calls drives the futures, and [`block_on`] is enough for a store that needs no runtime.
//! Rules about concurrency hand tasks to [`Place::spawn`], by default a thread for each; a store that needs a runtime
//! spawns them there.
//!
//! # One rule
//!
//! Each rule can be asked alone: `block_on(writes::creates_when_absent(&place))`. It wants a place in which nothing was
//! kept before.

pub mod cancellation;
pub mod concurrency;
pub mod deletion;
pub mod durability;
pub mod faults;
pub mod guarded;
pub mod keys;
pub mod lists;
pub mod members;
pub mod preconditions;
pub mod resources;
pub mod values;
pub mod writes;

mod check;
mod driver;
mod opened;
mod place;
mod rules;

#[cfg(test)]
mod broken;
#[cfg(test)]
mod tests;

pub use check::{Report, Verdict, check, check_only};
pub use driver::block_on;
pub use place::{Opening, Place};
pub use rules::{Asking, Rule, rules};

/// Why a rule is not shown to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// It is broken: what was done, what came, and what should have come.
    Broken(String),
    /// It was not tried, because the place cannot do what it needs.
    NotTried(String),
}

/// What came of asking a rule.
pub type Kept = Result<(), Complaint>;

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(why) => f.write_str(why),
            Self::NotTried(why) => write!(f, "not tried: {why}"),
        }
    }
}

impl std::error::Error for Complaint {}

impl Complaint {
    fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

/// Kept if this holds; the sentence says what came instead.
fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Complaint::Broken(otherwise())) }
}
