//! Somebody's own target resource, as far as a program can know it: a URL and contents that its owner calls good.
//!
//! Fresh resources beside it are made by changing the last segment of the path, or what stands in the place of `{}` in a
//! template. Where the contents name the key, the fresh key takes its place there, too.

use std::time::Duration;

use serde_json::Value;

use crate::http::Origin;
use crate::key::KeyKind;
use crate::url::{resolve, split};

/// A target resource and how to make fresh ones beside it.
#[derive(Clone, Debug)]
pub struct Target {
    origin: Origin,
    before: String,
    after: String,
    own: String,
    keys: KeyKind,
    contents: [Value; 2],
    /// Where the contents name the key: JSON Pointers.
    places: Vec<String>,
    /// A text or number in the first content that may be given other values; found by trying.
    pub(crate) free: Option<String>,
}

impl Target {
    /// The resource at this URL, with two good contents that differ.
    ///
    /// `template` is a URL with `{}` in the place of the key; without one the last segment of the path is the key.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong with the URL, the template or the contents.
    pub fn new(url: &str, template: Option<&str>, keys: Option<KeyKind>, contents: [Value; 2]) -> Result<Self, String> {
        let (authority, path) = split(url)?;
        let (before, after, own) = match template {
            None => {
                let at = path.rfind('/').map_or(0, |at| at + 1);
                let own = &path[at..];
                if own.is_empty() {
                    return Err(format!(
                        "{url} ends with a slash: give the URL of one resource, as in {url}42, or --url-template"
                    ));
                }
                (path[..at].to_owned(), String::new(), own.to_owned())
            }
            Some(template) => {
                let (there, pattern) = split(template)?;
                if there != authority {
                    return Err(format!(
                        "--url-template is on {there}, the URL on {authority}: they must be one server"
                    ));
                }
                let parts: Vec<&str> = pattern.split("{}").collect();
                let [before, after] = parts[..] else {
                    return Err(format!("--url-template {template} must hold {{}} once, in the place of the key"));
                };
                let own =
                    path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).filter(|own| !own.is_empty());
                let Some(own) = own else {
                    return Err(format!("{url} does not fit --url-template {template}"));
                };
                (before.to_owned(), after.to_owned(), own.to_owned())
            }
        };
        for (place, content) in contents.iter().enumerate() {
            if !content.is_object() {
                return Err(format!("content {} is no JSON object", place + 1));
            }
        }
        let origin = Origin::new(resolve(&authority)?, &authority);
        let places = named(&contents, &own);
        if blanked(&contents[0], &places) == blanked(&contents[1], &places) {
            return Err("the two contents are equal: replacing one by the other must change something".to_owned());
        }
        let keys = keys.unwrap_or_else(|| KeyKind::of(&own));
        Ok(Self { origin, before, after, own, keys, contents, places, free: None })
    }

    /// Adds a field line to every request.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.origin = self.origin.field(name, value);
        self
    }

    /// Changes how long one response may take.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.origin = self.origin.limit(limit);
        self
    }

    /// Ends the survey and the run after this time from now.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.origin = self.origin.within(time);
        self
    }

    /// The server.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key in the URL that was given.
    pub fn own(&self) -> &str {
        &self.own
    }

    /// A key that was not used before.
    pub fn fresh(&self) -> String {
        self.keys.fresh()
    }

    /// The path of the resource with this key.
    pub fn path(&self, key: &str) -> String {
        format!("{}{key}{}", self.before, self.after)
    }

    /// One of the two contents, for the resource with this key.
    pub fn content(&self, which: usize, key: &str) -> Value {
        let mut content = self.contents[which.min(1)].clone();
        if key == self.own {
            // They came with it, spelled as JSON and not as a path.
            return content;
        }
        for place in &self.places {
            match content.pointer_mut(place) {
                Some(Value::String(text)) => key.clone_into(text),
                Some(number @ Value::Number(_)) => {
                    *number = key.parse::<u64>().map_or_else(|_| key.into(), Value::from);
                }
                _ => {}
            }
        }
        content
    }

    /// The first content with another value in the free place; `None` if no free place is known.
    pub fn variant(&self, number: u64, key: &str) -> Option<Value> {
        let place = self.free.as_deref()?;
        let mut content = self.content(0, key);
        let leaf = content.pointer_mut(place)?;
        *leaf = varied(leaf, number)?;
        Some(content)
    }

    /// Which variant this representation shows.
    pub fn number(&self, representation: &[u8]) -> Option<u64> {
        let shown: Value = serde_json::from_slice(representation).ok()?;
        match shown.pointer(self.free.as_deref()?)? {
            Value::String(text) => text.rsplit(' ').next()?.parse().ok(),
            number => number.as_u64(),
        }
    }

    /// The places in the first content whose values might be free, the likeliest first.
    pub(crate) fn candidates(&self) -> Vec<String> {
        let mut found = Vec::new();
        leaves(&self.contents[0], String::new(), &mut found);
        found.retain(|(place, _)| !self.places.contains(place));
        // What already differs between the two contents is known not to be fixed; texts bear more than numbers.
        found.sort_by_key(|(place, text)| (self.contents[0].pointer(place) == self.contents[1].pointer(place), !text));
        found.into_iter().map(|(place, _)| place).collect()
    }

    /// The members at the top of the first content that do not name the key.
    pub(crate) fn members(&self) -> Vec<String> {
        let names = self.contents[0].as_object().into_iter().flat_map(|members| members.keys());
        names.filter(|name| !self.places.contains(&pointer("", name))).cloned().collect()
    }
}

