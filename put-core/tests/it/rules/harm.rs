//! A rule that panics, fails, hangs or cannot stand the lock: nothing is written, nothing is told of it, and the next
//! request is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use put_core::rules::{Proposed, RuleError, Rules, Verdict};
use put_core::store::Store;

use super::{Fate, SOON, warm};
use crate::stock::{Log, Pace, Sent, Stock, User, Watched, content, current, given, is_in_store, memory, of, over};
use crate::support::HOST;

/// Checks that do well until they are told otherwise.
#[derive(Clone, Default)]
struct Moody {
    /// Which fate, or none; and after how many good answers.
    fate: Arc<AtomicU8>,
    good: Arc<AtomicUsize>,
}

impl Moody {
    fn turns(&self, fate: Fate, after: usize) {
        self.good.store(after, Ordering::SeqCst);
        self.fate.store(fate as u8 + 1, Ordering::SeqCst);
    }

    fn calms(&self) {
        self.fate.store(0, Ordering::SeqCst);
    }

    fn mood(&self) -> Option<Fate> {
        let fate = Fate::ALL.into_iter().find(|fate| *fate as u8 + 1 == self.fate.load(Ordering::SeqCst))?;
        match self.good.load(Ordering::SeqCst) {
            0 => Some(fate),
            good => {
                self.good.store(good - 1, Ordering::SeqCst);
                None
            }
        }
    }

    async fn answer(&self, pace: Pace) -> Result<Verdict, RuleError> {
        match self.mood() {
            Some(fate) => Err(fate.befall(pace).await),
            None => Ok(Verdict::permit()),
        }
    }
}

impl Rules<Stock> for (Moody, Pace) {
    type Caller = User;

    async fn check(&self, _: Option<&User>, _: &Proposed<Stock>) -> Result<Verdict, RuleError> {
        self.0.answer(self.1).await
    }

    async fn check_delete(&self, _: Option<&User>, _: &u64, _: &Stock) -> Result<Verdict, RuleError> {
        self.0.answer(self.1).await
    }
}

#[tokio::test]
async fn a_rule_that_comes_to_harm_writes_nothing_and_spoils_nothing() {
    for fate in Fate::ALL {
        for pace in Pace::BOTH {
            // At the first question, or under the lock, or only when it is asked again.
            for warmed in [false, true] {
                for method in ["PUT", "DELETE"] {
                    let told = format!("{fate:?} {pace:?} warmed: {warmed} {method}");
                    let store = memory();
                    let before = given(&store, of("a", 1)).await;
                    let moody = Moody::default();
                    let endpoint = over(Arc::clone(&store)).allow_delete().rule_timeout(SOON);
                    let engine = endpoint.rules((moody.clone(), pace)).mount(HOST);
                    if warmed {
                        warm(&engine).await;
                        warm(&engine).await;
                    }
                    moody.turns(fate, 0);
                    let content = if method == "PUT" { content(2) } else { String::new() };
                    let sent = Sent::new(method, &[("content-type", "application/json")], content);
                    let answer = sent.to(&engine).await;
                    assert_eq!((answer.status(), answer.field("retry-after")), fate.answer(), "{told}");
                    let id = answer.json()["instance"].as_str().unwrap_or_default().to_owned();
                    assert!(id.starts_with("urn:put:incident:"), "{told}: {}", answer.text());
                    for secret in ["mistake", "table", "connections"] {
                        assert!(!answer.text().contains(secret), "{told}: {}", answer.text());
                    }
                    assert_eq!(current(&store).await.as_ref(), Some(&before), "{told}");
                    moody.calms();
                    assert!(sent.to(&engine).await.status() < 300, "{told}: the next request is served");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_rule_that_failed_once_is_asked_under_the_lock_again() {
    for fate in [Fate::Panics, Fate::Fails] {
        let store = Watched::new(None);
        let moody = Moody::default();
        let endpoint = over(Arc::clone(&store) as Arc<dyn Store>).rules((moody.clone(), Pace::AtOnce));
        let engine = endpoint.mount(HOST);
        let reads = async |quantity| {
            let before = store.reads.load(Ordering::SeqCst);
            let status = Sent::quantity(quantity).to(&engine).await.status();
            (status, store.reads.load(Ordering::SeqCst) - before)
        };
        assert_eq!(reads(1).await, (201, 1), "how it answers is found out beside a read");
        assert_eq!(reads(2).await, (200, 0));
        moody.turns(fate, 0);
        assert_eq!(reads(3).await.0, 500, "{fate:?}");
        moody.calms();
        assert_eq!(reads(4).await, (200, 1), "{fate:?}: it is found out anew");
        assert_eq!(reads(5).await, (200, 0), "{fate:?}");
    }
}

#[tokio::test]
async fn a_rule_that_cannot_stand_the_lock_is_not_asked_under_it_twice() {
    let (store, log) = (Watched::new(None) as Arc<dyn Store>, Log::default());
    let noted = log.clone();
    let endpoint = over(Arc::clone(&store)).check(move |_, _| {
        noted.note(if is_in_store() { "in the store" } else { "beside it" });
        assert!(!is_in_store(), "there is no runtime on this thread");
        async { Ok(Verdict::permit()) }
    });
    let engine = endpoint.mount(HOST);
    for (quantity, asked) in
        [(1, vec!["beside it"]), (2, vec!["in the store", "beside it"]), (3, vec!["beside it"]), (4, vec!["beside it"])]
    {
        let before = log.all().len();
        assert!(Sent::quantity(quantity).to(&engine).await.status() < 300);
        assert_eq!(log.all()[before..], asked, "{quantity}");
        assert_eq!(current(&store).await.unwrap().value, of("a", quantity));
    }
}
