//! curl, and the lines for it that a quickstart tells its users to try.

use std::ffi::OsStr;
use std::process::Command;

use super::{client, has, script};
use crate::postgres::NewDatabase;
use crate::programs::{Example, PATIENCE, Program, run, skipped};

fn has_curl() -> bool {
    // The newest option that is used here came with 7.82.
    let there = has("curl", &["--json", "", "--version"]);
    if !there {
        skipped("there is no curl of version 7.82 or later, so nothing was tried with it");
    }
    there
}

#[test]
fn curl_against_both() {
    if !has_curl() {
        return;
    }
    for example in Example::QUICKSTARTS {
        client(example, |url| {
            let mut command = Command::new("sh");
            let framework = format!("{example:?}").to_lowercase();
            command
                .arg(script("curl.sh"))
                .args([url, &framework])
                .env("NO_PROXY", "*")
                .env("CURL_HOME", "/nonexistent");
            command
        });
    }
}

/// Starts an example twice on one database and pastes what it prints, line by line, into a shell that knows nothing else.
/// What is told at 201 and at 422 is looked at.
fn lines_give(example: Example, database: impl AsRef<OsStr>, statuses: &[&str], location: &str, places: usize) {
    for round in ["first", "second"] {
        let server = Program::start(example, &database);
        let mut found = Vec::new();
        for line in server.lines_to_try(statuses.len()) {
            let ended = run(Command::new("sh").env("NO_PROXY", "*"), &format!("{line}\n"), PATIENCE).expect("sh runs");
            let answer = ended.expect_success(&line);
            let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
            match status.as_str() {
                "201" => assert!(answer.to_lowercase().contains(&format!("\nlocation: {location}")), "{answer}"),
                "422" => assert_eq!(answer.matches("\"pointer\":\"#/").count(), places, "{answer}"),
                _ => {}
            }
            found.push(status);
        }
        assert_eq!(found, statuses, "{example:?}, {round} run");
        server.signal("TERM");
        assert!(server.ended().success());
    }
}

#[test]
fn the_lines_to_try_give_the_promised_answers_in_every_run() {
    if !has_curl() {
        return;
    }
    for example in Example::QUICKSTARTS {
        let folder = tempfile::tempdir().unwrap();
        let statuses = ["201", "304", "200", "412", "422"];
        lines_give(example, folder.path().join("quickstart.db"), &statuses, "/api/users/", 3);
    }
    let folder = tempfile::tempdir().unwrap();
    let statuses =
        ["401", "200", "404", "200", "412", "428", "403", "409", "409", "422", "403", "200", "409", "201", "204"];
    lines_give(Example::Inventory, folder.path().join("inventory.db"), &statuses, "/api/tenants/acme/items/pot-", 2);
    if let Some(database) = NewDatabase::new() {
        let statuses = ["201", "200", "412", "201", "409", "422", "409"];
        lines_give(Example::Postgres, &database.url, &statuses, "/api/", 2);
    }
}
