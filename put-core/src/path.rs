//! From the path of a request to the texts of a key, and what such a text may not be.
//!
//! Adapters hand over the path as it arrived and the template that matched, because routers decode parameters in
//! different ways. The segments are cut by position and decoded once, here.

use std::borrow::Cow;
use std::sync::OnceLock;

/// Where the parameters of a resource stand in the path. The template that matches first is remembered with its
/// positions: one mount hardly ever has another.
#[derive(Debug)]
pub(crate) struct Cut {
    names: Vec<&'static str>,
    first: OnceLock<(Box<str>, Positions)>,
}

/// For each parameter the index of its segment; `None` if the template has not all of them.
type Positions = Option<Vec<usize>>;

/// Why a path gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uncut {
    /// A segment is not percent-coded UTF-8.
    NotUtf8,
    /// The application mounted the endpoint at a route without its parameters.
    OtherRoute,
}

impl Cut {
    /// The parameters of this path, as the attribute has it.
    pub(crate) fn new(path: &'static str) -> Self {
        Self { names: path.split('/').filter_map(parameter).collect(), first: OnceLock::new() }
    }

    pub(crate) fn name(&self, index: usize) -> &'static str {
        self.names.get(index).copied().unwrap_or_default()
    }

    /// Hands over the decoded texts of the parameters in the order of the resource.
    pub(crate) fn texts<T>(
        &self,
        path: &str,
        template: &str,
        take: impl FnOnce(&[Cow<'_, str>]) -> T,
    ) -> Result<T, Uncut> {
        let (known, positions) = self.first.get_or_init(|| (template.into(), self.positions(template)));
        let others;
        let positions = if **known == *template {
            positions
        } else {
            others = self.positions(template);
            &others
        };
        let text = |index: &usize| segment(path, *index).and_then(decode).ok_or(Uncut::NotUtf8);
        match positions.as_deref().ok_or(Uncut::OtherRoute)? {
            [one] => Ok(take(&[text(one)?])),
            many => Ok(take(&many.iter().map(text).collect::<Result<Vec<_>, _>>()?)),
        }
    }

    fn positions(&self, template: &str) -> Positions {
        let position = |name| template.split('/').position(|segment| parameter(segment) == Some(name));
        self.names.iter().map(|name| position(*name)).collect()
    }
}

fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    // A router may allow a pattern behind the name.
    Some(name.split_once(':').map_or(name, |(name, _)| name))
}

/// The segment at this index. A loop over octets, because the segments are short.
fn segment(path: &str, index: usize) -> Option<&str> {
    let mut segments = path.as_bytes().split(|octet| *octet == b'/');
    std::str::from_utf8(segments.nth(index)?).ok()
}

/// Undoes percent-coding (RFC 3986, section 2.1); `None` if what comes out is not UTF-8, or a `%` stands alone.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.as_bytes().contains(&b'%') {
        return Some(Cow::Borrowed(segment));
    }
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            octets.push(*first);
            continue;
        }
        let [high, low, after @ ..] = after else { return None };
        rest = after;
        octets.push(hexadecimal(*high)? << 4 | hexadecimal(*low)?);
    }
    String::from_utf8(octets).ok().map(Cow::Owned)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Whether a text has no URI of its own: as a segment it would be removed when the path is normalised (RFC 3986,
/// section 6.2.2.3), or is nothing at all.
pub(crate) fn is_dots(text: &str) -> bool {
    matches!(text, "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(resource: &'static str, path: &str, template: &str) -> Option<Vec<String>> {
        let cut = Cut::new(resource);
        // Asked twice, because the first template is remembered, and once with another between.
        let ask = || cut.texts(path, template, |texts| texts.iter().map(ToString::to_string).collect());
        let first = ask().ok();
        let _ = cut.texts("/x/1", "/x/{id}", |_| ());
        assert_eq!(ask().ok(), first);
        first
    }

    #[test]
    fn parameters_are_cut_by_position_and_decoded_once() {
        for (path, template, expected) in [
            ("/items/42", "/items/{id}", Some("42")),
            ("/v1/items/a%2Fb", "/v1/items/{id}", Some("a/b")),
            ("/items/%2525", "/items/{id}", Some("%25")),
            ("/t/acme/items/%C3%BC", "/t/{tenant}/items/{id}", Some("ü")),
            ("/items/7", "/items/{id:[0-9]+}", Some("7")),
            ("/items/%FF", "/items/{id}", None),
            ("/items/%4", "/items/{id}", None),
            ("/items/%zz", "/items/{id}", None),
            ("/items/7", "/items/{other}", None),
            ("/items", "/items/{id}", None),
        ] {
            let expected = expected.map(|text| vec![text.to_owned()]);
            assert_eq!(texts("/items/{id}", path, template), expected, "{path}");
        }
        assert_eq!(texts("/b/{y}/a/{x}", "/a/1/b/2", "/a/{x}/b/{y}").unwrap(), ["2", "1"]);
    }
}
