//! `put-bench memory`: PUT over a map in memory, ours against the handler written by hand and the framework's floor.
//!
//! The figure to read is the server's processor time per request: requests per second also contain the load
//! generator, which has one of the cores, and depend on how the scheduler mixes the two.

use std::{path::PathBuf, time::Duration};

use crate::{
    Result,
    load::{self, Keys, Plan, Sample},
    options::Options,
    programs::Programs,
    ratio::{self, Ratio, Target, median},
    server::Server,
    surroundings,
    table::Table,
};

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 7;
const SECONDS: f64 = 2.0;

/// One side of the comparison.
struct Side {
    name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
    expected: u16,
    /// One sample per round, for each variant.
    samples: [Vec<Sample>; 2],
}

const VARIANTS: [(&str, bool); 2] = [("unconditional", false), ("If-Match", true)];

/// Runs the comparison for each framework.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::built(options)?;
    println!("# PUT, memory store\n");
    surroundings::print(&programs);
    for framework in ["axum", "actix"] {
        if options.includes(framework) {
            compare(framework, &programs, options)?;
        }
    }
    Ok(())
}

fn compare(framework: &str, programs: &Programs, options: &Options) -> Result<()> {
    let peer = programs.peer(&format!("{framework}-memory"));
    let ours = programs.ours(&format!("ours-{framework}-memory"));
    let mut sides = [
        Side::new("ours", ours, &[], 200),
        Side::new("by hand", peer.clone(), &[], 200),
        Side::new("floor", peer, &["floor"], 204),
    ];
    let connections = options.connections.unwrap_or(CONNECTIONS);
    let rounds = options.rounds(ROUNDS);
    for round in 0..rounds {
        // Each round begins with another side, so that none is always first after the pause.
        for turn in 0..sides.len() {
            let side = (round + turn) % sides.len();
            sides[side].measure(connections, options.window(SECONDS))?;
        }
    }
    println!("## {framework}: c={connections}, {rounds} rounds of {:?}\n", options.window(SECONDS));
    for (variant, (name, _)) in VARIANTS.iter().enumerate() {
        let mut table = Table::new(&[name, "cpu us/request", "requests/s", "p50 us", "p99 us"]);
        for side in &sides {
            let of = |value: fn(&Sample) -> f64| median(side.samples[variant].iter().map(value));
            table.row(vec![
                side.name.to_owned(),
                format!("{:.2}", of(|sample| sample.processor)),
                format!("{:.0}", of(|sample| sample.per_second)),
                format!("{:.0}", of(|sample| sample.p50)),
                format!("{:.0}", of(|sample| sample.p99)),
            ]);
        }
        println!("{table}");
    }
    let mut table = Table::new(&ratio::COLUMNS);
    for (variant, (name, _)) in VARIANTS.iter().enumerate() {
        let [ours, by_hand, floor] = &sides;
        let processor = |side: &Side| side.samples[variant].iter().map(|sample| sample.processor).collect::<Vec<_>>();
        let per_second = |side: &Side| side.samples[variant].iter().map(|sample| sample.per_second).collect::<Vec<_>>();
        let ratios = [
            ("cpu, ours / by hand", processor(ours), processor(by_hand), Target::AtMost(1.0)),
            ("cpu, ours / floor", processor(ours), processor(floor), Target::AtMost(1.2)),
            ("cpu, by hand / floor", processor(by_hand), processor(floor), Target::None),
            ("requests/s, ours / by hand", per_second(ours), per_second(by_hand), Target::None),
            ("requests/s, ours / floor", per_second(ours), per_second(floor), Target::None),
        ];
        for (label, ours, theirs, target) in ratios {
            table.row(Ratio::new(format!("{name}: {label}"), ours, theirs, target).cells());
        }
    }
    println!("{table}");
    Ok(())
}

impl Side {
    fn new(name: &'static str, program: PathBuf, arguments: &'static [&'static str], expected: u16) -> Self {
        Self { name, program, arguments, expected, samples: Default::default() }
    }

    /// One fresh process, one sample of each variant.
    fn measure(&mut self, connections: usize, window: Duration) -> Result<()> {
        let server = Server::start(&self.program, self.arguments)?;
        load::create_all(server.address())?;
        for (samples, (_, if_match)) in self.samples.iter_mut().zip(VARIANTS) {
            samples.push(load::run(&Plan {
                address: server.address(),
                pid: Some(server.pid()),
                database: None,
                connections,
                keys: Keys::Shared,
                if_match,
                expected: self.expected,
                warm_up: Duration::from_millis(500),
                window,
            })?);
        }
        server.stop()
    }
}
