//! How content is proved whole.

use super::{Row, may, must, policy};

pub(super) const ROWS: &[Row] = &[
    must(
        "DIG-01",
        &["RFC 9530 section 2"],
        "Content-Digest is the digest of the content as it was sent: after the chunks are joined, before a content \
        coding is undone.",
    ),
    must(
        "DIG-02",
        &["RFC 9530 section 3", "RFC 9530 section 3.1"],
        "Repr-Digest is the digest of the representation with its content coding. In a plain PUT it equals \
        Content-Digest.",
    ),
    policy(
        "DIG-03",
        &["RFC 9530 section 2", "RFC 9530 section 3"],
        "The standard demands no check. Here sha-256 and sha-512 are verified, and a digest that does not match is \
        400, state unchanged.",
    ),
    policy(
        "DIG-04",
        &["RFC 9457 section 4.2"],
        "Digest problems have registered types and status 400, and do not tell the digest that the server computed.",
    ),
    policy(
        "DIG-05",
        &["RFC 9530 section 5", "RFC 9530 section 7.2"],
        "Deprecated algorithms, such as md5 and sha, prove nothing. A digest in unsupported algorithms only is \
        ignored.",
    ),
    must(
        "DIG-06",
        &["RFC 9651 section 4.2"],
        "A digest field that cannot be parsed is ignored as a whole, or the message is refused as a whole; nothing \
        between. Here it is 400.",
    ),
    must(
        "DIG-07",
        &["RFC 9651 section 4.2", "RFC 9651 section 4.2.2"],
        "Several lines of a digest field are one dictionary, and of a repeated key the last value counts. Here all \
        supported algorithms have to match.",
    ),
    may(
        "DIG-08",
        &["RFC 9530 section 2"],
        "A digest may come as a trailer field. It is then verified before anything is stored, or ignored.",
    ),
    may("DIG-09", &["RFC 9530 section 4"], "Want-Repr-Digest on GET may be followed."),
    policy(
        "DIG-10",
        &["RFC 9530 section 1.3"],
        "The obsolete fields Digest and Content-MD5 prove nothing and are ignored.",
    ),
    may(
        "DIG-11",
        &["RFC 9530 appendix B.5"],
        "One digest printed among the samples of the standard is not valid base64 of its length. Do not copy it into a \
        test.",
    ),
];
