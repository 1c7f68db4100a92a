//! The suite itself: a right store is not accused, a wrong one is, and no rule is left out.
//! One file, because the table of flaws is half of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use put_core::store::StoreFor as _;
use put_core::{MemoryStore, PutResource};

use super::broken::{Broken, Flaw};
use super::{Complaint, Opening, Place, Report, block_on, check, check_only, rules, writes};

struct Memory;

impl Place for Memory {
    fn open<R: PutResource>(&self) -> Opening {
        Ok(MemoryStore::<R>::new().into_store())
    }
}

/// Each flaw, and rules that must tell it.
const CAUGHT: &[(Flaw, &[&str])] = &[
    (
        Flaw::ChecksThenWrites,
        &[
            "preconditions::preconditions_are_decided_when_the_write_happens",
            "concurrency::concurrent_creators_have_one_winner",
            "concurrency::concurrent_replacements_of_one_tag_have_one_winner",
            "concurrency::increments_end_exact",
        ],
    ),
    (
        Flaw::ChecksThenWritesAtOnce,
        &[
            "concurrency::concurrent_creators_have_one_winner",
            "concurrency::concurrent_replacements_of_one_tag_have_one_winner",
            "concurrency::a_deletion_and_a_replacement_of_one_tag_have_one_winner",
            "concurrency::increments_end_exact",
            "concurrency::plain_writes_leave_one_of_them",
        ],
    ),
    (
        Flaw::IgnoresPreconditions,
        &[
            "preconditions::every_row_of_the_truth_table",
            "preconditions::every_row_about_dates",
            "preconditions::every_row_about_endpoints",
            "preconditions::a_stale_write_leaves_state_and_tag_untouched",
            "concurrency::increments_end_exact",
        ],
    ),
    (Flaw::IgnoresPreconditionsOfCreations, &["preconditions::every_row_of_the_truth_table"]),
    (Flaw::DeletesWhateverTheCondition, &["deletion::every_precondition_of_a_deletion"]),
    (
        Flaw::DecidesAgainstTheDeleted,
        &[
            "deletion::a_deleted_key_starts_anew",
            "deletion::deletes_what_is_there",
            "guarded::a_rule_sees_what_is_there_and_what_will_be",
        ],
    ),
    (Flaw::DeletesOnlyFromTheList, &["deletion::deletes_what_is_there"]),
    (Flaw::SaysDeletedOfWhatIsAbsent, &["deletion::what_is_absent_cannot_be_deleted"]),
    (Flaw::RestartsVersions, &["deletion::deleting_and_creating_never_revives_a_tag"]),
    (Flaw::StoresWhatWasPut, &["writes::members_of_the_server_are_set_when_they_should_be"]),
    (
        Flaw::WritesWhatIsUnchanged,
        &["writes::an_unchanged_replacement_writes_nothing", "writes::unchanged_is_judged_on_what_a_client_controls"],
    ),
    (Flaw::WritesAConflict, &["writes::an_immutable_conflict_writes_nothing"]),
    (Flaw::CallsEverythingCreated, &["writes::replaces_when_present", "concurrency::plain_writes_leave_one_of_them"]),
    (Flaw::TakesAReadErrorForAbsence, &["faults::a_failing_read_is_an_error_and_never_absent"]),
    (Flaw::TakesAListErrorForNothing, &["faults::a_failing_read_is_an_error_and_never_absent"]),
    (Flaw::CreatesOverWhatItCannotRead, &["faults::a_write_over_what_cannot_be_read_is_never_a_creation"]),
    (Flaw::SwallowsWriteErrors, &["faults::a_failing_write_is_an_error_and_changes_nothing"]),
    (Flaw::WritesAndThenFails, &["faults::a_failing_write_is_an_error_and_changes_nothing"]),
    (Flaw::ListsInTheOrderOfWrites, &["lists::lists_go_up_in_the_order_of_keys", "lists::pages_leave_no_gap"]),
    (Flaw::ListsNumbersAsTexts, &["lists::lists_go_up_in_the_order_of_keys", "lists::pages_leave_no_gap"]),
    (Flaw::ListsTheKeyItBeginsAfter, &["lists::lists_go_up_in_the_order_of_keys", "lists::pages_leave_no_gap"]),
    (Flaw::ListsWithoutALimit, &["lists::lists_go_up_in_the_order_of_keys", "lists::pages_leave_no_gap"]),
    (
        Flaw::LeavesAGapBetweenPages,
        &["lists::pages_leave_no_gap", "lists::pages_hold_what_stays_while_others_come_and_go"],
    ),
    (Flaw::JoinsKeysWithASlash, &["keys::composite_keys_never_run_together"]),
    (Flaw::FoldsCase, &["keys::texts_keep_every_character"]),
    (Flaw::TrimsKeys, &["keys::texts_keep_every_character"]),
    (Flaw::EndsKeysAtNul, &["keys::texts_keep_every_character", "keys::composite_keys_never_run_together"]),
    (Flaw::CutsLongKeys, &["keys::texts_may_be_long"]),
    (Flaw::KeepsNumbersAsDoubles, &["keys::numbers_reach_their_limits"]),
    (Flaw::KeepsNumbersSigned, &["lists::lists_go_up_in_the_order_of_keys"]),
    (Flaw::SharesOneTable, &["writes::resources_of_one_place_are_kept_apart"]),
    (Flaw::CutsLongValues, &["values::values_reach_the_limit"]),
    (Flaw::DropsNulFromValues, &["values::json_is_kept_octet_for_octet", "values::what_cannot_be_held_is_invalid"]),
    (Flaw::KeepsJsonAsDoubles, &["values::json_is_kept_octet_for_octet"]),
    (
        Flaw::ReadsWhatWasThereBefore,
        &["writes::creates_when_absent", "concurrency::a_read_after_an_acknowledged_write_sees_it"],
    ),
    (Flaw::ForgetsDates, &["writes::creates_when_absent"]),
    (
        Flaw::LosesTheLastWriteAtReopening,
        &[
            "durability::reopening_shows_all_that_was_acknowledged",
            "durability::reopening_keeps_tags_and_versions",
            "durability::reopening_keeps_what_racing_writers_were_told",
        ],
    ),
    (Flaw::RevivesTheDeletedAtReopening, &["durability::reopening_shows_all_that_was_acknowledged"]),
    (Flaw::WritesDatesAnewAtReopening, &["durability::reopening_keeps_what_racing_writers_were_told"]),
    (
        Flaw::WedgesWhenDropped,
        &[
            "cancellation::a_dropped_creation_neither_half_writes_nor_wedges",
            "cancellation::a_dropped_replacement_neither_half_writes_nor_wedges",
            "cancellation::a_dropped_deletion_neither_half_writes_nor_wedges",
            "cancellation::many_dropped_at_once_do_not_wedge",
        ],
    ),
    (Flaw::WedgesWhenAListIsDropped, &["cancellation::a_dropped_read_does_not_wedge"]),
    (
        Flaw::WritesHalfWhenDropped,
        &[
            "cancellation::a_dropped_creation_neither_half_writes_nor_wedges",
            "cancellation::a_dropped_replacement_neither_half_writes_nor_wedges",
        ],
    ),
    (Flaw::IsAbsentForAMoment, &["concurrency::readers_see_whole_states"]),
    (Flaw::RefusesASecondWriter, &["concurrency::different_keys_do_not_hinder_each_other"]),
    (Flaw::KeepsTheFirstVersion, &["writes::a_version_grows_with_every_change"]),
    (
        Flaw::StoresTheRepresentation,
        &[
            "members::a_state_has_what_is_never_shown",
            "members::a_tag_does_not_depend_on_a_secret",
            "members::a_secret_survives_a_replacement_without_it",
            "members::a_secret_that_is_sent_is_always_written",
            "durability::reopening_keeps_secrets",
        ],
    ),
    (
        Flaw::StoresWhatWasOvertaken,
        &[
            "members::what_was_made_over_another_state_is_overtaken",
            "members::a_secret_is_not_lost_among_changes_that_wait_together",
        ],
    ),
    (Flaw::WritesOnlyWhatIsAnotherState, &["members::a_secret_that_is_sent_is_always_written"]),
    (Flaw::PanicsOnDelete, &["deletion::deletes_what_is_there"]),
    (
        Flaw::AsksRulesOfAnEarlierState,
        &[
            "guarded::decrements_that_a_rule_watches_end_exact",
            "guarded::no_state_is_replaced_twice",
            "guarded::what_is_hidden_is_not_touched",
            "guarded::a_deletion_is_permitted_when_it_happens",
        ],
    ),
    (
        Flaw::TakesOvertakenForDone,
        &[
            "guarded::what_was_permitted_is_written_over_nothing_else",
            "guarded::no_state_is_replaced_twice",
            "guarded::a_rule_that_panics_writes_nothing_and_does_not_wedge",
        ],
    ),
    (Flaw::WritesWhatIsRefused, &["guarded::what_a_rule_refuses_is_not_written"]),
    (Flaw::DeletesWhatIsRefused, &["guarded::what_a_rule_refuses_is_not_written"]),
];

