//! What a client is told whose precondition is false, and what it is not told if it may not read.

use std::sync::Arc;
use std::time::Duration;

use put_core::Endpoint;
use put_core::rules::{Access, Action, RuleError, Verdict};

use crate::stock::{Pace, Sent, Stock, User, content, given, memory, of, over, stock};
use crate::support::HOST;

const PREFERS: (&str, &str) = ("prefer", "return=representation");

#[tokio::test]
async fn a_false_precondition_says_what_happened_meanwhile_and_shows_it_on_request() {
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let since = ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (condition, there, reason, name) in [
        (("if-match", "\"x\""), true, "changed", "If-Match"),
        (("if-match", "\"x\""), false, "gone", "If-Match"),
        (("if-match", "*"), false, "gone", "If-Match"),
        (("if-none-match", "*"), true, "exists", "If-None-Match"),
        (("if-none-match", &*tag), true, "exists", "If-None-Match"),
        (since, true, "changed", "If-Unmodified-Since"),
    ] {
        for ruled in [false, true] {
            for (reveals, prefers) in [(false, false), (true, false), (false, true), (true, true)] {
                // The answer is the same whether the content was waited for or not.
                for early in [None, Some(("expect", "100-continue"))] {
                    for method in ["PUT", "DELETE"] {
                        let store = memory();
                        if there {
                            given(&store, of("a", 1)).await;
                        }
                        let endpoint = over(Arc::clone(&store)).allow_delete();
                        let endpoint = if reveals { endpoint.reveal_current() } else { endpoint };
                        let check = async |_, _| Ok(Verdict::permit());
                        let engine = if ruled { endpoint.check(check) } else { endpoint }.mount(HOST);
                        let mut fields = vec![condition];
                        fields.extend(early);
                        fields.extend(prefers.then_some(PREFERS));
                        let text = if method == "PUT" { content(2) } else { String::new() };
                        let answer = Sent::put(&fields, text);
                        let answer = Sent { method, ..answer }.to(&engine).await;
                        if method == "DELETE" && !there {
                            assert_eq!(answer.status(), 404);
                            continue;
                        }
                        let json = answer.json();
                        assert_eq!(answer.status(), 412, "{method} {fields:?} {}", answer.text());
                        assert_eq!((&json["reason"], &json["condition"]), (&reason.into(), &name.into()));
                        assert_eq!(answer.field("etag"), there.then_some(&*tag), "{method} {fields:?}");
                        let shown = (there && (reveals || prefers)).then(|| serde_json::to_value(of("a", 1)).unwrap());
                        assert_eq!(json.get("current"), shown.as_ref(), "{method} {fields:?}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_told_is_enough_to_win_the_next_time() {
    let engine = stock().reveal_current().mount(HOST);
    Sent::quantity(1).to(&engine).await;
    let lost = Sent::put(&[("if-match", "\"x\"")], content(9)).to(&engine).await;
    let (tag, mut merged) = (lost.field("etag").unwrap(), lost.json()["current"].clone());
    merged["quantity"] = 9.into();
    let won = Sent::put(&[("if-match", tag)], merged.to_string()).to(&engine).await;
    assert_eq!((won.status(), won.json()["quantity"].as_i64()), (200, Some(9)));
}

/// What comes of asking whether a caller may read, none of which is yes.
const NO: [fn() -> Result<Access, RuleError>; 5] = [
    || Ok(Access::forbidden("writes only")),
    || Ok(Access::Hidden),
    || Ok(Access::unauthenticated("Bearer")),
    || Err("no such table".into()),
    || panic!("a rule with a mistake"),
];

fn writes_only(
    endpoint: Endpoint<Stock, User>,
    pace: Pace,
    no: fn() -> Result<Access, RuleError>,
) -> Endpoint<Stock, User> {
    endpoint.rule_timeout(Duration::from_millis(20)).authorize(move |_, action, _| async move {
        pace.pass().await;
        if action == Action::Read { no() } else { Ok(Access::Granted) }
    })
}

#[tokio::test]
async fn who_may_not_read_is_shown_nothing_that_it_has_not_sent() {
    let stale = ("if-match", "\"x\"");
    let spaced = r#"{ "tenant": "a", "unit": "kg", "quantity": 2 }"#;
    let large = content(2).replace('{', &format!("{{{}", " ".repeat(70_000)));
    for no in NO {
        for pace in Pace::BOTH {
            for (sent, there, status) in [
                (Sent::put(&[stale], content(2)), true, 412),
                (Sent::put(&[stale, PREFERS], content(2)), true, 412),
                (Sent::put(&[stale, PREFERS, ("expect", "100-continue")], content(2)), true, 412),
                (Sent::put(&[stale, PREFERS], large.clone()), true, 412),
                (Sent::put(&[stale, PREFERS], "{"), true, 412),
                (Sent::put(&[("if-none-match", "*"), PREFERS], content(2)), true, 412),
                (Sent::put(&[stale], content(2)), false, 412),
                (Sent::new("DELETE", &[stale, PREFERS], ""), true, 412),
                (Sent::put(&[], spaced), true, 204),
                (Sent::put(&[PREFERS], spaced), true, 204),
                (Sent::put(&[PREFERS], spaced), false, 201),
                (Sent::new("DELETE", &[], ""), true, 204),
                (Sent::new("GET", &[], ""), true, 0),
            ] {
                let store = memory();
                if there {
                    given(&store, of("a", 1)).await;
                }
                let endpoint = over(store).allow_delete().reveal_current();
                let answer = sent.to(&writes_only(endpoint, pace, no).mount(HOST)).await;
                if status > 0 {
                    assert_eq!(answer.status(), status, "{sent:?}");
                } else {
                    assert!(answer.status() >= 400);
                }
                for field in ["etag", "last-modified", "content-location", "preference-applied"] {
                    assert_eq!(answer.field(field), None, "{sent:?}");
                }
                assert!(!answer.text().contains("kg"), "{sent:?}: {}", answer.text());
                assert!(status >= 300 || status == 0 || answer.text().is_empty());
                assert_eq!(answer.field("location"), (status == 201).then_some("/stock/1"));
            }
        }
    }
}

#[tokio::test]
async fn whether_one_may_read_that_is_never_said_costs_the_tag_and_not_the_write() {
    let store = memory();
    given(&store, of("a", 1)).await;
    let endpoint = over(store).rule_timeout(Duration::from_millis(20)).authorize(async |_, action, _| {
        if action == Action::Read { std::future::pending().await } else { Ok(Access::Granted) }
    });
    let engine = endpoint.mount(HOST);
    assert_eq!(Sent::put(&[], content(2).replace(':', ": ")).to(&engine).await.status(), 204);
    let lost = Sent::put(&[("if-match", "\"x\"")], content(3)).to(&engine).await;
    assert_eq!((lost.status(), lost.field("etag")), (412, None));
}

#[tokio::test]
async fn tags_that_a_proxy_has_altered_are_taken_where_that_is_wanted() {
    let tag = given(&memory(), of("a", 1)).await.tag.to_string();
    let bare = tag.trim_matches('"').to_owned();
    for (altered, is_ours) in [
        (format!("W/{tag}"), true),
        (format!("\"{bare}-gzip\""), true),
        (format!("\"{bare}--gzip\""), true),
        (format!("\"{bare};br\""), true),
        (format!("W/\"{bare}-br\""), true),
        (format!("\"other\", W/\"{bare}-zstd\""), true),
        (format!("\"{bare}x\""), false),
        (format!("\"{bare}-lzma\""), false),
        (format!("\"{bare}-gzip-gzip\""), false),
        (format!("\"x{bare}\""), false),
        (format!("\"{}-gzip\"", &bare[1..]), false),
        ("\"-gzip\"".to_owned(), false),
        ("W/\"\"".to_owned(), false),
    ] {
        for tolerates in [false, true] {
            let takes = tolerates && is_ours;
            let store = memory();
            given(&store, of("a", 1)).await;
            let endpoint = over(store).allow_delete();
            let engine = if tolerates { endpoint.tolerate_proxy_tags() } else { endpoint }.mount(HOST);
            let status = async |method, field| {
                let text = if method == "PUT" { content(2) } else { String::new() };
                let fields = [("content-type", "application/json"), (field, &*altered)];
                Sent::new(method, &fields, text).to(&engine).await.status()
            };
            let is_weak_form = altered == format!("W/{tag}");
            let cached = takes || is_weak_form;
            assert_eq!(status("GET", "if-none-match").await, if cached { 304 } else { 200 }, "{altered}");
            assert_eq!(status("GET", "if-match").await, if takes { 200 } else { 412 }, "{altered}");
            assert_eq!(status("PUT", "if-none-match").await, if cached { 412 } else { 200 }, "{altered}");
            if !cached {
                continue;
            }
            assert_eq!(status("PUT", "if-match").await, if takes { 200 } else { 412 }, "{altered}");
            let gone = status("DELETE", "if-match").await;
            assert_eq!(gone, 412, "the tag is that of another state by now, or was never taken");
        }
    }
}
