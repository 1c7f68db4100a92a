//! Histories of servers that are right and wrong, and of a register that is simulated.
//!
//! One thing although it is long: each way to judge a history is held against the same few ways to make one.

use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use super::client::meaning;
use super::record::{Event, What, timeline};
use super::reference::{Answer, Operation, Verdict, check};
use super::{Histories, Plan, histories, history};
use crate::http::Trouble;
use crate::race::failure::Seen;
use crate::race::tests::server::{Bug, Server};
use crate::race::{Failure, Kind, Register};

fn event(client: usize, what: What) -> Event {
    Event { at: Duration::ZERO, client, what, text: String::new() }
}

fn invoked(client: usize, operation: Operation) -> Event {
    event(client, What::Invoked(operation))
}

fn returned(client: usize, answer: Answer) -> Event {
    event(client, What::Returned(answer))
}

fn fresh(server: &Server, count: usize) -> impl Iterator<Item = Register> {
    let register = server.register("/");
    (0..count).map(move |number| register.at(format!("/{number}")))
}

/// Short histories on fresh resources until one fails.
fn until_it_fails(bug: Bug) -> Failure {
    let server = Server::start(bug);
    let outcome = histories(fresh(&server, 200), &Plan::default());
    outcome.expect_err(&format!("{bug:?} is noticed"))
}

#[test]
fn a_register_is_never_accused() {
    let server = Server::start(Bug::None);
    let found = histories(fresh(&server, 150), &Plan::default()).expect("all are linearizable");
    assert_eq!((found.rounds, found.operations), (150, 150 * 24));
    assert_eq!((found.undecided, found.unknown, found.left_out), (0, 0, 0));
    assert!(found.written > 150 && found.refused > 150, "{found:?}");
}

#[test]
fn what_is_only_difficult_is_not_accused() {
    // Lost answers, refusals, no tags, and a server that creates nothing: all of them are registers.
    for bug in [Bug::LosesAnswers, Bug::Busy, Bug::NoTags, Bug::WeakTags, Bug::ClosesAlways] {
        let server = Server::start(bug);
        let found =
            histories(fresh(&server, 30), &Plan::default()).unwrap_or_else(|failure| panic!("{bug:?}: {failure}"));
        assert_eq!(found.rounds, 30, "{bug:?}");
        assert_eq!(found.unknown > 0, !matches!(bug, Bug::NoTags | Bug::WeakTags), "{bug:?}: {found:?}");
    }
    let server = Server::start(Bug::UpdateOnly).with("/a", 1);
    let plan = Plan { creates: false, ..Plan::default() };
    let found = histories((0..30).map(|_| server.register("/a")), &plan).expect("all are linearizable");
    assert_eq!((found.rounds, found.left_out), (30, 0));
    assert_eq!(history(&server.register("/b"), &plan).expect_err("nothing is there").kind, Kind::NotRun);
}

#[test]
fn what_is_no_register_is_noticed() {
    for bug in [
        Bug::Gap,
        Bug::IfMatchIgnored,
        Bug::TwoCreations,
        Bug::StaleRead,
        Bug::LateWrite,
        Bug::RefusedButWritten,
        Bug::NobodyWins,
    ] {
        assert_eq!(until_it_fails(bug).kind, Kind::NotLinearizable, "{bug:?}");
    }
    assert_eq!(until_it_fails(Bug::CoarseTag).kind, Kind::TagReused);
    assert_eq!(until_it_fails(Bug::OtherTag).kind, Kind::TagReused);
    assert_eq!(until_it_fails(Bug::Garbage).kind, Kind::Unanswered);
}

#[test]
fn a_failure_shows_who_did_what_up_to_the_answer_that_cannot_be() {
    let failure = until_it_fails(Bug::StaleRead);
    let text = failure.to_string();
    assert!(text.contains("\n  at first the resource is absent\n"), "{text}");
    assert!(text.ends_with("   <- no order of the operations explains this"), "{text}");
    assert!(text.contains(" ms  client 1  > "), "{text}");
}

#[test]
fn the_timeline_has_a_line_for_each_event() {
    let sent = Event { text: "PUT 2 with If-Match \"a\", the tag of 1".to_owned(), ..invoked(1, Operation::Put(2)) };
    let came = Event { at: Duration::from_micros(1500), text: "200".to_owned(), ..returned(1, Answer::Done) };
    assert_eq!(
        timeline(Some(1), &[sent, came]),
        [
            "at first the resource shows 1",
            "    0.000 ms  client 1  > PUT 2 with If-Match \"a\", the tag of 1",
            "    1.500 ms  client 1  < 200",
        ]
    );
}

