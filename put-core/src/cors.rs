//! The lists that an application's CORS middleware needs. put-core answers no preflight itself.

use http::{HeaderName, header};

/// The request fields that a script must be allowed to send (`Access-Control-Allow-Headers`), besides those of the
/// application's own authentication.
///
/// ```
/// assert!(put_core::cors::REQUEST_FIELDS.iter().any(|name| name == "if-match"));
/// ```
pub static REQUEST_FIELDS: [HeaderName; 8] = [
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_MODIFIED_SINCE,
    HeaderName::from_static("prefer"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// The response fields that a script may only read if the server names them (`Access-Control-Expose-Headers`). Without
/// `ETag` in this list a script sees no entity tag, and its next write is unconditional.
///
/// ```
/// assert!(put_core::cors::EXPOSED_FIELDS.iter().any(|name| name == "etag"));
/// ```
pub static EXPOSED_FIELDS: [HeaderName; 8] = [
    header::ETAG,
    header::LOCATION,
    header::CONTENT_LOCATION,
    HeaderName::from_static("preference-applied"),
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ALLOW,
    header::RETRY_AFTER,
];
