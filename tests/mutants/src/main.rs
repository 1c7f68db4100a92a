//! `put-mutants list` shows the table; `put-mutants serve [NAME]` serves the correct server, or a mutant, until it is
//! stopped.

use std::env;
use std::process::ExitCode;
use std::thread;

use put_mutants::{Mutant, Server};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => list(),
        ["serve"] => serve(None),
        ["serve", name] => {
            let Some(mutant) = Mutant::named(name) else {
                eprintln!("there is no mutant {name}; `put-mutants list` shows all of them");
                return ExitCode::from(2);
            };
            serve(Some(mutant));
        }
        _ => {
            eprintln!("usage: put-mutants list | serve [NAME]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn list() {
    for mutant in Mutant::all() {
        let sort = match mutant {
            fair if fair.is_fair() => "fair  ",
            policy if policy.profile_put_only() => "policy",
            _ => "bug   ",
        };
        println!("{sort} {:32} {} ({})", mutant.name(), mutant.about(), mutant.rows().join(", "));
    }
}

fn serve(mutant: Option<Mutant>) {
    let server = Server::start(mutant);
    println!("{}", server.url("42"));
    loop {
        thread::park();
    }
}
