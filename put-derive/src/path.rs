//! Reads the path of a resource: whole segments, each a text or one `{parameter}`.
//!
//! Refused is what the frameworks, or the rules of a URI, would make something else of.

use syn::LitStr;

use crate::ctxt::{Ctxt, Refused};

/// The names of a path's parameters, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters(pub(crate) Vec<String>);

impl Parameters {
    pub(crate) fn read(ctxt: &Ctxt, literal: &LitStr) -> Result<Self, Refused> {
        let path = literal.value();
        let mut refused = None;
        let mut parameters: Vec<String> = Vec::new();
        for part in parts(&path) {
            match part {
                Ok((at, name)) if parameters.contains(&name) => {
                    let fault = Fault::new(at, format!("has a second `{{{name}}}`"), "rename one of the two");
                    refused = Some(ctxt.error(literal, fault.message(&path)));
                }
                Ok((_, name)) => parameters.push(name),
                Err(fault) => refused = Some(ctxt.error(literal, fault.message(&path))),
            }
        }
        match refused {
            Some(refused) => Err(refused),
            None => Ok(Self(parameters)),
        }
    }
}

/// What is wrong at a byte of the path.
struct Fault {
    at: usize,
    what: String,
    fix: String,
}

impl Fault {
    fn new(at: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { at, what: what.into(), fix: fix.into() }
    }

    fn message(&self, path: &str) -> String {
        let Self { at, what, fix } = self;
        format!("path `{path}` {what} at byte {at}; {fix}")
    }
}

/// The parameters with their places, and what is wrong with the segments that are neither text nor parameter.
fn parts(path: &str) -> Vec<Result<(usize, String), Fault>> {
    let Some(rest) = path.strip_prefix('/') else {
        return vec![Err(Fault::new(0, "has no `/`", "a path starts with one"))];
    };
    let mut parts = Vec::new();
    let mut at = 1;
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            // The path `/` is whole.
            "" if path == "/" => {}
            "" if is_last => parts.push(Err(Fault::new(at - 1, "ends with `/`", "end it with its last segment"))),
            "" => parts.push(Err(Fault::new(at, "has an empty segment", "remove a `/`"))),
            "." | ".." => parts.push(Err(Fault::new(
                at,
                format!("has the segment `{segment}`"),
                "clients remove it, so write the path without it",
            ))),
            segment if segment.contains(['{', '}']) => {
                parts.push(parameter(segment, at).map(|name| (at, name.to_owned())));
            }
            segment => parts.extend(text_fault(segment, at).map(Err)),
        }
        at += segment.len() + 1;
    }
    parts
}

/// The name in a segment that has a brace.
fn parameter(segment: &str, start: usize) -> Result<&str, Fault> {
    let fault = |offset: usize, what: &str, fix: &str| Err(Fault::new(start + offset, what, fix));
    let mut open = None;
    let mut inside = None;
    for (at, brace) in segment.match_indices(['{', '}']) {
        match (brace, open) {
            ("{", None) if inside.is_some() => {
                return fault(at, "has two parameters in one segment", "put a `/` between them");
            }
            ("{", None) => open = Some(at),
            ("{", Some(open)) => return fault(open, "has an unclosed `{`", "close it with `}`"),
            (_, Some(from)) => {
                inside = Some((from, at));
                open = None;
            }
            (_, None) => return fault(at, "has a `}` without a `{`", "remove it"),
        }
    }
    if let Some(open) = open {
        return fault(open, "has an unclosed `{`", "close it with `}`");
    }
    let Some((open, close)) = inside else { return fault(0, "has no parameter", "write `{name}`") };
    let after = &segment[close + 1..];
    if after.starts_with(['?', '#']) {
        return text_fault(after, start + close + 1).map_or(Ok(after), Err);
    }
    if open != 0 || !after.is_empty() {
        return fault(open, "has a parameter that is part of a segment", "a parameter is the whole of one");
    }
    let name = &segment[1..close];
    if name.is_empty() {
        return fault(0, "has a parameter without a name", "name the key field in it");
    }
    if name.starts_with('*') {
        return fault(1, "has a wildcard", "a parameter is one segment, so remove the `*`");
    }
    if let Some(colon) = name.find(':') {
        return fault(
            1 + colon,
            "has a pattern",
            "write it beside the key, `#[put(key, pattern = \"..\")]`, and remove it here",
        );
    }
    if !is_field_name(name) {
        return fault(1, "has a parameter that cannot be the name of a field", "name the key field in it");
    }
    Ok(name)
}

