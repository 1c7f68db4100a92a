//! Every race against a server that is right and against servers that are wrong in one way.
//!
//! One thing although it is long: for each race, the bugs that it must see, side by side.

pub(super) mod server;

use std::time::Duration;

use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

use self::server::{Bug, Server};
use super::{Failure, Increments, Kind, LostUpdates, Removals, creators, increments, lost_updates, one_tag, removal};
use crate::http::Origin;

/// The kind of the failure that one of fifty races ends with: a bug that is a matter of time may hide from the first.
#[track_caller]
fn soon<T>(race: impl Fn(usize) -> Result<T, Failure>) -> Option<Kind> {
    (0..50).find_map(|round| race(round).err()).map(|failure| failure.kind)
}

/// The kind of the failure that a race against a server with this bug ends with.
#[track_caller]
fn kind<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> Kind {
    outcome.expect_err("the bug is noticed").kind
}

fn present(bug: Bug) -> Server {
    Server::start(bug).with("/a", 1)
}

#[test]
fn one_of_the_writers_with_one_tag_wins() {
    let server = present(Bug::None);
    for _ in 0..50 {
        let won = one_tag(&server.register("/a"), 8).expect("one wins");
        assert_eq!((won.status, won.refused, won.conflicts, won.declined), (200, 7, 0, 0));
        assert_eq!(won.exchanges.len(), 8);
    }
    // What is absent is created first.
    assert_eq!(one_tag(&server.register("/b"), 3).expect("one wins").refused, 2);
}

#[test]
fn writers_with_one_tag_show_what_is_wrong() {
    for (bug, wanted) in [
        (Bug::Gap, Kind::LostUpdate),
        (Bug::EarlyTest, Kind::LostUpdate),
        (Bug::IfMatchIgnored, Kind::LostUpdate),
        (Bug::CoarseTag, Kind::LostUpdate),
        (Bug::StaleRead, Kind::NotShown),
        (Bug::LateWrite, Kind::NotShown),
        (Bug::RefusedButWritten, Kind::NotShown),
        (Bug::OtherTag, Kind::TagDiffers),
        (Bug::LosersGet500, Kind::WrongStatus),
        (Bug::NobodyWins, Kind::NoWinner),
        (Bug::LosesAnswers, Kind::Unanswered),
        (Bug::NoTags, Kind::NotRun),
        (Bug::WeakTags, Kind::NotRun),
        (Bug::Garbage, Kind::Unanswered),
    ] {
        let server = present(bug);
        assert_eq!(soon(|_| one_tag(&server.register("/a"), 20)), Some(wanted), "{bug:?}");
    }
}

#[test]
fn a_failure_is_one_sentence_and_the_statuses() {
    let server = present(Bug::IfMatchIgnored);
    let failure = one_tag(&server.register("/a"), 3).expect_err("three win");
    assert!(failure.is_broken());
    let text = failure.to_string();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("of 3 writers with If-Match of one tag 3 were told that they wrote, not one (3 x 200)")
    );
    assert!(
        lines.next().is_some_and(|line| line.starts_with("  client 1: PUT 2 with If-Match \"v0\" -> 200")),
        "{text}"
    );
}

#[test]
fn a_busy_server_is_not_accused() {
    let server = present(Bug::Busy);
    let won = one_tag(&server.register("/a"), 20).expect("one wins");
    assert_eq!((won.declined, won.refused), (5, 14));
    let counted = increments(&server.register("/a"), 4, 5).expect("all are counted");
    assert_eq!(counted.acknowledged, 20);
    let count = lost_updates(&server.register("/a"), 50).expect("it runs");
    assert_eq!((count.rounds, count.both_won, count.first), (50, 0, None));
}

#[test]
fn one_of_the_creators_creates() {
    let server = Server::start(Bug::None);
    for round in 0..50 {
        let won = creators(&server.register(&format!("/{round}")), 8).expect("one creates");
        assert_eq!((won.status, won.refused), (201, 7));
    }
    assert_eq!(kind(creators(&server.register("/0"), 2)), Kind::NotRun);
}

#[test]
fn creators_show_what_is_wrong() {
    for (bug, wanted) in [
        (Bug::Gap, Kind::LostUpdate),
        (Bug::EarlyTest, Kind::LostUpdate),
        (Bug::TwoCreations, Kind::LostUpdate),
        (Bug::LateWrite, Kind::NotShown),
        (Bug::CreationIs200, Kind::WrongStatus),
        (Bug::NobodyWins, Kind::NoWinner),
        (Bug::UpdateOnly, Kind::WrongStatus),
        (Bug::Garbage, Kind::Unanswered),
    ] {
        let server = Server::start(bug);
        let race = |round| creators(&server.register(&format!("/{round}")), 20);
        assert_eq!(soon(race), Some(wanted), "{bug:?}");
    }
}

#[test]
fn increments_are_counted() {
    let server = present(Bug::None);
    let counted = increments(&server.register("/a"), 6, 10).expect("all are counted");
    let Increments { before, after, acknowledged, unknown, .. } = counted;
    assert_eq!((before, after, acknowledged, unknown), (1, 61, 60, 0));
}

#[test]
fn lost_increments_are_missed() {
    for bug in [Bug::Gap, Bug::IfMatchIgnored, Bug::CoarseTag] {
        let server = present(bug);
        assert_eq!(kind(increments(&server.register("/a"), 8, 10)), Kind::Uncounted, "{bug:?}");
    }
    for (bug, wanted) in [
        (Bug::LosersGet500, Kind::WrongStatus),
        (Bug::LosesAnswers, Kind::Unanswered),
        (Bug::NoTags, Kind::NotRun),
        (Bug::Garbage, Kind::Unanswered),
    ] {
        let server = present(bug);
        assert_eq!(kind(increments(&server.register("/a"), 8, 10)), wanted, "{bug:?}");
    }
}

