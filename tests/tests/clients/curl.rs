//! curl, and the lines for it that a quickstart tells its users to try.

use std::process::Command;

use super::{client, has, script};
use crate::programs::{Example, PATIENCE, Quickstart, run, skipped};

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
    for example in Example::BOTH {
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

#[test]
fn the_lines_to_try_give_the_promised_answers_in_every_run() {
    if !has_curl() {
        return;
    }
    for example in Example::BOTH {
        let folder = tempfile::tempdir().unwrap();
        for round in ["first", "second"] {
            let server = Quickstart::start(example, &folder.path().join("quickstart.db"));
            let mut statuses = Vec::new();
            for line in server.lines_to_try(5) {
                // Pasted one by one, into a shell that knows nothing else.
                let ended =
                    run(Command::new("sh").env("NO_PROXY", "*"), &format!("{line}\n"), PATIENCE).expect("sh runs");
                let answer = ended.expect_success(&line);
                let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
                match status.as_str() {
                    "201" => assert!(answer.to_lowercase().contains("\nlocation: /api/users/"), "{answer}"),
                    "422" => assert_eq!(answer.matches("\"pointer\"").count(), 3, "{answer}"),
                    _ => {}
                }
                statuses.push(status);
            }
            assert_eq!(statuses, ["201", "304", "200", "412", "422"], "{example:?}, {round} run");
            server.signal("TERM");
            assert!(server.ended().success());
        }
    }
}
