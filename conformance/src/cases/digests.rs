//! Digest fields.

use super::case;
use super::checks::ensure;
use crate::case::{Before, Case};
use crate::digest::{sha256, sha512};
use crate::{Profile, Switch};

/// From the contract (DIG-01): the digest of `{"hello": "world"}`, without and with a line feed.
const HELLO: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
const HELLO_LF: &str = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";

pub(super) fn cases() -> Vec<Case> {
    let (short, long) = ("$sha256", "$sha512");
    let (wrong_short, wrong_long) = (sha256(b"other"), sha512(b"other"));
    let mut table = Vec::new();
    for field in ["Content-Digest", "Repr-Digest"] {
        let put = |name: &str, rows: &[&'static str], lines: &[String]| {
            let mut one = case(format!("{field}: {name}"), rows);
            for line in lines {
                one = one.field(field, line);
            }
            one
        };
        let good = |name: &str, rows: &[&'static str], value: String| put(name, rows, &[value]).any().expect(&[201]);
        // The standard demands no check: a server that does not look at a digest has stored what it was sent.
        let bad =
            |name: &str, rows: &[&'static str], value: String| put(name, rows, &[value]).policy().open().expect(&[400]);
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
        table.push(
            bad("the digest that was computed is not told", &["DIG-04"], format!("sha-256=:{wrong_short}:")).then(
                |run, response| {
                    let text = String::from_utf8_lossy(&response.content);
                    let computed = sha256(&run.replacement());
                    ensure(!text.contains(computed.trim_end_matches('=')), || "the answer reveals it".to_owned())
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
            table.push(
                good(&format!("{value:?} has nothing that is verified"), &["DIG-05"], value.to_owned()).policy().open(),
            );
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
            .any()
            .expect(&[201]),
        );
        table.push(
            put(
                "of two lines the last one counts, and it does not match",
                &["DIG-07"],
                &[format!("sha-256=:{short}:"), format!("sha-256=:{wrong_short}:")],
            )
            .policy()
            .open()
            .expect(&[400]),
        );
        table.push(
            put(
                "a digest of chunked content covers it without the chunks",
                &["DIG-01"],
                &[format!("sha-256=:{short}:")],
            )
            .fair(&[411])
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
                .policy()
                .open()
                .content("{")
                .expect(&[400]),
        );
        table.push(
            put(
                "a digest that does not match does not replace either",
                &["DIG-03", "PUT-24"],
                &[format!("sha-256=:{wrong_short}:")],
            )
            .policy()
            .open()
            .before(Before::Present)
            .expect(&[400])
            .must_then(|run, response| {
                // Permitted, but worth a word: whoever sends a digest wants it to be looked at.
                let heeded = run.profile() == Profile::Put || response.is_error();
                ensure(heeded, || format!("the digest is not verified: PUT answered {}", response.status))
            }),
        );
        table.push(
            put("a digest in a trailer is verified or ignored", &["DIG-08"], &[])
                .should()
                .fair(&[411])
                .chunked(4)
                .framework()
                .trailer(field, format!("sha-256=:{wrong_short}:"))
                .expect(&[400, 201]),
        );
    }
    table.push(
        case("the two digest fields are verified both", &["DIG-02"])
            .field("Content-Digest", format!("sha-256=:{short}:"))
            .field("Repr-Digest", format!("sha-256=:{wrong_short}:"))
            .policy()
            .open()
            .expect(&[400]),
    );
    for (field, value) in
        [("Digest", "sha-256=AAAA"), ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), ("Digest", "nonsense")]
    {
        table.push(
            case(format!("the obsolete {field}: {value} is not trusted"), &["DIG-10"])
                .policy()
                .open()
                .field(field, value)
                .expect(&[201]),
        );
    }
    table.push(
        case("a digest is judged on every mount", &["DIG-03"])
            .on(Switch::Delete)
            .policy()
            .field("Content-Digest", format!("sha-256=:{wrong_short}:"))
            .expect(&[400]),
    );
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_constants_of_the_contract_are_what_is_computed_here() {
        assert_eq!(super::sha256(br#"{"hello": "world"}"#), super::HELLO);
        assert_eq!(super::sha256(b"{\"hello\": \"world\"}\n"), super::HELLO_LF);
    }
}
