//! What is wrong with the arguments is said in one line, with the remedy.

use crate::program::{CONTENTS, call, judge};

const URL: &str = "http://127.0.0.1:1/things/42";

#[test]
fn help_and_version_are_no_judgement() {
    let help = call(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for option in [
        "--content",
        "--header",
        "--profile",
        "--url-template",
        "--key-kind",
        "--only",
        "--json",
        "--junit",
        "Exit status",
    ] {
        assert!(help.out.contains(option), "{option} is not explained");
    }
    assert_eq!(call(&["--version"]).out, format!("put-conformance {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_are_named() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "the URL of a resource is missing"),
        (&[URL], "two good contents are needed"),
        (&[URL, "--content", "{}"], "1 given"),
        (&[URL, "--content", "no-such-file.json"], "no-such-file.json cannot be read"),
        (&[URL, "--content", "{x"], "is no JSON"),
        (&[URL, "--header", "nonsense"], "NAME: VALUE"),
        (&[URL, "--header", "a b: c"], "is no field line"),
        (&[URL, "--header", "a: b\r\nc: d"], "is no field line"),
        (&[URL, "--header", "content-length: 5"], "cannot set content-length"),
        (&[URL, "--header", "If-Match: *"], "cannot set If-Match"),
        (&[URL, "--only", ""], "--only needs a word"),
        (&[URL, "--profile", "lax"], "--profile is one of rfc, put"),
        (&[URL, "--key-kind", "float"], "--key-kind is one of int, uuid, text"),
        (&[URL, "--races", "0"], "a whole number above 0"),
        (&[URL, "--timeout", "soon"], "a whole number above 0"),
        (&[URL, "--colour"], "there is no option --colour"),
        (&[URL, "--json"], "--json needs a value"),
        (&[URL, "http://127.0.0.1:1/other"], "unexpected argument"),
    ];
    for (arguments, word) in cases {
        call(arguments).refused(word);
    }
    judge("https://127.0.0.1:1/a", &[]).refused("only http is spoken");
    judge("ftp://127.0.0.1:1/a", &[]).refused("begins with http://");
    judge(URL, &["--url-template", "http://127.0.0.1:2/{}"]).refused("must be one server");
    call(&[URL, CONTENTS[0], CONTENTS[1], CONTENTS[0], CONTENTS[1]]).refused("the two contents are equal");
    call(&[URL, CONTENTS[0], "{}", CONTENTS[0], "{\"a\":"]).refused("is no JSON");
}
