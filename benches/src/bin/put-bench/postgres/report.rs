//! The tables of `put-bench postgres`.

use super::{Case, SIDES};
use crate::{
    load::{Keys, Sample},
    ratio::{self, Ratio, Target, median},
    table::Table,
};

/// Prints what was measured, and the ratios.
pub(super) fn report(cases: &[Case]) {
    let mut samples = Table::new(&["", "requests/s", "p50 us", "p99 us", "cpu us/request", "of the database"]);
    let mut ratios = Table::new(&ratio::COLUMNS);
    for case in cases {
        let label = &case.label;
        for (place, values) in case.sides.iter().zip(&case.samples) {
            let of = |value: fn(&Sample) -> f64| median(values.iter().map(value));
            samples.row(vec![
                format!("{label}: {}", SIDES[*place].name),
                format!("{:.0}", of(|sample| sample.per_second)),
                format!("{:.0}", of(|sample| sample.p50)),
                format!("{:.0}", of(|sample| sample.p99)),
                format!("{:.1}", of(|sample| sample.processor)),
                format!("{:.1}", of(|sample| sample.database)),
            ]);
        }
        let hand = case.sides.iter().position(|place| SIDES[*place].by_hand).unwrap_or_default();
        let names = |nth: usize| SIDES[case.sides[nth]].name;
        for theirs in hand..case.sides.len() {
            for ours in 0..hand {
                let target = if (ours, theirs) == (0, hand) { case.target } else { Target::None };
                let what = format!("{label}: requests/s, {} / {}", names(ours), names(theirs));
                ratios.row(Ratio::new(what, case.per_second(ours), case.per_second(theirs), target).cells());
            }
        }
        let processor = |nth: usize| case.samples[nth].iter().map(|sample| sample.processor + sample.database);
        let what = format!("{label}: cpu of server and database, {} / {}", names(0), names(hand));
        ratios.row(Ratio::new(what, processor(0), processor(hand), Target::None).cells());
        let (tail, middle) = (case.samples[0].iter().map(|sample| sample.p99), &case.samples[hand]);
        let middle = middle.iter().map(|sample| sample.p50);
        let what = format!("{label}: our p99 / p50 by hand");
        ratios.row(Ratio::new(what, tail, middle, case.tail).cells());
    }
    for row in falls(cases) {
        ratios.row(row.cells());
    }
    println!("{samples}\n{ratios}");
}

/// What is left of the requests per second where the table is large, on each side, and on which more.
fn falls(cases: &[Case]) -> Vec<Ratio> {
    let few = cases.iter().find(|case| case.label == "c=64");
    let many = cases.iter().find(|case| matches!(case.keys, Keys::Any(_)));
    let Some((few, many)) = few.zip(many) else { return Vec::new() };
    let left = |nth: usize| {
        let what = format!("{} / c=64: requests/s, {}", many.label, SIDES[many.sides[nth]].name);
        Ratio::new(what, many.per_second(nth), few.per_second(nth), Target::None)
    };
    let (ours, theirs) = (left(0), left(1));
    let (of_ours, of_theirs) = (ours.rounds.iter().copied(), theirs.rounds.iter().copied());
    let both = format!("{}: left to ours / left by hand", many.label);
    let both = Ratio::new(both, of_ours, of_theirs, Target::AtLeast(1.0));
    vec![ours, theirs, both]
}
