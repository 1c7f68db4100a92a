//! The name that a store gives the table of a resource, if it is told no other.

/// `BlogPost` is kept in `blog_post`.
pub(crate) fn table_name(of_struct: &str) -> String {
    let mut name = String::with_capacity(of_struct.len() + 4);
    let mut letters = of_struct.strip_prefix("r#").unwrap_or(of_struct).chars().peekable();
    let mut before: Option<char> = None;
    while let Some(letter) = letters.next() {
        let ends_a_word = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && letters.peek().is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (ends_a_word || ends_capitals) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
        before = Some(letter);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_after_the_struct() {
        let table = [
            ("User", "user"),
            ("BlogPost", "blog_post"),
            ("HTTPServer", "http_server"),
            ("Oauth2Token", "oauth2_token"),
            ("r#Type", "type"),
            ("Straße", "straße"),
            ("ID", "id"),
        ];
        for (of_struct, expected) in table {
            assert_eq!(table_name(of_struct), expected, "{of_struct}");
        }
    }
}
