//! Content-Type and Content-Encoding.
//!
//! One thing although it is long: both say what the octets are, and both are refused with 415.

use super::case;
use super::checks::{ensure, fairly, has, lacks, lists};
use crate::case::{Before, Case, Outcome};
use crate::http::{Request, Response};
use crate::judgement::same;
use crate::run::Run;
use serde_json::Value;

/// A store that takes any octets may take these with their label; others refuse them in one of these ways.
const EITHER: &[u16] = &[200, 201, 204, 400, 409, 422, 501];

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for value in [
        "application/json",
        "Application/JSON",
        "APPLICATION/JSON",
        "application/json;",
        "application/json ; charset=utf-8",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json; Charset=UTF-8",
        "application/json; ; charset=utf-8 ;",
        "application/json;\tcharset=utf-8",
        "application/json;charset=\"\\U\\T\\F-8\"",
    ] {
        table.push(
            case(format!("Content-Type: {value} is accepted"), &["MED-04", "MED-05"])
                .any()
                .field("Content-Type", value)
                .expect(&[201]),
        );
    }
    for value in
        ["application/json; charset=utf-16", "application/json;charset=iso-8859-1", "application/json; charset=\"\""]
    {
        table.push(
            case(format!("Content-Type: {value} is refused"), &["MED-05"])
                .policy()
                .open()
                .field("Content-Type", value)
                .expect(&[415]),
        );
    }
    for (value, row) in [
        ("text/plain", "MED-01"),
        ("text/json", "MED-01"),
        ("application/x-www-form-urlencoded", "MED-01"),
        ("multipart/form-data; boundary=x", "MED-01"),
        ("application/octet-stream", "MED-01"),
        ("application/jsonx", "MED-01"),
        ("xapplication/json", "MED-01"),
        ("*/*", "MED-01"),
        ("application/*", "MED-01"),
        ("application/merge-patch+json", "MED-08"),
        ("application/json-patch+json", "MED-08"),
        ("application/problem+json", "MED-09"),
        ("application/foo+json", "MED-09"),
        ("application/ld+json", "MED-09"),
    ] {
        for before in [Before::Absent, Before::Present] {
            table.push(
                case(format!("Content-Type: {value} is 415 ({before:?})"), &[row, "MED-03", "PUT-09"])
                    .fair(EITHER)
                    .before(before)
                    .field("Content-Type", value)
                    .expect(&[415])
                    .never(&[200, 201, 204])
                    .check(lacks("Accept-Encoding")),
            );
        }
    }
    table.push(
        case("a 415 names the types that are accepted", &["MED-02"])
            .should()
            .fair(EITHER)
            .field("Content-Type", "text/plain")
            .expect(&[415])
            .check(has("Accept", "application/json")),
    );
    table.push(
        case("content without Content-Type is not guessed", &["MED-06"])
            .policy()
            .open()
            .field("Content-Type", "-")
            .expect(&[415])
            .tolerate(&[400])
            .check(lacks("Accept-Encoding")),
    );
    for value in [
        "",
        "application",
        "application/",
        "/json",
        "json",
        "application json",
        "application/json charset=utf-8",
        ";charset=utf-8",
    ] {
        table.push(
            case(format!("the malformed Content-Type {value:?} is refused"), &["MED-01"])
                .policy()
                .open()
                .field("Content-Type", value)
                .expect(&[415, 400]),
        );
    }
    for value in ["application/json; charset", "application/json; charset=\"utf-8"] {
        table.push(
            // The type is plain, the parameter is not: to recover is permitted, to ask for better is what the profile says.
            case(format!("the malformed parameter of Content-Type: {value} is refused"), &["MED-05"])
                .policy()
                .open()
                .field("Content-Type", value)
                .expect(&[415, 400])
                .tolerate(&[201]),
        );
    }
    for (name, lines) in [
        ("two types on two lines", &["application/json", "text/plain"][..]),
        ("two types on two lines, the good one last", &["text/plain", "application/json"][..]),
        ("one type twice", &["application/json", "application/json"][..]),
        ("two types on one line", &["application/json, text/plain"][..]),
        ("two types on one line, the good one last", &["text/plain, application/json"][..]),
        ("a safelisted type that hides another", &["text/plain; x=\", application/json; y=\""][..]),
    ] {
        let mut one =
            case(format!("{name} in Content-Type"), &["MED-07"]).policy().open().expect(&[400]).tolerate(&[415]);
        for line in lines {
            one = one.field("Content-Type", line);
        }
        table.push(one);
    }
    codings(&mut table);
    really_coded(&mut table);
    table
}