#[test]
fn the_store_in_memory_is_not_accused_and_what_it_cannot_do_is_told() {
    let report = block_on(check(|| Memory));
    assert!(report.is_kept(), "{report}");
    let not_tried: BTreeSet<_> = report.not_tried().map(|(rule, _)| rule.split("::").next().unwrap()).collect();
    assert_eq!(not_tried, BTreeSet::from(["durability", "faults"]));
    let text = report.to_string();
    assert!(
        text.contains("not tried: faults::a_failing_write_is_an_error_and_changes_nothing\n    the place"),
        "{text}"
    );
    assert!(
        text.ends_with(&format!(
            "{} rules: {} kept, 7 not tried, 0 broken",
            rules::<Memory>().len(),
            rules::<Memory>().len() - 7
        )),
        "{text}"
    );
}

#[test]
fn a_right_store_that_takes_its_turns_is_not_accused_and_all_is_tried() {
    let report = block_on(check(|| Broken::new(Flaw::None)));
    assert!(report.verdicts.iter().all(|verdict| verdict.kept.is_ok()), "{report}");
}

#[test]
fn every_flaw_is_caught_by_the_rules_that_forbid_it() {
    let queue = Mutex::new(CAUGHT.iter());
    let missed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((flaw, by)) = queue.lock().unwrap().next() else { return };
                    let report = block_on(check_only(|| Broken::new(*flaw), |name| by.contains(&name)));
                    assert_eq!(report.verdicts.len(), by.len(), "{flaw:?} names a rule that is none of {by:?}");
                    let broken: Vec<_> = report.broken().map(|(rule, _)| rule).collect();
                    missed.lock().unwrap().extend(
                        by.iter().filter(|rule| !broken.contains(rule)).map(|rule| format!("{flaw:?} by {rule}")),
                    );
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not caught:\n  {}", missed.join("\n  "));
}

