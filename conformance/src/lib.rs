//! The wire contract of a PUT endpoint: a table of cases that any server can be held against.
//!
//! This crate is a black box. It knows neither the engine nor a framework; it opens sockets, sends octets and judges what
//! comes back. The program `put-conformance` does so for anybody's resource; the [README][readme] tells how.
//!
//! [readme]: https://docs.rs/crate/put-conformance/latest
//!
//! Three things are judged:
//!
//! - each case of the table ([`cases::all`]): one request in one state, the statuses that may come, the ones that never
//!   may, and what else must hold;
//! - the state: a refused request leaves it untouched, a successful PUT leaves what it says;
//! - every single response: the [`invariants`] that hold whatever was asked.
//!
//! With the feature `store`, which is no default because it needs the engine, there is also the contract of a store:
//! `put_conformance::store`.
//!
//! The contract's rows are in [`rows`], each with the section of the standard to read; rows that a black box cannot see
//! are in [`NOT_OBSERVABLE`], each with the reason.
//!
//! # Two ways to ask
//!
//! A [`Target`] is anybody's resource: a URL and two good contents. [`survey`] finds out what it can do, and [`run`] tries
//! the cases whose [`Scope`] is any resource, beside those that are made from the contents. [`Profile`] says whether only
//! the standards count, or this project's decisions too.
//!
//! A [`Subject::new`] serves the fixture, and is asked the whole table. The [`Report`] shows, for every failure, the
//! exchange as it was sent and received.
//!
//! # The fixture
//!
//! Three resources under each prefix, the server's store empty or not:
//!
//! - an item at `/items/{id}`: `id` u64 key; `name` string, required; `size` `small` or `large`, default `small`; `note`
//!   optional string; `tags` list of strings, default empty; `place` optional object of `city` string, required, and `zip`
//!   optional string; `count` optional i64; `ratio` optional f64; `owner` optional string, immutable; `createdAt` set at
//!   creation and `updatedAt` set at every real change, both read-only, RFC 3339;
//! - a page at `/pages/{slug}`: `slug` string key; `title` string; nothing that the server manages;
//! - a pair at `/shelves/{shelf}/slots/{slot}`: `shelf` string and `slot` u32, together the key; `label` string.
//!
//! Absent optional members are null in the representation, members come in the order above, and unknown ones are refused.
//! The prefixes are those of [`Switch::prefix`]. The update-only mount shares its store with the default mount, because
//! nothing could be created there otherwise.

pub mod cases;
pub mod date;
pub mod http;
pub mod invariants;
pub mod race;
pub mod rows;
#[cfg(feature = "store")]
pub mod store;

mod case;
mod digest;
mod judgement;
mod key;
mod report;
mod run;
mod runner;
mod snapshot;
mod subject;
mod survey;
mod target;
mod url;

#[cfg(test)]
mod scripted;

pub use case::{Before, Case, Change, Check, Enclosed, Level, Outcome, Scope, Script, Shape};
pub use key::KeyKind;
pub use report::{CaseResult, Mark, Report, Verdict};
pub use rows::NOT_OBSERVABLE;
pub use run::Run;
pub use runner::{cases_for, run, run_with};
pub use snapshot::Snapshot;
pub use subject::{Deviation, Need, Profile, Subject, Switch};
pub use survey::{Survey, survey};
pub use target::Target;
