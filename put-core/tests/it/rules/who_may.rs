//! Who may: it is decided before anything else, of which key, by several rules, and what a challenge comes to.

use std::sync::Arc;

use put_core::rules::Access;

use super::{Fate, SOON};
use crate::stock::{Log, Pace, Sent, content, current, given, memory, of, over, seen, stock};
use crate::support::HOST;

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
