//! Preconditions, but for those that are dates.
//!
//! One thing although it is long: the truth table, the order of things, and each policy about conditions.

use super::case;
use super::checks::{PERFORMED, ensure, lists_too, member, says, status, tag_at};
use crate::case::{Before, Case, Check};
use crate::http::Request;
use crate::{Need, Switch};

/// The truth table for PUT: If-Match, If-None-Match, the answer on nothing, the answer on a representation.
const TRUTH: &[(Option<&str>, Option<&str>, u16, u16)] = &[
    (None, None, 201, 200),
    (Some("$E"), None, 412, 200),
    (Some("\"zzz\""), None, 412, 412),
    (Some("W/$E"), None, 412, 412),
    (Some(""), None, 412, 412),
    (Some("*"), None, 412, 200),
    (None, Some("*"), 201, 412),
    (None, Some("$E"), 201, 412),
    (None, Some("W/$E"), 201, 412),
    (None, Some("\"zzz\""), 201, 200),
    (None, Some(""), 201, 200),
    (Some("$E"), Some("*"), 412, 412),
    (Some("$E"), Some("$E"), 412, 412),
    (Some("$E"), Some("\"zzz\""), 412, 200),
    (Some("*"), Some("*"), 412, 412),
    (Some("*"), Some("\"zzz\""), 412, 200),
    (Some("\"zzz\""), Some("\"zzz\""), 412, 412),
    (Some("malformed"), None, 400, 400),
    (Some("malformed"), Some("*"), 400, 400),
    (Some("malformed"), Some("$E"), 400, 400),
    (Some("malformed"), Some("\"zzz\""), 400, 400),
    (Some("malformed"), Some("malformed"), 400, 400),
    (None, Some("malformed"), 400, 400),
    (Some("$E"), Some("malformed"), 400, 400),
    (Some("\"zzz\""), Some("malformed"), 400, 400),
    (Some("*"), Some("malformed"), 400, 400),
];

/// Long ago; before every Last-Modified that a test can see.
pub(super) const LONG_AGO: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    truth_table(&mut table);
    order(&mut table);
    required(&mut table);
    replay(&mut table);
    table
}

fn truth_table(table: &mut Vec<Case>) {
    for (if_match, if_none_match, absent, present) in TRUTH {
        for (before, wanted) in [(Before::Absent, *absent), (Before::Present, *present)] {
            let name = format!(
                "truth table: If-Match {}, If-None-Match {} on {before:?}",
                if_match.map_or("-".to_owned(), |value| format!("{value:?}")),
                if_none_match.map_or("-".to_owned(), |value| format!("{value:?}")),
            );
            // The first row is the one that a failure is told under.
            let rows: &[&'static str] = match (wanted, if_match, before) {
                (412, Some("*"), Before::Absent) => &["CND-03"],
                (412, Some(_), Before::Absent) => &["CND-04", "CND-05"],
                (412, Some(_), Before::Present) => &["CND-05"],
                (412, None, _) if *if_none_match == Some("*") => &["CND-08"],
                (412, None, _) => &["CND-10", "CND-07"],
                (400, ..) => &["CND-21"],
                (_, Some(_), _) => &["CND-02"],
                _ => &["CND-09"],
            };
            let mut one = case(name, rows).before(before).expect(&[wanted]);
            one.rows.extend(["CND-17", "CND-26"]);
            for (name, value) in [("If-Match", if_match), ("If-None-Match", if_none_match)] {
                if let Some(value) = value {
                    one = one.field(name, value);
                }
            }
            if wanted >= 400 {
                one = one.never(PERFORMED);
            }
            table.push(by_the_standards(one, *if_match, *if_none_match, wanted));
        }
    }
    for (name, value) in [("If-Match", "\"zzz\""), ("If-None-Match", "*"), ("If-Unmodified-Since", LONG_AGO)] {
        let one = case(format!("the 412 names {name}"), &["CND-27", "CCH-06"])
            .policy()
            .present()
            .field(name, value)
            .expect(&[412])
            .any()
            .check(member("condition", name));
        table.push(if name == "If-Unmodified-Since" { one.needs(Need::Date) } else { one });
    }
    table.push(
        case("a tag matches wherever it stands, weak members before it included", &["CND-02"])
            .present()
            .field("If-Match", "\"x\", W/\"y\", W/$E, $E")
            .expect(&[200])
            .any(),
    );
    table.push(
        case("a condition is judged on an item by the tag of its representation", &["CND-02"])
            .item()
            .present()
            .field("If-Match", "$E")
            .expect(&[200]),
    );
    table.push(
        case("a condition is judged on a composite key", &["CND-05"])
            .pair()
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412]),
    );
}

