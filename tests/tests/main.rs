//! One binary for all tests that belong to no single crate, so that they are linked once.

mod callers;
mod clients;
mod expand;
mod hygiene;
mod lints;
mod mishaps;
mod names;
mod parity;
mod postgres;
mod problems;
mod programs;
mod resources;
mod servers;
mod strangers;
mod tidy;
mod ui;
mod wire;
