//! The promises of the crate's documentation, each against a real server.

mod batches;
mod constraints;
mod contract;
mod faults;
mod members;
#[cfg(feature = "metrics")]
mod meters;
mod neighbours;
mod opened;
mod opening;
mod pools;
mod races;
mod server_values;
mod support;
mod trips;
mod types;
mod values;
mod within;
