//! Medians, and ratios taken round by round.

use std::fmt;

/// The middle value; the mean of the two in the middle when their number is even.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// What a ratio is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// For information.
    None,
}

/// The ratio of two sides, one value per round.
#[derive(Debug)]
pub(crate) struct Ratio {
    pub(crate) label: String,
    pub(crate) rounds: Vec<f64>,
    pub(crate) target: Target,
}

impl Ratio {
    /// Divides side by side: the rounds of the first by those of the second.
    pub(crate) fn new(
        label: impl Into<String>,
        ours: impl IntoIterator<Item = f64>,
        theirs: impl IntoIterator<Item = f64>,
        target: Target,
    ) -> Self {
        let rounds = ours.into_iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Self { label: label.into(), rounds, target }
    }

    /// The ratio as table cells: label, median, spread, target, verdict.
    pub(crate) fn cells(&self) -> Vec<String> {
        let middle = median(self.rounds.iter().copied());
        let low = self.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let verdict = match self.target {
            Target::AtMost(limit) if middle <= limit => "reached",
            Target::AtLeast(limit) if middle >= limit => "reached",
            Target::None => "",
            Target::AtMost(_) | Target::AtLeast(_) => "missed",
        };
        vec![
            self.label.clone(),
            format!("{middle:.3}"),
            format!("{low:.3} .. {high:.3}"),
            self.target.to_string(),
            verdict.to_owned(),
        ]
    }
}

/// The columns of [`Ratio::cells`].
pub(crate) const COLUMNS: [&str; 5] = ["ratio", "median", "spread", "target", ""];

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(formatter, "<= {limit}"),
            Self::AtLeast(limit) => write!(formatter, ">= {limit}"),
            Self::None => formatter.write_str("-"),
        }
    }
}
