//! What the dependencies are allowed to be: `deny.toml`, read by cargo-deny if the machine has it.

use crate::run::{cargo, is_there, stream};
use crate::step::Outcome;

pub(crate) fn run() -> Outcome {
    if !is_there(&mut cargo(["deny", "--version"])) {
        return Outcome::Skipped("cargo-deny is not installed (cargo install cargo-deny)".to_owned());
    }
    stream(cargo(["deny", "--all-features", "check", "bans", "licenses", "sources"])).and(advisories)
}

/// The advisories come over the network, which a machine may not have.
fn advisories() -> Outcome {
    if is_there(&mut cargo(["deny", "fetch", "db"])) {
        return stream(cargo(["deny", "--all-features", "check", "--disable-fetch", "advisories"]));
    }
    let note = "the advisory database cannot be fetched, so advisories were not looked at";
    println!("SKIPPED: {note}");
    Outcome::Passed(vec![note.to_owned()])
}
