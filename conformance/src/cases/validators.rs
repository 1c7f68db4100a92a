//! Section 3.4: validators.

use serde_json::json;

use super::case;
use super::checks::{ensure, lists_too, status, tag_at, tag_of};
use crate::Switch;
use crate::case::Case;
use crate::http::Request;

pub(super) fn cases() -> Vec<Case> {
    let mut table = vec![
        case("GET and HEAD have the same strong tag", &["VAL-01", "VAL-02"]).should().present().script(|run| {
            let path = run.path().to_owned();
            let shown = tag_at(run, &path)?;
            let head = run.send(&Request::head(&path))?;
            ensure(tag_of(&head)? == shown, || "HEAD has another".to_owned())
        }),
        case("the tag changes with every change and is right after every change back", &["VAL-03", "VAL-06"]).script(
            |run| {
                let path = run.path().to_owned();
                let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
                for title in ["a", "b", "a", "c", "A", "a "] {
                    let response = run.put(&path, json!({"slug": run.key(), "title": title}).to_string())?;
                    let shown = run.get(&path)?;
                    ensure(response.tag() == shown.tag(), || format!("{:?}, then {:?}", response.tag(), shown.tag()))?;
                    let tag = tag_of(&shown)?;
                    let reused = seen.iter().any(|(old, content)| *old == tag && *content != shown.content);
                    ensure(!reused, || format!("tag {tag} stood for other data before"))?;
                    seen.push((tag, shown.content));
                }
                Ok(())
            },
        ),
        case("the tag of removed data is not used for other data", &["VAL-03"]).on(Switch::Delete).script(|run| {
            let path = run.path().to_owned();
            let first = tag_of(&run.put(&path, run.original())?)?;
            status(&run.send(&Request::delete(&path))?, &[204], "DELETE")?;
            let second = tag_of(&run.put(&path, run.replacement())?)?;
            ensure(first != second, || format!("{first} for both"))
        }),
        case("a tag in a 412 is the tag of the resource", &["VAL-07"])
            .should()
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .then(|run, response| {
                let current = run.tag();
                ensure(response.tag().is_none_or(|tag| tag == current), || {
                    format!("{:?}, not {current}", response.tag())
                })
            }),
        case("a 412 on nothing has no tag", &["VAL-07"])
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .check(super::checks::lacks("ETag")),
        case("Last-Modified does not run ahead of Date and does not run back", &["VAL-08"]).item().script(|run| {
            let path = run.path().to_owned();
            let mut last = i64::MIN;
            for count in 0..3 {
                run.put(&path, json!({"name": count.to_string()}).to_string())?;
                let modified = super::methods::last_modified(run.get(&path)?.field("Last-Modified"))?;
                ensure(modified >= last, || "it ran back".to_owned())?;
                last = modified;
            }
            Ok(())
        }),
        case("GET keeps intermediaries from rewriting the tag", &["VAL-14"])
            .policy()
            .method("GET")
            .present()
            .expect(&[200])
            .check(lists_too("Cache-Control", "no-transform")),
        case("a tag can be used for a careful write as it came", &["VAL-10", "VAL-11", "VAL-15"])
            .present()
            .field("If-Match", "$E")
            .expect(&[200]),
        case("the same bytes again keep the tag, the date and every timestamp", &["VAL-16"])
            .policy()
            .item()
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                // The date has a grain of one second: only after one can a moved date be seen.
                std::thread::sleep(std::time::Duration::from_millis(1100));
                let response = run.put(&path, run.original())?;
                status(&response, &[200], "PUT")?;
                run.unchanged()
            }),
        case("a real change moves the date and updatedAt, not createdAt", &["VAL-16", "VAL-09"])
            .policy()
            .item()
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let old = run.get(&path)?;
                std::thread::sleep(std::time::Duration::from_millis(1100));
                let response = run.put(&path, run.replacement())?;
                status(&response, &[200], "PUT")?;
                let (before, after) = (old.json().unwrap_or_default(), response.json().unwrap_or_default());
                ensure(before.get("createdAt") == after.get("createdAt"), || "createdAt has moved".to_owned())?;
                ensure(before.get("updatedAt") != after.get("updatedAt"), || "updatedAt has not moved".to_owned())?;
                let now = run.get(&path)?;
                ensure(old.field("Last-Modified") != now.field("Last-Modified"), || {
                    "Last-Modified has not moved".to_owned()
                })
            }),
    ];
    for (name, value) in [
        ("its weak form", "W/$E"),
        ("its opaque part in another case", "swapped"),
        ("its opaque part with a space inside the quotes", "\" $opaque\""),
        ("a part of it", "\"$opaque"),
        ("its opaque part twice quoted", "\"\"$opaque\"\""),
        ("its beginning", "shortened"),
        ("more than it", "\"$opaque~\""),
    ] {
        table.push(
            case(format!("the tag is not matched by {name}"), &["VAL-11", "VAL-13", "CND-01"]).present().script(
                move |run| {
                    let tag = run.tag();
                    let sent = match value {
                        "swapped" => tag
                            .chars()
                            .map(|each| {
                                if each.is_ascii_lowercase() {
                                    each.to_ascii_uppercase()
                                } else {
                                    each.to_ascii_lowercase()
                                }
                            })
                            .collect(),
                        "shortened" => format!("{}\"", &tag[..tag.len().saturating_sub(2)]),
                        other => String::from_utf8_lossy(&run.fill(other.as_bytes())).into_owned(),
                    };
                    ensure(sent != tag, || "the tag has no letters to swap".to_owned())?;
                    let request = Request::put(run.path()).field("If-Match", &sent).json(run.replacement());
                    status(&run.send(&request)?, &[400, 412], &format!("PUT with If-Match: {sent}"))?;
                    run.unchanged()
                },
            ),
        );
    }
    for (value, wanted, word) in [
        ("$E", 304, "the tag"),
        ("W/$E", 304, "the weak form of the tag"),
        ("W/\"$opaque~\"", 200, "the weak form of another tag"),
        ("\"$opaque~\"", 200, "another tag"),
    ] {
        table.push(
            case(format!("weak comparison with {word} gives {wanted}"), &["VAL-12"])
                .method("GET")
                .present()
                .field("If-None-Match", value)
                .expect(&[wanted]),
        );
    }
    table
}
