//! The promises of the crate's documentation, each against a real server.

mod batches;
mod contract;
mod faults;
mod pools;
mod races;
mod support;
mod trips;
mod within;
