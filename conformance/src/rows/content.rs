//! How the content comes in.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    must(
        "MED-01",
        &["RFC 9110 section 15.5.16", "RFC 9110 section 9.3.4"],
        "A media type that the resource does not support is refused with 415, state unchanged.",
    ),
    may(
        "MED-02",
        &["RFC 9110 section 15.5.16", "RFC 9110 section 12.5.1"],
        "A 415 may name the media types that are supported, in Accept.",
    ),
    must(
        "MED-03",
        &["RFC 9110 section 12.5.3", "RFC 7694 section 3"],
        "A 415 that is not about a content coding has no Accept-Encoding.",
    ),
    must(
        "MED-04",
        &["RFC 9110 section 8.3.1"],
        "Type, subtype and parameter names are case-insensitive, a quoted parameter value equals the plain one, and \
        empty parameters are allowed.",
    ),
    policy(
        "MED-05",
        &["RFC 8259 section 11"],
        "JSON has no charset parameter. It is accepted if it says utf-8, and refused with 415 if it says anything \
        else.",
    ),
    may(
        "MED-06",
        &["RFC 9110 section 8.3"],
        "Without Content-Type a recipient may guess. Here nothing is guessed: 415.",
    ),
    policy(
        "MED-07",
        &["RFC 9110 section 8.3", "RFC 9110 section 5.3"],
        "More than one Content-Type is refused with 400, because two recipients could choose differently.",
    ),
    policy(
        "MED-08",
        &["RFC 5789 section 2"],
        "A patch format is not a representation: on PUT it is refused with 415 and never applied.",
    ),
    policy(
        "MED-09",
        &["RFC 9110 section 8.3.1", "RFC 6839 section 3.1"],
        "A type that ends in +json is another media type, and is refused with 415 unless the resource lists it.",
    ),
    must(
        "ENC-01",
        &["RFC 9110 section 15.5.16", "RFC 9110 section 8.4"],
        "A content coding that is not supported is refused with 415. Coded octets are never stored as if they were \
        JSON.",
    ),
    should(
        "ENC-02",
        &["RFC 9110 section 12.5.3", "RFC 9110 section 15.5.16", "RFC 7694 section 3"],
        "A 415 about a content coding says in Accept-Encoding what would have been accepted; identity alone means no \
        coding.",
    ),
    must("ENC-03", &["RFC 9110 section 8.4.1"], "Names of content codings are case-insensitive, and x-gzip is gzip."),
    should(
        "ENC-04",
        &["RFC 9110 section 8.4"],
        "Identity is not sent in Content-Encoding. A server that gets it nevertheless takes it for no coding.",
    )
    .of_client(),
    must(
        "ENC-05",
        &["RFC 9110 section 8.4"],
        "Several content codings are undone in the reverse order. Here more than one is refused with 415.",
    ),
    policy(
        "ENC-06",
        &["RFC 9110 section 17.5"],
        "A server that decodes content bounds the decoded size (413) and refuses what cannot be decoded (400).",
    ),
    may(
        "LEN-01",
        &["RFC 9110 section 15.5.14"],
        "Content beyond the limit is refused with 413, before it is read where its length is declared, and the server \
        may close the connection.",
    ),
    may(
        "LEN-02",
        &["RFC 9110 section 15.5.12", "RFC 9112 section 6.3"],
        "A server may demand Content-Length with 411. Here chunked content is accepted and 411 never comes.",
    ),
    must(
        "LEN-03",
        &["RFC 9112 section 6.3"],
        "A request without Content-Length and without Transfer-Encoding has empty content, not an unknown length. A \
        PUT of nothing is no JSON: 400.",
    ),
    must(
        "LEN-04",
        &["RFC 9112 section 6.3"],
        "An invalid or contradictory Content-Length, or a transfer coding that does not end in chunked, is answered \
        with 400, and the connection is closed.",
    ),
    must(
        "LEN-05",
        &["RFC 9112 section 6.1", "RFC 9112 section 6.3"],
        "A request with both Transfer-Encoding and Content-Length is refused, or read by Transfer-Encoding alone. In \
        either case the connection is closed after the answer.",
    ),
    must(
        "LEN-06",
        &["RFC 9110 section 8.6"],
        "A length with very many digits does not overflow: it is refused, and never taken for a smaller number.",
    ),
    should(
        "LEN-07",
        &["RFC 9110 section 4.1", "RFC 9110 section 15.5.15"],
        "URIs of up to 8000 octets are handled. Longer ones may be refused with 414.",
    ),
    must(
        "LEN-08",
        &["RFC 9110 section 5.4", "RFC 6585 section 5"],
        "A header section that is too large is refused with a 4xx; 431 is the one for it.",
    ),
    must(
        "EXP-01",
        &["RFC 9110 section 10.1.1"],
        "A request with Expect: 100-continue whose content is still to come is answered at once: with 100, or with the \
        final status if the fields suffice to decide. The server does not wait for the content first.",
    ),
    must(
        "EXP-02",
        &["RFC 9110 section 10.1.1", "RFC 9110 section 15.2"],
        "Expect in an HTTP/1.0 request is ignored, and a client of HTTP/1.0 is sent no 1xx.",
    ),
    may("EXP-03", &["RFC 9110 section 10.1.1"], "An expectation other than 100-continue may be refused with 417."),
    must("EXP-04", &["RFC 9110 section 10.1.1"], "After a 100 comes a final answer."),
    should(
        "EXP-05",
        &["RFC 9110 section 10.1.1", "RFC 9112 section 9.6"],
        "A final answer before all content has come says that the connection will close, or the server reads the rest, \
        so that the next request on the connection works.",
    ),
    must(
        "EXP-06",
        &["RFC 9110 section 10.1.1", "RFC 9110 section 13.2.1"],
        "A false precondition may be answered at once, without asking for the content: 412, and no 100.",
    ),
];
