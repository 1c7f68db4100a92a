//! The promises of the crate's documentation, each against a real file.
//!
//! What makes files go wrong (rights, limits, deleting what is open) is spoken of in Unix words.
#![cfg(unix)]

mod batches;
mod closing;
mod contract;
mod damage;
mod documents;
mod members;
#[cfg(feature = "metrics")]
mod meters;
mod opening;
mod processes;
mod struct_changes;
mod support;
mod within;
