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

/// The endpoint with that rule: who was once an admin under one address keeps that address.
#[must_use]
pub fn with_rule(users: Endpoint<User>, pace: Pace) -> Endpoint<User> {
    users.check(move |_, change| async move {
        if pace == Pace::Waits {
            tokio::task::yield_now().await;
        }
        let kept = change.current().is_none_or(|current| current.email == change.proposed().email);
        let email = Violation::of_member("email", "never changes");
        Ok(if kept { Verdict::permit() } else { Verdict::conflict(email) })
    })
}
