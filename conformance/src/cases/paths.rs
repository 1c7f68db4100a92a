//! The target of a PUT: which paths are which resource, and which are none.

use serde_json::json;

use super::case;
use super::checks::{absent, done, ensure, fairly, has, status, tag_at};
use crate::case::Case;
use crate::http::Request;
use crate::run::Run;
use crate::{KeyKind, Need};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    paths(&mut table);
    table
}

fn paths(table: &mut Vec<Case>) {
    table.push(case("a percent-coded unreserved character is the same resource", &["PUT-25"]).should().any().script(
        |run| {
            let (plain, coded) = (run.path().to_owned(), with_key_coded(run)?);
            let created = run.put(&coded, run.original())?;
            done(run, &created)?;
            status(&run.get(&plain)?, &[200], "GET of the plain path")?;
            let request = Request::put(&plain).json(run.replacement());
            let replaced = run.send(&request)?;
            fairly(run, &replaced, &[200], &[201, 204], "PUT of the plain path")?;
            run.stored_as_told(&request, &replaced)
        },
    ));
    table.push(case("paths that differ by case are different resources", &["PUT-25"]).script(|run| {
        let (lower, upper) = (format!("/pages/ab{}", run.key()), format!("/pages/AB{}", run.key()));
        status(&run.put(&lower, r#"{"title":"one"}"#)?, &[201], "PUT")?;
        status(&run.get(&upper)?, &[404], "GET of the other case")
    }));
    table.push(
        case("a key in capitals is another key", &["PUT-25"]).should().any().needs(Need::Creation).present().script(
            |run| {
                let (key, capitals) = (run.key().to_owned(), run.key().to_uppercase());
                let path = run.path().replace(&key, &capitals);
                // A UUID is the same in both spellings; a number has only one.
                if KeyKind::of(&key) != KeyKind::Text || path == run.path() {
                    return Err(run.not_applicable("the keys have no letters of their own"));
                }
                let shown = run.get(&path)?;
                fairly(run, &shown, &[404], &[400, 410], "GET of the key in capitals")
            },
        ),
    );
    table.push(case("a percent-code that is percent-coded is decoded once", &["PUT-27"]).any().present().script(
        |run| {
            let path = with_key_coded(run)?.replacen('%', "%25", 1);
            let shown = run.get(&path)?;
            ensure(shown.status != 200, || format!("GET of {path} shows the resource"))
        },
    ));
    for (name, coded, plain) in [
        ("a slash", "%2F", "/"),
        ("a space", "%20", " "),
        ("a percent sign", "%25", "%"),
        ("a percent-coded percent-code", "%2541", "%41"),
        ("a plus sign, which is no space", "+", "+"),
        ("a question mark", "%3F", "?"),
        ("letters beyond ASCII", "%C3%A9%F0%9F%98%80", "é😀"),
        ("sub-delimiters as they are", "!$&'()*,;=:@-._~", "!$&'()*,;=:@-._~"),
    ] {
        table.push(case(format!("a key with {name} is decoded once"), &["PUT-25", "PUT-27"]).script(move |run| {
            let path = format!("/pages/{}{coded}x", run.key());
            let slug = format!("{}{plain}x", run.key());
            let request = Request::put(&path).json(json!({"slug": slug, "title": "two"}).to_string());
            let response = run.send(&request)?;
            status(&response, &[201], "PUT")?;
            run.stored_as_told(&request, &response)?;
            let tag = tag_at(run, &path)?;
            let again = Request::put(&path).field("If-Match", tag).json(r#"{"title":"three"}"#);
            status(&run.send(&again)?, &[200], "PUT again")
        }));
    }
    for query in ["?x=1", "?", "?a=b&c=%20", "?slug=other"] {
        table.push(
            case(format!("the query {query} is ignored"), &["PUT-26"])
                .policy()
                .any()
                .target(format!("$path{query}"))
                .expect(&[201])
                .then(|run, _| {
                    let path = run.path().to_owned();
                    status(&run.get(&path)?, &[200], "GET without the query")
                }),
        );
    }
    table.push(
        case("a path as a key is data, not a file name", &["PUT-27"])
            .policy()
            .target("/items/..%2f..%2fetc")
            .content(r#"{"name":"x"}"#)
            .expect(&[404])
            .tolerate(&[400])
            .never(&[200, 201, 204]),
    );
    for (name, segment) in [
        ("with a leading zero", "042"),
        ("with a sign", "+42"),
        ("below zero", "-1"),
        ("of letters", "abc"),
        ("with a fraction", "1.0"),
        ("with a space behind", "42%20"),
        ("with a zero octet", "4%002"),
        ("beyond its type", "18446744073709551616"),
        ("that is not UTF-8", "%FF"),
        ("in other digits", "%D9%A4"),
    ] {
        for method in ["PUT", "GET", "HEAD"] {
            let one = case(format!("{method} of a number {name} as key is 404"), &["PUT-27", "GET-03"])
                .policy()
                .item()
                .method(method)
                .target(format!("/items/{segment}"))
                .expect(&[404])
                .never(&[200, 201, 204]);
            table.push(match method {
                "PUT" => one.content(r#"{"name":"x"}"#).check(super::checks::detail()),
                "GET" => one.check(super::checks::detail()),
                _ => one,
            });
        }
    }
    // A key may be any text, but for what the store cannot keep.
    for (method, absent) in [("PUT", 201), ("GET", 404), ("HEAD", 404)] {
        let one = case(format!("{method} of a text with a zero octet as key names a resource"), &["PUT-27", "JSN-11"])
            .policy()
            .method(method)
            .target("/pages/$key%00z")
            .expect(&[absent, 422]);
        let one = if method == "PUT" { one.content(r#"{"title":"two"}"#) } else { one };
        table.push(one.then(move |run, response| {
            let refused = method == "PUT" && !run.subject().holds_nul;
            status(response, if refused { &[422] } else { std::slice::from_ref(&absent) }, method)?;
            if refused { super::checks::pointers(&["#/slug"])(run, response) } else { Ok(()) }
        }));
    }
    for (name, segment) in [("invalid UTF-8", "%FF%FE"), ("half a percent-code", "%E9"), ("an overlong form", "%C0%AF")]
    {
        table.push(
            case(format!("a text key with {name} is 404"), &["PUT-27", "JSN-01"])
                .policy()
                .target(format!("/pages/$key{segment}"))
                .content(r#"{"title":"x"}"#)
                .expect(&[404])
                .tolerate(&[400])
                .never(&[200, 201, 204]),
        );
    }
    for (name, segment) in
        [("a lone percent sign", "%"), ("a percent sign and one digit", "%4"), ("no hexadecimal digits", "%zz")]
    {
        table.push(
            case(format!("a key with {name} is refused"), &["PUT-27"])
                .policy()
                .any()
                .framework()
                .target(format!("$path{segment}"))
                .expect(&[404, 400])
                .never(&[200, 201, 204]),
        );
    }
    for (name, target) in [
        ("of nothing", "/pages/"),
        ("of nothing for a number", "/items/"),
        ("with a segment too many", "/pages/$key/more"),
        ("with a slash behind", "/pages/$key/"),
        ("with half of a composite key", "/shelves/s$key/slots/"),
    ] {
        table.push(
            case(format!("a path {name} is no resource"), &["PUT-27"])
                .policy()
                .framework()
                .target(target)
                .content(r#"{"title":"x"}"#)
                .expect(&[404])
                .tolerate(&[400, 405])
                .never(&[200, 201, 204]),
        );
    }
    table.push(
        case("a dot-dot segment never reaches another resource", &["PUT-27", "PUT-10"])
            .policy()
            .framework()
            .target("/items/../pages/$key")
            .expect(&[404])
            .tolerate(&[400])
            .never(&[200, 201, 204]),
    );
    table.push(
        case("the write is applied to the target and nowhere else", &["PUT-10", "PUT-13"])
            .any()
            .expect(&[201])
            .check(has("Location", "$path"))
            .must_then(|run, _| {
                let (neighbour, _) = run.another();
                let shown = run.get(&neighbour)?;
                absent(run, &shown)
            }),
    );
}

/// The path of the case's resource with the first character of its key percent-coded. Every key begins with an unreserved one.
fn with_key_coded(run: &Run<'_>) -> Result<String, String> {
    let (before, rest) = run.path().rsplit_once(run.key()).ok_or("the path does not hold the key")?;
    let (first, others) = run.key().split_at_checked(1).ok_or("the key begins beyond ASCII")?;
    Ok(format!("{before}%{:02X}{others}{rest}", first.as_bytes()[0]))
}
