//! The tests that belong to no single crate are in `tests/`. Here the code blocks of the prose are compiled.

macro_rules! pages {
    ($($name:ident = $path:literal;)*) => {
        $(#[doc = include_str!($path)] #[cfg(doctest)] pub struct $name;)*
    };
}

pages! {
    Readme = "../../README.md";
    Architecture = "../../ARCHITECTURE.md";
    Contributing = "../../CONTRIBUTING.md";
    Changelog = "../../CHANGELOG.md";
    Problems = "../../docs/problems.md";
    Core = "../../put-core/README.md";
    Derive = "../../put-derive/README.md";
    Axum = "../../adapters/axum/README.md";
    Actix = "../../adapters/actix/README.md";
    Sqlite = "../../stores/sqlite/README.md";
    Postgres = "../../stores/postgres/README.md";
    Conformance = "../../conformance/README.md";
}
