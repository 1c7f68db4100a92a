//! The promises of the crate's documentation, each against a real file.

mod batches;
mod closing;
mod damage;
mod documents;
mod opening;
mod processes;
mod struct_changes;
mod support;
