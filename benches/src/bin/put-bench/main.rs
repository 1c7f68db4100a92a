//! `put-bench`: runs the measurements of this folder and prints their tables.
//!
//! Every comparison runs its sides interleaved, round by round, in one go on one machine; a table shows medians, and
//! a ratio is taken inside each round, then its median and spread are shown with the target beside it. Nothing here
//! asserts: a number that misses its target is a line to read, not a failure.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and durations become ratios for people to read"
)]
#![expect(clippy::format_collect, reason = "the generated source is written once, for a compiler to read slowly")]

mod compile;
mod instructions;
mod load;
mod memory;
mod options;
mod postgres;
mod programs;
mod ratio;
mod rules;
mod server;
mod sqlite;
mod surroundings;
mod table;

use std::{error::Error, process::ExitCode};

use options::Options;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let options = match Options::from_arguments(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let outcome = match options.command.as_str() {
        "memory" => memory::run(&options),
        "sqlite" => sqlite::run(&options),
        "postgres" => postgres::run(&options),
        "postgres-values" => postgres::values::run(&options),
        "rules" => rules::run(&options),
        "compile" => compile::run(&options),
        "instructions" => instructions::run(&options),
        "load" => load::run_alone(&options),
        _ => {
            println!("{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("put-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
