//! Methods that are not allowed, and what is judged before the method is performed.

use super::case;
use super::checks::{detail, ensure, fairly, lacks, lists};
use super::methods::{ALLOWED, allows_what_there_is};
use crate::Switch;
use crate::case::{Before, Case};
use crate::http::Request;
use crate::subject::Profile;

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for before in [Before::Absent, Before::Present] {
        let word = if before == Before::Absent { "nothing" } else { "a page" };
        for method in ["POST", "DELETE"] {
            let one = case(format!("{method} on {word} is 405 with Allow"), &["MTH-01", "PRB-01", "MTH-04"])
                .method(method)
                .before(before)
                .expect(&[405])
                .then(allows_what_there_is);
            // Somebody's own resource may be removable; what DELETE does there is told elsewhere.
            table.push(if method == "POST" { one.open() } else { one });
        }
        for method in ["PATCH", "TRACE", "FOO", "PROPFIND"] {
            let one = case(format!("{method} on {word} is 405 or 501"), &["MTH-02", "MTH-01"])
                .should()
                .method(method)
                .before(before)
                .expect(&[405, 501]);
            let one = if method == "PATCH" { one } else { one.framework() };
            table.push(match (method, before) {
                ("FOO", Before::Absent) => one.fair(&[400, 404]),
                ("FOO", Before::Present) => one.fair(&[400]),
                // What GET shows is found by every method.
                (_, Before::Present) => one.open().never(&[404]),
                _ => one.open(),
            });
        }
        for method in ["put", "Put", "PUt", "get"] {
            table.push(
                case(format!("the token {method} on {word} is not the method it looks like"), &["MTH-03"])
                    .fair(&[403, 404])
                    .method(method)
                    .replacing()
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
                    .any()
                    .method("POST")
                    .before(before)
                    .field(name, "PUT")
                    .field("Content-Type", "application/json")
                    .replacing()
                    .expect(&[405])
                    .never(&[200, 201, 204]),
            );
        }
        table.push(
            case(format!("the method on {word} is judged before conditions"), &["CND-18", "MTH-01"])
                .any()
                .before(before)
                .script(|run| {
                    let plain = Request::new("POST", run.path()).content("{}");
                    let conditional = plain.clone().field("If-Match", "\"zzz\"");
                    let first = run.send(&plain)?;
                    if run.profile() == Profile::Rfc && (!first.is_error() || first.status == 412) {
                        return Err(run.not_applicable("POST is a method of this resource"));
                    }
                    fairly(run, &first, &[405], &[first.status], "POST")?;
                    let second = run.send(&conditional)?;
                    // Where nothing is found, a false condition may be told as it may for GET.
                    let fair = if first.status == 404 { [404, 412] } else { [first.status; 2] };
                    fairly(run, &second, &[405], &fair, "POST with If-Match")?;
                    run.unchanged()
                }),
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
        ("PUT", case("PUT answers promise no freshness", &["DEL-05"]).any().expect(&[201])),
        (
            "OPTIONS",
            case("OPTIONS answers promise no freshness", &["DEL-05"])
                .fair(&[400, 404, 405, 501])
                .method("OPTIONS")
                .expect(&[204, 200]),
        ),
        (
            "DELETE",
            case("DELETE answers promise no freshness", &["DEL-05"])
                .any()
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
    table
}
