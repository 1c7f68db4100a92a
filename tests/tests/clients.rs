//! Everyday clients against the quickstarts, as their users write them. Each does what a program does that edits: create,
//! read, edit with the entity tag, lose a race, reload, retry. What a machine lacks is said, not passed over.

mod curl;
mod inventory;
mod node;
mod object_store;
mod python;
mod shutdown;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::{Example, PATIENCE, Program, run};

/// A script in the folder of the clients.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Whether a program is there and content with these arguments.
fn has(program: impl AsRef<Path>, arguments: &[&str]) -> bool {
    run(Command::new(program.as_ref()).args(arguments), "", PATIENCE).is_some_and(|ended| ended.success)
}

/// Runs a client, which says `done` at its end, against a quickstart of its own.
fn client(example: Example, command: impl Fn(&str) -> Command) {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(example, folder.path().join("quickstart.db"));
    let mut command = command(&server.url());
    let ended = run(command.current_dir(folder.path()), "", 2 * PATIENCE).expect("the client was there a moment ago");
    let said = ended.expect_success(&format!("{example:?}: the client"));
    assert_eq!(said.trim_end(), "done");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