#[test]
fn answers_mean_what_they_say() {
    let seen = |status, number| Ok(Seen { status, tag: None, number });
    let put = Operation::Put(1);
    let careful = Operation::PutIfAbsent(1);
    for (operation, answer, wanted) in [
        (Operation::Get, seen(200, Some(4)), What::Returned(Answer::Shows(4))),
        (Operation::Get, seen(200, None), What::Returned(Answer::Strange)),
        (Operation::Get, seen(404, None), What::Returned(Answer::Nothing)),
        (Operation::Get, seen(410, None), What::Returned(Answer::Nothing)),
        (Operation::Get, seen(500, None), What::LeftOut),
        (Operation::Get, Err(Trouble::Closed), What::LeftOut),
        (put, seen(204, None), What::Returned(Answer::Done)),
        (put, seen(202, None), What::Unknown),
        (put, seen(412, None), What::LeftOut),
        (put, seen(428, None), What::LeftOut),
        (put, seen(503, None), What::Unknown),
        (put, Err(Trouble::Closed), What::Unknown),
        (put, Err(Trouble::TimedOut(String::new())), What::Unknown),
        (put, Err(Trouble::Connect(String::new())), What::LeftOut),
        (careful, seen(412, None), What::Returned(Answer::Refused)),
        (careful, seen(409, None), What::LeftOut),
    ] {
        assert_eq!(meaning(operation, &answer), wanted, "{operation:?} {answer:?}");
    }
}

#[test]
fn an_operation_without_an_answer_may_be_performed_at_any_time_or_never() {
    let open = [invoked(1, Operation::Put(2)), event(1, What::Unknown)];
    for shown in [vec![1, 1], vec![1, 2], vec![2, 2]] {
        let gets = shown.iter().flat_map(|number| [invoked(1, Operation::Get), returned(1, Answer::Shows(*number))]);
        let events: Vec<Event> = open.iter().cloned().chain(gets).collect();
        assert_eq!(check(Some(1), &events), Verdict::Linearizable, "{shown:?}");
    }
    let back = [2, 1].into_iter().flat_map(|number| [invoked(2, Operation::Get), returned(2, Answer::Shows(number))]);
    let events: Vec<Event> = open.into_iter().chain(back).collect();
    assert_eq!(check(Some(1), &events), Verdict::Broken { at: 5 });
}

#[test]
fn an_operation_that_was_left_out_did_nothing() {
    let events = [
        invoked(1, Operation::Put(2)),
        invoked(2, Operation::Get),
        returned(2, Answer::Shows(2)),
        event(1, What::LeftOut),
    ];
    assert_eq!(check(Some(1), &events), Verdict::Broken { at: 2 });
}

#[test]
fn a_search_that_is_too_long_is_given_up() {
    // Writers at one time, and a reader who sees what nobody wrote: all orders would have to be tried.
    let crowd = |writers: usize| -> Vec<Event> {
        let asked = (1..=writers).map(|client| invoked(client, Operation::Put(client as u64)));
        let answered = (1..=writers).map(|client| returned(client, Answer::Done));
        asked.chain(answered).chain([invoked(1, Operation::Get), returned(1, Answer::Shows(99))]).collect()
    };
    assert_eq!(check(None, &crowd(9)), Verdict::Broken { at: 19 });
    assert_eq!(check(None, &crowd(20)), Verdict::Undecided);
    // And one after the other, more than are looked at.
    let many: Vec<Event> =
        (1..200).flat_map(|number| [invoked(1, Operation::Put(number)), returned(1, Answer::Done)]).collect();
    assert_eq!(check(None, &many), Verdict::Undecided);
}

#[test]
fn sums_of_histories() {
    let one = Histories { rounds: 1, operations: 2, written: 3, refused: 4, left_out: 5, unknown: 6, undecided: 7 };
    let mut sum = one;
    sum += one;
    sum += Histories::default();
    let wanted =
        Histories { rounds: 2, operations: 4, written: 6, refused: 8, left_out: 10, unknown: 12, undecided: 14 };
    assert_eq!(sum, wanted);
}

/// What the clients of a simulated register do: which client makes its next move, and what it would ask for.
fn moves() -> impl Strategy<Value = Vec<(usize, u8, u64, bool)>> {
    prop::collection::vec((1..4_usize, 0..4_u8, 1..6_u64, prop_oneof![9 => Just(true), 1 => Just(false)]), 1..40)
}

