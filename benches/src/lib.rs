//! What the servers under measurement share; `README.md` in this folder says what is measured and how to run it.

mod rule;
mod serve;
mod user;

pub use rule::{Pace, with_rule};
pub use serve::serve_axum;
pub use user::{Role, User, UserVersioned};
