#![doc = include_str!("manual.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // nothing a request can reach may panic
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod answer;
mod canonical;
pub mod change;
mod content;
pub mod cors;
mod diagnose;
mod digest;
mod endpoint;
mod engine;
mod entity_tag;
mod error;
mod exact;
mod fields;
mod format;
mod guard;
mod head;
mod host;
mod incoming;
pub mod member;
mod memory;
mod meters;
mod observe;
mod part;
mod path;
mod pattern;
mod plan;
mod precondition;
mod probe;
pub mod problem;
mod proposal;
mod removal;
mod resource;
mod response;
mod rounds;
mod rulebook;
mod ruled;
pub mod rules;
mod say;
mod scan;
mod settings;
pub mod store;
mod table_name;
mod typed;
mod uri_host;
mod values;
mod violation;
mod watch;
mod weighing;
mod wording;
mod written;
use __private as private;

pub use endpoint::Endpoint;
pub use engine::{Admission, Admitted, Engine, NotRead};
pub use entity_tag::EntityTag;
pub use error::Error;
pub use format::Format;
pub use head::Head;
pub use host::{Host, Task};
pub use incoming::Incoming;
pub use memory::MemoryStore;
pub use part::PutPart;
pub use precondition::{Condition, Demand, Precondition};
#[cfg(feature = "derive")]
pub use put_derive::{PutPart, PutResource};
pub use resource::PutResource;
pub use response::{Response, ResponseField, Unread};
pub use say::Caller;
pub use typed::{Stored, Written};
pub use violation::{Pointer, Violation, Violations};
