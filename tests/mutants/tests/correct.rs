//! What the correct server answers to good messages.

use put_mutants::Server;

use super::client::{ONE, TWO, content, field, get, request, say, statuses};

/// A fresh resource, present or not, and its tag.
fn prepared(server: &Server, key: &str, present: bool) -> (String, String) {
    let path = format!("/things/{key}");
    if !present {
        return (path, "\"none\"".to_owned());
    }
    let heard = say(server, &request("PUT", &path, &[], ONE));
    assert_eq!(statuses(&heard), [201], "{heard}");
    let tag = field(&heard, "ETag").expect("a tag").to_owned();
    (path, tag)
}

/// Sends a PUT and, on the same connection, a GET.
fn put(server: &Server, path: &str, fields: &[&str], content: &str) -> Vec<u16> {
    statuses(&say(server, &[request("PUT", path, fields, content), get(path)].concat()))
}

#[test]
fn the_truth_table_of_preconditions() {
    let server = Server::start(None);
    let rows: [(&[&str], u16, u16); 26] = [
        (&[], 201, 200),
        (&["If-Match: $E"], 412, 200),
        (&["If-Match: \"zzz\""], 412, 412),
        (&["If-Match: W/$E"], 412, 412),
        (&["If-Match:"], 412, 412),
        (&["If-Match: ,, ,"], 412, 412),
        (&["If-Match: *"], 412, 200),
        (&["If-Match: \"*\""], 412, 412),
        (&["If-Match: \"zzz\"", "If-Match: $E"], 412, 200),
        (&["If-Match: $E", "If-Match: \"zzz\""], 412, 200),
        (&["If-Match: ,, \"a,b\" , W/\"c\",\t$E,"], 412, 200),
        (&["If-None-Match: *"], 201, 412),
        (&["If-None-Match: $E"], 201, 412),
        (&["If-None-Match: W/$E"], 201, 412),
        (&["If-None-Match: \"zzz\""], 201, 200),
        (&["If-None-Match:"], 201, 200),
        (&["If-Match: $E", "If-None-Match: *"], 412, 412),
        (&["If-Match: $E", "If-None-Match: \"zzz\""], 412, 200),
        (&["If-Match: *", "If-None-Match: *"], 412, 412),
        (&["If-Match: zzz"], 400, 400),
        (&["If-Match: *, $E"], 400, 400),
        (&["If-None-Match: \"a\" \"b\""], 400, 400),
        (&["If-Match: $E", "If-None-Match: zzz"], 400, 400),
        (&["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], 201, 412),
        (&["If-Unmodified-Since: yesterday"], 201, 200),
        (&["If-Match: $E", "If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], 412, 200),
    ];
    for (index, (fields, absent, present)) in rows.into_iter().enumerate() {
        for (exists, wanted) in [(false, absent), (true, present)] {
            let (path, tag) = prepared(&server, &format!("t{index}-{exists}"), exists);
            let before = say(&server, &get(&path));
            let fields: Vec<String> = fields.iter().map(|line| line.replace("$E", &tag)).collect();
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let after = if exists || wanted == 201 { 200 } else { 404 };
            assert_eq!(put(&server, &path, &fields, TWO), [wanted, after], "{fields:?}, present: {exists}");
            if wanted >= 400 {
                let now = say(&server, &get(&path));
                assert_eq!((content(&before), field(&before, "ETag")), (content(&now), field(&now, "ETag")));
            }
        }
    }
}

#[test]
fn a_put_tells_what_is_stored() {
    let server = Server::start(None);
    let (path, tag) = prepared(&server, "a", true);
    let stored = r#"{"key":"a","name":"one","note":"n","count":7,"ratio":null,"done":true,"place":null,"tags":["x"]}"#;
    let shown = say(&server, &get(&path));
    assert_eq!((content(&shown), field(&shown, "ETag")), (stored, Some(tag.as_str())));
    assert_eq!(field(&shown, "Cache-Control"), Some("private, no-cache, no-transform"));

    let replaced = say(&server, &request("PUT", &path, &[], TWO));
    assert_eq!(content(&replaced), content(&say(&server, &get(&path))), "nothing of the old state is left");
    assert_eq!(field(&replaced, "Content-Location"), Some(path.as_str()));
    let minimal = say(&server, &request("PUT", &path, &["Prefer: return=minimal"], ONE));
    assert_eq!((statuses(&minimal), content(&minimal)), (vec![204], ""));
    assert_eq!((field(&minimal, "Content-Length"), field(&minimal, "ETag")), (None, None), "the state was completed");
    let verbatim = say(&server, &request("PUT", &path, &["Prefer: return=minimal"], stored));
    assert_eq!(field(&verbatim, "ETag"), Some(tag.as_str()), "and here it was not");

    let unread = say(&server, &request("GET", &path, &[&format!("If-None-Match: W/{tag}")], ""));
    assert_eq!((statuses(&unread), content(&unread), field(&unread, "ETag")), (vec![304], "", Some(tag.as_str())));
    assert_eq!(field(&unread, "Content-Type"), None);
    let head = say(&server, &request("HEAD", &path, &[], ""));
    assert_eq!((content(&head), field(&head, "Content-Length")), ("", Some(stored.len().to_string().as_str())));
}

#[test]
fn refusals_in_their_order() {
    let server = Server::start(None);
    let (path, _) = prepared(&server, "a", true);
    let stale = "If-Match: \"zzz\"";
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let long = format!("{TWO}{}", " ".repeat(1024 * 1024));
    let cases: Vec<(&str, &str, Vec<&str>, &str, u16)> = vec![
        ("POST", &path, vec![stale], "{}", 405),
        ("PATCH", &path, vec![], "", 405),
        ("FOO", &path, vec![], "", 501),
        ("put", &path, vec![], TWO, 501),
        ("PUT", "/things/..%2f..%2fetc", vec![stale], "{", 404),
        ("PUT", "/things/%ff", vec![], TWO, 404),
        ("PUT", "/things/%zz", vec![], TWO, 404),
        ("PUT", "/things/a/b", vec![], TWO, 404),
        ("PUT", "/api/numbers/042", vec![], TWO, 404),
        ("PUT", "*", vec![], TWO, 400),
        ("PUT", &path, vec![stale, "Content-Range: bytes 0-1/2"], TWO, 400),
        ("PUT", &path, vec![stale, "Expect: foo"], TWO, 417),
        ("PUT", &path, vec![stale, "Content-Type: text/plain"], TWO, 415),
        ("PUT", &path, vec![stale, "Content-Encoding: gzip"], TWO, 415),
        ("PUT", &path, vec![stale, "Content-Type: application/json"], "", 400),
        ("PUT", &path, vec![stale], "{", 412),
        ("PUT", &path, vec![stale], "{}", 412),
        ("PUT", &path, vec![], &long, 413),
        ("PUT", &path, vec!["Content-Digest: sha-256=:AAAA:"], "{", 400),
        ("PUT", &path, vec!["Content-Digest: nonsense("], TWO, 400),
        ("PUT", &path, vec![], "{", 400),
        ("PUT", &path, vec![], &deep, 400),
        ("PUT", &path, vec![], r#"{"name":"a","name":"b"}"#, 400),
        ("PUT", &path, vec![], r#"{"name":"a","place":{"city":"a","cit\u0079":"b"}}"#, 400),
        ("PUT", &path, vec![], r#"{"name":"\ud800"}"#, 400),
        ("PUT", &path, vec![], "\u{feff}{}", 400),
        ("PUT", &path, vec![], "[]", 422),
        ("PUT", &path, vec![], r#"{"name":5}"#, 422),
        ("PUT", &path, vec![], r#"{"name":"a","count":12345678901234567890}"#, 422),
        ("PUT", &path, vec![], r#"{"name":"a","ratio":1e400}"#, 422),
        ("PUT", &path, vec![], r#"{"name":"a","key":"b"}"#, 422),
        ("DELETE", &path, vec![stale], "", 412),
        ("DELETE", "/things/none", vec![stale], "", 404),
        ("GET", "/things/none", vec![stale], "", 404),
        ("GET", &path, vec![stale], "", 412),
        ("GET", &path, vec!["Accept: text/html"], "", 406),
    ];
    let before = say(&server, &get(&path));
    for (method, target, fields, sent, wanted) in cases {
        let heard = say(&server, &request(method, target, &fields, sent));
        assert_eq!(statuses(&heard), [wanted], "{method} {target} {fields:?}");
        assert_eq!(field(&heard, "Content-Type"), Some("application/problem+json"));
        assert!(content(&heard).contains(&format!("\"status\":{wanted}")), "{heard}");
        assert_eq!(field(&heard, "Cache-Control"), Some("no-store"));
        assert_eq!(field(&heard, "Allow").is_some(), wanted == 405);
        assert_eq!(content(&before), content(&say(&server, &get(&path))), "{method} {target} {fields:?}");
    }
    let both = say(&server, &request("PUT", &path, &[], r#"{"count":"5","nmae":"x","place":{"a/b":1}}"#));
    for pointer in ["#/name", "#/count", "#/nmae", "#/place/city", "#/place/a~1b"] {
        assert!(content(&both).contains(&format!("\"pointer\":\"{pointer}\"")), "{pointer} is not in {both}");
    }
}

#[test]
fn what_is_stored_is_what_was_said() {
    let server = Server::start(None);
    for (index, member) in [
        r#""count":9223372036854775807"#,
        r#""ratio":1E+2"#,
        r#""note":"a\u0000b""#,
        r#""note":"😀""#,
        r#""tags":["a","b"]"#,
        r#""place":{"city":"c","zip":null}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/api/numbers/{index}");
        let heard = say(&server, &request("PUT", &path, &[], &format!(r#"{{{member},"name":"a"}}"#)));
        assert_eq!(statuses(&heard), [201]);
        assert!(content(&say(&server, &get(&path))).contains(member), "{member}");
    }
    let escaped = request("PUT", "/things/pair", &[], r#"{"name":"\ud83d\ude00"}"#);
    assert!(content(&say(&server, &escaped)).contains("😀"));
    assert_eq!(put(&server, "/things/%61b", &[], ONE), [201, 200]);
    assert_eq!(statuses(&say(&server, &[get("/things/ab?x=1"), get("/things/AB")].concat())), [200, 404]);
}

#[test]
fn one_of_many_wins() {
    let server = Server::start(None);
    for (key, fields) in [("new", vec!["If-None-Match: *".to_owned()]), ("old", Vec::new())] {
        let (path, tag) = prepared(&server, key, key == "old");
        let fields = if key == "old" { vec![format!("If-Match: {tag}")] } else { fields };
        let outcomes: Vec<u16> = std::thread::scope(|scope| {
            let racer = |index: u32| {
                let (server, path, fields) = (&server, &path, &fields);
                scope.spawn(move || {
                    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                    say(server, &request("PUT", path, &fields, &format!(r#"{{"name":"{index}"}}"#)))
                })
            };
            let racers: Vec<_> = (0..20).map(racer).collect();
            racers.into_iter().flat_map(|racer| statuses(&racer.join().expect("a racer"))).collect()
        });
        assert_eq!(outcomes.iter().filter(|status| **status < 300).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|status| **status == 412).count(), 19, "{outcomes:?}");
    }
}
