//! The application's say: when it is asked, what comes of its answers, and what of its failures. One file, because it is
//! one list of promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use put_core::change::Change;
use put_core::rules::{Access, Action, Committed, Proposed, RuleError, Rules, Verdict};
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor as _};
use put_core::{
    Condition, Endpoint, Error, Format, MemoryStore, Pointer, Precondition, PutResource as _, Violation, Written,
};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::stock::{
    Log, Pace, Sent, Stock, Switched, User, Watched, content, current, given, is_in_store, left, of, over, seen, stock,
};
use crate::support::HOST;

fn memory() -> Arc<dyn Store> {
    MemoryStore::<Stock>::new().into_store()
}

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

#[tokio::test]
async fn who_asks_is_decided_before_anything_tells_what_there_is() {
    type Given = fn() -> Result<Access, Fate>;
    const ACCESSES: [(Given, u16); 6] = [
        (|| Ok(Access::unauthenticated("Bearer realm=\"stock\"")), 401),
        (|| Ok(Access::forbidden("not yours")), 403),
        (|| Ok(Access::Hidden), 404),
        (|| Err(Fate::Panics), 500),
        (|| Err(Fate::Fails), 500),
        (|| Err(Fate::Hangs), 503),
    ];
    let json = ("content-type", "application/json");
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let large = "9".repeat(9);
    let dates = [("if-modified-since", "x"), ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")];
    let mut requests = vec![
        Sent::put(&[], content(2)),
        Sent::put(&[], content(1)),
        Sent::put(&[("if-match", "zzz")], content(2)),
        Sent::put(&[("if-match", "\"stale\"")], content(2)),
        Sent::put(&[("if-match", "*")], content(2)),
        Sent::put(&[("if-match", &tag)], content(2)),
        Sent::put(&[("if-none-match", "*")], content(2)),
        Sent::put(&[("if-none-match", &tag)], content(2)),
        Sent::put(&dates, content(2)),
        Sent::put(&[("content-range", "bytes 0-1/2")], content(2)),
        Sent::put(&[("content-length", &large)], content(2)),
        Sent::put(&[("content-encoding", "br")], content(2)),
        Sent::put(&[("content-digest", "sha-256=abc")], content(2)),
        Sent::put(&[("prefer", "return=representation")], content(2)),
        Sent::put(&[], ""),
        Sent::put(&[], "{"),
        Sent::put(&[], r#"{"quantity":"many"}"#),
        Sent::new("PUT", &[("content-type", "text/plain")], content(2)),
    ];
    for expect in ["100-continue", "200-ok"] {
        requests.push(Sent::put(&[("expect", expect)], content(2)));
        requests.push(Sent::put(&[("expect", expect), ("if-match", "\"stale\"")], content(2)));
    }
    for method in ["GET", "HEAD", "DELETE"] {
        for field in [json, ("if-match", "zzz"), ("if-match", "\"stale\""), ("if-none-match", "*"), dates[1]] {
            requests.push(Sent::new(method, &[field], ""));
        }
        requests.push(Sent::new(method, &[("if-match", &tag)], ""));
        requests.push(Sent::new(method, &[("if-none-match", &tag)], ""));
        requests.push(Sent::new(method, &[("accept", "text/html")], ""));
    }
    for (access, status) in ACCESSES {
        for pace in Pace::BOTH {
            let mut answers = Vec::new();
            for there in [true, false] {
                let store = memory();
                if there {
                    given(&store, of("a", 1)).await;
                }
                for demands in [true, false] {
                    let endpoint = over(Arc::clone(&store)).allow_delete().rule_timeout(SOON);
                    let endpoint = endpoint.authorize(move |_caller, _action, _key| async move {
                        pace.pass().await;
                        match access() {
                            Ok(access) => Ok(access),
                            Err(fate) => Err(fate.befall(pace).await),
                        }
                    });
                    let engine = if demands { endpoint.require_precondition() } else { endpoint }.mount(HOST);
                    // A rule that hangs takes its time with each.
                    let wanted = if status == 503 { 2 } else { requests.len() };
                    for request in requests.iter().take(wanted) {
                        let (answer, read) = request.answered(&engine).await;
                        assert_eq!(answer.status(), status, "{request:?} there: {there}");
                        assert!(!read, "{request:?}: the content is not asked for");
                        let challenge = (status == 401).then_some("Bearer realm=\"stock\"");
                        assert_eq!(answer.field("www-authenticate"), challenge);
                        for field in ["etag", "last-modified", "location", "content-location", "allow"] {
                            assert_eq!(answer.field(field), None, "{request:?}");
                        }
                        answers.push((there, request.method, seen(&answer)));
                    }
                }
                let after = current(&store).await.map(|stored| stored.value);
                assert_eq!(after, there.then(|| of("a", 1)), "nothing was written");
            }
            let (with, without): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(there, ..)| *there);
            for (with, without) in with.iter().zip(&without) {
                assert_eq!((&with.1, &with.2), (&without.1, &without.2), "there and absent look the same");
            }
        }
    }
}

#[tokio::test]
async fn a_rule_of_who_may_is_told_what_is_wanted_and_of_which_key() {
    let log = Log::default();
    let noted = log.clone();
    let engine = stock()
        .allow_delete()
        .dry_run("/stock/{id}/try")
        .authorize(move |caller, action, key| {
            noted.note(format!("{:?} {action:?} {key}", caller.map(|caller| caller.0)));
            async { Ok(Access::Granted) }
        })
        .mount(HOST);
    for (sent, asked) in [
        (Sent::new("GET", &[], ""), vec!["Some(\"a\") Read 1"]),
        (Sent::new("HEAD", &[], "").by(None), vec!["None Read 1"]),
        // The answer to a write shows what is stored.
        (Sent::quantity(1).at("/stock/7"), vec!["Some(\"a\") Put 7", "Some(\"a\") Read 7"]),
        (Sent::new("DELETE", &[], "").at("/stock/7"), vec!["Some(\"a\") Delete 7"]),
        (Sent::new("OPTIONS", &[], ""), vec![]),
        (Sent::new("POST", &[], ""), vec![]),
        (Sent::new("GET", &[], "").at("/stock/01"), vec![]),
    ] {
        let before = log.all().len();
        sent.to(&engine).await;
        assert_eq!(log.all()[before..], asked, "{sent:?}");
    }
    let (dry, before) = (engine.dry_run().unwrap(), log.all().len());
    Sent::quantity(1).at("/stock/7/try").to(dry).await;
    assert_eq!(log.all()[before..], ["Some(\"a\") Put 7", "Some(\"a\") Read 7"]);
}

#[tokio::test]
async fn of_several_rules_each_may_only_take_away() {
    let grants = || async { Ok(Access::Granted) };
    for (first, second, status) in [
        (Access::Granted, Access::Granted, 404),
        (Access::Granted, Access::forbidden("x"), 403),
        (Access::unauthenticated("Basic"), Access::forbidden("x"), 401),
        (Access::forbidden("x"), Access::Granted, 403),
        (Access::Hidden, Access::forbidden("x"), 404),
    ] {
        let engine = stock()
            .authorize(move |_, _, _| grants())
            .authorize({
                let first = first.clone();
                move |_, _, _| std::future::ready(Ok(first.clone()))
            })
            .authorize(move |_, _, _| std::future::ready(Ok(second.clone())))
            .mount(HOST);
        let answer = Sent::new("GET", &[], "").to(&engine).await;
        assert_eq!(answer.status(), status, "{first:?}");
        let detail = answer.json()["detail"].as_str().map(str::to_owned);
        assert!(status != 403 || detail == Some("x".to_owned()), "{detail:?}");
    }
}

#[tokio::test]
async fn a_challenge_cannot_break_the_answer() {
    for (challenge, told) in [("Bearer\r\nSet-Cookie: a=b", "Bearer??Set-Cookie: a=b"), ("Bäsic", "B?sic")] {
        let challenge = challenge.to_owned();
        let engine =
            stock().authorize(move |_, _, _| std::future::ready(Ok(Access::unauthenticated(&*challenge)))).mount(HOST);
        assert_eq!(Sent::new("GET", &[], "").to(&engine).await.field("www-authenticate"), Some(told));
    }
}

/// A rule that finds in the quantity what it says: 1 for a refusal, 2 for a violation, 4 for a conflict, and their sums.
fn telling(pace: Pace) -> impl Fn(Option<Arc<User>>, Proposed<Stock>) -> Asked + Send + Sync + 'static {
    move |_caller, change| {
        Box::pin(async move {
            pace.pass().await;
            let says = change.proposed().quantity;
            let mut verdict = if says & 1 > 0 { Verdict::refuse("not today") } else { Verdict::permit() };
            if says & 2 > 0 {
                verdict = verdict.and(Verdict::violation(at("quantity", "is even worse")));
            }
            if says & 4 > 0 {
                verdict = verdict.and(Verdict::conflict(at("tenant", "is somebody else's")));
            }
            Ok(verdict.and(Verdict::warning("looked at")))
        })
    }
}

