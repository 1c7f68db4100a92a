//! Every form of a condition field, as If-Match and as If-None-Match, on nothing and on a page.
//!
//! One thing although it is long: one table of texts, and what each of them means.

use super::case;
use super::checks::{PERFORMED, detail, done, ensure, tag_at};
use crate::case::{Before, Case};
use crate::http::Request;
use crate::{Need, Switch};

/// What the grammar makes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Well-formed tags, the current one not among them.
    Other,
    /// Well-formed tags, the current one among them, strong.
    Current,
    /// Well-formed tags, the current one among them, weak only.
    Weak,
    /// A list of no tags.
    Zero,
    /// The lone asterisk.
    Any,
    /// Not in the grammar.
    Bad,
    /// Not in the grammar, and the framework may refuse the message.
    Refused,
}

/// The lines of one field, and what they are.
const GRAMMAR: &[(&str, &[&[u8]], Form)] = &[
    ("ETG-01", &[b"\"abc\""], Form::Other),
    ("ETG-01", &[b"$E"], Form::Current),
    ("ETG-02", &[b"W/\"abc\""], Form::Other),
    ("ETG-02", &[b"W/$E"], Form::Weak),
    ("ETG-03", &[b"\"\""], Form::Other),
    ("ETG-03", &[b"W/\"\""], Form::Other),
    ("ETG-04", &[b"\"a,b\""], Form::Other),
    ("ETG-04", &[b"\"$opaque,b\""], Form::Other),
    ("ETG-04", &[b"\"a,\", $E"], Form::Current),
    ("ETG-05", &[br#""a\""#], Form::Other),
    ("ETG-05", &[br#""a\", $E"#], Form::Current),
    ("ETG-06", &[br#""a\"b""#], Form::Bad),
    ("ETG-07", &[b"\"\xc3\xa9\""], Form::Other),
    ("ETG-07", &[b"\"\xe9\""], Form::Other),
    ("ETG-07", &[b"\"\xe9\", $E"], Form::Current),
    ("ETG-08", &[b"\"a b\""], Form::Bad),
    ("ETG-08", &[b"\"a\tb\""], Form::Bad),
    ("ETG-08", &[b"\"a\x7fb\""], Form::Refused),
    ("ETG-08", &[b"$E, \"a b\""], Form::Bad),
    ("ETG-09", &[b"abc"], Form::Bad),
    ("ETG-09", &[b"'abc'"], Form::Bad),
    ("ETG-09", &[b"$opaque"], Form::Bad),
    ("ETG-09", &[b"'$opaque'"], Form::Bad),
    ("ETG-09", &[b"$E, abc"], Form::Bad),
    ("ETG-10", &[b"w/\"abc\""], Form::Bad),
    ("ETG-10", &[b"W/ \"abc\""], Form::Bad),
    ("ETG-10", &[b"W\"abc\""], Form::Bad),
    ("ETG-10", &[b"W/abc"], Form::Bad),
    ("ETG-10", &[b"W/"], Form::Bad),
    ("ETG-10", &[b"w/$E"], Form::Bad),
    ("ETG-10", &[b"W/W/\"abc\""], Form::Bad),
    ("ETG-11", &[b"\"abc"], Form::Bad),
    ("ETG-11", &[b"abc\""], Form::Bad),
    ("ETG-11", &[b"\""], Form::Bad),
    ("ETG-11", &[b"\"$opaque"], Form::Bad),
    ("ETG-11", &[b"$E, \""], Form::Bad),
    ("ETG-12", &[b"\"*\""], Form::Other),
    ("ETG-12", &[b"W/\"*\""], Form::Other),
    ("ETG-13", &[b"*"], Form::Any),
    ("ETG-14", &[b"*, \"abc\""], Form::Bad),
    ("ETG-14", &[b"\"abc\", *"], Form::Bad),
    ("ETG-14", &[b"*, *"], Form::Bad),
    ("ETG-14", &[b"*", b"*"], Form::Bad),
    ("ETG-14", &[b"*", b"\"abc\""], Form::Bad),
    ("ETG-14", &[b"$E", b"*"], Form::Bad),
    ("ETG-14", &[b"*,"], Form::Bad),
    ("ETG-14", &[b"W/*"], Form::Bad),
    ("ETG-15", &[b",, \"a\" ,,, \"b\","], Form::Other),
    ("ETG-15", &[b",, \"a\" ,,, $E,"], Form::Current),
    ("ETG-16", &[b"\"a\"\t,  \"b\""], Form::Other),
    ("ETG-16", &[b"\"a\"\t,  $E"], Form::Current),
    ("ETG-16", &[b"\"a\",$E"], Form::Current),
    ("ETG-17", &[b"\"a\"", b"\"b\""], Form::Other),
    ("ETG-17", &[b"\"a\"", b"$E"], Form::Current),
    ("ETG-17", &[b"$E", b"\"b\""], Form::Current),
    ("ETG-17", &[b"\"a\"", b"W/$E"], Form::Weak),
    ("ETG-17", &[b"\"a\"", b"bad"], Form::Bad),
    ("ETG-17", &[b"bad", b"$E"], Form::Bad),
    ("ETG-18", &[b""], Form::Zero),
    ("ETG-18", &[b","], Form::Zero),
    ("ETG-18", &[b" , , "], Form::Zero),
    ("ETG-18", &[b"", b""], Form::Zero),
    ("ETG-18", &[b"", b"$E"], Form::Current),
    ("ETG-19", &[b"\"a\" \"b\""], Form::Bad),
    ("ETG-19", &[b"\"a\";q=1"], Form::Bad),
    ("ETG-19", &[b"\"a\"; \"b\""], Form::Bad),
    ("ETG-19", &[b"$E \"b\""], Form::Bad),
    ("ETG-19", &[b"$E$E"], Form::Bad),
    ("ETG-20", &[b"\"a", b"b\""], Form::Bad),
    ("ETG-20", &[b"\"$opaque", b"\""], Form::Bad),
    ("ETG-21", &[b"\"a\x00b\""], Form::Refused),
    ("ETG-21", &[b"\"a\rb\""], Form::Refused),
    ("ETG-23", &[b"  *\t "], Form::Any),
    ("ETG-23", &[b"\t$E  "], Form::Current),
];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for (number, (row, lines, form)) in GRAMMAR.iter().enumerate() {
        let shown: Vec<String> = lines.iter().map(|line| line.escape_ascii().to_string()).collect();
        for field in ["If-Match", "If-None-Match"] {
            for before in [Before::Absent, Before::Present] {
                table.push(one(row, number, lines, &shown.join(" | "), *form, field, before));
            }
        }
    }
    limits(&mut table);
    table
}

fn one(
    row: &'static str,
    number: usize,
    lines: &'static [&'static [u8]],
    shown: &str,
    form: Form,
    field: &'static str,
    before: Before,
) -> Case {
    let present = before == Before::Present;
    let success: &[u16] = if present { &[200] } else { &[201] };
    let (expect, tolerate): (&[u16], &[u16]) = match (form, field) {
        (Form::Bad | Form::Refused, "If-Match") => (&[400], &[412]),
        (Form::Bad | Form::Refused, _) => (&[400], if present { &[412] } else { &[] }),
        (Form::Any | Form::Current, "If-Match") if present => (success, &[]),
        (Form::Zero, "If-Match") => (&[412], &[400]),
        (_, "If-Match") => (&[412], &[]),
        (Form::Any | Form::Current | Form::Weak, _) if present => (&[412], &[]),
        _ => (success, &[]),
    };
    let rows: &[&'static str] = match (form, field) {
        (Form::Bad | Form::Refused, _) => &["CND-21"],
        (Form::Zero, "If-Match") => &["CND-22"],
        (Form::Zero, _) => &["CND-23"],
        (Form::Weak, "If-Match") => &["CND-01"],
        (Form::Weak, _) => &["CND-07"],
        (Form::Any, "If-Match") => &["CND-03"],
        (Form::Any, _) => &["CND-08"],
        (Form::Other, "If-Match") => &["CND-04", "CND-05"],
        (Form::Other, _) => &["CND-09"],
        (Form::Current, "If-Match") => &["CND-02"],
        (Form::Current, _) => &["CND-10"],
    };
    let state = if present { "present" } else { "absent" };
    let mut one = case(format!("{row} {number}: {field}: {shown} ({state})"), &[row])
        .before(before)
        .expect(expect)
        .tolerate(tolerate);
    one.rows.extend(rows);
    for line in lines {
        one = one.field(field, line);
    }
    match form {
        Form::Refused => unreadable(one.framework(), row, lines, field),
        Form::Bad => unreadable(one, row, lines, field)
            .then(|run, response| if response.status == 400 { detail()(run, response) } else { Ok(()) }),
        _ => readable(one, lines, form, field),
    }
}

/// What the standards make of a value that is in the grammar: the condition is true or false, and each has one answer.
fn readable(one: Case, lines: &[&[u8]], form: Form, field: &str) -> Case {
    let present = one.before == Before::Present;
    let performed = one.expect.iter().any(|status| PERFORMED.contains(status));
    let mut fair = if performed { vec![200, 201, 204] } else { Vec::new() };
    if !lines.concat().is_ascii() {
        // Many frameworks refuse such a message whole. That is safe; to overlook the condition is not.
        fair.push(400);
    }
    if form == Form::Zero {
        // An empty field may be refused, and does not satisfy everyone who demands a precondition.
        fair.extend([400, 428]);
    }
    if field == "If-Match" && !present {
        fair.push(404);
    }
    let one = if performed { one } else { one.never(PERFORMED) };
    one.fair(&fair)
}

/// What the standards make of a value that is not in the grammar. Its reader may refuse it, or recover what it can; but
/// an If-Match in which nothing can match has nothing that could be recovered.
fn unreadable(one: Case, row: &str, lines: &[&[u8]], field: &str) -> Case {
    let present = one.before == Before::Present;
    let text = lines.concat();
    let mentions = |word: &[u8]| text.windows(word.len()).any(|at| at == word);
    let recoverable = mentions(b"$E") || mentions(b"$opaque") || mentions(b"*");
    match field {
        "If-Match" if !(present && recoverable) => one.open().never(PERFORMED),
        "If-Match" => one.policy().open().never(PERFORMED),
        // Lines that are joined by a bare comma are one tag, and a good one.
        _ if present && row != "ETG-20" => one.policy().open().never(PERFORMED),
        // Whatever can be recovered from it, the condition is true.
        _ => one.policy().open(),
    }
}

/// Our limit is 64 tags and 8 KiB; others have another or none. A list may be refused or evaluated, but not cut short.
fn limits(table: &mut Vec<Case>) {
    let list = |count: usize| (0..count).map(|each| format!("\"t{each}\"")).collect::<Vec<_>>().join(", ");
    for field in ["If-Match", "If-None-Match"] {
        // Without the current tag the one is false and the other true.
        let without_current = |name: &str, rows: &[&'static str]| {
            let one = case(format!("ETG-22: {name}"), rows).present().expect(&[431]).tolerate(&[400]).open();
            if field == "If-Match" { one.never(PERFORMED) } else { one }
        };
        table.push(
            without_current(&format!("65 tags in {field}"), &["ETG-22", "LEN-08", "CCH-06"]).field(field, list(65)),
        );
        table.push(
            case(format!("ETG-22: 65 tags in {field}, the last one current"), &["ETG-22"])
                .present()
                .field(field, format!("{}, $E", list(64)))
                .expect(&[431])
                .tolerate(&[400])
                .open()
                .never(if field == "If-Match" { &[412] } else { PERFORMED }),
        );
        table.push(
            without_current(&format!("33 tags on each of two lines of {field}"), &["ETG-22"])
                .field(field, list(33))
                .field(field, list(33)),
        );
        table.push(
            without_current(&format!("one tag of 9000 octets in {field}"), &["ETG-22", "LEN-08"])
                .field(field, format!("\"{}\"", "a".repeat(9000))),
        );
        table.push(
            without_current(&format!("two lines of {field} of 5000 octets each"), &["ETG-22"])
                .field(field, format!("\"{}\"", "a".repeat(5000)))
                .field(field, format!("\"{}\"", "b".repeat(5000))),
        );
    }
    table.push(
        case("ETG-22: 64 tags, the last one current, are within the limit", &["ETG-22"])
            .present()
            .field("If-Match", format!("{}, $E", list(63)))
            .expect(&[200])
            .open()
            .never(&[412]),
    );
    table.push(
        case("ETG-22: 8000 octets are within the limit", &["ETG-22"])
            .present()
            .field("If-Match", format!("\"{}\", $E", "a".repeat(7900)))
            .expect(&[200])
            .open()
            .never(&[412]),
    );
    table.push(
        case("the name of the field is not case-sensitive", &["ETG-17"])
            .present()
            .field("iF-mAtCh", "\"zzz\"")
            .expect(&[412])
            .any(),
    );
    table.push(
        case("lines of one field are one list although another field stands between", &["ETG-17"])
            .present()
            .field("If-Match", "\"zzz\"")
            .field("X-Between", "1")
            .field("if-match", "$E")
            .expect(&[200])
            .any(),
    );
    table.push(
        case("a tag works on the mount that demands one in every well-formed shape", &["ETG-16", "ETG-17", "CND-02"])
            .on(Switch::RequirePrecondition)
            .any()
            .needs(Need::StrongTag)
            .needs(Need::FreeValue)
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                for (number, shape) in (1..).zip(["$E", "\"a\",$E", ",$E,", "W/\"x\", \"\", $E"]) {
                    let tag = tag_at(run, &path)?;
                    if tag.starts_with("W/") {
                        // It will be strong when a second has passed. One shape is enough to have told something.
                        break;
                    }
                    let value = shape.replace("$E", &tag);
                    let request = Request::put(&path).field("If-Match", &value).json(run.variant(number));
                    let response = run.send(&request)?;
                    done(run, &response).map_err(|why| format!("{why} with If-Match: {value}"))?;
                    run.stored_as_told(&request, &response)?;
                    ensure(tag_at(run, &path)? != tag, || "VAL-03: the tag has not changed".to_owned())?;
                }
                Ok(())
            }),
    );
}
