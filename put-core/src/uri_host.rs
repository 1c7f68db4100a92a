//! What a Host field may say: `uri-host [ ":" port ]` (RFC 9110, section 7.2; RFC 3986, section 3.2). Every request is
//! asked, so nothing is allocated here.

use std::net::Ipv6Addr;

/// Whether this names a host, perhaps with a port. Both may be empty: a URI without an authority is asked for so.
pub(crate) fn is_host(value: &[u8]) -> bool {
    let rest = match value {
        [b'[', literal @ ..] => after_literal(literal),
        name => Some(after_name(name)),
    };
    match rest {
        Some([]) => true,
        Some([b':', port @ ..]) => port.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// What follows a registered name, which an IPv4 address is too.
fn after_name(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [octet, rest @ ..] if is_of_a_name(*octet) => rest,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            _ => return rest,
        };
    }
}

/// What follows the address whose opening bracket has been read.
fn after_literal(literal: &[u8]) -> Option<&[u8]> {
    let mut parts = literal.splitn(2, |octet| *octet == b']');
    let (address, rest) = (parts.next()?, parts.next()?);
    let is_address = match address {
        [b'v' | b'V', future @ ..] => is_of_the_future(future),
        _ => std::str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok()),
    };
    is_address.then_some(rest)
}

/// An address of a version that is not known yet, after its `v`.
fn is_of_the_future(address: &[u8]) -> bool {
    let mut parts = address.splitn(2, |octet| *octet == b'.');
    let (Some(version), Some(address)) = (parts.next(), parts.next()) else { return false };
    let is_of_an_address = |octet: &u8| *octet == b':' || is_of_a_name(*octet);
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && !address.is_empty()
        && address.iter().all(is_of_an_address)
}

/// The octets that stand for themselves: `unreserved` and `sub-delims`.
fn is_of_a_name(octet: u8) -> bool {
    matches!(octet,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~'
        | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_sec_04() {
        for host in [
            "",
            ":",
            ":80",
            "localhost",
            "localhost:",
            "Example.ORG.:08080",
            "127.0.0.1:3000",
            "999.1.1.1",
            "a_b~c!$&'()*+,;=",
            "caf%C3%a9:1",
            "[::1]",
            "[::]:80",
            "[2001:DB8:0:0:8:800:200c:417a]:",
            "[1:2:3:4:5:6:7::]",
            "[::ffff:192.0.2.1]:443",
            "[v1.a:b]",
            "[VFf.~]:1",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn no_hosts_sec_04() {
        for host in [
            "a b",
            " a",
            "a/b",
            "http://a",
            "a, b",
            "user@a",
            "a?",
            "a#b",
            "a\\b",
            "a\"",
            "a\0",
            "a\u{7f}",
            "é",
            "a:80:80",
            "a:8o",
            "a:-1",
            "a: 80",
            "::1",
            "%",
            "a%4",
            "a%4g",
            "a%g4",
            "[",
            "[]",
            "[::1",
            "::1]",
            "a[::1]",
            "[::1]a",
            "[::1]]",
            "[::1]:a",
            "[[::1]]",
            "[1::2::3]",
            "[1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:8::]",
            "[12345::]",
            "[::1.2.3]",
            "[::1.2.3.04]",
            "[fe80::1%25eth0]",
            "[127.0.0.1]",
            "[localhost]",
            "[v.a]",
            "[v1]",
            "[v1.]",
            "[vg.a]",
            "[v1.a/b]",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"a\xff") && !is_host(b"[\xff]"));
    }
}
