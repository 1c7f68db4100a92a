//! The hygiene of the table, and what of the contract has a mutant.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use put_conformance::rows;
use put_mutants::Mutant;

/// The ways in which a plausible implementation loses data: each trap, and the mutants that fell into it.
const TRAPS: [(u8, &[&str]); 17] = [
    (1, &["first-line-only", "last-line-only", "empty-if-match-ignored"]),
    (2, &["splits-at-commas", "trims-quotes", "tags-in-any-case"]),
    (3, &["creates-under-if-match", "asterisk-always-true"]),
    (4, &["strong-if-none-match", "weak-tag-passes-asterisk", "if-none-match-ignored"]),
    (5, &["first-pass-only", "checks-then-writes", "checks-then-creates"]),
    (6, &["counter-restarts"]),
    (7, &["order-varies", "tag-of-name"]),
    (8, &["tag-of-received", "tag-for-rewritten"]),
    (9, &["merges", "keeps-defaults", "lists-grow"]),
    (10, &["range-of-content-ignored"]),
    (11, &["truncated-length-stored", "truncated-chunks-stored"]),
    (12, &["condition-after-validation", "condition-before-media-type", "condition-before-method"]),
    (13, &["not-modified-to-put", "no-content-with-length", "absent-get-if-match-is-412"]),
    (14, &["error-pages", "no-allow", "methods-are-not-found"]),
    (15, &["codings-on-every-415"]),
    (16, &["integers-are-doubles", "huge-number-fails", "zero-character-fails"]),
    (17, &["cacheable-not-found", "no-cache-control"]),
];

/// The fair readings of the contract: each question, and the mutants that answer it otherwise, wrongly or fairly.
const QUESTIONS: [(u8, &[&str]); 34] = [
    (1, &["violations-are-400", "syntax-is-422"]),
    (2, &["created-is-ok"]),
    (3, &["creates-under-if-match", "absent-if-match-is-404", "update-only"]),
    (4, &["if-match-ignored-on-get", "absent-get-if-match-is-412"]),
    (5, &["condition-after-validation", "condition-before-media-type"]),
    (6, &["weak-if-match", "weak-tags-only"]),
    (7, &["replaced-is-created", "replaced-without-content", "accepted"]),
    (8, &["foreign-key-overwritten"]),
    (9, &["tag-of-error", "no-tag-in-412"]),
    (10, &["malformed-if-match-ignored", "foreign-octets-ignored", "malformed-is-false"]),
    (11, &["malformed-if-none-match-ignored"]),
    (12, &["empty-if-match-ignored"]),
    (13, &["unquoted-accepted"]),
    (14, &["asterisk-anywhere"]),
    (15, &["tag-of-received", "tag-for-rewritten"]),
    (16, &["coding-ignored"]),
    (17, &["unmodified-since-on-absent", "unmodified-since-ignored"]),
    (18, &["failed-write-succeeds", "replay-accepted"]),
    (19, &["precondition-never-enough", "precondition-required"]),
    (20, &["not-acceptable-after-write"]),
    (21, &["untyped-is-400", "any-media-type"]),
    (22, &["charset-refused"]),
    (23, &["last-duplicate-wins"]),
    (24, &["unknown-dropped", "unknown-kept"]),
    (26, &["unchanged-is-change"]),
    (27, &["absent-delete-is-204"]),
    (28, &["contrary-preferences-refused"]),
    (29, &["odd-digest-fails", "mismatch-stored", "digests-ignored"]),
    (30, &["lost-race-is-409", "checks-then-writes"]),
    (31, &["tag-suffixed"]),
    (32, &["methods-are-not-found", "no-allow"]),
    (33, &["length-required"]),
    (35, &["location-elsewhere", "created-without-content"]),
    (36, &["leftover-is-next-request"]),
];

/// The questions of the fair readings that a mutant of their own would not show, with the reason.
const WITHOUT: [(u8, &str); 7] = [
    (25, "a thing has no member that the server manages"),
    (34, "Vary on an answer to PUT changes nothing, because no cache keeps it"),
    (37, "there is no authentication"),
    (38, "first-line-only and last-line-only are in the first trap"),
    (39, "first-pass-only writes again what was removed meanwhile"),
    (40, "cacheable-not-found is in the last trap"),
    (41, "nothing is barred from being created again; counter-restarts reuses tags"),
];

fn named(name: &str) -> Mutant {
    Mutant::named(name).unwrap_or_else(|| panic!("there is no mutant {name}"))
}

#[test]
fn there_are_enough() {
    let fair = Mutant::all().iter().filter(|mutant| mutant.is_fair()).count();
    let policy = Mutant::all().iter().filter(|mutant| mutant.profile_put_only()).count();
    assert!(fair >= 14, "{fair} fair ones");
    assert!(Mutant::all().len() - fair - policy >= 45, "{} bugs", Mutant::all().len() - fair - policy);
}

#[test]
fn names_and_sentences_are_of_one_kind() {
    let mut names = BTreeSet::new();
    let mut sentences = BTreeSet::new();
    for mutant in Mutant::all() {
        let (name, about) = (mutant.name(), mutant.about());
        assert!(names.insert(name), "{name} comes twice");
        assert!(sentences.insert(about), "{about:?} comes twice");
        let plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
        assert!(plain && name.len() <= 32, "{name:?} is no plain name");
        assert!(about.ends_with('.') && about.len() < 120, "{name}: {about:?} is not one sentence");
        assert_eq!(Mutant::named(name), Some(*mutant));
        assert!(!(mutant.is_fair() && mutant.profile_put_only()), "{name} is of two sorts");
    }
}

#[test]
fn rows_are_those_of_the_contract() {
    let known: BTreeSet<String> = rows::all().map(|row| row.id.to_owned()).collect();
    for mutant in Mutant::all() {
        assert!(!mutant.rows().is_empty(), "{} names no row", mutant.name());
        for row in mutant.rows() {
            assert!(known.contains(*row), "{} names {row}, which is no row", mutant.name());
        }
    }
}

#[test]
fn every_trap_has_a_mutant() {
    let numbers: Vec<u8> = TRAPS.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=17).collect::<Vec<_>>());
    for (number, names) in TRAPS {
        assert!(names.iter().any(|name| !named(name).is_fair()), "trap {number} has no bug");
    }
}

#[test]
fn every_question_has_a_mutant_or_a_reason() {
    let asked: BTreeSet<u8> = QUESTIONS.iter().map(|(number, _)| *number).collect();
    let without: BTreeSet<u8> = WITHOUT.iter().map(|(number, _)| *number).collect();
    assert_eq!(asked.union(&without).copied().collect::<Vec<_>>(), (1..=41).collect::<Vec<_>>());
    assert!(asked.is_disjoint(&without));
    for (number, names) in QUESTIONS {
        assert!(!names.is_empty(), "question {number}");
        assert!(names.iter().all(|name| named(name).name() == *name));
    }
}

/// A mutant that no code asks for is the correct server under another name.
#[test]
fn every_mutant_is_asked_for() {
    let mut source = String::new();
    for folder in ["src", "src/wire", "src/respond"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                source.push_str(&fs::read_to_string(path).expect("a source"));
            }
        }
    }
    for mutant in Mutant::all() {
        let word = format!("Mutant::{mutant:?}");
        let asked = source
            .match_indices(&word)
            .any(|(at, _)| !source[at + word.len()..].starts_with(|next: char| next.is_alphanumeric()));
        assert!(asked, "nothing asks for {word}");
    }
}
