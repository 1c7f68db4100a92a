//! The promises of the crate's documentation, each against a real server.

mod contract;
mod support;
