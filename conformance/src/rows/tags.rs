//! How the condition fields are read.

use super::{Row, must, policy};

pub(super) const ROWS: &[Row] = &[
    must("ETG-01", &["RFC 9110 section 8.8.3"], "\"abc\" is a strong entity tag with the opaque part abc."),
    must("ETG-02", &["RFC 9110 section 8.8.3"], "W/\"abc\" is a weak entity tag with the opaque part abc."),
    must("ETG-03", &["RFC 9110 section 8.8.3"], "\"\" is a valid entity tag with an empty opaque part."),
    must(
        "ETG-04",
        &["RFC 9110 section 8.8.3"],
        "\"a,b\" is one entity tag that has a comma. A list is never split at the commas inside quotes.",
    ),
    must(
        "ETG-05",
        &["RFC 9110 section 8.8.3"],
        "\"a\\\" is a valid entity tag that ends with a backslash; a backslash escapes nothing.",
    ),
    must(
        "ETG-06",
        &["RFC 9110 section 8.8.3"],
        "\"a\\\"b\" is invalid: the entity tag \"a\\\" with something behind it.",
    ),
    must(
        "ETG-07",
        &["RFC 9110 section 8.8.3", "RFC 9110 section 5.5"],
        "An entity tag may hold octets from 80 to FF (hexadecimal). They are compared as octets, and no charset is \
        decoded.",
    ),
    must(
        "ETG-08",
        &["RFC 9110 section 8.8.3"],
        "A space, a tab or any other control character inside the quotes makes an entity tag invalid.",
    ),
    must("ETG-09", &["RFC 9110 section 8.8.3"], "An entity tag without quotes, or in single quotes, is invalid."),
    must(
        "ETG-10",
        &["RFC 9110 section 8.8.3"],
        "The weak mark is exactly W/ and stands directly before the quote: w/\"abc\", W/ \"abc\", W\"abc\" and W/abc \
        are invalid.",
    ),
    must("ETG-11", &["RFC 9110 section 8.8.3"], "An entity tag that lacks one of its two quotes is invalid."),
    must(
        "ETG-12",
        &["RFC 9110 section 13.1.1"],
        "\"*\" in quotes is an ordinary entity tag with an asterisk as its opaque part. It does not stand for any \
        representation.",
    ),
    must(
        "ETG-13",
        &["RFC 9110 section 13.1.1"],
        "An asterisk alone, without quotes, stands for any current representation.",
    ),
    must(
        "ETG-14",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.1.2"],
        "An asterisk beside anything else is invalid, be it an entity tag or a second asterisk, in one line or in \
        several.",
    ),
    must(
        "ETG-15",
        &["RFC 9110 section 5.6.1.2"],
        "Empty members of a list are skipped: ,, \"a\" ,,, \"b\", lists a and b.",
    ),
    must(
        "ETG-16",
        &["RFC 9110 section 5.6.3"],
        "Around the commas of a list there may be spaces and tabs, or nothing.",
    ),
    must(
        "ETG-17",
        &["RFC 9110 section 5.2", "RFC 9110 section 5.3"],
        "Several lines of a condition field are one list. Reading the first or the last line only is wrong.",
    ),
    must(
        "ETG-18",
        &["RFC 9110 section 5.6.1.2"],
        "An empty value, or one of commas and spaces only, is a valid list of no entity tags.",
    ),
    must(
        "ETG-19",
        &["RFC 9110 section 13.1.1"],
        "Entity tags without a comma between them, or with parameters or semicolons, are invalid.",
    ),
    policy(
        "ETG-20",
        &["RFC 9110 section 5.2"],
        "Each line is read by itself. An entity tag that starts in one line and ends in the next is invalid, however \
        the lines would be joined.",
    ),
    must(
        "ETG-21",
        &["RFC 9110 section 5.5"],
        "A CR, LF or NUL inside a field value makes the message invalid, or is replaced by a space, which makes the \
        entity tag invalid.",
    ),
    must(
        "ETG-22",
        &["RFC 9110 section 5.4", "RFC 9110 section 17.5", "RFC 6585 section 5"],
        "A list of entity tags that is too long is refused with a 4xx, such as 431. It is never cut short and never \
        ignored.",
    ),
    must(
        "ETG-23",
        &["RFC 9110 section 5.5"],
        "White space around a field value is no part of it: an asterisk between spaces is still the asterisk.",
    ),
];
