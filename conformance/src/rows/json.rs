//! What is JSON, and what of it is accepted.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    must(
        "JSN-01",
        &["RFC 8259 section 8.1"],
        "JSON between systems is UTF-8. Octets that are not, or another encoding, are 400.",
    ),
    may(
        "JSN-02",
        &["RFC 8259 section 8.1"],
        "No sender may put a byte order mark before JSON. A recipient may ignore one; here it is 400.",
    ),
    must(
        "JSN-03",
        &["RFC 8259 section 2", "RFC 8259 section 9"],
        "A parser accepts every valid JSON text: white space around it, escapes, and numbers such as 1E+2 and -0.",
    ),
    may(
        "JSN-04",
        &["RFC 8259 section 9"],
        "A parser may accept extensions. Here it does not: comments, trailing commas, NaN, single quotes, and numbers \
        such as 01, +1 and .5 are 400.",
    ),
    must("JSN-05", &["RFC 8259 section 2"], "A JSON text is one value; anything behind it is 400."),
    should(
        "JSN-06",
        &["RFC 8259 section 4", "RFC 7493 section 2.3"],
        "Names in an object are unique after unescaping. Two members of one name are refused with 400, at any depth.",
    ),
    must(
        "JSN-07",
        &["RFC 7493 section 2.1", "RFC 8259 section 8.2"],
        "A string has no lone surrogates: such a text is 400. A pair of surrogates is one character.",
    ),
    should(
        "JSN-08",
        &["RFC 8259 section 6", "RFC 7493 section 2.2"],
        "Numbers beyond the range or precision of a binary64, such as integers above 2 to the 53rd, are not \
        interoperable. A server keeps them digit by digit or refuses them with 422; it never alters them in silence.",
    ),
    may(
        "JSN-09",
        &["RFC 8259 section 9"],
        "Size, depth and lengths may be limited. JSON nested far too deep is 400 and brings nothing down.",
    ),
    should("JSN-10", &["RFC 7493 section 4.1"], "The outermost value is an object. Any other value is 422."),
    must(
        "JSN-11",
        &["RFC 8259 section 7"],
        "The character U+0000, escaped, is legal in a string. A server stores it or refuses it with 422; it does not \
        fail with 500.",
    ),
    must(
        "JSN-12",
        &["RFC 8259 section 4", "RFC 7493 section 2.3"],
        "The order of members has no meaning: the same members in another order get the same verdict.",
    ),
    must(
        "JSN-13",
        &["RFC 8259 section 8.3"],
        "Names are compared after unescaping, code point by code point, without Unicode normalisation.",
    ),
    policy(
        "JSN-14",
        &["RFC 7493 section 4.2"],
        "An unknown member is refused with 422, which names it, or stored. To ignore it would lose data in silence.",
    ),
    policy(
        "JSN-15",
        &[],
        "Members named __proto__ or constructor are members like any other, with no effect on the server's own \
        objects.",
    ),
    policy("JSN-16", &[], "What cannot be parsed is 400; what can be parsed and is not acceptable is 422."),
];
