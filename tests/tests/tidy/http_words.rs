//! One table in put-core decides what is on the wire: no status code and no field name anywhere near a framework, a
//! database or the derive.

use std::path::PathBuf;

use super::tokens::{Token, code, is_path};
use super::{name, none, rust_files};

/// Field names of more than one word: wrong in any text.
const FIELDS: &[&str] = &[
    "accept-encoding",
    "accept-language",
    "accept-patch",
    "accept-ranges",
    "access-control",
    "cache-control",
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-range",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "max-forwards",
    "preference-applied",
    "proxy-authenticate",
    "proxy-authorization",
    "repr-digest",
    "retry-after",
    "set-cookie",
    "transfer-encoding",
    "want-content-digest",
    "want-repr-digest",
    "www-authenticate",
    "x-http-method-override",
];

/// Field names that are words of the language too: wrong where they are all of a text. (Not in put-derive, where `allow`
/// and `from` are words of Rust and serde; it has no way to a request anyway.)
const WORDS: &[&str] = &[
    "accept",
    "allow",
    "authorization",
    "connection",
    "cookie",
    "date",
    "digest",
    "etag",
    "expect",
    "expires",
    "host",
    "location",
    "origin",
    "pragma",
    "prefer",
    "range",
    "referer",
    "server",
    "te",
    "trailer",
    "upgrade",
    "user-agent",
    "vary",
    "via",
];

/// Status codes: wrong as a number in an adapter. (A store has no status in reach, and counts its own things.)
const CODES: &[&str] = &[
    "100", "101", "103", "200", "201", "202", "204", "205", "206", "300", "301", "302", "303", "304", "307", "308",
    "400", "401", "402", "403", "404", "405", "406", "408", "409", "410", "411", "412", "413", "414", "415", "416",
    "417", "421", "422", "425", "426", "428", "429", "431", "500", "501", "502", "503", "504", "505",
];

fn scanned() -> Vec<PathBuf> {
    ["adapters", "stores", "put-derive/src"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|path| !is_test(path))
        .collect()
}

/// A test names what it expects to see on the wire.
fn is_test(path: &std::path::Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "examples" || part.as_os_str() == "benches")
}

fn fields_in(tokens: &[Token], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) => {
                let lower = text.to_ascii_lowercase();
                if FIELDS.iter().any(|field| lower.contains(field)) || words.contains(&lower.trim()) {
                    found.push(format!("{text:?}"));
                }
            }
            Token::Ident(ident) => {
                let spelled = ident.to_ascii_lowercase().replace('_', "-");
                let is_constant = ident.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
                let of_the_engine = index >= 3 && is_path(&tokens[index - 3..], &["ResponseField", ident]);
                if of_the_engine && !is_constant && ident.starts_with(char::is_uppercase) {
                    found.push(format!("ResponseField::{ident}"));
                }
                let of_header = index >= 3 && is_path(&tokens[index - 3..], &["header", ident]);
                if is_constant
                    && (FIELDS.contains(&spelled.as_str()) || (of_header && words.contains(&spelled.as_str())))
                {
                    found.push(ident.clone());
                }
            }
            _ => {}
        }
    }
    found
}

fn codes_in(tokens: &[Token], numbers: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Ident(ident) if index >= 3 => {
                let is_constant = ident.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
                let is_builder = ident.starts_with(|first: char| first.is_ascii_uppercase());
                if is_constant && is_path(&tokens[index - 3..], &["StatusCode", ident])
                    || is_builder && is_path(&tokens[index - 3..], &["HttpResponse", ident])
                {
                    found.push(ident.clone());
                }
            }
            // A time is no status.
            Token::Literal(_)
                if index >= 2 && ["from_millis", "from_secs"].iter().any(|call| tokens[index - 2].is_ident(call)) => {}
            Token::Literal(literal) if numbers => {
                let digits = literal.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
                if CODES.contains(&digits) {
                    found.push(literal.clone());
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn no_field_name_outside_put_core() {
    let mut found = Vec::new();
    for path in scanned() {
        let words = if name(&path).starts_with("put-derive/") { &[] } else { WORDS };
        found.extend(fields_in(&code(&path), words).into_iter().map(|text| format!("{}: {text}", name(&path))));
    }
    none("the fields of requests and responses belong to put-core", &found);
}

#[test]
fn no_status_code_outside_put_core() {
    let mut found = Vec::new();
    for path in scanned() {
        let is_adapter = name(&path).starts_with("adapters/");
        found.extend(codes_in(&code(&path), is_adapter).into_iter().map(|text| format!("{}: {text}", name(&path))));
    }
    none("the table of problems and the engine decide every status", &found);
}

#[test]
fn the_port_of_the_stores_knows_no_http() {
    let found: Vec<_> = ["put-core/src/store.rs", "put-core/src/change.rs", "put-core/src/memory.rs"]
        .iter()
        .filter(|path| code(&super::root().join(path)).iter().any(|token| token.is_ident("http")))
        .map(ToString::to_string)
        .collect();
    none("a store never sees a field or a status", &found);
}

#[test]
fn the_scanner_sees_what_it_looks_for() {
    let cases: [(&str, bool, bool); 15] = [
        ("headers.get(\"If-Match\")", true, false),
        ("headers.get(b\"etag\")", true, false),
        ("map.insert(header::ALLOW, value)", true, false),
        ("map.insert(CONTENT_TYPE, value)", true, false),
        ("if field == ResponseField::ContentLength {}", true, false),
        ("ResponseField::ALL.iter().map(ResponseField::name)", false, false),
        ("const HOST: Host = Host::new(spawn);", false, false),
        ("let message = \"the location of the file\";", false, false),
        ("StatusCode::NOT_FOUND", false, true),
        ("StatusCode::from_u16(status)", false, false),
        ("HttpResponse::NotFound()", false, true),
        ("respond(412)", false, true),
        ("respond(412_u16)", false, true),
        ("wait(64 * 1024)", false, false),
        ("Duration::from_millis(100)", false, false),
    ];
    for (source, field, status) in cases {
        let tokens = super::tokens::of_source(source);
        assert_eq!(!fields_in(&tokens, WORDS).is_empty(), field, "{source}");
        assert_eq!(!codes_in(&tokens, true).is_empty(), status, "{source}");
    }
}
