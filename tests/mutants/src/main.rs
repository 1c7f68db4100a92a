//! `put-mutants list` shows the table; `put-mutants judge [NAME..]` runs the conformance cases against the mutants and
//! says which rows noticed them; `put-mutants serve [NAME]` serves the correct server, or a mutant, until it is stopped.

use std::env;
use std::process::ExitCode;
use std::thread;

use put_mutants::{Mutant, Server};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => list(),
        ["judge", names @ ..] => return judge(names),
        ["serve"] => serve(None),
        ["serve", name] => {
            let Some(mutant) = Mutant::named(name) else {
                eprintln!("there is no mutant {name}; `put-mutants list` shows all of them");
                return ExitCode::from(2);
            };
            serve(Some(mutant));
        }
        _ => {
            eprintln!("usage: put-mutants list | judge [NAME..] | serve [NAME]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Judges the correct server and the mutants with these names, or all.
fn judge(names: &[&str]) -> ExitCode {
    if let Some(unknown) = names.iter().find(|name| Mutant::named(name).is_none()) {
        eprintln!("there is no mutant {unknown}; `put-mutants list` shows all of them");
        return ExitCode::from(2);
    }
    let wanted = |mutant: &Mutant| names.is_empty() || names.contains(&mutant.name());
    let mutants: Vec<Mutant> = Mutant::all().iter().copied().filter(wanted).collect();
    let judged = put_mutants::judge(&mutants, |judgement| {
        let name = judgement.mutant.map_or("the correct server", Mutant::name);
        let word = match (judgement.right, judgement.mutant) {
            (false, Some(mutant)) if !mutant.is_fair() => "MISSED",
            (false, _) => "ACCUSED",
            (true, Some(mutant)) if !mutant.is_fair() => "noticed",
            (true, _) => "at peace",
        };
        println!("{word:<8} {name:<34} {}", judgement.told);
    });
    let wrong = judged.iter().filter(|judgement| !judgement.right).count();
    println!("{} servers judged, {wrong} wrongly", judged.len());
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
