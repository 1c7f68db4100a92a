#![doc = include_str!("manual.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // nothing a request can reach may panic
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

// In reading order.
mod resource;
mod endpoint;
mod settings;
mod engine;
mod head;
mod path;
mod fields;
mod digest;
pub mod cors;
mod entity_tag;
mod precondition;
mod scan;
mod content;
mod canonical;
mod proposal;
mod diagnose;
mod place;
mod violation;
mod probe;
mod format;
pub mod change;
pub mod store;
mod response;
pub mod problem;
mod memory;
mod host;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
use __private as private;

pub use endpoint::{Endpoint, Error, Stored, Written};
pub use engine::{Admission, Admitted, Engine, NotRead};
pub use entity_tag::EntityTag;
pub use format::Format;
pub use head::Head;
pub use host::{Host, Task};
pub use memory::MemoryStore;
pub use precondition::{Condition, Precondition};
#[cfg(feature = "derive")]
pub use put_derive::PutResource;
pub use resource::PutResource;
pub use response::{Response, ResponseField, Unread};
pub use violation::{Pointer, Violation, Violations};
