//! A small HTTP server with known bugs, one at a time.
//!
//! It shows what the conformance program is worth: every bug of [`Mutant::all`] must be noticed, and the correct server,
//! like every mutant that [is fair](Mutant::is_fair), must not be accused. It uses neither the engine nor a framework,
//! because a bug on the wire must be possible, and because a correct answer must not be borrowed from what is tested.
//!
//! # What it serves
//!
//! `/things/{key}` with any text as key, and `/api/numbers/{id}` with an integer. The members of a thing: `name` string,
//! required; `note` optional string; `count` optional integer of 64 bits; `ratio` optional number; `done` boolean, false
//! by default; `place` optional object of `city` string, required, and `zip` optional string; `tags` optional list of
//! strings. The key is a member too (`key`, or `id`): it may be left out, and must else be the one of the path.
//! Members that are absent are null in the representation. Unknown ones are refused.
//!
//! # Rooms
//!
//! `wire` reads requests and writes responses; `target`, `media`, `negotiation`, `digest` and `conditions` read what a
//! request says; `json` and `thing` make a state of content; `store` keeps it; `respond` puts all of this in order;
//! `server` runs it, and `judge` holds the conformance cases against it. Where the behaviour of a mutant lies, the code asks for it by name.

mod conditions;
mod digest;
mod json;
mod judge;
mod media;
mod mutant;
mod negotiation;
mod problem;
mod respond;
mod server;
mod store;
mod target;
mod thing;
mod variant;
mod wire;

pub use judge::{Judgement, judge};
pub use mutant::Mutant;
pub use server::Server;
