//! The promises of the crate's documentation, each against a real server.

mod batches;
mod contract;
mod faults;
mod opened;
mod opening;
mod pools;
mod races;
mod support;
mod trips;
mod types;
mod within;
