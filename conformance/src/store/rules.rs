//! The list of all rules.

use std::fmt;
use std::pin::Pin;

use super::{
    Kept, Place, cancellation, concurrency, deletion, durability, faults, guarded, keys, lists, members, preconditions,
    values, writes,
};

/// A rule that can be asked of a place.
pub struct Rule<P> {
    /// Its group and name: `writes::creates_when_absent`.
    pub name: &'static str,
    /// Asks it.
    pub ask: fn(&P) -> Asking<'_>,
}

/// A rule that is being asked.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Kept> + Send + 'a>>;

impl<P> fmt::Debug for Rule<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! list {
    ($($group:ident { $($rule:ident,)* })*) => {
        /// All rules, in the order in which they are asked: what the later ones take for granted comes first.
        #[must_use]
        pub fn rules<P: Place>() -> Vec<Rule<P>> {
            vec![$($(Rule {
                name: concat!(stringify!($group), "::", stringify!($rule)),
                ask: |place| Box::pin($group::$rule(place)),
            },)*)*]
        }
    };
}

list! {
    writes {
        creates_when_absent,
        replaces_when_present,
        an_unchanged_replacement_writes_nothing,
        unchanged_is_judged_on_what_a_client_controls,
        members_of_the_server_are_set_when_they_should_be,
        an_immutable_conflict_writes_nothing,
        a_version_grows_with_every_change,
        resources_of_one_place_are_kept_apart,
    }
    members {
        a_state_has_what_is_never_shown,
        a_tag_does_not_depend_on_a_secret,
        a_secret_survives_a_replacement_without_it,
        a_secret_that_is_sent_is_always_written,
        what_was_made_over_another_state_is_overtaken,
        a_secret_is_not_lost_among_changes_that_wait_together,
    }
    deletion {
        deletes_what_is_there,
        what_is_absent_cannot_be_deleted,
        every_precondition_of_a_deletion,
        deleting_and_creating_never_revives_a_tag,
        a_deleted_key_starts_anew,
    }
    preconditions {
        every_row_of_the_truth_table,
        every_row_about_dates,
        every_row_about_endpoints,
        a_stale_write_leaves_state_and_tag_untouched,
        preconditions_are_decided_when_the_write_happens,
    }
    keys {
        texts_keep_every_character,
        texts_may_be_long,
        numbers_reach_their_limits,
        composite_keys_never_run_together,
    }
    lists {
        lists_go_up_in_the_order_of_keys,
        pages_leave_no_gap,
        pages_hold_what_stays_while_others_come_and_go,
    }
    values {
        values_reach_the_limit,
        json_is_kept_octet_for_octet,
        what_cannot_be_held_is_invalid,
    }
    guarded {
        a_rule_sees_what_is_there_and_what_will_be,
        what_a_rule_refuses_is_not_written,
        what_was_permitted_is_written_over_nothing_else,
        decrements_that_a_rule_watches_end_exact,
        no_state_is_replaced_twice,
        what_is_hidden_is_not_touched,
        a_deletion_is_permitted_when_it_happens,
        a_rule_that_panics_writes_nothing_and_does_not_wedge,
    }
    concurrency {
        concurrent_creators_have_one_winner,
        concurrent_replacements_of_one_tag_have_one_winner,
        a_deletion_and_a_replacement_of_one_tag_have_one_winner,
        increments_end_exact,
        plain_writes_leave_one_of_them,
        different_keys_do_not_hinder_each_other,
        readers_see_whole_states,
        a_read_after_an_acknowledged_write_sees_it,
    }
    cancellation {
        a_dropped_creation_neither_half_writes_nor_wedges,
        a_dropped_replacement_neither_half_writes_nor_wedges,
        a_dropped_deletion_neither_half_writes_nor_wedges,
        many_dropped_at_once_do_not_wedge,
        a_dropped_read_does_not_wedge,
    }
    faults {
        a_failing_read_is_an_error_and_never_absent,
        a_write_over_what_cannot_be_read_is_never_a_creation,
        a_failing_write_is_an_error_and_changes_nothing,
    }
    durability {
        reopening_shows_all_that_was_acknowledged,
        reopening_keeps_tags_and_versions,
        reopening_keeps_secrets,
        reopening_keeps_what_racing_writers_were_told,
    }
}
