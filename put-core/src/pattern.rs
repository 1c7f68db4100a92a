//! The pattern that the whole text of a key must match.

use regex_lite::Regex;

/// A pattern as the attribute has it, compiled once.
///
/// What compiles and matches is behind pointers, which only the facts of a resource with a pattern hold: a program
/// without one does not contain the crate for it.
pub(crate) struct Pattern {
    text: &'static str,
    matches: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// Compiles the text of a pattern.
pub(crate) type Compile = fn(&'static str) -> Pattern;

impl Pattern {
    pub(crate) fn compile(text: &'static str) -> Self {
        // In a group, because an alternative or a flag of the pattern must not reach the anchors. One that does not compile,
        // which the derive lets not pass, matches nothing.
        let whole = Regex::new(&format!("^(?:{text})$")).ok();
        Self { text, matches: Box::new(move |text| whole.as_ref().is_some_and(|whole| whole.is_match(text))) }
    }

    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        (self.matches)(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_text_or_nothing() {
        for (pattern, matched, not) in [
            ("[a-z0-9-]{1,64}", &["a", "a-b-9"][..], &["", "A", "a b", "a/b", "a\n", "ä"][..]),
            ("a|bc", &["a", "bc"], &["ac", "abc", "ab", "bcd"]),
            ("a|ab|abc", &["a", "ab", "abc"], &["abcd", "aab"]),
            ("(?i)a|b", &["a", "B"], &["ab", "xb"]),
            ("(?m)a", &["a"], &["a\n", "b\na", "a\nb"]),
            ("(?m)^a$", &["a"], &["a\nb"]),
            ("(?s).", &["a", "\n", "ü"], &["ab"]),
            ("(?x) a b ", &["ab"], &["a b"]),
            ("^a$", &["a"], &["ab", "ba"]),
            ("(?U)a+", &["a", "aa"], &["aab"]),
            // None of these compiles, and the second would if it were only put between anchors.
            ("[a-z", &[], &["a", "[a-z", ""]),
            ("(?x)a # and a comment", &[], &["a", ""]),
        ] {
            let compiled = Pattern::compile(pattern);
            for text in matched {
                assert!(compiled.matches(text), "{pattern} {text:?}");
            }
            for text in not {
                assert!(!compiled.matches(text), "{pattern} {text:?}");
            }
        }
    }
}
