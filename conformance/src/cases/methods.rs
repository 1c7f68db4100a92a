//! Section 3.2: GET, HEAD, OPTIONS, DELETE, and methods that are not allowed. With the cache rows of 3.12.
//!
//! One thing although it is long: the rows of the section, in their order.

use super::case;
use super::checks::{detail, empty, ensure, has, lacks, lists, lists_too, status, tag_of};
use crate::Switch;
use crate::case::{Before, Case};
use crate::date;
use crate::http::{Request, Response};

const ALLOWED: &[&str] = &["GET", "HEAD", "PUT", "OPTIONS"];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    get(&mut table);
    head(&mut table);
    options(&mut table);
    refused(&mut table);
    table
}

fn get(table: &mut Vec<Case>) {
    let plain = |name: &str, rows: &[&'static str]| case(name, rows).method("GET").present().expect(&[200]);
    table.push(
        plain(
            "GET shows the representation with every validator",
            &["GET-01", "GET-02", "VAL-01", "VAL-02", "VAL-10", "VAL-15"],
        )
        .check(has("Content-Type", "application/json"))
        .then(|_, response| {
            tag_of(response)?;
            ensure(response.has("Last-Modified"), || "no Last-Modified".to_owned())
        }),
    );
    table.push(
        plain("GET forbids to store without asking again and to transform", &["CCH-04", "VAL-14"])
            .policy()
            .check(lists("Cache-Control", &["private", "no-cache", "no-transform"])),
    );
    table.push(plain("every response has a Date", &["DAT-01", "DAT-02", "VAL-08"]));
    table.push(
        case("GET of what is absent is 404 with an explanation that no cache keeps", &["GET-03", "CCH-05", "PRB-01"])
            .should()
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
            .method("GET")
            .present()
            .field("If-None-Match", value)
            .expect(&[304])
            .check(empty())
            .check(not_modified_fields()),
        );
        table.push(
            case(format!("HEAD with If-None-Match: {value} is 304"), &["HEAD-04", "GET-04"])
                .method("HEAD")
                .present()
                .field("If-None-Match", value)
                .expect(&[304])
                .check(not_modified_fields()),
        );
    }
    table.push(
        case("GET with If-None-Match on two lines is 304 when the second matches", &["GET-04", "ETG-17"])
            .method("GET")
            .present()
            .field("If-None-Match", "\"x\"")
            .field("If-None-Match", "$E")
            .expect(&[304]),
    );
    for value in ["\"x\"", "", "W/\"$opaque-\"", "\"*\""] {
        table.push(
            plain(&format!("GET with If-None-Match: {value:?} is 200"), &["GET-04", "CND-09"])
                .field("If-None-Match", value),
        );
    }
    for value in ["$opaque", "w/$E", "\"unclosed", "*, $E"] {
        table.push(
            plain(&format!("GET with the malformed If-None-Match: {value} is no match"), &["GET-04", "CND-21"])
                .policy()
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
        table.push(case(format!("GET with {name} is {wanted}"), &["GET-07", "GET-08", "CND-17"]).present().script(
            move |run| {
                let modified = last_modified(run.before().and_then(|before| before.modified.as_deref()))?;
                let value = date.map_or_else(|| "yesterday".to_owned(), |offset| date::imf_fixdate(modified + offset));
                let mut request = Request::get(run.path()).field("If-Modified-Since", value);
                if let Some(tags) = none_match {
                    request = request.field("If-None-Match", run.fill(tags.as_bytes()));
                }
                status(&run.send(&request)?, &[wanted], "GET")
            },
        ));
    }
    table.push(case("GET with two dates in If-Modified-Since ignores them", &["GET-07"]).present().script(|run| {
        let future =
            date::imf_fixdate(last_modified(run.before().and_then(|before| before.modified.as_deref()))? + 3600);
        let lines = Request::get(run.path()).field("If-Modified-Since", &future).field("If-Modified-Since", &future);
        status(&run.send(&lines)?, &[200], "GET with two lines")?;
        let list = Request::get(run.path()).field("If-Modified-Since", format!("{future}, {future}"));
        status(&run.send(&list)?, &[200], "GET with a list")
    }));
    table.push(
        case("GET of what is absent ignores If-Modified-Since", &["GET-07"])
            .method("GET")
            .field("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
            .expect(&[404]),
    );
    for method in ["GET", "HEAD"] {
        let rows: &[&'static str] = if method == "GET" { &["GET-09", "GET-10"] } else { &["HEAD-04", "GET-10"] };
        let ask = |name: &str, value: &str| {
            case(format!("{method} with {name}"), rows).method(method).field("If-Match", value)
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
                .method(method)
                .field("If-None-Match", "*")
                .expect(&[404]),
        );
        table.push(
            case(format!("{method} with a malformed If-Match is refused"), &["CND-21", "GET-09"])
                .policy()
                .method(method)
                .present()
                .field("If-Match", "$opaque")
                .expect(&[400])
                .tolerate(&[412])
                .never(&[200, 304]),
        );
    }
    table.push(
        case("GET with a stale If-Unmodified-Since is 412", &["GET-09", "CND-15", "CND-17"])
            .method("GET")
            .present()
            .field("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
            .expect(&[412]),
    );
    table.push(
        plain("GET with content gives the same answer", &["GET-11"])
            .should()
            .framework()
            .content("{}")
            .tolerate(&[400]),
    );
    table.push(
        plain("GET with Range gives everything", &["GET-12"]).should().field("Range", "bytes=0-1").never(&[206, 416]),
    );
    table.push(
        plain("GET with If-Range gives everything", &["GET-12", "CND-17"])
            .should()
            .field("Range", "bytes=0-1")
            .field("If-Range", "$E"),
    );
    table.push(
        plain("GET that asks for a coding gets none, and the same tag", &["VAL-04", "NEG-07"])
            .field("Accept-Encoding", "gzip, br")
            .then(|run, response| ensure(response.tag() == Some(run.tag().as_str()), || "another tag".to_owned())),
    );
}

/// Seconds of the Last-Modified that the preparation saw.
pub(super) fn last_modified(text: Option<&str>) -> Result<i64, String> {
    text.and_then(date::parse_imf_fixdate).ok_or_else(|| "GET shows no Last-Modified".to_owned())
}

/// A 304 repeats what the 200 says for caches, and nothing about the content that it does not have.
fn not_modified_fields() -> crate::Check {
    std::sync::Arc::new(|run, response| {
        let path = run.path().to_owned();
        let full = run.get(&path)?;
        for name in ["Cache-Control", "Content-Location", "ETag", "Expires", "Vary"] {
            same_field(name, response, &full)?;
        }
        if response.has("Content-Length") {
            let length = full.content.len().to_string();
            ensure(response.field("Content-Length") == Some(length.as_str()), || {
                format!("Content-Length {:?} in the 304", response.field("Content-Length"))
            })?;
        }
        Ok(())
    })
}

fn same_field(name: &str, one: &Response, other: &Response) -> Result<(), String> {
    let (left, right): (Vec<_>, Vec<_>) = (one.values(name).collect(), other.values(name).collect());
    ensure(left == right, || format!("{name} differs: {:?} and {:?}", one.field(name), other.field(name)))
}

fn head(table: &mut Vec<Case>) {
    for (before, wanted) in [(Before::Absent, 404), (Before::Present, 200)] {
        table.push(
            case(format!("HEAD is GET without the content ({wanted})"), &["HEAD-01", "HEAD-02", "HEAD-03"])
                .method("HEAD")
                .before(before)
                .expect(&[wanted])
                .check(empty())
                .then(|run, response| {
                    let path = run.path().to_owned();
                    let full = run.get(&path)?;
                    for name in ["ETag", "Last-Modified", "Content-Type", "Vary", "Cache-Control", "Content-Location"] {
                        same_field(name, response, &full)?;
                    }
                    let length = full.content.len().to_string();
                    let told = response.field("Content-Length");
                    // Problem details may hold an occurrence of their own, so only the representation has one length.
                    ensure(told.is_none() || response.status != 200 || told == Some(length.as_str()), || {
                        format!("Content-Length {told:?}, GET sends {length}")
                    })?;
                    ensure(told != Some("0"), || "Content-Length says that there is nothing".to_owned())
                }),
        );
    }
    table.push(
        case("HEAD of a refused request has no content either", &["HEAD-01", "HEAD-04"])
            .method("HEAD")
            .present()
            .field("If-Match", "\"zzz\"")
            .expect(&[412])
            .check(empty()),
    );
}

fn options(table: &mut Vec<Case>) {
    for (before, word) in [(Before::Absent, "nothing"), (Before::Present, "a page")] {
        table.push(
            case(format!("OPTIONS on {word} lists what is possible"), &["OPT-01", "OPT-06", "OPT-05", "MTH-04"])
                .should()
                .method("OPTIONS")
                .before(before)
                .expect(&[204])
                .tolerate(&[200])
                .check(lists("Allow", ALLOWED)),
        );
        for (field, value) in [
            ("If-Match", "\"zzz\""),
            ("If-None-Match", "*"),
            ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("If-Match", "malformed"),
        ] {
            table.push(
                case(format!("OPTIONS on {word} ignores {field}: {value}"), &["OPT-02", "CND-20"])
                    .method("OPTIONS")
                    .before(before)
                    .field(field, value)
                    .expect(&[204])
                    .tolerate(&[200]),
            );
        }
    }
    table.push(
        case("OPTIONS advertises the types and codings of a request", &["OPT-04"])
            .should()
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
        case("OPTIONS of the whole server is answered", &["OPT-03"])
            .framework()
            .method("OPTIONS")
            .target("*")
            .expect(&[200, 204]),
    );
    table.push(
        case("PUT of the whole server is refused", &["OPT-03"])
            .framework()
            .target("*")
            .expect(&[400])
            .tolerate(&[404, 405, 501])
            .never(&[200, 201, 204]),
    );
}

fn refused(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        let word = if before == Before::Absent { "nothing" } else { "a page" };
        for method in ["POST", "DELETE"] {
            table.push(
                case(format!("{method} on {word} is 405 with Allow"), &["MTH-01", "PRB-01", "MTH-04"])
                    .method(method)
                    .before(before)
                    .expect(&[405])
                    .check(lists("Allow", ALLOWED)),
            );
        }
        for method in ["PATCH", "TRACE", "FOO", "PROPFIND"] {
            let one = case(format!("{method} on {word} is 405 or 501"), &["MTH-02", "MTH-01"])
                .should()
                .method(method)
                .before(before)
                .expect(&[405, 501]);
            table.push(if method == "PATCH" { one } else { one.framework() });
        }
        for method in ["put", "Put", "PUt", "get"] {
            table.push(
                case(format!("the token {method} on {word} is not the method it looks like"), &["MTH-03"])
                    .method(method)
                    .content(r#"{"slug":"$key","title":"two"}"#)
                    .field("Content-Type", "application/json")
                    .framework()
                    .before(before)
                    .expect(&[501, 405])
                    .tolerate(&[400])
                    .never(&[200, 201, 204]),
            );
        }
        for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
            table.push(
                case(format!("{name} on {word} is not honoured"), &["MTH-05"])
                    .policy()
                    .method("POST")
                    .before(before)
                    .field(name, "PUT")
                    .field("Content-Type", "application/json")
                    .content(r#"{"slug":"$key","title":"two"}"#)
                    .expect(&[405])
                    .never(&[200, 201, 204]),
            );
        }
        table.push(
            case(format!("the method on {word} is judged before conditions"), &["CND-18", "MTH-01"])
                .method("POST")
                .before(before)
                .field("If-Match", "\"zzz\"")
                .content("{}")
                .expect(&[405])
                .never(&[412]),
        );
    }
    table.push(
        case("the method is judged before the key", &["MTH-01"])
            .policy()
            .item()
            .method("POST")
            .target("/items/abc")
            .expect(&[405]),
    );
    table.push(
        case("OPTIONS is answered before the key is judged", &["OPT-01"])
            .policy()
            .item()
            .method("OPTIONS")
            .target("/items/abc")
            .expect(&[204])
            .tolerate(&[200])
            .check(lists("Allow", ALLOWED)),
    );
    table.push(
        case("the key is judged before conditions and content", &["CND-18", "PUT-27"])
            .item()
            .target("/items/abc")
            .field("If-Match", "malformed")
            .field("Content-Type", "text/plain")
            .content("x")
            .expect(&[404])
            .check(detail()),
    );
    for (name, one) in [
        ("PUT", case("PUT answers promise no freshness", &["DEL-05"]).expect(&[201])),
        ("OPTIONS", case("OPTIONS answers promise no freshness", &["DEL-05"]).method("OPTIONS").expect(&[204, 200])),
        (
            "DELETE",
            case("DELETE answers promise no freshness", &["DEL-05"])
                .method("DELETE")
                .on(Switch::Delete)
                .present()
                .expect(&[204]),
        ),
    ] {
        table.push(one.check(lacks("Expires")).then(move |_, response| {
            let directives = response.list("Cache-Control");
            ensure(!directives.iter().any(|each| each.contains("max-age")), || format!("{name}: {directives:?}"))
        }));
    }
}