/// A 415 whose cause was the coding says which ones there are.
fn coding_told(_: &mut Run<'_>, response: &Response) -> Outcome {
    ensure(response.status != 415 || response.has("Accept-Encoding"), || {
        "ENC-02: a 415 to a content coding, without Accept-Encoding".to_owned()
    })
}

fn codings(table: &mut Vec<Case>) {
    for (value, row) in [
        ("br", "ENC-01"),
        ("gzip", "ENC-01"),
        ("GZIP", "ENC-03"),
        ("x-gzip", "ENC-03"),
        ("deflate", "ENC-01"),
        ("zstd", "ENC-01"),
        ("unknown", "ENC-01"),
        ("aws-chunked", "ENC-01"),
        ("gzip, gzip", "ENC-05"),
        ("identity, gzip", "ENC-05"),
        ("gzip, identity", "ENC-05"),
    ] {
        for before in [Before::Absent, Before::Present] {
            table.push(
                case(format!("Content-Encoding: {value} is 415 ({before:?})"), &[row, "ENC-02", "PUT-07"])
                    .fair(EITHER)
                    .before(before)
                    .field("Content-Encoding", value)
                    .expect(&[415])
                    .never(&[200, 201, 204])
                    .check(lists("Accept-Encoding", &["identity"]))
                    .must_then(coding_told),
            );
        }
    }
    table.push(
        case("two lines of Content-Encoding are one list", &["ENC-05"])
            .fair(EITHER)
            .field("Content-Encoding", "identity")
            .field("Content-Encoding", "gzip")
            .expect(&[415])
            .check(lists("Accept-Encoding", &["identity"])),
    );
    for value in ["identity", "Identity"] {
        table.push(
            case(format!("Content-Encoding: {value} is as none"), &["ENC-04"])
                .policy()
                .open()
                .field("Content-Encoding", value)
                .expect(&[201])
                .then(|run, _| {
                    let path = run.path().to_owned();
                    let shown = run.get(&path)?;
                    ensure(!shown.has("Content-Encoding"), || "it was stored".to_owned())
                }),
        );
    }
}

/// The other cases give plain content a wrong label; here the label is true.
fn really_coded(table: &mut Vec<Case>) {
    for before in [Before::Absent, Before::Present] {
        table.push(
            case(
                format!("content in gzip is refused, undone or kept with its label ({before:?})"),
                &["ENC-01", "PUT-06"],
            )
            .any()
            .before(before)
            .script(|run| {
                let plain = run.replacement();
                let coded = gzip(&plain);
                let request = Request::put(run.path()).field("Content-Encoding", "gzip").json(&coded);
                let response = run.send(&request)?;
                fairly(run, &response, &[415], EITHER, "PUT")?;
                if response.is_error() {
                    return run.unchanged();
                }
                let path = run.path().to_owned();
                let shown = run.get(&path)?;
                if shown.has("Content-Encoding") && shown.content == coded {
                    return Ok(());
                }
                let as_json = |octets: &[u8]| serde_json::from_slice(octets).unwrap_or(Value::Null);
                let undone = same(&as_json(&plain), &as_json(&shown.content));
                ensure(undone, || "PUT-03: coded octets were stored as if they were not coded".to_owned())?;
                ensure(response.tag().is_none() || response.has("Content-Location"), || {
                    "PUT-06: an ETag, although the content was not stored as it came".to_owned()
                })
            }),
        );
    }
}

/// The gzip format (RFC 1952) around one block that is not compressed.
fn gzip(plain: &[u8]) -> Vec<u8> {
    let length = u16::try_from(plain.len()).unwrap_or(u16::MAX);
    let plain = &plain[..usize::from(length)];
    let check = plain.iter().fold(u32::MAX, |check, octet| {
        (0..8).fold(check ^ u32::from(*octet), |check, _| (check >> 1) ^ (0xedb8_8320 & (check & 1).wrapping_neg()))
    });
    let mut coded = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    for part in [&length.to_le_bytes()[..], &(!length).to_le_bytes(), plain, &(!check).to_le_bytes()] {
        coded.extend_from_slice(part);
    }
    coded.extend_from_slice(&u32::from(length).to_le_bytes());
    coded
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_sent_as_gzip_is_gzip() {
        // Verified with gzip itself.
        let coded = super::gzip(b"{}");
        assert_eq!(coded[10..], [1, 2, 0, 0xfd, 0xff, b'{', b'}', 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0]);
    }
}