/// Whether a field can have this name, raw or not.
fn is_field_name(name: &str) -> bool {
    [name, &format!("r#{name}")].iter().any(|name| syn::parse_str::<syn::Ident>(name).is_ok())
}

/// What a segment of text cannot hold: RFC 3986, section 3.3, has the characters that it can.
fn text_fault(segment: &str, start: usize) -> Option<Fault> {
    if let Some(name) = segment.strip_prefix(':') {
        return Some(Fault::new(start, "has a `:` before a segment", format!("a parameter is written `{{{name}}}`")));
    }
    if segment.starts_with('*') {
        return Some(Fault::new(start, "has a wildcard", "a parameter is one segment, so write `{name}`"));
    }
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(letter);
    let (offset, letter) = segment.char_indices().find(|(_, letter)| !is_allowed(*letter))?;
    let (what, fix) = match letter {
        '?' => ("has a query".to_owned(), "a query is no part of the path, so remove it"),
        '#' => ("has a fragment".to_owned(), "a fragment is no part of the path, so remove it"),
        '%' => ("has a percent-encoding".to_owned(), "frameworks decode it differently, so choose another name"),
        letter => (format!("has {letter:?}"), "the path of a URI cannot hold it, so remove it"),
    };
    Some(Fault::new(start + offset, what, fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Result<Vec<String>, Vec<String>> {
        let ctxt = Ctxt::default();
        let literal = LitStr::new(path, proc_macro2::Span::call_site());
        match Parameters::read(&ctxt, &literal) {
            Ok(Parameters(names)) => Ok(names),
            Err(_) => Err(ctxt.messages()),
        }
    }

    #[test]
    fn parameters_in_order() {
        for (path, names) in [
            ("/", &[][..]),
            ("/users", &[]),
            ("/users/{id}", &["id"]),
            ("/{tenant}/users/{id}", &["tenant", "id"]),
            ("/{type}", &["type"]),
            ("/v1.0/a-b_c~d/@me/{id}/x;y=1", &["id"]),
        ] {
            assert_eq!(
                read(path).as_deref(),
                Ok(&names.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{path}"
            );
        }
    }

    #[test]
    fn each_fault_at_its_byte() {
        for (path, fault) in [
            ("", "has no `/` at byte 0"),
            ("users/{id}", "has no `/` at byte 0"),
            ("/users/{id}/", "ends with `/` at byte 11"),
            ("//{id}", "has an empty segment at byte 1"),
            ("/a//{id}", "has an empty segment at byte 3"),
            ("/a/../{id}", "has the segment `..` at byte 3"),
            ("/widgets/{id", "has an unclosed `{` at byte 9"),
            ("/widgets/{id/x", "has an unclosed `{` at byte 9"),
            ("/{a{b}", "has an unclosed `{` at byte 1"),
            ("/widgets/id}", "has a `}` without a `{` at byte 11"),
            ("/{id}}", "has a `}` without a `{` at byte 5"),
            ("/{a}{b}", "has two parameters in one segment at byte 4"),
            ("/{a}-{b}", "has two parameters in one segment at byte 5"),
            ("/{id}.json", "has a parameter that is part of a segment at byte 1"),
            ("/v{id}", "has a parameter that is part of a segment at byte 2"),
            ("/{}", "has a parameter without a name at byte 1"),
            ("/{*rest}", "has a wildcard at byte 2"),
            ("/{id:[0-9]+}", "has a pattern at byte 4"),
            ("/{user-id}", "has a parameter that cannot be the name of a field at byte 2"),
            ("/{1}", "has a parameter that cannot be the name of a field at byte 2"),
            ("/{id}/{id}", "has a second `{id}` at byte 6"),
            ("/:id", "has a `:` before a segment at byte 1"),
            ("/*rest", "has a wildcard at byte 1"),
            ("/a?b", "has a query at byte 2"),
            ("/a#b", "has a fragment at byte 2"),
            ("/a%20b", "has a percent-encoding at byte 2"),
            ("/a b", "has ' ' at byte 2"),
            ("/ä", "has 'ä' at byte 1"),
            ("/ä/{id", "has an unclosed `{` at byte 4"),
        ] {
            let messages = read(path).expect_err(path);
            assert!(messages.iter().any(|message| message.contains(fault)), "{path}: {messages:?}");
        }
    }

    #[test]
    fn all_faults_of_one_path() {
        assert_eq!(read("//{}/a b/").map_err(|messages| messages.len()), Err(4));
    }
}
