//! Sources as the compiler's lexer cuts them: comments are gone, and a text is a literal and not a place in a line.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One token of a source, or the edge of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Ident(String),
    Punct(char),
    /// A text, unescaped.
    Text(String),
    /// Any other literal, as written.
    Literal(String),
    Open(char),
    Close(char),
}

/// The tokens of a file, without documentation and without what only tests compile.
pub(super) fn code(path: &Path) -> Vec<Token> {
    let mut tokens = Vec::new();
    flatten(lexed(path), true, &mut tokens);
    tokens
}

/// The tokens of a file with its tests, but without documentation.
pub(super) fn all(path: &Path) -> Vec<Token> {
    let mut tokens = Vec::new();
    flatten(lexed(path), false, &mut tokens);
    tokens
}

/// The same of a source that is no file.
pub(super) fn of_source(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    flatten(source.parse().expect("it is Rust"), true, &mut tokens);
    tokens
}

/// The texts of a file, without documentation and without what only tests compile.
pub(super) fn texts(path: &Path) -> Vec<String> {
    let text = |token| if let Token::Text(text) = token { Some(text) } else { None };
    code(path).into_iter().filter_map(text).collect()
}

fn lexed(path: &Path) -> TokenStream {
    super::read(path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn flatten(stream: TokenStream, skip_tests: bool, out: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // `#[..]` or `#![..]`
                let inner = matches!(trees.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                if inner {
                    trees.next();
                }
                let Some(TokenTree::Group(group)) = trees.peek() else {
                    out.push(Token::Punct('#'));
                    continue;
                };
                let attribute = group.stream().to_string().replace(' ', "");
                if attribute.starts_with("doc=") {
                    trees.next();
                } else if skip_tests && (attribute == "cfg(test)" || attribute == "test" || attribute == "tokio::test")
                {
                    // The item that follows ends with a semicolon or with its braces.
                    trees.next();
                    for tree in trees.by_ref() {
                        match tree {
                            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                            _ => {}
                        }
                    }
                } else {
                    out.push(Token::Punct('#'));
                }
            }
            TokenTree::Punct(punct) => out.push(Token::Punct(punct.as_char())),
            TokenTree::Ident(ident) => out.push(Token::Ident(ident.to_string())),
            TokenTree::Literal(literal) => {
                let written = literal.to_string();
                out.push(text(&written).map_or(Token::Literal(written), Token::Text));
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::None => (' ', ' '),
                };
                out.push(Token::Open(open));
                flatten(group.stream(), skip_tests, out);
                out.push(Token::Close(close));
            }
        }
    }
}

/// What a text literal says: plain, raw or of octets.
fn text(literal: &str) -> Option<String> {
    let plain = literal.trim_start_matches(['b', 'c']);
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        return Some(raw.get(hashes + 1..raw.len() - hashes - 1)?.to_owned());
    }
    let inner = plain.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\n') => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
            Some(other) => out.push(other),
            None => {}
        }
    }
    Some(out)
}

impl Token {
    pub(super) fn is_ident(&self, name: &str) -> bool {
        matches!(self, Self::Ident(ident) if ident == name)
    }
}

/// Whether these idents stand one after the other with `::` between them.
pub(super) fn is_path(tokens: &[Token], names: &[&str]) -> bool {
    let mut at = 0;
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            if !matches!(tokens.get(at..at + 2), Some([Token::Punct(':'), Token::Punct(':')])) {
                return false;
            }
            at += 2;
        }
        if !tokens.get(at).is_some_and(|token| token.is_ident(name)) {
            return false;
        }
        at += 1;
    }
    true
}

#[test]
fn what_is_code_is_seen_and_what_is_not_is_not() {
    let source = r#"
        //! "in the documentation"
        /// "of an item"
        #[cfg(test)]
        mod tests { const A: &str = "in a test"; }
        #[derive(Debug)]
        struct S; // "in a comment"
        fn f() -> &'static [u8] { let _ = r"raw \text"; let _ = "two \
            lines"; b"octets" }
    "#;
    let tokens = of_source(source);
    let texts: Vec<_> = tokens
        .iter()
        .filter_map(|token| if let Token::Text(text) = token { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!(texts, ["raw \\text", "two lines", "octets"]);
    assert!(tokens.iter().any(|token| token.is_ident("S")), "the item after a skipped one is seen");
}
