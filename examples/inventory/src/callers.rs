//! Who makes a request: the application's own authentication, as a middleware of Axum.
//!
//! It only finds out who it is and leaves that in the extensions of the request. Whether somebody, or nobody, may do
//! what the request wants, the rules say: they answer for every method and every mount, in one form.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    pub(crate) tenant: &'static str,
    pub(crate) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads.
    Viewer,
    /// Sells, and takes deliveries.
    Clerk,
    /// May do what a clerk may, in large.
    Manager,
}

/// Every token that there is. An application has them in a table, by their hashes, or has them signed.
const TOKENS: [(&str, Caller); 4] = [
    ("acme-viewer", Caller { name: "Vera", tenant: "acme", role: Role::Viewer }),
    ("acme-clerk", Caller { name: "Carl", tenant: "acme", role: Role::Clerk }),
    ("acme-manager", Caller { name: "Mona", tenant: "acme", role: Role::Manager }),
    ("globex-clerk", Caller { name: "Gina", tenant: "globex", role: Role::Clerk }),
];

/// Leaves a [`Caller`] with the request if its bearer token (RFC 6750) is known, and nothing otherwise.
pub(crate) async fn authenticate(mut request: Request, next: Next) -> Response {
    if let Some(caller) = bearer(&request).and_then(of_token) {
        request.extensions_mut().insert(caller);
    }
    next.run(request).await
}

fn bearer(request: &Request) -> Option<&str> {
    let mut lines = request.headers().get_all(header::AUTHORIZATION).iter();
    // Of two lines nobody knows which one counts.
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn of_token(token: &str) -> Option<Caller> {
    TOKENS.iter().find(|(known, _)| *known == token).map(|(_, caller)| caller.clone())
}
