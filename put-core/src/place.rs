//! The place in a JSON text at which reading stopped: a pointer and the octets of the value there.

use crate::violation::Pointer;

/// A value inside a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) pointer: Pointer,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The value in which serde_json stopped after so many octets. It stops behind a scalar that is wrong, before an
/// array or object that should be something else, behind an object in which something is missing.
pub(crate) fn place_at(text: &str, stop: usize, root: Pointer) -> Option<Place> {
    let mut walk = Walk { octets: text.as_bytes(), text, at: 0, stop };
    let Spot { start, end, steps } = walk.value().ok().flatten()?;
    let pointer = steps.into_iter().rev().fold(root, |pointer, step| match step {
        Step::Member(name) => pointer.member(&name),
        Step::Element(index) => pointer.element(index),
    });
    Some(Place { pointer, start, end })
}

/// A place on the way up to the root: only the one that is found gets a pointer.
struct Spot {
    start: usize,
    end: usize,
    /// From the inside to the outside.
    steps: Vec<Step>,
}

enum Step {
    Member(String),
    Element(usize),
}

struct Walk<'a> {
    octets: &'a [u8],
    text: &'a str,
    at: usize,
    stop: usize,
}

/// The text is not the JSON it was taken for.
struct Lost;

impl<'a> Walk<'a> {
    fn peek(&mut self) -> u8 {
        while self.octets.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.octets.get(self.at).copied().unwrap_or(0)
    }

    /// Whether reading stopped behind the start of something and not behind its end, which is here.
    fn stopped_in(&self, start: usize) -> bool {
        start < self.stop && self.stop <= self.at
    }

    fn spot(&self, start: usize) -> Spot {
        Spot { start, end: self.at, steps: Vec::new() }
    }

    /// Passes over the value here; gives the place if reading stopped in it.
    fn value(&mut self) -> Result<Option<Spot>, Lost> {
        let opening = self.peek();
        let start = self.at;
        match opening {
            b'{' | b'[' => {
                self.at += 1;
                let close = if opening == b'{' { b'}' } else { b']' };
                let (mut inside, mut index) = (None, 0);
                loop {
                    match self.peek() {
                        0 => return Err(Lost),
                        octet if octet == close => break self.at += 1,
                        b',' => self.at += 1,
                        _ => {
                            let found = if opening == b'{' { self.member()? } else { self.element(index)? };
                            inside = inside.or(found);
                            index += 1;
                        }
                    }
                }
                let here = start <= self.stop && self.stop <= self.at;
                return Ok(inside.or_else(|| here.then(|| self.spot(start))));
            }
            b'"' => drop(self.string()?),
            _ => {
                let is_token = |octet: &&u8| octet.is_ascii_alphanumeric() || b"+-.".contains(octet);
                let length = self.octets.get(start..).unwrap_or_default().iter().take_while(is_token).count();
                if length == 0 {
                    return Err(Lost);
                }
                self.at += length;
            }
        }
        Ok(self.stopped_in(start).then(|| self.spot(start)))
    }

    fn element(&mut self, index: usize) -> Result<Option<Spot>, Lost> {
        let mut found = self.value()?;
        if let Some(spot) = &mut found {
            spot.steps.push(Step::Element(index));
        }
        Ok(found)
    }

    fn member(&mut self) -> Result<Option<Spot>, Lost> {
        let name_at = self.at;
        let name = self.string()?;
        let in_name = self.stopped_in(name_at);
        if self.peek() != b':' {
            return Err(Lost);
        }
        self.at += 1;
        self.peek();
        let start = self.at;
        let found = self.value()?;
        let mut found = if in_name { Some(self.spot(start)) } else { found };
        if let Some(spot) = &mut found {
            let name = serde_json::from_str::<String>(name).map_err(|_| Lost)?;
            spot.steps.push(Step::Member(name));
        }
        Ok(found)
    }

    /// A string as it is written.
    fn string(&mut self) -> Result<&'a str, Lost> {
        let start = self.at;
        let mut escaped = true;
        for octet in self.octets.get(start..).unwrap_or_default() {
            self.at += 1;
            match octet {
                b'"' if !escaped => return self.text.get(start..self.at).ok_or(Lost),
                // The opening quote is passed over as if it were escaped.
                b'\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        Err(Lost)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        number: u32,
        list: Vec<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        inner: Inner,
        many: Vec<Inner>,
        pair: (u8, String),
    }

    #[test]
    fn errors_are_found_where_they_are() {
        let right = r#"{"number":1,"list":[]}"#;
        for (text, pointer) in [
            ("5", "#"),
            (r#"{"inner":5}"#, "#/inner"),
            (r#"{"inner": [1]}"#, "#/inner"),
            (r#"{"inner":{"number":"x"}}"#, "#/inner/number"),
            ("{\t \"inner\" : {\r \"number\" : {} } }", "#/inner/number"),
            (r#"{"inner":{"number":1,"list":[1,2,300]}}"#, "#/inner/list/2"),
            (r#"{"inner":{"number":1,"list":[1,[],3]}}"#, "#/inner/list/1"),
            (r#"{"inner":{"number":1}}"#, "#/inner"),
            (r#"{"inner":{"number":1e400}}"#, "#/inner/number"),
            (&format!(r#"{{"inner":{right},"many":[{right},{{}}]}}"#), "#/many/1"),
            (&format!(r#"{{"inner":{right},"many":[],"pair":[1]}}"#), "#/pair"),
            (&format!(r#"{{"inner":{right},"many":[],"pair":[1,2]}}"#), "#/pair/1"),
            (r#"{"a\"b":1}"#, "#/a%22b"),
        ] {
            let error = serde_json::from_str::<Outer>(text).unwrap_err();
            let place = place_at(text, error.column(), Pointer::root()).expect(text);
            assert_eq!(place.pointer.to_string(), pointer, "{text}: {error}");
        }
    }
}
