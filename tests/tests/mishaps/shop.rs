//! The example on PostgreSQL, as the mishaps use it: resources that count in a text, and what its outbox tells.

use put_conformance::http::{Request, Response};

use crate::postgres::Session;

/// A resource with a text that a client sets to 1, 2, 3 and so on.
pub(super) struct Counter {
    pub(super) path: String,
    /// Good content, with `$` for the number.
    content: String,
    member: &'static str,
}

impl Counter {
    pub(super) fn new(path: String, content: &str, member: &'static str) -> Self {
        Self { path, content: content.to_owned(), member }
    }

    /// Two tables: in that of the categories each change has a transaction of its own, with a row in the outbox; in that of
    /// the products the changes that wait travel together.
    pub(super) fn of_the_shop(count: u64) -> Vec<Self> {
        let category = |number| Self::new(format!("/api/categories/c{number}"), r#"{"title":"$"}"#, "title");
        let product = |number| {
            let content = r#"{"sku":"TRY-#","title":"$","price":"1","availability":"in stock","tags":["a","$"]}"#;
            let content = content.replace('#', &format!("{number}"));
            Self::new(format!("/api/products/00000000-0000-4000-8000-{number:012}"), &content, "title")
        };
        (1..=count).map(|number| if number % 2 == 0 { category(number) } else { product(number) }).collect()
    }

    pub(super) fn put(&self, number: u64) -> Request {
        Request::put(&self.path).json(self.content.replace('$', &number.to_string()))
    }

    pub(super) fn get(&self) -> Request {
        Request::get(&self.path)
    }

    /// The number that a representation shows.
    pub(super) fn shown(&self, answer: &Response) -> u64 {
        let shown = answer.json().unwrap();
        let number = shown[self.member].as_str().unwrap().parse().unwrap();
        let is_half = shown["tags"].as_array().is_some_and(|tags| *tags != ["a", &format!("{number}")]);
        assert!(!is_half, "{} is half of one state and half of another: {shown}", self.path);
        number
    }
}

/// The outbox tells every state that a category has had, once and in order, and no other.
pub(super) fn outbox_is_exact(session: &Session) {
    let sql = "SELECT c.code, c.title, array_agg(o.state->>'title' ORDER BY o.number)
               FROM shop.category c FULL JOIN shop.outbox o ON o.category = c.code
               WHERE c.code IS NULL OR c.code LIKE 'c%' GROUP BY c.code";
    let rows = session.rows(sql);
    assert!(!rows.is_empty(), "there is something to tell of");
    for row in rows {
        let (code, last): (Option<&str>, Option<&str>) = (row.get(0), row.get(1));
        let last = last.unwrap_or_else(|| panic!("the outbox tells of what is not there"));
        let told: Vec<Option<String>> = row.get(2);
        let told: Vec<u64> = told.iter().map(|told| told.as_deref().unwrap_or("0").parse().unwrap()).collect();
        let states: Vec<u64> = (1..=last.parse().unwrap()).collect();
        assert_eq!(told, states, "{code:?}");
    }
}
