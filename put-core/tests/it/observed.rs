//! What is told of a request: its span, the events in it, and its numbers. One file, because all of it is seen through the
//! same log and the same ailing store.

#[cfg(feature = "metrics")]
mod counted;
mod log;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use put_core::change::Change;
use put_core::rules::{Access, Action, Verdict};
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor as _};
use put_core::{
    Admission, Endpoint, Engine, EntityTag, Head, MemoryStore, NotRead, Pointer, Precondition, PutResource as _,
    Violation,
};
use tracing::Level;

use self::log::{Log, Told};
use crate::support::{HOST, Page, items, pages, put, send};

const ONE: &str = r#"{"slug":"a","title":"one"}"#;
const TWO: &str = r#"{"slug":"a","title":"two"}"#;

/// What a span says: outcome, tag before, tag after, each tag by the name of its content.
type Says<'s> = (&'s str, Option<&'s str>, Option<&'s str>);

const fn says<'s>(outcome: &'s str, before: Option<&'s str>, after: Option<&'s str>) -> Says<'s> {
    (outcome, before, after)
}

fn tag(content: &str) -> String {
    String::from_utf8(EntityTag::of(content.as_bytes()).as_bytes().to_vec()).unwrap()
}

fn is(span: &Told, (outcome, before, after): Says<'_>, case: &str) {
    assert_eq!(span.name, "put", "{case}");
    assert_eq!(span.level, Level::INFO, "{case}");
    assert_eq!(span.field("outcome"), Some(outcome), "{case}");
    assert_eq!(span.field("tag_before"), before.map(tag).as_deref(), "{case}: before");
    assert_eq!(span.field("tag_after"), after.map(tag).as_deref(), "{case}: after");
}

