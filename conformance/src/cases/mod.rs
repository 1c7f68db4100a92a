//! The table, by the sections of the contract.

mod connection;
mod dates;
mod delete;
mod derived;
mod digests;
mod expect;
mod json;
mod limits;
mod location;
mod media;
mod methods;
mod negotiation;
mod paths;
mod preconditions;
mod problems;
mod put;
mod race;
mod refused;
mod spoilt;
mod switches;
mod tags;
mod validators;
mod values;

mod checks;

use crate::Case;

pub(crate) use derived::derived;

/// Every case, in the order of the contract.
pub fn all() -> Vec<Case> {
    let mut table = Vec::with_capacity(700);
    for section in [
        put::cases,
        paths::cases,
        methods::cases,
        refused::cases,
        delete::cases,
        location::cases,
        validators::cases,
        tags::cases,
        preconditions::cases,
        dates::cases,
        media::cases,
        limits::cases,
        expect::cases,
        negotiation::cases,
        problems::cases,
        digests::cases,
        json::cases,
        spoilt::cases,
        switches::cases,
        connection::cases,
        race::cases,
    ] {
        table.extend(section());
    }
    table
}

/// A case by its name and rows, to be said further.
fn case(name: impl Into<String>, rows: &[&'static str]) -> Case {
    Case::new(name, rows)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_case_has_a_name_of_its_own_rows_and_something_to_expect() {
        let mut names = BTreeSet::new();
        let mut twice = Vec::new();
        for case in super::all() {
            if !names.insert(case.name.clone()) {
                twice.push(case.name.clone());
            }
            assert!(!case.rows.is_empty(), "{:?} names no row", case.name);
            assert!(case.script.is_some() == case.expect.is_empty(), "{:?} needs a script or statuses", case.name);
            let contradiction =
                case.never.iter().find(|status| case.expect.contains(status) || case.tolerate.contains(status));
            assert!(contradiction.is_none(), "{:?} expects and forbids {contradiction:?}", case.name);
        }
        assert!(twice.is_empty(), "two cases have one name: {twice:?}");
        assert!(names.len() > 700, "the table has shrunk to {}", names.len());
    }
}
