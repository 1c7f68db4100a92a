//! The program: what it lists, what it serves, what it refuses.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use put_mutants::Mutant;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_put-mutants"))
}

#[test]
fn the_list_has_a_line_for_each() {
    let output = program().arg("list").output().expect("the program runs");
    assert!(output.status.success());
    let list = String::from_utf8(output.stdout).expect("a text");
    assert_eq!(list.lines().count(), Mutant::all().len());
    for (line, mutant) in list.lines().zip(Mutant::all()) {
        assert!(line.contains(mutant.name()) && line.contains(mutant.about()), "{line}");
    }
}

#[test]
fn it_prints_where_it_serves() {
    for name in [None, Some("merges")] {
        let mut program = program().arg("serve").args(name).stdout(Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        let read = BufReader::new(program.stdout.take().expect("its output")).read_line(&mut line);
        let stopped = program.kill().and_then(|()| program.wait());
        assert!(read.is_ok() && stopped.is_ok());
        assert!(line.starts_with("http://127.0.0.1:") && line.ends_with("/things/42\n"), "{line:?}");
    }
}

#[test]
fn what_it_does_not_know_it_refuses() {
    for words in [&["serve", "nobody"][..], &["nothing"], &[], &["serve", "merges", "more"]] {
        let output = program().args(words).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}