#[tokio::test]
async fn every_request_has_a_span_that_says_what_became_of_it() {
    let (one, two, any) = (tag(ONE), tag(TWO), "*");
    let (if_one, if_two, if_none) = (("if-match", &*one), ("if-match", &*two), ("if-none-match", any));
    let replaced = |before| says("replaced", before, Some(TWO));
    for (there, method, path, fields, content, status, expected) in [
        (false, "PUT", "/pages/a", vec![], ONE, 201, says("created", None, Some(ONE))),
        (true, "PUT", "/pages/a", vec![], TWO, 200, replaced(None)),
        (true, "PUT", "/pages/a", vec![if_one], TWO, 200, replaced(Some(ONE))),
        (true, "PUT", "/pages/a", vec![("if-match", any)], TWO, 200, replaced(None)),
        (true, "PUT", "/pages/a", vec![if_one, ("prefer", "return=minimal")], TWO, 204, replaced(Some(ONE))),
        (true, "PUT", "/pages/a", vec![], ONE, 200, says("unchanged", Some(ONE), Some(ONE))),
        (true, "PUT", "/pages/a", vec![if_two], TWO, 412, says("precondition_failed", Some(ONE), None)),
        (true, "PUT", "/pages/a", vec![if_two], "{", 412, says("precondition_failed", Some(ONE), None)),
        (false, "PUT", "/pages/a", vec![if_one], TWO, 412, says("precondition_failed", None, None)),
        (true, "PUT", "/pages/a", vec![if_none], TWO, 412, says("precondition_failed", Some(ONE), None)),
        (false, "PUT", "/pages/a", vec![], "{", 400, says("malformed", None, None)),
        (false, "PUT", "/pages/a", vec![], "", 400, says("malformed", None, None)),
        (false, "PUT", "/pages/a", vec![], r#"{"title":5}"#, 422, says("invalid", None, None)),
        (false, "PUT", "/pages/a", vec![("content-encoding", "br")], ONE, 415, says("unsupported", None, None)),
        (false, "PUT", "/pages/a", vec![], &" ".repeat(101), 413, says("too_large", None, None)),
        (true, "GET", "/pages/a", vec![], "", 200, says("read", Some(ONE), None)),
        (true, "HEAD", "/pages/a", vec![], "", 200, says("read", Some(ONE), None)),
        (true, "GET", "/pages/a", vec![("if-none-match", any)], "", 304, says("not_modified", Some(ONE), None)),
        (true, "GET", "/pages/a", vec![if_two], "", 412, says("precondition_failed", Some(ONE), None)),
        (true, "GET", "/pages/a", vec![("accept", "text/html")], "", 406, says("unsupported", Some(ONE), None)),
        (false, "GET", "/pages/a", vec![], "", 404, says("absent", None, None)),
        (false, "GET", "/pages/%FF", vec![], "", 404, says("absent", None, None)),
        (true, "DELETE", "/pages/a", vec![], "", 204, says("deleted", None, None)),
        (true, "DELETE", "/pages/a", vec![if_one], "", 204, says("deleted", Some(ONE), None)),
        (true, "DELETE", "/pages/a", vec![if_two], "", 412, says("precondition_failed", Some(ONE), None)),
        (false, "DELETE", "/pages/a", vec![], "", 404, says("absent", None, None)),
        (false, "OPTIONS", "/pages/a", vec![], "", 204, says("described", None, None)),
        (false, "POST", "/pages/a", vec![], ONE, 405, says("not_allowed", None, None)),
        (false, "BREW", "/pages/a", vec![], "", 501, says("not_allowed", None, None)),
    ] {
        let case = format!("{method} {path} {fields:?} {content}");
        let engine = pages().allow_delete().content_limit(100).mount(HOST);
        if there {
            put(&engine, "/pages/a", &[], ONE).await;
        }
        let (log, guard) = Log::of_everything();
        let answer = match method {
            "PUT" => put(&engine, path, &fields, content).await,
            _ => send(&engine, method, path, &fields, content.as_bytes()).await,
        };
        drop(guard);
        assert_eq!(answer.status(), status, "{case}");
        let span = log.span();
        is(&span, expected, &case);
        let method = if status == 405 || status == 501 { "other" } else { method };
        assert_eq!(span.field("method"), Some(method), "{case}");
        assert_eq!(span.field("resource"), Some("Page"), "{case}");
        assert_eq!(span.field("status"), Some(&*status.to_string()), "{case}");
        let named = path == "/pages/a" && !["not_allowed", "described"].contains(&expected.0);
        assert_eq!(span.field("key"), named.then_some("a"), "{case}");
        assert_eq!(span.field("retries"), None, "{case}: it is not made anew");
        // An ordinary request says nothing that production would keep.
        let [end] = &log.events()[..] else { panic!("{case}: {:?}", log.events()) };
        assert_eq!((end.level, end.inside, end.field("outcome")), (Level::DEBUG, true, Some(expected.0)), "{case}");
    }
}

/// A store that is not always well.
struct Ailing {
    inner: Arc<dyn Store>,
    how: How,
    writes: AtomicU32,
    /// Which of the writes are overtaken.
    overtaken: Range<u32>,
}

#[derive(Clone, Copy)]
enum How {
    Well,
    Busy,
    Broken,
    /// It answers at its second poll, and says so in the log.
    Slow,
    Silent,
}

impl Store for Ailing {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        match self.how {
            How::Busy => Reply::ready(Err(StoreError::busy(Duration::from_secs(1), "it is full"))),
            How::Broken => Reply::ready(Err(StoreError::failed("it is torn"))),
            _ => self.inner.get(key),
        }
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        if self.overtaken.contains(&self.writes.fetch_add(1, Ordering::Relaxed)) {
            let current = self.inner.get(&key);
            return Reply::new(async move { Ok(Outcome::Overtaken(current.await?.map(Box::new))) });
        }
        match self.how {
            How::Busy => Reply::ready(Err(StoreError::busy(Duration::from_secs(1), "it is full"))),
            How::Broken => Reply::ready(Err(StoreError::failed("it is torn"))),
            How::Silent => Reply::detached(std::future::pending()),
            How::Well => self.inner.put(key, change, precondition),
            How::Slow => {
                let put = self.inner.put(key, change, precondition);
                Reply::new(async move {
                    tokio::task::yield_now().await;
                    tracing::info!("from the store");
                    put.await
                })
            }
        }
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.inner.delete(key, removal)
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.inner.list(after, limit)
    }
}

