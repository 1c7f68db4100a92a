//! The table is sound, the correct server is correct, and every mutant shows.

mod client;
mod correct;
mod program;
mod shows;
mod table;
mod wire;
