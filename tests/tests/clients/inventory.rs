//! The example whose application has a say: what it says outside its answers, and what comes of many clients that sell
//! the same pieces.

use std::process::Command;

use put_conformance::http::Request;

use crate::programs::{Example, PATIENCE, Program, run, wait_until};

const TEA: &str = "/api/tenants/acme/items/tea-1"; // made by the program at its first start

/// Few clients and pieces, so that each of its own counts is told; the example looks at them itself.
#[test]
fn what_clients_sell_is_what_there_was() {
    let mut command = Command::new(Example::Inventory.program());
    command.args(["load", "--clients", "8", "--items", "2", "--stock", "25"]);
    let said = run(&mut command, "", PATIENCE).expect("it was built a moment ago").expect_success("the load");
    let verdicts: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("ok    ")).collect();
    assert!(verdicts.contains(&"50 pieces that clients sold"), "{said}");
    assert!(verdicts.contains(&"52 rows that were published"), "{said}");
    assert!(verdicts.len() == 10 && !said.contains("WRONG"), "{said}");
}

#[test]
fn a_load_that_makes_no_sense_is_refused() {
    let mut command = Command::new(Example::Inventory.program());
    let ended = run(command.args(["load", "--clients", "many"]), "", PATIENCE).expect("it was built a moment ago");
    assert!(!ended.success && ended.stderr.contains("--clients"), "{}", ended.stderr);
}

/// The application only finds out who it is; 401 and its challenge are the answer of the rules.
#[test]
fn who_is_not_known_is_challenged() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(Example::Inventory, folder.path().join("inventory.db"));
    let cases: [(&[&str], u16); 8] = [
        (&[], 401),
        (&["Bearer acme-viewer"], 200),
        (&["bearer acme-viewer"], 200),
        (&["Bearer globex-clerk"], 404),
        (&["Bearer of-nobody"], 401),
        (&["Bearer "], 401),
        (&["Basic acme-viewer"], 401),
        (&["Bearer acme-viewer", "Bearer globex-clerk"], 401),
    ];
    for (lines, status) in cases {
        let request = lines.iter().fold(Request::get(TEA), |request, line| request.field("Authorization", line));
        let answer = server.exchange(&request);
        assert_eq!(answer.status, status, "{lines:?}");
        let challenge = answer.field("WWW-Authenticate");
        assert_eq!(challenge, (status == 401).then_some("Bearer realm=\"inventory\""), "{lines:?}");
    }
}

/// What has happened is told, by this run or the next, and though this one was killed.
#[test]
fn the_outbox_survives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("inventory.db");
    let server = Program::start(Example::Inventory, &database);
    let content = r#"{"name":"Assam","quantity":9,"sold":1,"reorder_at":3,"price_cents":840,"unit":"piece"}"#;
    let sale = Request::put(TEA).field("Authorization", "Bearer acme-clerk").field("If-Match", "*").json(content);
    assert_eq!(server.exchange(&sale).status, 200);
    server.signal("KILL");
    let again = Program::start(Example::Inventory, &database);
    let lines = [
        "outbox 1: acme/tea-1, from nothing to 10",
        "outbox 2: acme/tea-1, from 10 to 9",
        "outbox 3: acme/tea-2, from nothing to 10",
    ];
    wait_until(|| {
        let told = server.log() + &again.log();
        lines.iter().all(|line| told.contains(line))
    });
}
