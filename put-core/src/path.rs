//! From the path of a request to the segments of a key, and what a segment may not be.
//!
//! Adapters hand over the path as it arrived and the template that matched, because routers decode parameters in
//! different ways. The segments are cut by position and decoded once, here.

use std::borrow::Cow;

/// The names of the parameters in a path template, in order.
pub(crate) fn parameters(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(parameter)
}

fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    // A router may allow a pattern behind the name.
    Some(name.split_once(':').map_or(name, |(name, _)| name))
}

/// The decoded values of these parameters. `None` if the template has not all of them, or if a segment is not
/// percent-coded UTF-8.
pub(crate) fn values<'p>(path: &'p str, template: &str, names: &[&str]) -> Option<Vec<Cow<'p, str>>> {
    let mut values = vec![None; names.len()];
    for (name, segment) in template.split('/').zip(path.split('/')) {
        let Some(name) = parameter(name) else { continue };
        if let Some(slot) = names.iter().position(|known| *known == name).and_then(|index| values.get_mut(index)) {
            *slot = Some(decode(segment)?);
        }
    }
    values.into_iter().collect()
}

/// Undoes percent-coding (RFC 3986, section 2.1); `None` if what comes out is not UTF-8, or a `%` stands alone.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
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

/// Whether a segment has no URI of its own: it would be removed when the path is normalised (RFC 3986, section
/// 6.2.2.3), or is nothing at all.
pub(crate) fn is_dots(segment: &str) -> bool {
    matches!(segment, "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_cut_by_position_and_decoded_once() {
        for (path, template, expected) in [
            ("/items/42", "/items/{id}", Some(vec!["42"])),
            ("/v1/items/a%2Fb", "/v1/items/{id}", Some(vec!["a/b"])),
            ("/items/%2525", "/items/{id}", Some(vec!["%25"])),
            ("/t/acme/items/%C3%BC", "/t/{tenant}/items/{id}", Some(vec!["ü"])),
            ("/items/7", "/items/{id:[0-9]+}", Some(vec!["7"])),
            ("/items/%FF", "/items/{id}", None),
            ("/items/%4", "/items/{id}", None),
            ("/items/%zz", "/items/{id}", None),
            ("/items/7", "/items/{other}", None),
        ] {
            let found = values(path, template, &["id"]);
            let found = found.as_ref().map(|found| found.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
            assert_eq!(found, expected, "{path}");
        }
        assert_eq!(values("/a/1/b/2", "/a/{x}/b/{y}", &["y", "x"]).unwrap(), ["2", "1"]);
        assert_eq!(parameters("/a/{x}/b/{y}").collect::<Vec<_>>(), ["x", "y"]);
    }
}
