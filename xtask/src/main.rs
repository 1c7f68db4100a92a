//! Every check of this project, as a recipe: `cargo xtask` lists them, `cargo xtask test` runs all that CI runs.

mod deny;
mod examples;
mod field;
mod parts;
mod run;
mod step;

use std::process::ExitCode;

use run::cargo;
use step::{Outcome, Step};

/// The steps of `cargo xtask test`: what the others need, then the quick ones first. Each is a recipe of its own too.
const STEPS: &[Step] = &[
    Step {
        name: "parts",
        about: "what the tests need of the machine (PostgreSQL), found or installed",
        run: parts::run,
    },
    Step { name: "fmt", about: "the formatting, checked (`cargo fmt` mends it)", run: fmt },
    Step { name: "lint", about: "clippy over everything, where a warning is an error", run: lint },
    Step { name: "doc", about: "the documentation, where a warning is an error", run: doc },
    Step { name: "suite", about: "the tests of every crate: unit, property, store, wire, clients", run: suite },
    Step { name: "doctest", about: "the examples in the documentation and in the README", run: doctest },
    Step { name: "ui", about: "the words of the compiler for every mistake", run: ui },
    Step { name: "tidy", about: "the invariants of the house", run: tidy },
    Step {
        name: "mutants",
        about: "the conformance cases against servers with known bugs, one at a time",
        run: mutants,
    },
    Step { name: "deny", about: "licences, advisories and sources of the dependencies", run: deny::run },
    Step { name: "examples", about: "the examples: started, asked what they print, stopped", run: examples::run },
];

/// Recipes that write or measure, and so are no part of `test`.
const OTHERS: &[(&str, &str)] = &[
    ("bless", "write the words of the compiler, the expansions and docs/contract.md anew; then read the difference"),
    (
        "bench ..",
        "the measurements of benches/README.md: memory, sqlite, postgres, postgres-values, compile, instructions",
    ),
    ("field ..", "the conformance program on the servers of docs/field: all, or those that are named"),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] | ["help" | "--help" | "-h"] => {
            list();
            ExitCode::SUCCESS
        }
        ["test"] => step::run_all(STEPS),
        ["bless"] => bless(),
        ["bench", ref rest @ ..] => bench(rest),
        ["field", ref names @ ..] => field::run(names),
        // One step, or several.
        ref names => {
            let known = |name: &&str| STEPS.iter().find(|step| step.name == *name).copied();
            if let Some(unknown) = names.iter().find(|name| known(name).is_none()) {
                eprintln!("there is no recipe `{unknown}` here\n");
                list();
                return ExitCode::from(2);
            }
            step::run_all(&names.iter().filter_map(known).collect::<Vec<_>>())
        }
    }
}

fn list() {
    println!("cargo xtask <recipe>\n");
    println!("  {:<10} all of the steps below; what CI runs\n", "test");
    for step in STEPS {
        println!("  {:<10} {}", step.name, step.about);
    }
    println!();
    for (name, about) in OTHERS {
        println!("  {name:<10} {about}");
    }
}

fn fmt() -> Outcome {
    let all = run::stream(cargo(["fmt", "--all", "--check"]));
    // A workspace of its own, because of its other SQLite.
    let peers = ["fmt", "--all", "--check", "--manifest-path", "benches/peers/Cargo.toml"];
    all.and(|| run::stream(cargo(peers))).and(field::fmt)
}

fn lint() -> Outcome {
    // After `--`, because other flags for the compiler would build everything anew.
    let all = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    let without_derive = ["clippy", "-p", "put-core", "--no-default-features", "--locked", "--", "-D", "warnings"];
    // The tests of a store have its features, so without them it is built for this alone.
    let stores = ["clippy", "-p", "put-sqlite", "-p", "put-postgres", "--locked", "--", "-D", "warnings"];
    run::stream(cargo(all)).and(|| run::stream(cargo(without_derive))).and(|| run::stream(cargo(stores)))
}

fn doc() -> Outcome {
    let mut command = cargo(["doc", "--workspace", "--all-features", "--no-deps", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run::stream(command)
}

fn suite() -> Outcome {
    let args = ["test", "--workspace", "--lib", "--bins", "--tests", "--locked", "--no-fail-fast"];
    run::stream(cargo(args.into_iter().chain(["--", "--skip", "ui::", "--skip", "tidy::"])))
}

fn doctest() -> Outcome {
    run::stream(cargo(["test", "--workspace", "--doc", "--locked", "--no-fail-fast"]))
}

/// The whole workspace, as in `suite`: with fewer crates the dependencies have other features and are built anew.
fn only(module: &str) -> run::Arguments {
    ["test", "--workspace", "--test", "main", "--locked", "--", module].into_iter().map(Into::into).collect()
}

fn ui() -> Outcome {
    run::stream(cargo(only("ui::")))
}

fn tidy() -> Outcome {
    run::stream(cargo(only("tidy::")))
}

/// Not a test, because the list of who noticed which bug is worth reading.
fn mutants() -> Outcome {
    run::stream(cargo(["run", "--quiet", "--locked", "-p", "put-mutants", "--", "judge"]))
}

fn bless() -> ExitCode {
    let mut words = cargo(only("ui::"));
    words.env("TRYBUILD", "overwrite");
    let mut expansions = cargo(["test", "-p", "put-derive", "--lib", "--locked", "--", "snapshots::"]);
    expansions.env("BLESS", "1");
    let mut contract = cargo(["test", "-p", "put-conformance", "--lib", "--locked", "--", "rows::page::"]);
    contract.env("BLESS", "1");
    let outcome = run::stream(words).and(|| run::stream(expansions)).and(|| run::stream(contract));
    println!("\nRead the difference as a user would: git diff tests/ui tests/expand docs");
    outcome.exit_code()
}

fn bench(args: &[&str]) -> ExitCode {
    let bench = ["run", "--release", "-p", "put-benches", "--bin", "put-bench", "--"];
    // Its tables are for a terminal, so it has this one to itself.
    match cargo(bench.iter().chain(args).copied()).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
