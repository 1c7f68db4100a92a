//! One binary for all tests that belong to no single crate, so that they are linked once.

mod expand;
mod hygiene;
mod lints;
mod names;
mod problems;
mod tidy;
mod ui;
mod wire;
