//! The table holds together, and the cases prove it.

use std::collections::{BTreeMap, BTreeSet};

use super::{NOT_OBSERVABLE, OWN_POLICY, all, find, groups, parts, url};

#[test]
fn every_row_is_proved_by_a_case_or_excused() {
    let known: BTreeSet<&str> = all().map(|row| row.id).collect();
    let excused: BTreeSet<&str> = NOT_OBSERVABLE.iter().map(|(row, _)| *row).collect();
    let proved: BTreeSet<&str> = crate::cases::all().iter().flat_map(|case| case.rows.clone()).collect();
    let forgotten: Vec<_> = known.iter().filter(|row| !proved.contains(*row) && !excused.contains(*row)).collect();
    assert!(forgotten.is_empty(), "no case names {forgotten:?}");
    let invented: Vec<_> = proved.union(&excused).filter(|row| find(row).is_none()).collect();
    assert!(invented.is_empty(), "the contract has no {invented:?}");
    let both: Vec<_> = proved.intersection(&excused).collect();
    assert!(both.is_empty(), "excused although a case names them: {both:?}");
}

#[test]
fn identifiers_count_up_without_a_gap() {
    let mut last: BTreeMap<&str, u32> = BTreeMap::new();
    for row in all() {
        let (series, number) = row.id.split_once('-').expect("a series and a number");
        let count = last.entry(series).or_default();
        *count += 1;
        assert_eq!(number, format!("{count:02}"), "{}", row.id);
    }
    assert_eq!(last.len(), 22);
    assert_eq!(last.values().sum::<u32>(), 229);
}

#[test]
fn every_source_is_a_section() {
    for row in all() {
        for source in row.sources {
            let (rfc, kind, place) = parts(source).unwrap_or_else(|| panic!("{}: {source}", row.id));
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
            let mut numbers = place.split('.');
            let starts_well = match kind {
                "section" => numbers.next().is_some_and(is_number),
                "appendix" => numbers.next().is_some_and(|letter| letter.len() == 1),
                _ => false,
            };
            assert!(is_number(rfc) && starts_well && numbers.all(is_number), "{}: {source}", row.id);
        }
        let of_a_standard = row.strength != super::Strength::Policy;
        assert!(!of_a_standard || !row.sources.is_empty(), "{} says what a standard demands, so it names one", row.id);
    }
}

/// What stands for something in notes and nowhere else.
const SHORTHAND: &[&str] =
    &["SU", "R", "J", "P", "E", "POL", "IMS", "IUS", "LM", "BWS", "iff", "resp", "e", "g", "body", "payload", "header"];

#[test]
fn every_requirement_reads_well_alone() {
    for row in all() {
        let text = row.requirement;
        assert!(text.is_ascii(), "{}: arrows and signs are for notes: {text}", row.id);
        assert!(text.ends_with('.') && !text.contains("  ") && !text.contains('`'), "{}: {text}", row.id);
        assert!((30..=320).contains(&text.len()), "{} has {} octets: {text}", row.id, text.len());
        let plain = text.replace("header section", "fields");
        let mut words = plain.split(|letter: char| !letter.is_ascii_alphanumeric());
        if let Some(word) = words.find(|word| SHORTHAND.contains(word)) {
            panic!("{}: `{word}` is to be spelled out: {text}", row.id);
        }
        for note in ["K-", "AMB-", "->", "=>"] {
            assert!(!text.contains(note), "{}: `{note}` is for notes: {text}", row.id);
        }
    }
}

#[test]
fn a_row_is_found_by_its_identifier() {
    let row = find("CND-04").expect("a row");
    assert_eq!(row.id, "CND-04");
    assert_eq!(row.group(), "RFC 9110 section 13.1.1");
    assert_eq!(find("PUT-24").expect("a row").group(), OWN_POLICY);
    assert_eq!(find("PUT-00"), None);
    assert_eq!(find("put-01"), None);
}

#[test]
fn a_section_has_an_address() {
    let address = |source| url(source).expect("a section");
    assert_eq!(address("RFC 9110 section 9.3.4"), "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4");
    assert_eq!(address("RFC 9530 appendix B.5"), "https://www.rfc-editor.org/rfc/rfc9530#appendix-B.5");
    assert_eq!(url(OWN_POLICY), None);
}

#[test]
fn groups_are_in_the_order_of_the_standards() {
    let groups = groups();
    let names: Vec<&str> = groups.iter().map(|(name, _)| *name).collect();
    let at = |name: &str| names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("no {name}"));
    assert!(at("RFC 9110 section 9.3.4") < at("RFC 9110 section 13.1.1"), "{names:?}");
    assert!(at("RFC 9110 section 13.1.1") < at("RFC 9112 section 6.3"), "{names:?}");
    assert!(at("RFC 9530 section 4") < at("RFC 9530 appendix B.5"), "{names:?}");
    assert_eq!(names.last(), Some(&OWN_POLICY));
    assert_eq!(groups.iter().map(|(_, rows)| rows.len()).sum::<usize>(), all().count(), "each row is in one group");
}