fn ailing(how: How, overtaken: Range<u32>) -> Endpoint<Page> {
    let inner = MemoryStore::<Page>::new().into_store();
    let store: Arc<dyn Store> = Arc::new(Ailing { inner, how, writes: AtomicU32::new(0), overtaken });
    Page::endpoint(store)
}

async fn logged(engine: &Arc<Engine>, method: &str, content: &str) -> (Log, crate::support::Answer) {
    let (log, guard) = Log::of_everything();
    let answer = match method {
        "PUT" => put(engine, "/pages/a", &[], content).await,
        _ => send(engine, method, "/pages/a", &[], b"").await,
    };
    drop(guard);
    (log, answer)
}

#[tokio::test]
async fn a_failure_of_the_server_is_in_the_log_under_the_id_that_the_client_has() {
    let checked = |how| ailing(how, 0..0).check(async |_, _| Ok(Verdict::permit()));
    let panics = pages().check(async |_, _| -> Result<Verdict, _> { panic!("a rule of glass") });
    let outrun = ailing(How::Well, 0..99).check(async |_, _| Ok(Verdict::permit()));
    for (engine, method, status, level, outcome, reason) in [
        (ailing(How::Broken, 0..0), "PUT", 500, Level::ERROR, "broken", "it is torn"),
        (ailing(How::Broken, 0..0), "GET", 500, Level::ERROR, "broken", "it is torn"),
        (checked(How::Broken), "PUT", 500, Level::ERROR, "broken", "it is torn"),
        (panics, "PUT", 500, Level::ERROR, "broken", "a rule of glass"),
        (ailing(How::Busy, 0..0), "PUT", 503, Level::WARN, "unavailable", "it is full"),
        (ailing(How::Busy, 0..0), "GET", 503, Level::WARN, "unavailable", "it is full"),
        (checked(How::Busy), "PUT", 503, Level::WARN, "unavailable", "it is full"),
        (outrun, "PUT", 503, Level::WARN, "unavailable", "another write"),
    ] {
        let (log, answer) = logged(&engine.mount(HOST), method, ONE).await;
        let case = format!("{method} {reason}");
        assert_eq!(answer.status(), status, "{case}");
        is(&log.span(), says(outcome, None, None), &case);
        let events = log.events();
        let [incident, end] = &events[..] else { panic!("{case}: {events:?}") };
        assert_eq!((incident.level, incident.inside, end.level), (level, true, Level::DEBUG), "{case}");
        assert!(incident.field("reason").unwrap().contains(reason), "{case}: {incident:?}");
        let instance = answer.json()["instance"].as_str().unwrap().to_owned();
        assert_eq!(incident.field("id"), instance.strip_prefix("urn:put:incident:"), "{case}");
    }
}

#[tokio::test]
async fn what_rules_saw_and_how_often_a_write_was_made_anew_is_told() {
    let permit = |overtaken| ailing(How::Well, overtaken).check(async |_, _| Ok(Verdict::permit()));
    let refuse = pages().check(async |_, change| {
        Ok(if change.current().is_some() { Verdict::refuse("no") } else { Verdict::permit() })
    });
    let conflict = pages().check(async |_, change| {
        let clash = Violation::new(Pointer::root().member("title"), "never");
        Ok(if change.current().is_some() { Verdict::conflict(clash) } else { Verdict::permit() })
    });
    let replaced = says("replaced", Some(ONE), Some(TWO));
    for (endpoint, expected, retries) in [
        (permit(0..0), replaced, Some("0")),
        (permit(1..3), replaced, Some("2")),
        (refuse, says("forbidden", Some(ONE), None), Some("0")),
        (conflict, says("conflict", Some(ONE), None), Some("0")),
        (
            pages().authorize(async |_, action, _| Ok(only_puts_of_one(action))),
            says("unauthenticated", None, None),
            None,
        ),
    ] {
        let engine = endpoint.mount(HOST);
        // The first check shows whether it waits, so the next is asked by the store.
        put(&engine, "/pages/a", &[], ONE).await;
        let (log, answer) = logged(&engine, if retries.is_some() { "PUT" } else { "GET" }, TWO).await;
        is(&log.span(), expected, &answer.text());
        assert_eq!(log.span().field("retries"), retries, "{}", answer.text());
    }
}