type Asked = std::pin::Pin<Box<dyn Future<Output = Result<Verdict, RuleError>> + Send>>;

/// Makes the rules of an endpoint be asked the way they are asked most of the time: under the lock, if they can.
async fn warm(engine: &Arc<put_core::Engine>) {
    assert!(Sent::quantity(0).at("/stock/99").to(engine).await.status() < 300);
}

#[tokio::test]
async fn of_several_verdicts_the_gravest_is_told() {
    for pace in Pace::BOTH {
        for warmed in [true, false] {
            for says in 0..8 {
                for clashes in [false, true] {
                    let store = memory();
                    let before = given(&store, of("a", 100)).await;
                    let engine = over(Arc::clone(&store)).check(telling(pace)).mount(HOST);
                    if warmed {
                        warm(&engine).await;
                    }
                    let unit = if clashes { "lb" } else { "kg" };
                    let sent = Sent::put(&[], format!(r#"{{"tenant":"a","unit":"{unit}","quantity":{says}}}"#));
                    let answer = sent.to(&engine).await;
                    let (refuses, violates, conflicts) = (says & 1 > 0, says & 2 > 0, says & 4 > 0);
                    let told = |pointers: &[&str]| {
                        let errors = answer.errors().into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
                        assert_eq!(errors, pointers, "{}", answer.text());
                    };
                    let status = match () {
                        () if refuses => 403,
                        () if violates => {
                            told(&["#/quantity"]);
                            422
                        }
                        () if conflicts && clashes => {
                            told(&["#/unit", "#/tenant"]);
                            409
                        }
                        () if conflicts => {
                            told(&["#/tenant"]);
                            409
                        }
                        () if clashes => {
                            told(&["#/unit"]);
                            409
                        }
                        () => 200,
                    };
                    assert_eq!(answer.status(), status, "{pace:?} warmed: {warmed}, says {says}, clashes: {clashes}");
                    assert!(!answer.text().contains("looked at"), "a warning is for the log");
                    let after = current(&store).await.unwrap();
                    assert_eq!(after == before, status != 200, "{pace:?} says {says}");
                }
            }
        }
    }
}

/// What a caller of these requests sees, one after the other, over one store.
async fn course(endpoint: Endpoint<Stock, User>, requests: &[Sent<'_>]) -> Vec<(u16, String)> {
    let engine = endpoint.mount(HOST);
    let mut answers = Vec::new();
    for request in requests {
        let answer = request.to(&engine).await;
        answers.push((answer.status(), answer.text()));
    }
    answers
}

#[tokio::test]
async fn a_rule_that_waits_comes_to_the_same_as_one_that_answers_at_once() {
    let tag = given(&memory(), of("a", 4)).await.tag.to_string();
    let course_of = |pace: Pace| {
        let requests = [
            Sent::quantity(3),
            Sent::quantity(3),
            Sent::quantity(4),
            Sent::quantity(6),
            Sent::quantity(5),
            Sent::put(&[("if-match", &tag)], content(4)),
            Sent::put(&[("if-none-match", "*")], content(4)),
            Sent::put(&[("if-match", &tag)], content(9)),
            Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":4}"#),
            Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":5}"#),
            Sent::put(&[("if-match", "\"x\"")], content(5)),
            Sent::new("DELETE", &[], ""),
            Sent::quantity(7),
            Sent::new("DELETE", &[("if-match", "\"x\"")], ""),
            Sent::new("DELETE", &[], ""),
            Sent::new("DELETE", &[], ""),
        ];
        let endpoint = stock().allow_delete().rules(OneUp(pace));
        async move { course(endpoint, &requests).await }
    };
    let (at_once, waits) = (course_of(Pace::AtOnce).await, course_of(Pace::Waits).await);
    assert_eq!(at_once, waits);
    let statuses: Vec<u16> = at_once.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [201, 200, 200, 422, 200, 412, 412, 412, 409, 409, 412, 409, 422, 412, 409, 409]);
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

/// A rule that says what it sees, and waits to be told to go on.
fn stepwise(endpoint: Endpoint<Stock, User>) -> (Endpoint<Stock, User>, mpsc::UnboundedReceiver<Step>) {
    let (steps, taken) = mpsc::unbounded_channel();
    let endpoint = endpoint.check(move |_caller, change| {
        let (go_on, goes_on) = oneshot::channel();
        let seen = change.current().map(|current| current.quantity);
        steps.send(Step { seen, go_on }).unwrap();
        async move { goes_on.await.map_err(RuleError::from) }
    });
    (endpoint, taken)
}

struct Step {
    seen: Option<i64>,
    go_on: oneshot::Sender<Verdict>,
}

#[tokio::test]
async fn what_is_permitted_is_written_over_exactly_the_state_that_was_seen() {
    let store = memory();
    let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
    let engine = endpoint.mount(HOST);
    let request = tokio::spawn(async move { Sent::quantity(5).to(&engine).await });
    // Created, replaced, deleted, created anew, put back to what it was: each time it is asked about what is there now.
    let mut step = steps.recv().await.unwrap();
    assert_eq!(step.seen, None);
    let tag = given(&store, of("b", 1)).await.tag;
    for (seen, next) in [(Some(1), Some(2)), (Some(2), None), (None, Some(3)), (Some(3), Some(4))] {
        step.go_on.send(Verdict::permit()).unwrap();
        step = steps.recv().await.unwrap();
        assert_eq!(step.seen, seen);
        match next {
            Some(quantity) => drop(given(&store, of("b", quantity)).await),
            None => Stock::endpoint(Arc::clone(&store)).delete(&1, Precondition::none()).await.unwrap(),
        }
    }
    step.go_on.send(Verdict::permit()).unwrap();
    let step = steps.recv().await.unwrap();
    given(&store, of("b", 9)).await;
    given(&store, of("b", 4)).await;
    step.go_on.send(Verdict::permit()).unwrap();
    let answer = request.await.unwrap();
    assert_eq!(
        (answer.status(), answer.json()["quantity"].as_i64()),
        (200, Some(5)),
        "the state that was seen is back"
    );
    assert_ne!(current(&store).await.unwrap().tag, tag);
    assert!(steps.try_recv().is_err(), "it was asked no more often than it had to be");
}

#[tokio::test]
async fn a_write_between_can_turn_permission_into_refusal_and_condition_into_failure() {
    for (fields, verdict, status) in [
        (vec![], Verdict::refuse("not any more"), 403),
        (vec![], Verdict::conflict(at("quantity", "is another")), 409),
        (vec![("if-none-match", "*")], Verdict::permit(), 412),
    ] {
        let store = memory();
        let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
        let engine = endpoint.mount(HOST);
        let asked_again = fields.is_empty();
        let request = tokio::spawn(async move { Sent::put(&fields, content(5)).to(&engine).await });
        let step = steps.recv().await.unwrap();
        given(&store, of("b", 1)).await;
        step.go_on.send(Verdict::permit()).unwrap();
        if asked_again {
            steps.recv().await.unwrap().go_on.send(verdict).unwrap();
        }
        assert_eq!(request.await.unwrap().status(), status);
        assert_eq!(current(&store).await.unwrap().value, of("b", 1));
        assert!(steps.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_deletion_is_permitted_of_exactly_the_state_that_was_seen() {
    struct Asks(mpsc::UnboundedSender<Step>);
    impl Rules<Stock> for Asks {
        type Caller = User;

        async fn check_delete(&self, _: Option<&User>, _: &u64, current: &Stock) -> Result<Verdict, RuleError> {
            let (go_on, goes_on) = oneshot::channel();
            self.0.send(Step { seen: Some(current.quantity), go_on })?;
            Ok(goes_on.await?)
        }
    }
    for (last, status) in [(Verdict::permit(), 204), (Verdict::refuse("no"), 403)] {
        let store = memory();
        given(&store, of("a", 1)).await;
        let (steps, mut taken) = mpsc::unbounded_channel();
        let engine = over(Arc::clone(&store)).allow_delete().rules(Asks(steps)).mount(HOST);
        let request = tokio::spawn(async move { Sent::new("DELETE", &[], "").to(&engine).await });
        let step = taken.recv().await.unwrap();
        given(&store, of("a", 2)).await;
        step.go_on.send(Verdict::permit()).unwrap();
        let step = taken.recv().await.unwrap();
        assert_eq!(step.seen, Some(2));
        step.go_on.send(last).unwrap();
        assert_eq!(request.await.unwrap().status(), status);
        assert_eq!(current(&store).await.is_none(), status == 204);
    }
}

#[tokio::test]
async fn who_is_overtaken_each_time_is_told_to_come_back() {
    let store = memory();
    let asks = Arc::new(AtomicUsize::new(0));
    let rule = {
        let (store, asks) = (Arc::clone(&store), Arc::clone(&asks));
        move |_caller, _change: Proposed<Stock>| {
            let (store, asks) = (Arc::clone(&store), Arc::clone(&asks));
            async move {
                tokio::task::yield_now().await;
                let ask = asks.fetch_add(1, Ordering::SeqCst);
                given(&store, of("b", i64::try_from(ask)?)).await;
                Ok(Verdict::permit())
            }
        }
    };
    let endpoint = over(Arc::clone(&store)).check(rule);
    let engine = endpoint.clone().mount(HOST);
    let answer = Sent::quantity(100).to(&engine).await;
    assert_eq!((answer.status(), answer.field("retry-after")), (503, Some("1")));
    assert_eq!((asks.load(Ordering::SeqCst), current(&store).await.unwrap().value), (16, of("b", 15)));
    let typed = endpoint.put(of("a", 100), Precondition::none()).await;
    assert!(matches!(typed, Err(Error::Store(error)) if error.retry_after().is_some()));
    assert_eq!(asks.load(Ordering::SeqCst), 32);
}

#[tokio::test]
async fn a_rule_may_read_through_the_endpoint_it_belongs_to() {
    // From the first time, or only when it has been taken for one that answers at once.
    for at_once_before in [0, 1, 3] {
        let store = memory();
        let (plain, asks) = (Stock::endpoint(Arc::clone(&store)), Arc::new(AtomicUsize::new(0)));
        let engine = over(Arc::clone(&store))
            .allow_delete()
            .check(move |_caller, change| {
                let (plain, ask) = (plain.clone(), asks.fetch_add(1, Ordering::SeqCst));
                async move {
                    if ask < at_once_before {
                        return Ok(Verdict::permit());
                    }
                    let read = plain.get(change.key()).await?.map(|stored| stored.value);
                    let all = plain.list(None, 9).await?.len();
                    assert_eq!((read.as_ref(), all), (change.current(), usize::from(change.current().is_some())));
                    Ok(Verdict::permit())
                }
            })
            .mount(HOST);
        for (quantity, status) in [(1, 201), (2, 200), (3, 200), (4, 200), (5, 200)] {
            assert_eq!(Sent::quantity(quantity).to(&engine).await.status(), status, "{at_once_before}");
            assert_eq!(current(&store).await.unwrap().value.quantity, quantity);
        }
    }
}

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

#[tokio::test]
async fn a_client_that_leaves_while_a_rule_is_asked_has_asked_nothing() {
    let store = memory();
    let before = given(&store, of("a", 1)).await;
    let (endpoint, mut steps) = stepwise(over(Arc::clone(&store)));
    let engine = endpoint.clone().mount(HOST);
    left(Sent::quantity(5).to(&engine)).await;
    left(endpoint.put(of("a", 5), Precondition::none())).await;
    for _ in 0..2 {
        let step = steps.recv().await.unwrap();
        assert!(step.go_on.send(Verdict::permit()).is_err(), "nobody waits for the answer");
    }
    assert_eq!(current(&store).await.unwrap(), before);
    let next = tokio::spawn(async move { Sent::quantity(6).to(&engine).await });
    steps.recv().await.unwrap().go_on.send(Verdict::permit()).unwrap();
    assert_eq!(next.await.unwrap().status(), 200);
}

fn told(committed: &Committed<Stock>) -> String {
    let quantity = committed.stored().map(|stored| stored.value.quantity);
    format!("{:?} {} {quantity:?}", committed.done(), committed.key())
}

#[tokio::test]
async fn a_client_that_leaves_during_the_write_keeps_nobody_from_being_told() {
    for method in ["PUT", "DELETE"] {
        let (log, turns) = (Log::default(), Arc::new(Semaphore::new(1)));
        let store = Watched::new(Some(Arc::clone(&turns))) as Arc<dyn Store>;
        let noted = log.clone();
        let engine = over(Arc::clone(&store))
            .allow_delete()
            .committed(move |caller, committed| {
                noted.note(format!("{caller:?} {}", told(&committed)));
                async { Ok(()) }
            })
            .mount(HOST);
        given(&store, of("a", 1)).await;
        let content = if method == "PUT" { content(2) } else { String::new() };
        left(Sent::new(method, &[("content-type", "application/json")], content).to(&engine)).await;
        assert!(log.all().is_empty());
        turns.add_permits(1);
        let wanted = if method == "PUT" { "Replaced 1 Some(2)" } else { "Deleted 1 None" };
        assert_eq!(log.reaches(1).await, [format!("Some(User(\"a\")) {wanted}")]);
    }
}

#[tokio::test]
async fn what_goes_wrong_after_the_commit_is_no_matter_to_the_client_nor_to_the_next() {
    for fate in Fate::ALL {
        for pace in Pace::BOTH {
            for turns in [None, Some(Arc::new(Semaphore::new(9)))] {
                let (log, noted) = (Log::default(), Log::default());
                let store = Watched::new(turns) as Arc<dyn Store>;
                let (first, second) = (log.clone(), noted.clone());
                let engine = over(Arc::clone(&store))
                    .allow_delete()
                    .rule_timeout(SOON)
                    .committed(move |_, committed| {
                        first.note(told(&committed));
                        async move { Err(fate.befall(pace).await) }
                    })
                    .committed(move |_, committed| {
                        second.note(told(&committed));
                        async { Ok(()) }
                    })
                    .mount(HOST);
                assert_eq!(Sent::quantity(1).to(&engine).await.status(), 201, "{fate:?}");
                assert_eq!(Sent::quantity(2).to(&engine).await.status(), 200, "{fate:?}");
                assert_eq!(Sent::new("DELETE", &[], "").to(&engine).await.status(), 204, "{fate:?}");
                let mut all = ["Created 1 Some(1)", "Replaced 1 Some(2)", "Deleted 1 None"];
                all.sort_unstable();
                for log in [log, noted] {
                    let mut told = log.reaches(3).await;
                    told.sort_unstable();
                    assert_eq!(told, all, "{fate:?} {pace:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_real_change_is_told_once_and_nothing_else_is() {
    for pace in Pace::BOTH {
        let log = Log::default();
        let noted = log.clone();
        let endpoint = stock().allow_delete().accept_replay().dry_run("/stock/{id}/try").rules(OneUp(pace)).committed(
            move |_, committed| {
                noted.note(told(&committed));
                async { Ok(()) }
            },
        );
        let engine = endpoint.clone().mount(HOST);
        for (sent, wanted) in [
            (Sent::quantity(1), Some("Created 1 Some(1)")),
            (Sent::quantity(1), None),
            (Sent::put(&[("if-match", "\"lost\"")], content(1)), None),
            (Sent::put(&[("if-match", "\"lost\"")], content(2)), None),
            (Sent::quantity(9), None),
            (Sent::put(&[], r#"{"tenant":"a","unit":"lb","quantity":1}"#), None),
            (Sent::put(&[], "{"), None),
            (Sent::quantity(0), Some("Replaced 1 Some(0)")),
            (Sent::new("GET", &[], ""), None),
            (Sent::new("DELETE", &[("if-match", "\"x\"")], ""), None),
            (Sent::new("DELETE", &[], ""), Some("Deleted 1 None")),
            (Sent::new("DELETE", &[], ""), None),
        ] {
            let before = log.all().len();
            let dry = sent.clone().at("/stock/1/try");
            if sent.method == "PUT" {
                dry.to(engine.dry_run().unwrap()).await;
            }
            let status = sent.to(&engine).await.status();
            // Who is told is told on a task of its own; the runtime has one thread, so it has run after a few turns.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            assert_eq!(log.all()[before..].first().map(String::as_str), wanted, "{sent:?} {status}");
            assert!(log.all().len() <= before + 1);
        }
        let before = log.all().len();
        endpoint.put(of("a", 1), Precondition::none()).await.unwrap();
        endpoint.put(of("a", 1), Precondition::none()).await.unwrap();
        endpoint.put(of("a", 9), Precondition::none()).await.unwrap_err();
        endpoint.put(of("a", 0), Precondition::none()).await.unwrap();
        endpoint.delete(&1, Precondition::none()).await.unwrap();
        assert_eq!(log.all()[before..], ["Created 1 Some(1)", "Replaced 1 Some(0)", "Deleted 1 None"]);
    }
}

#[tokio::test]
async fn the_application_itself_is_checked_and_not_authorized_and_a_caller_is_both() {
    let store = memory();
    given(&store, of("b", 1)).await;
    let endpoint = over(Arc::clone(&store))
        .allow_delete()
        .authorize(async |caller, action, key| {
            Ok(match (caller, action, key) {
                (None, ..) => Access::unauthenticated("Bearer"),
                (Some(_), Action::Delete, _) => Access::forbidden("nobody deletes"),
                (Some(_), _, 9) => Access::Hidden,
                _ => Access::Granted,
            })
        })
        .scope(|caller, key| caller.is_some_and(|_| *key != 8))
        .state_scope(|caller, stock| caller.is_some_and(|caller| caller.0 == stock.tenant))
        .check(async |caller, change| {
            let quantity = change.proposed().quantity;
            let big = Verdict::violation(at("quantity", "is too big"));
            Ok(match (caller, quantity) {
                (_, 100..) => big,
                (Some(_), 50..) => Verdict::refuse("only the application may"),
                (_, 40) => Verdict::conflict(at("quantity", "is taken")),
                _ => Verdict::permit(),
            })
        });
    let (a, b) = (endpoint.on_behalf_of(User("a")), endpoint.on_behalf_of(User("b")));
    let none = Precondition::none;

    assert_eq!(endpoint.get(&1).await.unwrap().unwrap().value, of("b", 1));
    assert_eq!(b.get(&1).await.unwrap().unwrap().value, of("b", 1));
    assert!(a.get(&1).await.unwrap().is_none());
    assert!(b.get(&9).await.unwrap().is_none());

    assert!(matches!(endpoint.put(of("c", 60), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(endpoint.put(of("b", 2), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(endpoint.put(of("b", 100), none()).await, Err(Error::Violations(_))));
    assert!(matches!(endpoint.put(of("b", 40), none()).await, Err(Error::Conflict(_))));
    assert!(
        matches!(b.put(of("b", 60), none()).await, Err(Error::Denied(Access::Forbidden { detail })) if detail.contains("application"))
    );
    assert!(matches!(b.put(of("a", 3), none()).await, Err(Error::Denied(Access::Forbidden { .. }))), "given away");
    assert!(matches!(a.put(of("a", 3), none()).await, Err(Error::Absent)), "not there for this caller");
    let stale = Precondition::if_match(put_core::EntityTag::of(b"x"));
    assert!(matches!(b.put(of("b", 3), stale).await, Err(Error::PreconditionFailed(Condition::IfMatch, Some(_)))));
    assert!(matches!(b.put(of("b", 3), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(b.put(Stock { id: 8, ..of("b", 3) }, none()).await, Err(Error::Absent)));
    assert!(matches!(b.delete(&1, none()).await, Err(Error::Denied(Access::Forbidden { .. }))));

    for id in 2..=9 {
        let tenant = if id % 2 == 0 { "a" } else { "b" };
        endpoint.put(Stock { id, ..of(tenant, 1) }, none()).await.unwrap();
    }
    let ids = |page: Vec<put_core::Stored<Stock>>| page.iter().map(|stored| stored.value.id).collect::<Vec<_>>();
    assert_eq!(ids(endpoint.list(None, 99).await.unwrap()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for limit in [1, 2, 3, 5, 99] {
        assert_eq!(ids(a.list(None, limit).await.unwrap()), [2, 4, 6][..limit.min(3)], "{limit}");
        assert_eq!(ids(b.list(Some(&3), limit).await.unwrap()), [5, 7][..limit.min(2)], "{limit}");
    }
    assert!(a.list(None, 0).await.unwrap().is_empty());
    assert!(matches!(endpoint.delete(&1, none()).await, Ok(())));
}

#[tokio::test]
async fn rules_go_together_with_every_switch() {
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let spaced = r#"{ "tenant": "a", "unit": "kg", "quantity": 2 }"#;
    let stale = ("if-match", "\"x\"");
    let rows: [(Switched, Sent<'_>, u16, bool, bool); 15] = [
        (Endpoint::update_only, Sent::quantity(2).at("/stock/7"), 404, false, true),
        (Endpoint::update_only, Sent::quantity(13).at("/stock/7"), 404, false, true),
        (Endpoint::update_only, Sent::quantity(13), 403, false, true),
        (Endpoint::update_only, Sent::quantity(2), 200, true, true),
        (Endpoint::require_precondition, Sent::quantity(13), 428, false, true),
        (Endpoint::require_precondition, Sent::put(&[("if-match", &tag)], content(13)), 403, false, true),
        (Endpoint::require_precondition, Sent::put(&[stale], content(13)), 412, true, true),
        (Endpoint::require_precondition, Sent::put(&[("if-match", &tag)], content(2)), 200, true, true),
        (Endpoint::accept_replay, Sent::put(&[stale], content(1)), 200, true, true),
        (Endpoint::accept_replay, Sent::put(&[stale], content(13)), 412, true, true),
        (Endpoint::strict_validators, Sent::put(&[], spaced), 200, false, true),
        (|endpoint| endpoint, Sent::put(&[], spaced), 200, true, true),
        (Endpoint::return_minimal, Sent::put(&[], spaced), 204, false, false),
        (Endpoint::return_minimal, Sent::quantity(13), 403, false, true),
        (|endpoint| endpoint.content_limit(10), Sent::quantity(13), 413, false, true),
    ];
    for pace in Pace::BOTH {
        for warmed in [false, true] {
            for (switched, sent, status, has_tag, has_content) in &rows {
                let store = memory();
                given(&store, of("a", 1)).await;
                let endpoint = over(Arc::clone(&store)).check(move |_, change: Proposed<Stock>| async move {
                    pace.pass().await;
                    let unlucky = change.proposed().quantity == 13;
                    Ok(if unlucky { Verdict::refuse("unlucky") } else { Verdict::permit() })
                });
                if warmed {
                    // The switch comes after the rules, which it shares with the endpoint that it is made from.
                    warm(&endpoint.clone().mount(HOST)).await;
                }
                let answer = sent.to(&switched(endpoint).mount(HOST)).await;
                let facts = (answer.status(), answer.field("etag").is_some(), !answer.text().is_empty());
                assert_eq!(facts, (*status, *has_tag, *has_content), "{pace:?} {sent:?} {}", answer.text());
            }
        }
    }
}

/// A store of states that do not say their key.
struct Keyless;

impl Store for Keyless {
    fn get(&self, _: &Key) -> Reply<Option<State>> {
        Reply::ready(Ok(None))
    }

    fn put(&self, _: Key, _: Change, _: Precondition) -> Reply<Outcome> {
        Reply::ready(Err(StoreError::failed("only reads")))
    }

    fn delete(&self, _: Key, _: Removal) -> Reply<Deletion> {
        Reply::ready(Ok(Deletion::Absent))
    }

    fn list(&self, _: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        let state = Format::of::<Stock>().state(r#"{"tenant":"a","unit":"kg","quantity":1}"#.into(), None);
        Reply::ready(state.map(|state| vec![state; limit]))
    }
}

#[tokio::test]
async fn a_list_over_states_without_a_key_comes_to_an_end() {
    let endpoint = over(Arc::new(Keyless)).authorize(async |_, _, _| Ok(Access::Granted)).on_behalf_of(User("a"));
    assert!(matches!(endpoint.list(None, 3).await, Err(Error::Store(_))));
}
