//! A rule that looks at the current state and at the proposed one, and permits.

use put_core::rules::Verdict;
use put_core::{Endpoint, Violation};

use crate::User;

/// How the rule answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It computes.
    AtOnce,
    /// It waits for something first, as one does that asks a service.
    Waits,
}

impl Pace {
    /// The pace of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "rule" => Some(Self::AtOnce),
            "waiting-rule" => Some(Self::Waits),
            _ => None,
        }
    }
}

/// The endpoint with that rule: who has a name keeps one. It reads both states, and permits what the load generator sends.
#[must_use]
pub fn with_rule(users: Endpoint<User>, pace: Pace) -> Endpoint<User> {
    users.check(move |_, change| async move {
        if pace == Pace::Waits {
            tokio::task::yield_now().await;
        }
        let (before, after) = (change.current(), change.proposed());
        let is_emptied = before.is_some_and(|before| !before.name.is_empty() && after.name.is_empty());
        Ok(if is_emptied {
            Verdict::conflict(Violation::of_member("name", "is not given up"))
        } else {
            Verdict::permit()
        })
    })
}
