//! Section 3.10: digest fields.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};

use super::case;
use super::checks::ensure;
use crate::Switch;
use crate::case::{Before, Case};

/// Good content without placeholders, so that its digest is a constant of the table.
const CONTENT: &str = r#"{"title":"two"}"#;

/// From the contract (DIG-01): the digest of `{"hello": "world"}`, without and with a line feed.
const HELLO: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
const HELLO_LF: &str = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";

fn sha256(content: &str) -> String {
    STANDARD.encode(Sha256::digest(content.as_bytes()))
}

fn sha512(content: &str) -> String {
    STANDARD.encode(Sha512::digest(content.as_bytes()))
}

pub(super) fn cases() -> Vec<Case> {
    let (short, long) = (sha256(CONTENT), sha512(CONTENT));
    let (wrong_short, wrong_long) = (sha256("other"), sha512("other"));
    let mut table = Vec::new();
    for field in ["Content-Digest", "Repr-Digest"] {
        let put = |name: &str, rows: &[&'static str], lines: &[String]| {
            let mut one = case(format!("{field}: {name}"), rows).content(CONTENT);
            for line in lines {
                one = one.field(field, line);
            }
            one
        };
        let good = |name: &str, rows: &[&'static str], value: String| put(name, rows, &[value]).expect(&[201]);
        let bad = |name: &str, rows: &[&'static str], value: String| {
            put(name, rows, &[value]).policy().expect(&[400]).never(&[200, 201, 204])
        };
        let right = &["DIG-01", "DIG-02", "DIG-03"][..];
        table.push(good("sha-256 that matches", right, format!("sha-256=:{short}:")));
        table.push(good("sha-512 that matches", right, format!("sha-512=:{long}:")));
        table.push(good("both that match", right, format!("sha-256=:{short}:, sha-512=:{long}:")));
        table.push(good("a parameter behind the value", right, format!("sha-256=:{short}:;x=1")));
        table.push(good(
            "an unsupported algorithm beside one that matches",
            &["DIG-05"],
            format!("md5=:AAAA:, sha-256=:{short}:"),
        ));
        table.push(bad("sha-256 that does not match", right, format!("sha-256=:{wrong_short}:")));
        table.push(bad("sha-512 that does not match", right, format!("sha-512=:{wrong_long}:")));
        table.push(bad(
            "sha-512 that does not match beside sha-256 that does",
            &["DIG-07"],
            format!("sha-256=:{short}:, sha-512=:{wrong_long}:"),
        ));
        table.push(bad(
            "sha-256 that does not match beside sha-512 that does",
            &["DIG-07"],
            format!("sha-256=:{wrong_short}:, sha-512=:{long}:"),
        ));
        table.push(bad("a digest that is too short", &["DIG-03"], "sha-256=:AAAA:".to_owned()));
        table.push(bad("an empty digest", &["DIG-03"], "sha-256=::".to_owned()));
        let reveal = short.clone();
        table.push(
            bad("the digest that was computed is not told", &["DIG-04"], format!("sha-256=:{wrong_short}:")).then(
                move |_, response| {
                    let text = String::from_utf8_lossy(&response.content);
                    ensure(!text.contains(reveal.trim_end_matches('=')), || "the answer reveals it".to_owned())
                },
            ),
        );
        for value in [
            "md5=:AAAAAAAAAAAAAAAAAAAAAA==:",
            "unixsum=:AAAA:, crc32c=:AAAAAA==:",
            "sha=:AAAA:",
            "",
            "foo",
            "foo=1;a=\"b\"",
        ] {
            table
                .push(good(&format!("{value:?} has nothing that is verified"), &["DIG-05"], value.to_owned()).policy());
        }
        for value in [
            "sha-256=abc",
            "sha-256=\"abc\"",
            "sha-256=:abc",
            "sha-256=:%%%%:",
            "sha-256=:AAAA:=",
            "SHA-256=:AAAA:",
            "sha-256=:AAAA:,",
            ",sha-256=:AAAA:",
            "sha-256 :AAAA:",
            "sha-256",
            ":AAAA:",
        ] {
            table.push(bad(&format!("{value:?} is malformed, or no digest"), &["DIG-06"], value.to_owned()));
        }
        table.push(
            put(
                "of two lines the last one counts, and it matches",
                &["DIG-07"],
                &[format!("sha-256=:{wrong_short}:"), format!("sha-256=:{short}:")],
            )
            .expect(&[201]),
        );
        table.push(
            put(
                "of two lines the last one counts, and it does not match",
                &["DIG-07"],
                &[format!("sha-256=:{short}:"), format!("sha-256=:{wrong_short}:")],
            )
            .policy()
            .expect(&[400])
            .never(&[200, 201, 204]),
        );
        table.push(
            put(
                "a digest of chunked content covers it without the chunks",
                &["DIG-01"],
                &[format!("sha-256=:{short}:")],
            )
            .chunked(3)
            .expect(&[201]),
        );
        for (name, content, value, wanted) in [
            ("matches", r#"{"hello": "world"}"#, HELLO, 422),
            ("with a line feed matches", "{\"hello\": \"world\"}\n", HELLO_LF, 422),
            ("of the text without the line feed does not match", "{\"hello\": \"world\"}\n", HELLO, 400),
        ] {
            // The member is unknown, so a digest that matches leads to the next step of the pipeline.
            table.push(
                put(&format!("the standard's own sample {name}"), &["DIG-01"], &[format!("sha-256=:{value}:")])
                    .content(content)
                    .expect(&[wanted]),
            );
        }
        table.push(
            put("a digest is judged before the syntax", &["DIG-03"], &[format!("sha-256=:{wrong_short}:")])
                .content("{")
                .expect(&[400]),
        );
        table.push(
            put(
                "a digest that does not match does not replace either",
                &["DIG-03", "PUT-24"],
                &[format!("sha-256=:{wrong_short}:")],
            )
            .before(Before::Present)
            .expect(&[400]),
        );
        table.push(
            put("a digest in a trailer is verified or ignored", &["DIG-08"], &[])
                .should()
                .chunked(4)
                .framework()
                .trailer(field, format!("sha-256=:{wrong_short}:"))
                .expect(&[400, 201]),
        );
    }
    table.push(
        case("the two digest fields are verified both", &["DIG-02"])
            .content(CONTENT)
            .field("Content-Digest", format!("sha-256=:{short}:"))
            .field("Repr-Digest", format!("sha-256=:{wrong_short}:"))
            .policy()
            .expect(&[400]),
    );
    for (field, value) in
        [("Digest", "sha-256=AAAA"), ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), ("Digest", "nonsense")]
    {
        table.push(
            case(format!("the obsolete {field}: {value} is not trusted"), &["DIG-10"])
                .policy()
                .field(field, value)
                .expect(&[201]),
        );
    }
    table.push(
        case("a digest is judged on every mount", &["DIG-03"])
            .on(Switch::Delete)
            .policy()
            .content(CONTENT)
            .field("Content-Digest", format!("sha-256=:{wrong_short}:"))
            .expect(&[400]),
    );
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_constants_of_the_contract_are_what_is_computed_here() {
        assert_eq!(super::sha256(r#"{"hello": "world"}"#), super::HELLO);
        assert_eq!(super::sha256("{\"hello\": \"world\"}\n"), super::HELLO_LF);
    }
}
