//! What a PUT does.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    must(
        "PUT-01",
        &["RFC 9110 section 9.3.4"],
        "A PUT that creates the first current representation of the target resource is answered with 201, and with \
        nothing else: not with 200, not with 204.",
    ),
    must(
        "PUT-02",
        &["RFC 9110 section 9.3.4"],
        "A PUT that replaces the current representation is answered with 200 or 204; never with 201, 206 or 304.",
    ),
    should(
        "PUT-03",
        &["RFC 9110 section 9.3.4"],
        "After a successful PUT, and if nobody else has written since, GET shows an equivalent representation: every \
        member with every value, and beside them only what the server documents that it adds.",
    ),
    must(
        "PUT-04",
        &["RFC 9110 section 9.3.4", "RFC 5789 section 1"],
        "The content of a PUT replaces the whole state. A member that it leaves out is gone or has its default; \
        nothing of the old state is merged in.",
    ),
    must(
        "PUT-05",
        &["RFC 9110 section 9.2.2"],
        "PUT is idempotent: the same unconditional PUT, sent several times, leaves the state that one of them leaves. \
        The answers may differ.",
    ),
    must(
        "PUT-06",
        &["RFC 9110 section 9.3.4", "RFC 9110 section 15.3.1", "RFC 9110 section 15.3.2"],
        "A success has ETag or Last-Modified only if the content was stored exactly as it came, and then with the \
        values that the next GET shows. This contract also lets them stand beside the new representation itself, when \
        Content-Location says that the answer carries it.",
    ),
    must(
        "PUT-07",
        &["RFC 9110 section 9.3.4", "RFC 9110 section 8.4"],
        "The content is what was sent, its coding included. A PUT in gzip that is stored decoded was transformed, so \
        its success has no ETag and no Last-Modified.",
    ),
    should(
        "PUT-08",
        &["RFC 9110 section 14.5", "RFC 9110 section 14.4"],
        "A resource without partial PUT refuses a PUT that has Content-Range, with 400, and its state is unchanged. \
        The worst outcome is a success that has stored the part as the whole.",
    ),
    should(
        "PUT-09",
        &["RFC 9110 section 9.3.4"],
        "The server checks the content against the constraints of the resource. What does not fit is made to fit, or \
        refused with an explanation and the state unchanged.",
    ),
    must(
        "PUT-10",
        &["RFC 9110 section 9.3.4"],
        "A server that would store not under the target URI but elsewhere answers with a redirection. It never writes \
        elsewhere by itself.",
    ),
    may(
        "PUT-11",
        &["RFC 9110 section 9.3.4"],
        "A PUT may have effects on other resources, such as a list or a history of versions. Its status speaks of the \
        target resource alone.",
    ),
    should(
        "PUT-12",
        &["RFC 9110 section 9.3.4", "RFC 9110 section 5.1"],
        "Unrecognised fields of the request, trailer fields too, are ignored and are not stored with the \
        representation.",
    ),
    must(
        "PUT-13",
        &["RFC 9110 section 8.7"],
        "Content-Location in a request is passing context: it is not stored as it came, and it never sends the write \
        to another resource.",
    ),
    must(
        "PUT-14",
        &["RFC 9110 section 14.2", "RFC 9110 section 13.1.5"],
        "Range and If-Range mean nothing on PUT and are ignored.",
    ),
    must(
        "PUT-15",
        &["RFC 9110 section 5.3", "RFC 9110 section 6.5.1"],
        "Nothing is applied before the whole header section is in, and trailer fields are not taken for fields of the \
        header section. A condition in a trailer section is no condition.",
    ),
    must(
        "PUT-16",
        &["RFC 9112 section 6.3", "RFC 9112 section 8", "RFC 9113 section 8.1.1"],
        "Content that is cut short, or chunked without the last chunk, makes an incomplete message and is never \
        stored.",
    ),
    must(
        "PUT-17",
        &["RFC 9110 section 15.3.5", "RFC 9110 section 8.6"],
        "A 204 has no content, no trailer section and no Content-Length.",
    ),
    should(
        "PUT-18",
        &["RFC 9110 section 15.3.1"],
        "A 200 normally has content. Where the client asks for none, 204 is the form to use.",
    ),
    must(
        "PUT-19",
        &["RFC 9110 section 15.3.1", "RFC 9110 section 8.7", "RFC 9110 section 6.4.2"],
        "The content of a 200 or 201 to PUT is a report on the action, unless Content-Location with the target URI \
        says that it is the representation.",
    ),
    policy(
        "PUT-20",
        &["RFC 9110 section 15.3.3"],
        "202 is for a write that is still pending. A PUT here is done when it is answered, so 202 never comes.",
    ),
    policy(
        "PUT-21",
        &["RFC 9110 section 15.4.5", "RFC 9110 section 15.3.6"],
        "A PUT is never answered with 205, 206 or 304.",
    ),
    should(
        "PUT-22",
        &["RFC 9110 section 15.5.10"],
        "A 409 tells enough to recognise the source of the conflict: here a detail, and a pointer to the member.",
    ),
    must(
        "PUT-23",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.1.2"],
        "A method is not performed when its condition is false, so test and write are one atomic step. Of many \
        concurrent writers with the same tag in If-Match, or with If-None-Match: * where nothing exists, exactly one \
        succeeds.",
    ),
    policy(
        "PUT-24",
        &[],
        "A request that is answered with 4xx or 5xx leaves the target resource as it was, validators included.",
    ),
    should(
        "PUT-25",
        &["RFC 9110 section 4.2.3"],
        "URIs that are equal after normalisation name one resource: %61 in a path is the letter a. The case of a path \
        does matter.",
    ),
    policy(
        "PUT-26",
        &["RFC 9110 section 7.1"],
        "The query is part of the target URI. A query that the resource does not know is refused with 400, or ignored \
        where that is documented, as it is here.",
    ),
    policy(
        "PUT-27",
        &["RFC 9110 section 17.3"],
        "A key in the path is data and never a file name. Dots and coded slashes reach nothing outside: 400 or 404.",
    ),
];
