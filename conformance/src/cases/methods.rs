//! GET, HEAD and OPTIONS, the methods that every resource has beside PUT, and what caches make of their answers.
//!
//! One thing although it is long: the rows of the section, in their order.

use super::case;
use super::checks::{empty, ensure, fairly, has, lacks, lists, lists_too, status, tag_of};
use crate::case::{Before, Case, Outcome};
use crate::date;
use crate::http::{Request, Response};
use crate::run::Run;
use crate::subject::{Need, Resources};

pub(super) const ALLOWED: &[&str] = &["GET", "HEAD", "PUT", "OPTIONS"];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    get(&mut table);
    head(&mut table);
    options(&mut table);
    table
}

fn get(table: &mut Vec<Case>) {
    let plain = |name: &str, rows: &[&'static str]| case(name, rows).method("GET").present().expect(&[200]).any();
    table.push(
        plain(
            "GET shows the representation with every validator",
            &["GET-01", "GET-02", "VAL-01", "VAL-02", "VAL-10", "VAL-15"],
        )
        .check(has("Content-Type", "application/json"))
        .then(|run, response| {
            tag_of(response)?;
            let undated = run.subject().lacks(Need::Date);
            ensure(undated || response.has("Last-Modified"), || "no Last-Modified".to_owned())
        }),
    );
    table.push(
        // What caches may do can be set for each endpoint, so this is about the fixture.
        case("GET forbids to store without asking again and to transform", &["CCH-04", "VAL-14"])
            .policy()
            .method("GET")
            .present()
            .expect(&[200])
            .check(lists("Cache-Control", &["private", "no-cache", "no-transform"])),
    );
    table.push(plain("every response has a Date", &["DAT-01", "DAT-02", "VAL-08"]));
    table.push(
        case("GET of what is absent is 404 with an explanation that no cache keeps", &["GET-03", "CCH-05", "PRB-01"])
            .should()
            .any()
            .method("GET")
            .expect(&[404])
            .check(lacks("ETag"))
            .check(lists_too("Cache-Control", "no-store")),
    );
    for value in ["$E", "W/$E", "*", "\"x\", W/$E", "\"x\",,\"y\" , $E"] {
        table.push(
            case(
                format!("GET with If-None-Match: {value} is 304"),
                &["GET-04", "VAL-12", "CND-10", "GET-05", "GET-06"],
            )
            .any()
            .method("GET")
            .present()
            .field("If-None-Match", value)
            .expect(&[304])
            .must_then(as_the_200_would_have),
        );
        table.push(
            case(format!("HEAD with If-None-Match: {value} is 304"), &["HEAD-04", "GET-04"])
                .any()
                .method("HEAD")
                .present()
                .field("If-None-Match", value)
                .expect(&[304])
                .must_then(as_the_200_would_have),
        );
    }
    table.push(
        case("GET with If-None-Match on two lines is 304 when the second matches", &["GET-04", "ETG-17"])
            .any()
            .method("GET")
            .present()
            .field("If-None-Match", "\"x\"")
            .field("If-None-Match", "$E")
            .expect(&[304]),
    );
    for value in ["\"x\"", "", "W/\"$opaque-\"", "\"*\""] {
        table.push(
            plain(&format!("GET with If-None-Match: {value:?} is 200"), &["GET-04", "CND-09"])
                .fair(if value.is_empty() { &[400] } else { &[] })
                .field("If-None-Match", value),
        );
    }
    for value in ["$opaque", "w/$E", "\"unclosed", "*, $E"] {
        table.push(
            plain(&format!("GET with the malformed If-None-Match: {value} is no match"), &["GET-04", "CND-21"])
                .policy()
                .open()
                .field("If-None-Match", value)
                .expect(&[200, 400]),
        );
    }
    for (name, date, none_match, wanted) in [
        ("If-Modified-Since in the future", Some(3600), None, 304),
        ("If-Modified-Since equal to Last-Modified", Some(0), None, 304),
        ("If-Modified-Since before Last-Modified", Some(-1), None, 200),
        ("If-Modified-Since beside an If-None-Match that does not match", Some(3600), Some("\"zzz\""), 200),
        ("If-Modified-Since before, beside an If-None-Match that matches", Some(-3600), Some("$E"), 304),
        ("no date in If-Modified-Since", None, None, 200),
    ] {
        let one = case(format!("GET with {name} is {wanted}"), &["GET-07", "GET-08", "CND-17"]).any();
        let tagged = none_match.is_some_and(|tags| tags.contains("$E"));
        let one = if tagged { one.needs(Need::StrongTag) } else { one };
        // Beside If-None-Match the date is ignored; alone it ought to be looked at.
        let row = if none_match.is_none() && wanted == 304 { "GET-08: " } else { "" };
        table.push(one.needs(Need::Date).present().script(move |run| {
            let modified = last_modified(run.before().and_then(|before| before.modified.as_deref()))?;
            let value = date.map_or_else(|| "yesterday".to_owned(), |offset| date::imf_fixdate(modified + offset));
            let mut request = Request::get(run.path()).field("If-Modified-Since", value);
            if let Some(tags) = none_match {
                request = request.field("If-None-Match", run.fill(tags.as_bytes()));
            }
            status(&run.send(&request)?, &[wanted], &format!("{row}GET"))
        }));
    }
    let twice = case("GET with two dates in If-Modified-Since ignores them", &["GET-07"]).any().needs(Need::Date);
    table.push(twice.present().script(|run| {
        let future =
            date::imf_fixdate(last_modified(run.before().and_then(|before| before.modified.as_deref()))? + 3600);
        let lines = Request::get(run.path()).field("If-Modified-Since", &future).field("If-Modified-Since", &future);
        let response = run.send(&lines)?;
        fairly(run, &response, &[200], &[400], "GET with two lines")?;
        let list = Request::get(run.path()).field("If-Modified-Since", format!("{future}, {future}"));
        let response = run.send(&list)?;
        fairly(run, &response, &[200], &[400], "GET with a list")
    }));
    table.push(
        case("GET of what is absent ignores If-Modified-Since", &["GET-07"])
            .any()
            .method("GET")
            .field("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
            .expect(&[404]),
    );
    for method in ["GET", "HEAD"] {
        let rows: &[&'static str] = if method == "GET" { &["GET-09", "GET-10"] } else { &["HEAD-04", "GET-10"] };
        let ask = |name: &str, value: &str| {
            case(format!("{method} with {name}"), rows).any().method(method).field("If-Match", value)
        };
        table.push(ask("another tag in If-Match is 412", "\"zzz\"").present().expect(&[412]));
        table.push(ask("the weak form of the tag in If-Match is 412", "W/$E").present().expect(&[412]));
        table.push(ask("an empty If-Match is 412", "").present().expect(&[412]).tolerate(&[400]));
        table.push(ask("the tag in If-Match is 200", "$E").present().expect(&[200]));
        table.push(ask("an asterisk in If-Match is 200", "*").present().expect(&[200]));
        table.push(ask("a tag in If-Match on nothing is 404", "\"x\"").expect(&[404]).tolerate(&[412]));
        table.push(ask("an asterisk in If-Match on nothing is 404", "*").expect(&[404]).tolerate(&[412]));
        table.push(
            case(format!("{method} with If-None-Match on nothing is 404"), rows)
                .any()
                .method(method)
                .field("If-None-Match", "*")
                .expect(&[404]),
        );
        table.push(
            case(format!("{method} with a malformed If-Match is refused"), &["CND-21", "GET-09"])
                .policy()
                .any()
                .method(method)
                .present()
                .field("If-Match", "$opaque")
                .expect(&[400])
                .tolerate(&[412])
                .never(&[200, 304]),
        );
    }
    table.push(
        case("GET with a stale If-Unmodified-Since is 412", &["CND-15", "GET-09", "CND-17"])
            .any()
            .needs(Need::Date)
            .method("GET")
            .present()
            .field("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
            .expect(&[412]),
    );
    table.push(
        plain("GET with content gives the same answer", &["GET-11"])
            .should()
            .fair(&[413, 415])
            .framework()
            .content("{}")
            .tolerate(&[400]),
    );
    table.push(
        plain("GET with Range gives everything", &["GET-12"])
            .should()
            .fair(&[206])
            .field("Range", "bytes=0-1")
            .never(&[206, 416]),
    );
    table.push(
        plain("GET with If-Range gives everything", &["GET-12", "CND-17"])
            .should()
            .fair(&[206])
            .field("Range", "bytes=0-1")
            .field("If-Range", "$E"),
    );
    table.push(
        plain("GET that asks for a coding gets none, and the same tag", &["VAL-04", "NEG-07"])
            .needs(Need::StrongTag)
            .field("Accept-Encoding", "gzip, br")
            .must_then(|run, response| {
                let shared = response.has("Content-Encoding") && response.tag() == Some(run.tag().as_str());
                ensure(!shared, || "VAL-04: the coded representation has the strong tag of the plain one".to_owned())
            })
            .then(|run, response| ensure(response.tag() == Some(run.tag().as_str()), || "another tag".to_owned())),
    );
}

/// Seconds of the Last-Modified that the preparation saw.
pub(super) fn last_modified(text: Option<&str>) -> Result<i64, String> {
    text.and_then(date::parse_imf_fixdate).ok_or_else(|| "GET shows no Last-Modified".to_owned())
}

/// A 304 repeats what the 200 says for caches, and nothing about the content that it does not have.
fn as_the_200_would_have(run: &mut Run<'_>, response: &Response) -> Outcome {
    ensure(response.content.is_empty(), || "GET-04: a 304 with content".to_owned())?;
    let path = run.path().to_owned();
    let full = run.get(&path)?;
    for name in ["Cache-Control", "Content-Location", "ETag", "Vary"] {
        same_field("GET-05", name, response, &full)?;
    }
    // Its value may be made from the time of the answer.
    ensure(response.has("Expires") == full.has("Expires"), || "GET-05: Expires is in one of 200 and 304".to_owned())?;
    let length = full.content.len().to_string();
    let told = response.field("Content-Length");
    ensure(told.is_none_or(|told| told == length), || format!("HEAD-03: Content-Length {told:?} in the 304"))
}

fn same_field(row: &str, name: &str, one: &Response, other: &Response) -> Outcome {
    let (left, right): (Vec<_>, Vec<_>) = (one.values(name).collect(), other.values(name).collect());
    ensure(left == right, || format!("{row}: {name} differs: {:?} and {:?}", one.field(name), other.field(name)))
}

/// What HEAD tells is what GET tells.
fn as_get_tells(run: &mut Run<'_>, response: &Response) -> Outcome {
    let path = run.path().to_owned();
    let full = run.get(&path)?;
    let length = full.content.len().to_string();
    let told = response.field("Content-Length");
    // An explanation of an error may differ from answer to answer, so only the representation has one length.
    ensure(told.is_none() || response.status != 200 || told == Some(length.as_str()), || {
        format!("HEAD-03: Content-Length {told:?}, GET sends {length}")
    })?;
    ensure(told != Some("0") || full.content.is_empty(), || {
        "HEAD-03: Content-Length says that there is nothing".to_owned()
    })?;
    for name in ["ETag", "Last-Modified", "Content-Type", "Vary", "Cache-Control", "Content-Location"] {
        same_field("HEAD-02", name, response, &full)?;
    }
    Ok(())
}

fn head(table: &mut Vec<Case>) {
    for (before, wanted) in [(Before::Absent, 404), (Before::Present, 200)] {
        table.push(
            case(format!("HEAD is GET without the content ({wanted})"), &["HEAD-01", "HEAD-02", "HEAD-03"])
                .any()
                .method("HEAD")
                .before(before)
                .expect(&[wanted])
                .must(empty())
                .must_then(as_get_tells),
        );
    }
    table.push(
        case("HEAD of a refused request has no content either", &["HEAD-01", "HEAD-04"])
            .fair(&[200])
            .method("HEAD")
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .must(empty()),
    );
}

fn options(table: &mut Vec<Case>) {
    for (before, word) in [(Before::Absent, "nothing"), (Before::Present, "a page")] {
        table.push(
            case(format!("OPTIONS on {word} lists what is possible"), &["OPT-01", "OPT-06", "OPT-05", "MTH-04"])
                .should()
                .fair(&[404, 405, 501])
                .method("OPTIONS")
                .before(before)
                .expect(&[204])
                .tolerate(&[200])
                .must_then(promises)
                .then(allows_what_there_is),
        );
        for (field, value) in [
            ("If-Match", "\"zzz\""),
            ("If-None-Match", "*"),
            ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("If-Match", "malformed"),
        ] {
            table.push(
                case(format!("OPTIONS on {word} ignores {field}: {value}"), &["OPT-02", "CND-20"])
                    .open()
                    .method("OPTIONS")
                    .before(before)
                    .field(field, value)
                    .expect(&[204])
                    .tolerate(&[200])
                    .must_then(|run, response| {
                        // What it is answered is another matter; the condition changes nothing about that.
                        let plain = run.send(&Request::new("OPTIONS", run.path()))?;
                        ensure(response.status == plain.status, || {
                            format!("answered {}, and {} without the condition", response.status, plain.status)
                        })
                    }),
            );
        }
    }
    table.push(
        case("OPTIONS advertises the types and codings of a request", &["OPT-04"])
            .should()
            .fair(&[400, 404, 405, 501])
            .method("OPTIONS")
            .expect(&[204])
            .tolerate(&[200])
            .then(|_, response| {
                for (name, value) in [("Accept", "application/json"), ("Accept-Encoding", "identity")] {
                    let found = response.field(name);
                    ensure(found.is_none_or(|found| found == value), || format!("{name} is {found:?}"))?;
                }
                Ok(())
            }),
    );
    table.push(
        // No standard demands an answer, and it is no endpoint that gives it.
        case("OPTIONS of the whole server is answered", &["OPT-03"])
            .framework()
            .method("OPTIONS")
            .target("*")
            .expect(&[200, 204]),
    );
    table.push(
        case("PUT of the whole server is refused", &["OPT-03"])
            .should()
            .fair(&[403])
            .framework()
            .target("*")
            .expect(&[400])
            .tolerate(&[404, 405, 501])
            .never(&[200, 201, 204]),
    );
}

/// What a success to OPTIONS says is not less than PUT, and not more than Allow.
fn promises(_: &mut Run<'_>, response: &Response) -> Outcome {
    let allowed = response.list("Allow");
    if !response.is_success() {
        return Ok(());
    }
    let patch = response.has("Accept-Patch") && !allowed.iter().any(|method| method == "PATCH");
    ensure(!patch, || "OPT-05: Accept-Patch, but Allow has no PATCH".to_owned())?;
    ensure(allowed.iter().any(|method| method == "PUT"), || format!("OPT-01: Allow lists {allowed:?}, without PUT"))
}

/// Allow lists what this project's endpoints can do; somebody's own may remove, too.
pub(super) fn allows_what_there_is(run: &mut Run<'_>, response: &Response) -> Outcome {
    let own = matches!(run.subject().resources, Resources::Own { .. });
    let mut found: Vec<String> = response.list("Allow").iter().map(|method| method.to_ascii_uppercase()).collect();
    found.retain(|method| !(own && method == "DELETE"));
    let all = ALLOWED.iter().all(|method| found.iter().any(|one| one == method));
    ensure(all && found.len() == ALLOWED.len(), || format!("Allow lists {found:?}, not {ALLOWED:?}"))
}