#[test]
fn every_rule_has_caught_something() {
    let caught: BTreeSet<_> = CAUGHT.iter().flat_map(|(_, by)| by.iter().copied()).collect();
    let idle: Vec<_> = rules::<Memory>().iter().map(|rule| rule.name).filter(|name| !caught.contains(name)).collect();
    assert!(idle.is_empty(), "no store here breaks them:\n  {}", idle.join("\n  "));
}

#[test]
fn no_rule_is_left_out_of_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut written = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let room = path.file_stem().unwrap().to_str().unwrap();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if let Some(rest) = line.strip_prefix("pub async fn ")
                && line.contains("place: &impl Place")
            {
                written.insert(format!("{room}::{}", rest.split('(').next().unwrap()));
            }
        }
    }
    let listed: BTreeSet<_> = rules::<Memory>().iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(written, listed);
}

#[test]
fn a_rule_can_be_asked_alone_and_says_what_is_wrong() {
    assert_eq!(block_on(writes::creates_when_absent(&Memory)), Ok(()));
    let broken = block_on(writes::an_immutable_conflict_writes_nothing(&Broken::new(Flaw::WritesAConflict)));
    let Err(Complaint::Broken(why)) = broken else { panic!("{broken:?}") };
    assert!(why.contains("byron") && why.contains("not to a conflict"), "{why}");
}

#[test]
fn a_place_that_cannot_be_opened_breaks_every_rule_it_is_asked_for() {
    struct Closed;
    impl Place for Closed {
        fn open<R: PutResource>(&self) -> Opening {
            Err("closed on Mondays".into())
        }
    }
    let report: Report = block_on(check_only(|| Closed, |name| name.starts_with("writes::")));
    assert_eq!(report.broken().count(), report.verdicts.len());
    assert!(report.to_string().contains("closed on Mondays"), "{report}");
}
