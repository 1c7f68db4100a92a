//! What a condition permits and forbids.

use super::{Row, may, must, policy};

pub(super) const ROWS: &[Row] = &[
    must(
        "CND-01",
        &["RFC 9110 section 13.1.1"],
        "If-Match uses strong comparison. The weak form of the current tag does not match: 412, state unchanged.",
    ),
    must(
        "CND-02",
        &["RFC 9110 section 13.1.1"],
        "If-Match is true if any listed tag matches, wherever it stands in the list, whatever stands before it.",
    ),
    must(
        "CND-03",
        &["RFC 9110 section 13.1.1"],
        "If-Match: * is true exactly if the target resource has a current representation. A PUT with it replaces, or \
        is 412.",
    ),
    must(
        "CND-04",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.2"],
        "If-Match with entity tags is false where there is no current representation. A PUT with If-Match never \
        creates: 412.",
    ),
    must(
        "CND-05",
        &["RFC 9110 section 13.1.1"],
        "When If-Match is false, the method is not performed: 412, state unchanged.",
    ),
    may(
        "CND-06",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.2"],
        "Instead of 412, a change may be answered with success if what it wants is already in place. Here that happens \
        only where it is switched on.",
    ),
    must(
        "CND-07",
        &["RFC 9110 section 13.1.2"],
        "If-None-Match uses weak comparison, for writing methods as well: the weak form of the current tag makes a PUT \
        412.",
    ),
    must(
        "CND-08",
        &["RFC 9110 section 13.1.2"],
        "If-None-Match: * is false exactly if the target resource has a current representation. A PUT with it creates \
        (201), or is 412 and the state unchanged.",
    ),
    must(
        "CND-09",
        &["RFC 9110 section 13.1.2"],
        "If-None-Match with entity tags of which none matches is true, also where there is no current representation.",
    ),
    must(
        "CND-10",
        &["RFC 9110 section 13.1.2"],
        "When If-None-Match is false, GET and HEAD are answered with 304, every other method with 412.",
    ),
    must("CND-11", &["RFC 9110 section 13.1.3"], "If-Modified-Since has no effect on PUT and DELETE."),
    must("CND-12", &["RFC 9110 section 13.1.4"], "If-Unmodified-Since is ignored beside If-Match."),
    must(
        "CND-13",
        &["RFC 9110 section 13.1.4"],
        "If-Unmodified-Since is ignored when its value is not one valid HTTP-date. That lets the write through, which \
        is one more reason to send If-Match.",
    ),
    must(
        "CND-14",
        &["RFC 9110 section 13.1.4"],
        "If-Unmodified-Since is ignored when the resource has no modification date. What does not exist has none, so a \
        PUT creates it.",
    ),
    must(
        "CND-15",
        &["RFC 9110 section 13.1.4"],
        "If-Unmodified-Since, where it counts, is false when the resource was modified after its date: 412, state unchanged.",
    ),
    must(
        "CND-16",
        &["RFC 9110 section 5.6.7"],
        "All three spellings of an HTTP-date are understood, and give the same verdict; names of days and months are \
        case-sensitive.",
    ),
    must(
        "CND-17",
        &["RFC 9110 section 13.2.2"],
        "Conditions are evaluated in this order: If-Match, or without it If-Unmodified-Since; then If-None-Match; for \
        GET and HEAD without it If-Modified-Since; for GET with Range If-Range; then the method is performed.",
    ),
    must(
        "CND-18",
        &["RFC 9110 section 13.2.1"],
        "Conditions are ignored when the request without them would get anything but a success or 412 before its \
        content is looked at: 415 for a wrong media type beats 412 for a stale tag.",
    ),
    must(
        "CND-19",
        &["RFC 9110 section 13.2.1"],
        "Conditions are evaluated before the content is processed: a stale If-Match beats content that is no JSON.",
    ),
    must(
        "CND-20",
        &["RFC 9110 section 13.2.1"],
        "Methods that neither select nor modify a representation, such as OPTIONS, ignore conditions.",
    ),
    policy(
        "CND-21",
        &["RFC 9110 section 2.4", "RFC 9110 section 13.1.1"],
        "A writing method whose If-Match or If-None-Match is malformed is refused with 400 and the state unchanged. A \
        condition that cannot be read is never taken for none.",
    ),
    must(
        "CND-22",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 5.6.1.2"],
        "If-Match with an empty list is well-formed and false: 412, state unchanged. Taking it for absent loses an \
        update.",
    ),
    must(
        "CND-23",
        &["RFC 9110 section 13.1.2", "RFC 9110 section 5.6.1.2"],
        "If-None-Match with an empty list is well-formed and true. Where a precondition is required it counts as none.",
    ),
    may(
        "CND-24",
        &["RFC 6585 section 3"],
        "A server that requires preconditions answers a write without one with 428, and says how to send it again. \
        Caches do not store a 428.",
    ),
    policy(
        "CND-25",
        &[],
        "Where a precondition is required, If-Match or If-None-Match: * will do. A date alone, or If-None-Match with \
        entity tags, will not.",
    ),
    must(
        "CND-26",
        &["RFC 9110 section 13.1"],
        "If-Match together with If-None-Match: * can never both be true: always 412.",
    ),
    policy("CND-27", &["RFC 9110 section 15.5.13"], "A 412 names the condition that was false."),
];
