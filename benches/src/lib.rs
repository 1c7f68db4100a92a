//! What the servers under measurement share; `README.md` in this folder says what is measured and how to run it.

mod serve;
mod user;

pub use serve::serve_axum;
pub use user::{Role, User, UserVersioned};