/// Each move of a client is the next of three: it asks, the register performs, the answer comes (or never does).
fn simulate(moves: &[(usize, u8, u64, bool)]) -> Vec<Event> {
    let mut state: Option<u64> = None;
    let mut at: Vec<(u8, Option<(Operation, Answer)>)> = vec![(0, None); 4];
    let mut events = Vec::new();
    let mut next = 1;
    for &(client, kind, held, answered) in moves {
        let (step, current) = &mut at[client];
        match (*step, *current) {
            (0, _) => {
                let number = next;
                next += 1;
                let operation = match kind {
                    0 => Operation::Get,
                    1 => Operation::Put(number),
                    2 => Operation::PutIfAbsent(number),
                    _ => Operation::PutIfMatch { held, number },
                };
                *current = Some((operation, Answer::Strange));
                events.push(invoked(client, operation));
            }
            (1, Some((operation, _))) => {
                let (holds, number) = match operation {
                    Operation::Get => (false, 0),
                    Operation::Put(number) => (true, number),
                    Operation::PutIfAbsent(number) => (state.is_none(), number),
                    Operation::PutIfMatch { held, number } => (state == Some(held), number),
                };
                let answer = match (operation, state) {
                    (Operation::Get, Some(shown)) => Answer::Shows(shown),
                    (Operation::Get, None) => Answer::Nothing,
                    _ if holds => Answer::Done,
                    _ => Answer::Refused,
                };
                state = if holds { Some(number) } else { state };
                *current = Some((operation, answer));
            }
            (_, Some((operation, answer))) => {
                let lost = !answered && operation != Operation::Get;
                events.push(if lost { event(client, What::Unknown) } else { returned(client, answer) });
            }
            (_, None) => {}
        }
        *step = (*step + 1) % 3;
    }
    events
}

/// The register without the memory of the search, for histories in which every operation has an answer.
#[derive(Clone)]
struct Plain(Option<u64>);

impl SequentialSpec for Plain {
    type Op = Operation;
    type Ret = Answer;

    fn invoke(&mut self, operation: &Operation) -> Answer {
        match (*operation, self.0) {
            (Operation::Get, Some(number)) => return Answer::Shows(number),
            (Operation::Get, None) => return Answer::Nothing,
            (Operation::PutIfAbsent(_), Some(_)) => return Answer::Refused,
            (Operation::PutIfMatch { held, .. }, state) if state != Some(held) => return Answer::Refused,
            (Operation::Put(number) | Operation::PutIfAbsent(number) | Operation::PutIfMatch { number, .. }, _) => {
                self.0 = Some(number);
            }
        }
        Answer::Done
    }
}

fn is_linearizable(events: &[Event]) -> bool {
    let mut tester = LinearizabilityTester::new(Plain(None));
    for event in events {
        let fed = match event.what {
            What::Invoked(operation) => tester.on_invoke(event.client, operation).map(drop),
            What::Returned(answer) => tester.on_return(event.client, answer).map(drop),
            What::LeftOut | What::Unknown => Ok(()),
        };
        fed.expect("a client waits for its answer");
    }
    tester.is_consistent()
}

proptest! {
    #[test]
    fn the_memory_of_the_search_changes_no_verdict(moves in moves(), swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..4)) {
        let answered: Vec<_> = moves.iter().map(|&(client, kind, held, _)| (client, kind, held, true)).collect();
        let mut events = simulate(&answered);
        let returns: Vec<usize> =
            (0..events.len()).filter(|at| matches!(events[*at].what, What::Returned(_))).collect();
        for (one, other) in swaps.iter().filter(|_| !returns.is_empty()) {
            let (one, other) = (returns[one.index(returns.len())], returns[other.index(returns.len())]);
            let what = events[one].what;
            events[one].what = std::mem::replace(&mut events[other].what, what);
        }
        prop_assert_eq!(check(None, &events) == Verdict::Linearizable, is_linearizable(&events));
    }

    #[test]
    fn what_a_register_did_is_linearizable(moves in moves()) {
        prop_assert_eq!(check(None, &simulate(&moves)), Verdict::Linearizable);
    }

    #[test]
    fn a_number_that_nobody_wrote_is_not(moves in moves(), which in any::<prop::sample::Index>()) {
        let mut events = simulate(&moves);
        let reads: Vec<usize> = (0..events.len())
            .filter(|at| matches!(events[*at].what, What::Returned(Answer::Shows(_) | Answer::Nothing)))
            .collect();
        if !reads.is_empty() {
            let at = reads[which.index(reads.len())];
            events[at].what = What::Returned(Answer::Shows(1000));
            let verdict = check(None, &events);
            prop_assert!(matches!(verdict, Verdict::Broken { at: found } if found == at), "{:?}", verdict);
        }
    }
}
