//! The application's say: when it is asked, what comes of its answers, and what of its failures. Here is what several of
//! these tests need; each room below has the tests of one question.

mod afterwards;
mod harm;
mod outside_http;
mod switches;
mod verdicts;
mod what_was_seen;
mod who_may;

use std::sync::Arc;
use std::time::Duration;

use put_core::rules::{Proposed, RuleError, Rules, Verdict};
use put_core::store::StoreError;
use put_core::{Engine, Pointer, Violation};

use crate::stock::{Pace, Sent, Stock, User};

fn at(name: &str, detail: &str) -> Violation {
    Violation::new(Pointer::root().member(name), detail)
}

/// What a rule can come to besides an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Panics,
    Fails,
    IsBusy,
    Hangs,
}

impl Fate {
    const ALL: [Self; 4] = [Self::Panics, Self::Fails, Self::IsBusy, Self::Hangs];

    async fn befall(self, pace: Pace) -> RuleError {
        pace.pass().await;
        match self {
            Self::Panics => panic!("a rule with a mistake"),
            Self::Fails => "no such table".into(),
            Self::IsBusy => StoreError::busy(Duration::from_secs(7), "too many connections").into(),
            Self::Hangs => std::future::pending().await,
        }
    }

    /// Status and Retry-After.
    fn answer(self) -> (u16, Option<&'static str>) {
        match self {
            Self::Panics | Self::Fails => (500, None),
            Self::IsBusy => (503, Some("7")),
            Self::Hangs => (503, Some("1")),
        }
    }
}

const SOON: Duration = Duration::from_millis(20);

/// Makes the rules of an endpoint be asked the way they are asked most of the time: under the lock, if they can.
async fn warm(engine: &Arc<Engine>) {
    assert!(Sent::quantity(0).at("/stock/99").to(engine).await.status() < 300);
}

/// The quantity goes up by one at the most, and only what is empty is deleted.
struct OneUp(Pace);

impl Rules<Stock> for OneUp {
    type Caller = User;

    async fn check(&self, _: Option<&User>, change: &Proposed<Stock>) -> Result<Verdict, RuleError> {
        self.0.pass().await;
        let fits = change.current().is_none_or(|current| change.proposed().quantity <= current.quantity + 1);
        Ok(if fits { Verdict::permit() } else { Verdict::violation(at("quantity", "goes up too fast")) })
    }

    async fn check_delete(&self, _: Option<&User>, _: &u64, current: &Stock) -> Result<Verdict, RuleError> {
        self.0.pass().await;
        let clash = Verdict::violation(at("quantity", "is not empty"));
        Ok(if current.quantity == 0 { Verdict::permit() } else { clash })
    }
}
