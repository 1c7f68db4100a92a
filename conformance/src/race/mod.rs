//! Concurrent writers over HTTP: does the server test a condition and write in one step?
//!
//! One client at a time cannot see it. Here many clients write to one resource, a [`Register`], at one time:
//!
//! - [`one_tag`]: of many writers that hold the one current tag, exactly one writes;
//! - [`creators`]: of many creators, exactly one creates;
//! - [`increments`]: nothing is lost when everybody reads, adds one and writes with the tag;
//! - [`removal`]: a careful PUT and a careful DELETE never both succeed, and nothing comes back from the dead;
//! - [`lost_updates`]: how often, in many rounds of two writers, both are told that they won;
//! - `history`: random operations of several clients, held against what one register can do, if the answers came from one
//!   order of the operations (linearizability). It needs the feature `linearizability`.
//!
//! # How requests are made to meet
//!
//! Every request of a race is written except its last octet, on a connection of its own. Then the last octets follow in one
//! go. No request can be done before the last one has begun, and a server that looks at the condition when the fields are
//! in, and writes when the content is in, has looked for all of them before it writes for any. That is a lost update
//! wherever it happens, so the count of [`lost_updates`] is high for such a server; it says what two clients on a slow
//! line would meet.
//!
//! # What comes back
//!
//! Every function ends within the time that the register allows, whatever the server does, and returns what happened, or
//! a [`Failure`]: of what [`Kind`] it is, one sentence, and the answers. A failure of the kinds [`Kind::NotRun`] and
//! [`Kind::Unanswered`] says nothing about the rule.
//!
//! No request that changes something is ever sent twice: where its answer is lost, nobody knows what it did.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use put_conformance::race::{self, Register};
//!
//! let register = Register::new(
//!     SocketAddr::from(([127, 0, 0, 1], 3000)),
//!     "/api/users/42",
//!     |number| format!(r#"{{"name":"writer {number}"}}"#).into_bytes(),
//!     |content| {
//!         let value: serde_json::Value = serde_json::from_slice(content).ok()?;
//!         value.get("name")?.as_str()?.strip_prefix("writer ")?.parse().ok()
//!     },
//! );
//! match race::one_tag(&register, 20) {
//!     Ok(won) => println!("one writer of 20, {} times 412", won.refused),
//!     Err(failure) => println!("{failure}"),
//! }
//! ```

mod failure;
#[cfg(feature = "linearizability")]
mod history;
mod increments;
mod line;
mod lost_updates;
mod one_winner;
mod register;
mod removal;

#[cfg(test)]
mod tests;

pub use failure::{Exchange, Failure, Kind, Seen};
#[cfg(feature = "linearizability")]
pub use history::{Histories, Plan, histories, history};
pub use increments::{Increments, increments};
pub use lost_updates::{LostUpdates, lost_updates};
pub use one_winner::{Won, creators, one_tag};
pub use register::Register;
pub use removal::{Removals, removal};
