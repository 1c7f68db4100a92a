//! Node's own fetch.

use std::process::Command;

use super::{client, has, script};
use crate::programs::{Example, skipped};

fn with_node(example: Example) {
    if !has("node", &["-e", "process.exit(typeof fetch === 'function' ? 0 : 1)"]) {
        return skipped("there is no node with fetch, so nothing was tried with it");
    }
    client(example, |url| {
        let mut command = Command::new("node");
        command.arg(script("node.mjs")).arg(url);
        command
    });
}

#[test]
fn fetch_against_axum() {
    with_node(Example::Axum);
}

#[test]
fn fetch_against_actix() {
    with_node(Example::Actix);
}
