//! `put-bench instructions`: what one PUT through the engine costs in instructions and allocations, without any
//! framework, split by what the instructions are for.
//!
//! The program `one-put` does the same PUT many times under callgrind, which counts only inside its loop. Counts are
//! the same in every run, so a change of one percent is a real change. Two limits: valgrind's processor knows no SHA
//! instructions, so the tag is counted in its portable form, which is far more instructions than a server executes;
//! and instructions are not time.

mod callgrind;
mod phases;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use self::{
    callgrind::{Entry, Place},
    phases::{PHASES, Phase},
};
use crate::{
    Result,
    options::Options,
    programs::{Programs, cargo},
    table::Table,
};

/// How many PUTs are counted. The counts are means, so what happens now and then (a date that is written anew each
/// second) is spread over them.
const PUTS: u64 = 2000;

/// The functions that hand out memory.
const ALLOCATORS: [&str; 6] = ["malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"];

/// Names between the code that wants memory and the functions above.
const GLUE: [&str; 7] =
    ["__rust", "__rdl", "alloc::raw_vec", "alloc::alloc", "RawVec", "finish_grow", "exchange_malloc"];

/// What was counted.
#[derive(Debug, Default)]
struct Counts<'a> {
    /// Instructions for each function that decided a phase.
    instructions: BTreeMap<(Phase, &'a str), u64>,
    /// Allocations for each function that wanted memory, and the function that decided the phase.
    allocations: BTreeMap<(Phase, &'a str, &'a str), u64>,
}

/// Counts an unconditional PUT and one with If-Match.
pub(crate) fn run(options: &Options) -> Result<()> {
    println!("# One PUT through the engine, memory store, callgrind\n");
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !valgrind.is_ok_and(|status| status.success()) {
        println!("SKIPPED: there is no `valgrind`; the package of that name brings it, and callgrind with it");
        return Ok(());
    }
    let programs = Programs::found();
    if !options.no_build {
        cargo(&programs.root, &["build", "--release", "-p", "put-benches", "--bin", "one-put"])?;
    }
    for condition in ["unconditional", "if-match"] {
        let profile = profile(&programs.ours("one-put"), condition, &programs.target)?;
        let counts = Counts::of(&profile);
        println!("## {condition}, mean of {PUTS} replacements\n");
        counts.print();
    }
    println!("The tag is SHA-256 without the processor's SHA instructions, which valgrind does not know.");
    Ok(())
}

fn profile(program: &Path, condition: &str, folder: &Path) -> Result<String> {
    let out = folder.join("bench-data");
    fs::create_dir_all(&out)?;
    let out = out.join(format!("callgrind.{condition}"));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--compress-strings=no", "--compress-pos=no"])
        .args(["--separate-callers=40", "--collect-atstart=no", "--toggle-collect=one_put::measured*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args([&PUTS.to_string(), condition])
        .stderr(Stdio::inherit())
        .output()?;
    // A PUT that was refused would be counted as a cheap one.
    if !run.status.success() || run.stdout != format!("{PUTS} of {PUTS} replaced\n").as_bytes() {
        return Err(format!("one-put under callgrind: {}", String::from_utf8_lossy(&run.stdout)).into());
    }
    Ok(fs::read_to_string(out)?)
}

impl<'a> Counts<'a> {
    fn of(profile: &'a str) -> Self {
        let mut counts = Self::default();
        callgrind::read(profile, |entry| match entry {
            Entry::Instructions(place, cost) => {
                *counts.instructions.entry(phases::phase_of(&place)).or_default() += cost;
            }
            Entry::Calls(place, calls) => {
                if is_allocator(&place) {
                    let wanted = place.functions().skip(1).find(|name| !GLUE.iter().any(|glue| name.contains(glue)));
                    let (phase, owner) = phases::phase_of(&place);
                    *counts.allocations.entry((phase, owner, wanted.unwrap_or_default())).or_default() += calls;
                }
            }
        });
        counts
    }

    fn print(&self) {
        let instructions = |wanted: Phase| -> u64 {
            self.instructions.iter().filter(|((phase, _), _)| *phase == wanted).map(|(_, count)| count).sum()
        };
        let allocations = |wanted: Phase| -> u64 {
            self.allocations.iter().filter(|((phase, ..), _)| *phase == wanted).map(|(_, count)| count).sum()
        };
        let of_the_engine = || PHASES.into_iter().filter(|phase| *phase != Phase::Driver);
        let total: u64 = of_the_engine().map(instructions).sum();
        let mut split = Table::new(&["part of the PUT", "instructions", "share", "allocations"]);
        for phase in PHASES {
            let share = if phase == Phase::Driver {
                String::new()
            } else {
                format!("{:.1} %", instructions(phase) as f64 * 100.0 / total as f64)
            };
            split.row(vec![phase.name().to_owned(), each(instructions(phase)), share, each(allocations(phase))]);
        }
        split.row(vec![
            "all but the driver".into(),
            each(total),
            String::new(),
            each(of_the_engine().map(allocations).sum()),
        ]);
        println!("{split}");

        let head = ["function, with what it calls that has no part of its own", "part", "instructions"];
        let mut functions = Table::new(&head);
        let mut ordered: Vec<_> = self.instructions.iter().filter(|((phase, _), _)| *phase != Phase::Driver).collect();
        ordered.sort_by_key(|(_, cost)| std::cmp::Reverse(**cost));
        for ((phase, function), cost) in ordered.into_iter().take(25) {
            functions.row(vec![shortened(function), word(*phase), each(*cost)]);
        }
        println!("{functions}");

        let mut sites = Table::new(&["allocation wanted by", "part", "each PUT"]);
        for ((phase, owner, wanted), calls) in &self.allocations {
            let within = if owner == wanted { String::new() } else { format!(" in {}", shortened(owner)) };
            sites.row(vec![format!("{}{within}", shortened(wanted)), word(*phase), each(*calls)]);
        }
        println!("{sites}");
    }
}

fn is_allocator(place: &Place<'_>) -> bool {
    place.functions().next().is_some_and(|name| ALLOCATORS.contains(&name))
}

fn each(total: u64) -> String {
    format!("{:.2}", total as f64 / PUTS as f64)
}

fn word(phase: Phase) -> String {
    phase.name().split(' ').next().unwrap_or_default().to_owned()
}

/// A function's name, cut where a terminal would wrap.
fn shortened(name: &str) -> String {
    if name.chars().count() <= 90 { name.to_owned() } else { name.chars().take(87).chain("...".chars()).collect() }
}
