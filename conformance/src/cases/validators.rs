//! Validators.
//!
//! One file, because it is the rows of one section in their order.

use std::time::Duration;

use serde_json::{Map, Value};

use super::case;
use super::checks::{done, ensure, fairly, lacks, lists_too, status, tag_at, tag_of};
use crate::case::{Case, Outcome};
use crate::http::{Request, Response};
use crate::run::Run;
use crate::{Need, Switch};

/// Dates have a grain of one second: only after one can a moved date be seen.
const A_SECOND: Duration = Duration::from_millis(1100);

/// So many members are changed one by one.
const MEMBERS_MAX: usize = 20;

pub(super) fn cases() -> Vec<Case> {
    let mut table = vec![
        case("GET and HEAD have the same strong tag", &["VAL-01", "VAL-02"]).should().any().present().script(|run| {
            let path = run.path().to_owned();
            let shown = tag_at(run, &path)?;
            let head = run.send(&Request::head(&path))?;
            ensure(tag_of(&head)? == shown, || "HEAD has another".to_owned())?;
            ensure(!run.subject().lacks(Need::StrongTag), || {
                format!("{shown} is weak, so that no If-Match with it can be true")
            })
        }),
        case("the tag changes with every change and is right after every change back", &["VAL-03", "VAL-06"])
            .any()
            .needs(Need::StrongTag)
            .needs(Need::FreeValue)
            .present()
            .script(|run| {
                let contents = [1, 2, 1, 3, 11].map(|number| run.variant(number));
                every_tag_tells(run, &contents)
            }),
        case("the tag changes with every member", &["VAL-03"])
            .item()
            .any()
            .needs(Need::StrongTag)
            .present()
            .script(one_member_at_a_time),
        case("the tag tells letters of two cases and white space apart", &["VAL-03", "VAL-06"]).present().script(
            |run| {
                let contents =
                    ["a", "A", "a ", "a"].map(|title| format!(r#"{{"slug":"{}","title":"{title}"}}"#, run.key()));
                every_tag_tells(run, &contents)
            },
        ),
        case("the tag of removed data is not used for other data", &["VAL-03"])
            .on(Switch::Delete)
            .any()
            .needs(Need::Removal)
            .needs(Need::StrongTag)
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let first = run.tag();
                let removal = run.send(&Request::delete(&path).field("If-Match", &first))?;
                fairly(run, &removal, &[200, 202, 204], &[], "DELETE")?;
                if !matches!(run.get(&path)?.status, 404 | 410) {
                    return Err(run.not_applicable("DELETE takes its time here"));
                }
                let creation = Request::put(&path).field("If-None-Match", "*").json(run.replacement());
                let response = run.send(&creation)?;
                if matches!(response.status, 404 | 409 | 410) {
                    return Err(run.not_applicable("what was removed cannot be created again"));
                }
                done(run, &response)?;
                let second = tag_at(run, &path)?;
                ensure(first != second, || format!("{first} for both"))
            }),
        case("a tag in a 412 is the tag of the resource", &["VAL-07"])
            .should()
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .any()
            .must_then(|run, response| {
                let current = run.before().and_then(|before| before.tag.clone());
                ensure(response.tag().is_none() || response.tag() == current.as_deref(), || {
                    format!("VAL-07: the 412 has {:?}, the resource {current:?}", response.tag())
                })
            }),
        case("a 412 on nothing has no tag", &["VAL-07"])
            .should()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .fair(&[404])
            .must(lacks("ETag")),
        case("Last-Modified does not run ahead of Date and does not run back", &["VAL-08"])
            .should()
            .item()
            .any()
            .needs(Need::Date)
            .needs(Need::FreeValue)
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let mut last = i64::MIN;
                for count in 0..3 {
                    let content = run.variant(count);
                    replace(run, &content)?;
                    let modified = super::methods::last_modified(run.get(&path)?.field("Last-Modified"))?;
                    ensure(modified >= last, || "it ran back".to_owned())?;
                    last = modified;
                }
                Ok(())
            }),
        case("GET keeps intermediaries from rewriting the tag", &["VAL-14"])
            .policy()
            .any()
            .method("GET")
            .present()
            .expect(&[200])
            .check(lists_too("Cache-Control", "no-transform")),
        case("a tag can be used for a careful write as it came", &["VAL-10", "VAL-11", "VAL-15"])
            .any()
            .present()
            .field("If-Match", "$E")
            .expect(&[200]),
        case("the same bytes again keep the tag, the date and every timestamp", &["VAL-16"])
            .policy()
            .any()
            .item()
            .present()
            .script(|run| {
                std::thread::sleep(A_SECOND);
                let content = run.original();
                replace(run, &content)?;
                run.unchanged()
            }),
        case("a real change moves the date", &["VAL-08", "VAL-09"]).should().any().needs(Need::Date).present().script(
            |run| {
                let path = run.path().to_owned();
                std::thread::sleep(A_SECOND);
                let content = run.replacement();
                replace(run, &content)?;
                let before = run.before().and_then(|before| before.modified.clone());
                ensure(run.get(&path)?.field("Last-Modified") != before.as_deref(), || {
                    "Last-Modified has not moved".to_owned()
                })
            },
        ),
        case("a real change moves updatedAt, not createdAt", &["VAL-16", "VAL-09"]).policy().item().present().script(
            |run| {
                let path = run.path().to_owned();
                let before = run.get(&path)?.json().unwrap_or_default();
                std::thread::sleep(A_SECOND);
                let response = run.put(&path, run.replacement())?;
                status(&response, &[200], "PUT")?;
                let after = response.json().unwrap_or_default();
                ensure(before.get("createdAt") == after.get("createdAt"), || "createdAt has moved".to_owned())?;
                ensure(before.get("updatedAt") != after.get("updatedAt"), || "updatedAt has not moved".to_owned())
            },
        ),
    ];
    lookalikes(&mut table);
    for (value, wanted, word) in [
        ("$E", 304, "the tag"),
        ("W/$E", 304, "the weak form of the tag"),
        ("W/\"$opaque~\"", 200, "the weak form of another tag"),
        ("\"$opaque~\"", 200, "another tag"),
    ] {
        table.push(
            case(format!("weak comparison with {word} gives {wanted}"), &["VAL-12"])
                .any()
                .method("GET")
                .present()
                .field("If-None-Match", value)
                .expect(&[wanted]),
        );
    }
    table
}

