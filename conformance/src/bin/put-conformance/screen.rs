//! What a person sees while the program runs. Colours and the line that moves are for a terminal only.

use std::io::{IsTerminal as _, Write as _};

use put_conformance::{CaseResult, Mark, Verdict};

/// The two streams.
pub(crate) struct Screen {
    moving: bool,
    coloured: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { moving: std::io::stderr().is_terminal(), coloured: std::io::stdout().is_terminal() && !plain }
    }

    /// One line beside the report.
    pub(crate) fn line(&self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    /// How far the run is: one moving line, or a line for every hundred cases where lines do not move.
    pub(crate) fn progress(&self, done: usize, all: usize, result: &CaseResult) {
        if self.moving {
            let mark = if matches!(result.verdict, Verdict::Failed(_)) { "failed: " } else { "" };
            let name: String = result.name.chars().take(50).collect();
            eprint!("\r\x1b[K{done}/{all} {mark}{name}");
            let _ = std::io::stderr().flush();
        } else if done.is_multiple_of(100) || done == all {
            eprintln!("{done}/{all} cases");
        }
    }

    /// Takes the moving line away.
    pub(crate) fn clear(&self) {
        if self.moving {
            eprint!("\r\x1b[K");
        }
    }

    pub(crate) fn painted(&self, mark: Mark, words: &str) -> String {
        let code = match mark {
            Mark::Bad => "31;1",
            Mark::Doubtful => "33;1",
            Mark::Strong => "1",
            Mark::Faint => "2",
        };
        if self.coloured && !words.is_empty() { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_owned() }
    }
}
