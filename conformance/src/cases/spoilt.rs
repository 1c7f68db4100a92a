//! JSON on any resource: its own good content, spoilt so that it cannot be parsed, or written in a rare way.

use serde_json::{Value, json};

use super::case;
use super::checks::detail;
use super::json::ELSEWHERE;
use crate::case::{Before, Case, Change};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    let standard: [(&str, &'static str, Change); 14] = [
        ("an octet that is not UTF-8", "JSN-01", |good, key| into_text(good, key, b"\xff")),
        ("a character cut short in a text", "JSN-01", |good, key| into_text(good, key, b"\xc3")),
        ("an octet that is not UTF-8 behind the text", "JSN-01", |good, _| [good, b"\xff"].concat()),
        ("nothing", "JSN-03", |_, _| Vec::new()),
        ("white space only", "JSN-03", |_, _| b" \n\t".to_vec()),
        ("another text behind the text", "JSN-05", |good, _| [good, good].concat()),
        ("a word behind the text", "JSN-05", |good, _| [good, b" x"].concat()),
        ("an object without end", "JSN-03", |good, _| good[..good.len().saturating_sub(1)].to_vec()),
        ("half of the text", "JSN-03", |good, _| good[..good.len() / 2].to_vec()),
        ("no colon", "JSN-03", |good, _| String::from_utf8_lossy(good).replacen(':', " ", 1).into_bytes()),
        ("an object without beginning", "JSN-03", |good, _| good[1..].to_vec()),
        ("one brace", "JSN-03", |_, _| b"{".to_vec()),
        ("a word", "JSN-03", |_, _| b"hello".to_vec()),
        ("a form", "JSN-03", |_, _| b"name=a&note=b".to_vec()),
    ];
    // A parser may take these; what it then makes of them is its own affair.
    let extensions: [(&str, &'static str, Change); 9] = [
        ("a byte order mark", "JSN-02", |good, _| [b"\xef\xbb\xbf", good].concat()),
        ("a zero octet behind the text", "JSN-05", |good, _| [good, b"\0"].concat()),
        ("a comma behind the text", "JSN-05", |good, _| [good, b","].concat()),
        ("a line feed in a string", "JSN-04", |good, key| into_text(good, key, b"\n")),
        ("a form feed as white space", "JSN-04", |good, _| [b"\x0c", good].concat()),
        ("a no-break space as white space", "JSN-04", |good, _| ["\u{a0}".as_bytes(), good].concat()),
        ("a comma at the end of the object", "JSN-04", |good, _| [&good[..good.len() - 1], b",}"].concat()),
        ("a comma at the beginning of the object", "JSN-04", |good, _| [b"{,", &good[1..]].concat()),
        ("a comment before the object", "JSN-04", |good, _| [b"/* x */", good].concat()),
    ];
    for before in [Before::Absent, Before::Present] {
        let one = |name: &str, row: &'static str, change: Change| {
            case(format!("not JSON: {name} ({before:?})"), &[row, "JSN-16", "PUT-24"])
                .item()
                .before(before)
                .changed(change)
                .expect(&[400])
                .never(&[200, 201, 204, 500])
                .check(detail())
        };
        for (name, row, change) in standard {
            table.push(one(name, row, change).fair(ELSEWHERE));
        }
        for (name, row, change) in extensions {
            table.push(one(name, row, change).policy().any());
        }
    }
    table.push(
        case("JSON: a pair of surrogates in a text of good content", &["JSN-07", "PUT-03"])
            .fair(&[400, 409, 422])
            .present()
            .changed(|good, key| into_text(good, key, br"\ud83d\ude00"))
            .expect(&[200])
            .tolerate(&[422]),
    );
    table.push(
        case("a name twice, first with null", &["JSN-06", "JSN-16"])
            .should()
            .fair(&[409, 413, 415])
            .present()
            .changed(|good, _| {
                let Ok(Value::Object(members)) = serde_json::from_slice(good) else { return Vec::new() };
                let first = members.iter().next().map(|(name, _)| format!("{}:null,", json!(name))).unwrap_or_default();
                [b"{", first.as_bytes(), &good[1..]].concat()
            })
            .expect(&[400])
            .tolerate(&[422]),
    );
    table
}

/// Puts octets into the last text of an object that is not its key, or into its first name if there is none.
fn into_text(object: &[u8], key: &str, octets: &[u8]) -> Vec<u8> {
    let begins = |at: &usize| object[*at..].starts_with(b":\"") && !object[at + 2..].starts_with(key.as_bytes());
    let text = (0..object.len()).rev().find(begins).map(|at| at + 2);
    let name = || object.iter().position(|octet| *octet == b'"').map(|at| at + 1);
    let (before, behind) = object.split_at(text.or_else(name).unwrap_or(object.len()));
    [before, octets, behind].concat()
}