/// A replacement of what this response shows, under its tag where that is strong.
fn replacement_of(run: &Run<'_>, shown: &Response, content: &[u8]) -> Request {
    let request = Request::put(run.path()).json(content);
    match shown.tag() {
        Some(tag) if is_strong(tag) => request.field("If-Match", tag),
        _ => request,
    }
}

fn replace(run: &mut Run<'_>, content: &[u8]) -> Outcome {
    let path = run.path().to_owned();
    let shown = run.get(&path)?;
    let request = replacement_of(run, &shown, content);
    let response = run.send(&request)?;
    done(run, &response)?;
    run.stored_as_told(&request, &response)
}

fn is_strong(tag: &str) -> bool {
    !tag.starts_with("W/")
}

/// Replaces with one content after the other; no tag may stand for two of them.
fn every_tag_tells(run: &mut Run<'_>, contents: &[impl AsRef<[u8]>]) -> Outcome {
    let path = run.path().to_owned();
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    for content in contents {
        replace(run, content.as_ref())?;
        let shown = run.get(&path)?;
        let tag = tag_of(&shown)?;
        let reused = is_strong(&tag) && seen.iter().any(|(old, content)| *old == tag && *content != shown.content);
        ensure(!reused, || format!("tag {tag} stood for other data before"))?;
        seen.push((tag, shown.content));
    }
    Ok(())
}

/// The first content with one member of the second: where that is good, too, it has a tag of its own.
fn one_member_at_a_time(run: &mut Run<'_>) -> Outcome {
    let path = run.path().to_owned();
    let members = |content: &[u8]| serde_json::from_slice::<Map<String, Value>>(content).unwrap_or_default();
    let (first, second) = (members(&run.original()), members(&run.replacement()));
    let differing = second.iter().filter(|(name, value)| first.get(*name) != Some(value));
    for (name, value) in differing.take(MEMBERS_MAX) {
        replace(run, &run.original())?;
        let old = run.get(&path)?;
        let mut mixed = first.clone();
        mixed.insert(name.clone(), value.clone());
        let request = replacement_of(run, &old, Value::Object(mixed).to_string().as_bytes());
        let response = run.send(&request)?;
        if response.is_error() {
            continue;
        }
        run.stored_as_told(&request, &response)?;
        let new = run.get(&path)?;
        let tag = tag_of(&new)?;
        ensure(old.content == new.content || !is_strong(&tag) || old.tag() != Some(&tag), || {
            format!("member {name:?} has changed, and the tag is still {tag}")
        })?;
    }
    Ok(())
}

/// What resembles the tag and does not match it.
fn lookalikes(table: &mut Vec<Case>) {
    // The weak form of any tag is weak, so this one can be tried where all tags are.
    let look = |name: &str| {
        let one = case(format!("the tag is not matched by {name}"), &["VAL-11", "VAL-13", "CND-01"]).any().present();
        if name == "its weak form" { one } else { one.needs(Need::StrongTag) }
    };
    table.push(look("its weak form").script(|run| {
        let tag = run.tag();
        not_matched(run, &format!("W/{}", tag.trim_start_matches("W/")))
    }));
    table.push(look("its opaque part in another case").script(|run| {
        let other_case = |each: char| {
            if each.is_ascii_lowercase() { each.to_ascii_uppercase() } else { each.to_ascii_lowercase() }
        };
        let swapped: String = run.tag().chars().map(other_case).collect();
        if swapped == run.tag() {
            return Err(run.not_applicable("the tag has no letters to swap"));
        }
        not_matched(run, &swapped)
    }));
    table.push(look("its beginning").script(|run| {
        let tag = run.tag();
        not_matched(run, &format!("{}\"", &tag[..tag.len().saturating_sub(2)]))
    }));
    for (name, form) in
        [("more than it", "\"$opaque~\""), ("its opaque part with a space inside the quotes", "\" $opaque\"")]
    {
        table.push(look(name).script(move |run| {
            let sent = run.fill(form.as_bytes());
            not_matched(run, &String::from_utf8_lossy(&sent))
        }));
    }
    // Malformed, and the tag can still be recovered from it: that it must not be is decided here, not by the standards.
    for (name, form) in [("a part of it", "\"$opaque"), ("its opaque part twice quoted", "\"\"$opaque\"\"")] {
        table.push(look(name).script(move |run| {
            let sent = run.fill(form.as_bytes());
            not_matched(run, &String::from_utf8_lossy(&sent)).map_err(|why| format!("CND-21: {why}"))
        }));
    }
}

fn not_matched(run: &mut Run<'_>, sent: &str) -> Outcome {
    let request = Request::put(run.path()).field("If-Match", sent).json(run.replacement());
    status(&run.send(&request)?, &[400, 412], &format!("PUT with If-Match: {sent}"))?;
    run.unchanged()
}
