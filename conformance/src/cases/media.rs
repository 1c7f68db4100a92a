//! Section 3.7, first half: Content-Type and Content-Encoding.

use super::case;
use super::checks::{has, lacks, lists};
use crate::case::{Before, Case};

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
                .field("Content-Type", value)
                .expect(&[415])
                .never(&[200, 204]),
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
            .field("Content-Type", "text/plain")
            .expect(&[415])
            .check(has("Accept", "application/json")),
    );
    table.push(
        case("content without Content-Type is not guessed", &["MED-06"])
            .policy()
            .field("Content-Type", "-")
            .expect(&[415])
            .tolerate(&[400])
            .never(&[200, 201, 204])
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
                .field("Content-Type", value)
                .expect(&[415, 400])
                .never(&[200, 201, 204]),
        );
    }
    for value in ["application/json; charset", "application/json; charset=\"utf-8"] {
        table.push(
            // The type is plain, the parameter is not: to recover is permitted, to ask for better is what the profile says.
            case(format!("the malformed parameter of Content-Type: {value} is refused"), &["MED-05"])
                .policy()
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
        let mut one = case(format!("{name} in Content-Type"), &["MED-07"])
            .policy()
            .expect(&[400])
            .tolerate(&[415])
            .never(&[200, 201, 204]);
        for line in lines {
            one = one.field("Content-Type", line);
        }
        table.push(one);
    }
    codings(&mut table);
    table
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
                    .before(before)
                    .field("Content-Encoding", value)
                    .expect(&[415])
                    .never(&[200, 201, 204])
                    .check(lists("Accept-Encoding", &["identity"])),
            );
        }
    }
    table.push(
        case("two lines of Content-Encoding are one list", &["ENC-05"])
            .field("Content-Encoding", "identity")
            .field("Content-Encoding", "gzip")
            .expect(&[415])
            .check(lists("Accept-Encoding", &["identity"])),
    );
    for value in ["identity", "Identity"] {
        table.push(
            case(format!("Content-Encoding: {value} is as none"), &["ENC-04"])
                .policy()
                .field("Content-Encoding", value)
                .expect(&[201])
                .then(|run, _| {
                    let path = run.path().to_owned();
                    let shown = run.get(&path)?;
                    super::checks::ensure(!shown.has("Content-Encoding"), || "it was stored".to_owned())
                }),
        );
    }
}
