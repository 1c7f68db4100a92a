//! One binary for all tests that belong to no single crate, so that they are linked once.

mod expand;
mod hygiene;
mod lints;
mod ui;
