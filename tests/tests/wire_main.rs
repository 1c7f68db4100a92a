//! Temporary.
mod wire;