fn only_puts_of_one(action: Action) -> Access {
    match action {
        Action::Read => Access::Unauthenticated { challenge: "Basic".to_owned() },
        _ => Access::Granted,
    }
}

#[tokio::test]
async fn a_dry_run_and_an_immutable_member_have_words_of_their_own() {
    let engine = pages().dry_run("/rehearsals/{slug}").mount(HOST);
    let (log, guard) = Log::of_everything();
    let answer = put(engine.dry_run().unwrap(), "/rehearsals/a", &[], ONE).await;
    drop(guard);
    assert_eq!(answer.status(), 200);
    is(&log.span(), says("rehearsed", None, None), "nothing is written");

    let engine = items().mount(HOST);
    put(&engine, "/items/7", &[], r#"{"name":"a","owner":"me"}"#).await;
    let (log, guard) = Log::of_everything();
    put(&engine, "/items/7", &[], r#"{"name":"a secret","owner":"a secret"}"#).await;
    drop(guard);
    assert_eq!(log.span().field("outcome"), Some("conflict"));
    assert!(!format!("{:?} {:?}", log.span(), log.events()).contains("secret"), "no value is in the log");
}

#[tokio::test]
async fn what_a_store_says_in_a_task_of_its_own_is_inside_the_span() {
    for engine in [
        ailing(How::Slow, 0..0).mount(HOST),
        ailing(How::Slow, 0..0).check(async |_, _| Ok(Verdict::permit())).mount(HOST),
        ailing(How::Slow, 0..0)
            .committed(async |_, _| {
                tracing::info!("from the application");
                Ok(())
            })
            .mount(HOST),
    ] {
        let (log, guard) = Log::of_everything();
        let answer = put(&engine, "/pages/a", &[], ONE).await;
        // What is told of the commit may come after the answer.
        tokio::task::yield_now().await;
        drop(guard);
        assert_eq!(answer.status(), 201);
        is(&log.span(), says("created", None, Some(ONE)), "in a task");
        let events = log.events();
        assert!(events.len() >= 2 && events.iter().all(|event| event.inside), "{events:?}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_told_of_too() {
    let engine = ailing(How::Silent, 0..0).mount(HOST);
    let (log, guard) = Log::of_everything();
    let mut head = Head::new("PUT", "/pages/a", engine.path());
    head.field("content-type", b"application/json");
    // It leaves while its content is awaited, then while the store is.
    let Admission::Content(admitted) = engine.admit(&head).await else { panic!("refused") };
    drop(admitted);
    is(&log.span(), says("abandoned", None, None), "before the content");
    assert_eq!(log.span().field("status"), None);
    drop(guard);

    let (log, guard) = Log::of_everything();
    let Admission::Content(admitted) = engine.admit(&head).await else { panic!("refused") };
    let mut applying = Box::pin(admitted.apply(ONE.into()));
    let once = std::future::poll_fn(|context| std::task::Poll::Ready(applying.as_mut().poll(context).is_ready()));
    assert!(!once.await, "the store is silent");
    drop(applying);
    is(&log.span(), says("abandoned", None, None), "before the answer");
    drop(guard);

    let (log, guard) = Log::of_everything();
    let Admission::Content(admitted) = engine.admit(&head).await else { panic!("refused") };
    assert_eq!(admitted.refuse(NotRead::Truncated).await.status(), 400);
    is(&log.span(), says("malformed", None, None), "content that is cut short");
    drop(guard);
}

#[tokio::test]
async fn a_log_of_warnings_has_the_failures_and_no_span() {
    let engine = ailing(How::Busy, 0..0).mount(HOST);
    let (log, guard) = Log::up_to(Level::WARN);
    let answer = put(&engine, "/pages/a", &[], ONE).await;
    drop(guard);
    assert_eq!(answer.status(), 503);
    let [incident] = &log.events()[..] else { panic!("{:?}", log.events()) };
    assert_eq!((incident.level, incident.inside), (Level::WARN, false));
    assert_eq!(incident.field("resource"), Some("Page"));
}