#[test]
fn increments_that_never_succeed_come_to_an_end() {
    let server = present(Bug::NobodyWins);
    let mut register = server.register("/a");
    register.race_limit = Duration::from_millis(100);
    assert_eq!(kind(increments(&register, 2, 2)), Kind::NotRun);
}

#[test]
fn a_removal_and_a_replacement_exclude_each_other() {
    let server = present(Bug::None);
    let Removals { rounds, removed, replaced, neither } = removal(&server.register("/a"), 100).expect("one wins");
    assert_eq!((rounds, removed + replaced, neither), (100, 100, 0));
}

#[test]
fn a_removal_that_does_not_hold_is_noticed() {
    for bug in [Bug::Gap, Bug::EarlyTest, Bug::IfMatchIgnored, Bug::Revives] {
        let server = present(bug);
        assert_eq!(kind(removal(&server.register("/a"), 50)), Kind::LostUpdate, "{bug:?}");
    }
    for (bug, wanted) in [
        (Bug::RefusedButWritten, Kind::Recreated),
        (Bug::NobodyWins, Kind::NoWinner),
        (Bug::LosersGet500, Kind::WrongStatus),
        (Bug::NoTags, Kind::NotRun),
    ] {
        let server = present(bug);
        assert_eq!(kind(removal(&server.register("/a"), 50)), wanted, "{bug:?}");
    }
}

#[test]
fn no_update_is_lost_in_two_thousand_rounds() {
    let server = present(Bug::None);
    let count = lost_updates(&server.register("/a"), 2000).expect("it runs");
    assert_eq!(count, LostUpdates { rounds: 2000, one_won: 2000, ..LostUpdates::default() });
}

#[test]
fn lost_updates_are_counted() {
    for bug in [Bug::Gap, Bug::EarlyTest, Bug::IfMatchIgnored, Bug::CoarseTag] {
        let server = present(bug);
        let count = lost_updates(&server.register("/a"), 100).expect("it runs");
        assert!(count.both_won > 0, "{bug:?}: {count:?}");
        assert_eq!(count.first.expect("the first one").kind, Kind::LostUpdate);
    }
    for bug in [Bug::StaleRead, Bug::LateWrite, Bug::RefusedButWritten] {
        let server = present(bug);
        let count = lost_updates(&server.register("/a"), 100).expect("it runs");
        assert!(count.not_shown > 0, "{bug:?}: {count:?}");
    }
    let server = present(Bug::NobodyWins);
    assert_eq!(lost_updates(&server.register("/a"), 10).expect("it runs").none_won, 10);
}

#[test]
fn trouble_is_counted_and_ends() {
    let server = present(Bug::LosesAnswers);
    let count = lost_updates(&server.register("/a"), 40).expect("it runs");
    assert!(count.troubled > 0 && count.both_won == 0, "{count:?}");
    let server = present(Bug::ClosesAlways);
    let count = lost_updates(&server.register("/a"), 40).expect("it runs");
    assert!(count.one_won >= 38 && count.both_won == 0, "{count:?}");
    let server = present(Bug::Silence);
    let mut register = server.register("/a");
    register.answer_limit = Duration::from_millis(50);
    assert_eq!(kind(lost_updates(&register, 40)), Kind::Unanswered);
    assert_eq!(kind(one_tag(&register, 4)), Kind::Unanswered);
    assert_eq!(kind(removal(&register, 4)), Kind::Unanswered);
    let addr = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        gone.local_addr().expect("its address")
    };
    register.origin = addr.into();
    assert_eq!(kind(lost_updates(&register, 40)), Kind::Unanswered);
}

#[test]
fn the_fields_of_the_server_are_sent_once() {
    let server = present(Bug::None);
    let mut register = server.register("/a");
    register.origin = Origin::new(register.origin.addr(), "example.org").field("Content-Type", "application/x+json");
    let text = String::from_utf8(register.put(7).head_octets(&register.origin)).expect("ASCII");
    assert_eq!(text.matches("Host: ").count() + text.matches("Content-Type: ").count(), 2, "{text}");
    assert!(text.contains("Host: example.org\r\n") && text.contains("application/x+json"), "{text}");
}

fn counts() -> impl Strategy<Value = LostUpdates> {
    (0..9_usize, 0..9_usize, 0..9_usize, 0..9_usize, any::<bool>()).prop_map(|(one, both, none, troubled, lost)| {
        LostUpdates {
            rounds: one + both + none + troubled,
            one_won: one,
            both_won: both,
            none_won: none,
            troubled,
            not_shown: one / 2,
            first: lost.then(|| Failure::new(Kind::LostUpdate, format!("{one} {both}"))),
        }
    })
}

fn sum(mut first: LostUpdates, second: &LostUpdates) -> LostUpdates {
    first += second.clone();
    first
}

proptest! {
    #[test]
    fn counts_add_up(first in counts(), second in counts(), third in counts()) {
        let left = sum(sum(first.clone(), &second), &third);
        prop_assert_eq!(&left, &sum(first.clone(), &sum(second, &third)));
        prop_assert_eq!(left.rounds, left.one_won + left.both_won + left.none_won + left.troubled);
        prop_assert_eq!(&sum(first.clone(), &LostUpdates::default()), &first);
        prop_assert_eq!(&sum(LostUpdates::default(), &first), &first);
    }
}