/// What the standards make of a line of the truth table.
fn by_the_standards(one: Case, if_match: Option<&str>, if_none_match: Option<&str>, wanted: u16) -> Case {
    let present = one.before == Before::Present;
    let unmatched = if_match.is_some_and(|value| !(present && (value == "$E" || value == "*")));
    match (wanted, if_match) {
        // A condition that cannot be read is refused or read somehow. An If-Match that cannot be true never lets
        // anything be written; what becomes of an If-None-Match is a policy.
        (400, _) if unmatched => one.open(),
        (400, _) if present => one.policy().open(),
        (400, _) => one.policy().open().never(&[]),
        // An empty field may be refused, and does not satisfy everyone who demands a precondition.
        (412, Some("")) if present => one.fair(&[400, 428]),
        (412, Some("")) => one.fair(&[400, 404, 428]),
        (412, Some(_)) if !present => one.fair(&[404]),
        (412, _) => one.any(),
        _ if if_none_match == Some("") => one.fair(&[200, 201, 204, 400]),
        _ => one.fair(&[200, 201, 204]),
    }
}

fn order(table: &mut Vec<Case>) {
    let stale = |name: &str, rows: &[&'static str]| {
        case(format!("{name} and a stale If-Match"), rows).present().field("If-Match", "\"zzz\"")
    };
    let early = &["CND-18"][..];
    for (name, field, value, tolerated) in [
        ("a wrong media type", "Content-Type", "text/plain", &[][..]),
        ("no media type", "Content-Type", "-", &[400][..]),
        ("a content coding", "Content-Encoding", "br", &[][..]),
    ] {
        table.push(
            stale(name, early)
                .field(field, value)
                .expect(&[415])
                .tolerate(tolerated)
                .never(&[412])
                .fair(&[400, 412, 422])
                .must(not_before_415()),
        );
    }
    // Whether these are refused, and whether that needs the content, differs from server to server.
    table.push(stale("no content", early).content("").expect(&[400]).open().never(PERFORMED));
    table.push(
        stale("Content-Range", early).field("Content-Range", "bytes 0-4/10").expect(&[400]).open().never(PERFORMED),
    );
    table.push(
        stale("content beyond the limit", early)
            .content(vec![b' '; 1024 * 1024 + 1])
            .expect(&[413])
            .open()
            .never(PERFORMED),
    );
    let late = &["CND-19", "PUT-24"][..];
    let bad = "\u{fffd}{";
    table.push(stale("content that is no JSON", late).content(bad).expect(&[412]).any().never(&[400, 422]));
    table.push(
        stale("content that is no JSON and an If-None-Match that is false", late)
            .content(bad)
            .field("If-None-Match", "*")
            .expect(&[412])
            .any(),
    );
    table.push(stale("content of another JSON type", late).content("[]").expect(&[412]).any().never(&[400, 422]));
    table.push(stale("content that breaks the schema", late).content(r#"{"title":5}"#).expect(&[412]).never(&[422]));
    table.push(
        stale("content with an unknown member", late).content(r#"{"title":"x","y":1}"#).expect(&[412]).never(&[422]),
    );
    table.push(
        stale("content in chunks that is no JSON", late)
            .content("{")
            .chunked(1)
            .expect(&[412])
            .fair(&[411, 501])
            .never(&[400]),
    );
    table.push(
        stale("large content that is no JSON", late)
            .content(vec![b'['; 100_000])
            .expect(&[412])
            .fair(&[413])
            .never(&[400]),
    );
    table.push(
        stale("a digest that does not match", late)
            .field("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")
            .expect(&[412, 400])
            .any(),
    );
    table.push(
        case("a false If-None-Match is judged before the content", &["CND-19"])
            .present()
            .field("If-None-Match", "*")
            .content("{")
            .expect(&[412])
            .any()
            .never(&[400]),
    );
    table.push(
        case("a change of an immutable member and a stale If-Match", &["CND-19", "PUT-22"])
            .item()
            .present()
            .field("If-Match", "\"zzz\"")
            .content(r#"{"name":"one","owner":"bob"}"#)
            .expect(&[412])
            .never(&[409]),
    );
    table.push(
        case("If-Match on nothing is judged before the content", &["CND-19", "CND-04"])
            .field("If-Match", "\"zzz\"")
            .content("{")
            .expect(&[412])
            .fair(&[404]),
    );
    table.push(
        case("a malformed condition is judged before the media type", &["CND-21"])
            .policy()
            .present()
            .field("If-Match", "malformed")
            .field("Content-Type", "text/plain")
            .expect(&[400])
            .tolerate(&[415])
            .any(),
    );
    table.push(
        case("a true If-Match does not excuse bad content", &["CND-17"])
            .present()
            .field("If-Match", "$E")
            .content(r#"{"title":5}"#)
            .expect(&[422]),
    );
}

/// Where the media type alone is a reason to refuse, conditions are ignored: a 412 is right only where it is none.
fn not_before_415() -> Check {
    std::sync::Arc::new(|run, response| {
        if response.status != 412 {
            return Ok(());
        }
        let mut plain = run.case().clone();
        plain.fields.retain(|(name, _)| name != "If-Match");
        let request = plain.request(run);
        let without = run.send(&request)?.status;
        ensure(without != 415, || "CND-18: answered 412, and 415 without the condition".to_owned())
    })
}

fn required(table: &mut Vec<Case>) {
    let guarded = |name: &str, before: Before| {
        case(format!("where conditions are required, {name} ({before:?})"), &["CND-24", "CND-25"])
            .on(Switch::RequirePrecondition)
            .before(before)
    };
    for before in [Before::Absent, Before::Present] {
        let present = before == Before::Present;
        table.push(
            guarded("a plain PUT is 428 and says what to send", before)
                .expect(&[428])
                .never(&[200, 201, 204])
                .check(says(&["If-Match", "If-None-Match: *"]))
                .check(lists_too("Cache-Control", "no-store")),
        );
        for (name, field, value) in [
            ("a lone date is 428", "If-Unmodified-Since", "Fri, 06 Nov 2093 08:49:37 GMT"),
            ("a date that is none is 428", "If-Unmodified-Since", "yesterday"),
            ("a tag in If-None-Match is 428", "If-None-Match", "\"zzz\""),
            ("an empty If-None-Match is 428", "If-None-Match", ""),
            ("If-Modified-Since is 428", "If-Modified-Since", LONG_AGO),
        ] {
            let mut one = guarded(name, before).field(field, value).expect(&[428]).never(&[200, 201, 204]);
            one.rows.extend(match field {
                "If-None-Match" => &["CND-23"][..],
                _ => &["CND-13"][..],
            });
            table.push(one);
        }
        table.push(guarded("If-None-Match: * is enough", before).field("If-None-Match", "*").expect(&[if present {
            412
        } else {
            201
        }]));
        table.push(guarded("the tag in If-Match is enough", before).field("If-Match", "$E").expect(&[if present {
            200
        } else {
            412
        }]));
        table.push(guarded("If-Match: * is enough", before).field("If-Match", "*").expect(&[if present {
            200
        } else {
            412
        }]));
        table.push(guarded("another tag is 412", before).field("If-Match", "\"zzz\"").expect(&[412]));
        table.push(
            guarded("an empty If-Match never writes", before)
                .field("If-Match", "")
                .expect(&[412])
                .tolerate(&[428, 400]),
        );
        table.push(
            guarded("a malformed If-Match is 400", before)
                .field("If-Match", "malformed")
                .expect(&[400])
                .tolerate(&[412]),
        );
        table
            .push(guarded("the media type is judged first", before).field("Content-Type", "text/plain").expect(&[415]));
        table.push(guarded("the content is judged later", before).content("{").expect(&[428]));
    }
}

fn replay(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        // Where the wanted state is in place, a success is fair, if nothing is done for it.
        let fair: &[u16] = if before == Before::Present { &[200, 204] } else { &[404] };
        table.push(
            case(format!("strict: the wanted state and a stale If-Match is 412 ({before:?})"), &["CND-06"])
                .should()
                .before(before)
                .unchanged()
                .field("If-Match", "\"zzz\"")
                .expect(&[412])
                .fair(fair)
                .must_then(|run, _| run.unchanged()),
        );
    }
    table.push(
        case("lenient: the wanted state and a stale If-Match is a success", &["CND-06"])
            .should()
            .on(Switch::AcceptReplay)
            .present()
            .unchanged()
            .field("If-Match", "\"zzz\"")
            .expect(&[200])
            .tolerate(&[204])
            .then(|run, _| run.unchanged()),
    );
    table.push(
        case("lenient: a retry of a write whose answer was lost is a success", &["CND-06"])
            .should()
            .on(Switch::AcceptReplay)
            .present()
            .script(|run| {
                let (path, tag) = (run.path().to_owned(), run.tag());
                let request = Request::put(&path).field("If-Match", &tag).json(run.replacement());
                status(&run.send(&request)?, &[200], "the first PUT")?;
                let after = tag_at(run, &path)?;
                status(&run.send(&request)?, &[200], "the same PUT again")?;
                ensure(tag_at(run, &path)? == after, || "the retry has changed the tag".to_owned())
            }),
    );
    table.push(
        case("lenient: another state and a stale If-Match is 412", &["CND-06", "CND-05"])
            .on(Switch::AcceptReplay)
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .never(&[200, 204]),
    );
    table.push(
        case("lenient: a stale If-Match on nothing is 412", &["CND-06", "CND-04"])
            .on(Switch::AcceptReplay)
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .never(&[201]),
    );
    table.push(
        case("lenient: a malformed If-Match is refused all the same", &["CND-21"])
            .policy()
            .on(Switch::AcceptReplay)
            .present()
            .unchanged()
            .field("If-Match", "malformed")
            .expect(&[400])
            .never(&[200, 204]),
    );
}