/// Another value of the kind that stands there.
pub(crate) fn varied(leaf: &Value, number: u64) -> Option<Value> {
    match leaf {
        Value::String(text) => Some(Value::String(format!("{text} {number}"))),
        Value::Number(_) => Some(Value::from(number)),
        _ => None,
    }
}

/// Where both contents hold the key, as text or as number.
fn named(contents: &[Value; 2], key: &str) -> Vec<String> {
    let mut found = Vec::new();
    leaves(&contents[0], String::new(), &mut found);
    let key = decoded(key);
    let is_key = |content: &Value, place: &str| match content.pointer(place) {
        Some(Value::String(text)) => *text == key,
        Some(Value::Number(number)) => number.to_string() == key,
        _ => false,
    };
    found.into_iter().map(|(place, _)| place).filter(|place| contents.iter().all(|one| is_key(one, place))).collect()
}

/// A path segment without its percent-codes; as it is where they are none.
fn decoded(segment: &str) -> String {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) if *first == b'%' => {
                octets.push(octet);
                rest = &behind[2..];
            }
            _ => {
                octets.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(octets).unwrap_or_else(|_| segment.to_owned())
}

fn blanked(content: &Value, places: &[String]) -> Value {
    let mut content = content.clone();
    for place in places {
        if let Some(leaf) = content.pointer_mut(place) {
            *leaf = Value::Null;
        }
    }
    content
}

/// Every text and number with its pointer; `true` for a text.
fn leaves(value: &Value, place: String, found: &mut Vec<(String, bool)>) {
    match value {
        Value::String(_) => found.push((place, true)),
        Value::Number(_) => found.push((place, false)),
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, pointer(&place, name), found);
            }
        }
        _ => {}
    }
}

fn pointer(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Target;

    fn target(url: &str, template: Option<&str>) -> Result<Target, String> {
        Target::new(url, template, None, [json!({"id": 42, "name": "a"}), json!({"id": 42, "name": "b"})])
    }

    #[test]
    fn the_last_segment_is_the_key_and_its_place_in_the_contents_is_found() {
        let one = target("http://127.0.0.1:1/api/users/42", None).expect("a target");
        assert_eq!((one.own(), one.path("7")), ("42", "/api/users/7".to_owned()));
        assert_eq!(one.content(1, "7"), json!({"id": 7, "name": "b"}));
        assert_eq!((one.members(), one.candidates()), (vec!["name".to_owned()], vec!["/name".to_owned()]));
    }

    #[test]
    fn a_template_says_where_the_key_stands() {
        let one = target("http://127.0.0.1:1/a/42/b", Some("http://127.0.0.1:1/a/{}/b")).expect("a target");
        assert_eq!(one.path("7"), "/a/7/b");
    }

    #[test]
    fn a_key_that_is_percent_coded_in_the_path_is_plain_in_the_contents() {
        let contents = ["a", "b"].map(|name| json!({"slug": "J\u{f6}%", "name": name}));
        let one = Target::new("http://127.0.0.1:1/pages/J%C3%B6%25", None, None, contents).expect("a target");
        assert_eq!(one.content(0, one.own()), json!({"slug": "J\u{f6}%", "name": "a"}));
        assert_eq!(one.content(1, "x"), json!({"slug": "x", "name": "b"}));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (url, template, word) in [
            ("https://localhost/a", None, "only http is spoken"),
            ("localhost:3000/a", None, "begins with http://"),
            ("http:///a", None, "names no server"),
            ("http://[::1/a", None, "names no server"),
            ("http://127.0.0.1:1", None, "names no resource"),
            ("http://127.0.0.1:1/a/", None, "ends with a slash"),
            ("http://127.0.0.1:1/a?b=1", None, "without query"),
            ("http://no-such-host.invalid/a", None, "cannot be resolved"),
            ("http://127.0.0.1:1/a", Some("http://127.0.0.2:1/{}"), "must be one server"),
            ("http://127.0.0.1:1/a", Some("http://127.0.0.1:1/b"), "must hold {} once"),
            ("http://127.0.0.1:1/a", Some("http://127.0.0.1:1/b/{}"), "does not fit"),
        ] {
            let why = target(url, template).expect_err(url);
            assert!(why.contains(word) && !why.contains('\n'), "{url}: {why}");
        }
        let same = Target::new("http://127.0.0.1:1/42", None, None, [json!({"id": 42}), json!({"id": 42})]);
        assert!(same.is_err_and(|why| why.contains("equal")));
        let list = Target::new("http://127.0.0.1:1/42", None, None, [json!([1]), json!({"id": 42})]);
        assert!(list.is_err_and(|why| why.contains("content 1 is no JSON object")));
    }

    #[test]
    fn a_variant_can_be_told_from_its_representation() {
        let mut one = target("http://127.0.0.1:1/users/42", None).expect("a target");
        assert_eq!(one.variant(5, "42"), None);
        one.free = Some("/name".to_owned());
        let content = one.variant(5, "42").expect("a variant");
        assert_eq!(content, json!({"id": 42, "name": "a 5"}));
        assert_eq!(one.number(content.to_string().as_bytes()), Some(5));
    }
}
