//! What holds for all answers, and for those between client and server.

use super::{Row, may, must, policy};

pub(super) const ROWS: &[Row] = &[
    must("DAT-01", &["RFC 9110 section 6.6.1"], "Every 2xx, 3xx and 4xx of a server that has a clock carries Date."),
    must(
        "DAT-02",
        &["RFC 9110 section 5.6.7"],
        "Dates that a server generates are in the preferred form, such as Sun, 06 Nov 1994 08:49:37 GMT.",
    ),
    must(
        "CCH-01",
        &["RFC 9111 section 4.4"],
        "A 2xx or 3xx to PUT or DELETE makes caches on the path forget the target URI; an error does not.",
    )
    .of_cache(),
    may(
        "CCH-02",
        &["RFC 9111 section 4.4"],
        "Caches may also forget the URIs in Location and Content-Location, if they are of the same origin.",
    )
    .of_cache(),
    may(
        "CCH-03",
        &["RFC 9875 section 3"],
        "Cache-Group-Invalidation in an answer to PUT may make caches forget related answers, such as a list.",
    ),
    policy(
        "CCH-04",
        &["RFC 9111 section 4.2.2"],
        "A 200 to GET has an explicit Cache-Control. Otherwise a cache may guess how long it is fresh, and a stale tag \
        goes into the next If-Match.",
    ),
    policy(
        "CCH-05",
        &["RFC 9110 section 15.1"],
        "404, 405, 410, 414 and 501 can be cached by guess, and a cached 404 can outlive the PUT that created the \
        resource. They carry Cache-Control: no-store.",
    ),
    must(
        "CCH-06",
        &["RFC 6585 section 3", "RFC 6585 section 4", "RFC 6585 section 5"],
        "428, 429 and 431 are never stored by a cache. A server adds Cache-Control: no-store for old ones.",
    )
    .of_cache(),
    policy(
        "CCH-07",
        &["RFC 9110 section 12.5.5"],
        "Where the answer to a cross-origin request depends on its Origin, every answer of the resource has Vary: \
        Origin, with and without that field.",
    ),
    must("SEC-01", &["RFC 9110 section 15.5.2"], "A 401 has WWW-Authenticate, which says how to authenticate."),
    must(
        "SEC-02",
        &["RFC 9110 section 13.2.1", "RFC 9110 section 15.5.4"],
        "Who may not access a resource is refused before any condition is evaluated. Otherwise conditions tell \
        strangers what exists.",
    ),
    may("SEC-03", &["RFC 8470 section 5.2"], "A PUT in the early data of TLS may be refused with 425."),
    must(
        "SEC-04",
        &["RFC 9110 section 7.4", "RFC 9112 section 3.2"],
        "A request of HTTP/1.1 without Host, with several, or with an invalid one is 400; one for an authority that is \
        not served is 421.",
    ),
    may(
        "SEC-05",
        &["RFC 9110 section 10.2.3"],
        "A 429, a 503, and a 413 that will pass may say in Retry-After when to try again.",
    ),
];
