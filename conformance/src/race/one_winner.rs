//! Races that exactly one can win: many writers with one tag, and many creators.

use super::Register;
use super::failure::{Exchange, Failure, Kind};
use super::line::{Entry, Line, race};
use super::register::Present;
use crate::http::Request;

/// A race that exactly one writer won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Won {
    /// The number that the winner wrote.
    pub number: u64,
    /// The status of the winner.
    pub status: u16,
    /// How many were told 412: the condition is false.
    pub refused: usize,
    /// How many were told 409, which some servers say when a race is lost at the commit.
    pub conflicts: usize,
    /// How many were told 429 or 503: the server had no time for them.
    pub declined: usize,
    /// All requests of the race.
    pub exchanges: Vec<Exchange>,
}

/// Lets writers race that all hold the one current tag: exactly one may write.
///
/// The others must be told 412; 409 is tolerated for a race that was lost at the commit, and 429 and 503 for a server that
/// is too busy. Afterwards GET must show what the winner wrote, and the winner's tag if its answer had one. A resource
/// that is absent is created first.
///
/// ```no_run
/// # fn look(register: &put_conformance::race::Register) -> Result<(), put_conformance::race::Failure> {
/// let won = put_conformance::race::one_tag(register, 20)?;
/// assert_eq!(won.refused + won.conflicts + won.declined, 19);
/// # Ok(())
/// # }
/// ```
pub fn one_tag(register: &Register, racers: usize) -> Result<Won, Failure> {
    let mut line = Line::new(register);
    let present = register.prepare(&mut line)?;
    let tag = present.strong_tag()?;
    let rule = Rule {
        what: "writers with If-Match of one tag",
        wins: |status| (200..300).contains(&status),
        winning: "a status of success",
    };
    run(register, racers, &present, &rule, |request| request.field("If-Match", tag))
}

/// Lets creators race for a resource that is absent: exactly one may create, and is told 201.
///
/// The others must be told 412; 409, 429 and 503 are tolerated as in [`one_tag`]. Afterwards GET must show what the winner
/// wrote.
///
/// ```no_run
/// # fn look(register: &put_conformance::race::Register) -> Result<(), put_conformance::race::Failure> {
/// let won = put_conformance::race::creators(&register.at("/things/that-nobody-made-yet"), 20)?;
/// assert_eq!(won.status, 201);
/// # Ok(())
/// # }
/// ```
pub fn creators(register: &Register, racers: usize) -> Result<Won, Failure> {
    let mut line = Line::new(register);
    let found = register.show(&mut line)?;
    if !found.is_absent() {
        return Err(Failure::new(
            Kind::NotRun,
            format!(
                "the resource should be absent before creators race for it, but GET is answered with {}",
                found.status
            ),
        ));
    }
    let nothing = Present { number: 0, tag: None };
    let rule = Rule { what: "creators with If-None-Match: *", wins: |status| status == 201, winning: "201" };
    run(register, racers, &nothing, &rule, |request| request.field("If-None-Match", "*"))
}

/// What is raced and how the winner must be answered.
struct Rule {
    what: &'static str,
    wins: fn(u16) -> bool,
    winning: &'static str,
}

fn run(
    register: &Register,
    racers: usize,
    before: &Present,
    rule: &Rule,
    condition: impl Fn(Request) -> Request,
) -> Result<Won, Failure> {
    let numbers: Vec<u64> = (0..racers).map(|racer| before.next(racer)).collect();
    let entries: Vec<Entry> = numbers.iter().map(|number| (condition(register.put(*number)), Some(*number))).collect();
    let mut lines: Vec<Line<'_>> = entries.iter().map(|_| Line::single(register)).collect();
    let exchanges = race(register, &mut lines, &entries);
    let won = judge(&numbers, rule, exchanges)?;
    check_shown(register, &won)?;
    Ok(won)
}

/// The statuses: one winner, and losers who know that they lost.
fn judge(numbers: &[u64], rule: &Rule, exchanges: Vec<Exchange>) -> Result<Won, Failure> {
    let what = rule.what;
    let racers = exchanges.len();
    let fail = |kind, sentence: String| Err(Failure::new(kind, sentence).with(&exchanges));
    let count = |wanted: &[u16]| {
        exchanges.iter().filter(|one| one.status().is_some_and(|status| wanted.contains(&status))).count()
    };
    let (refused, conflicts, declined) = (count(&[412]), count(&[409]), count(&[429, 503]));
    let silent = exchanges.iter().filter(|one| one.status().is_none()).count();
    let mut winners = exchanges.iter().zip(numbers).filter(|(one, _)| one.won());
    let first = winners.next().and_then(|(one, number)| Some((one.status()?, *number)));
    let others = winners.count();
    if others > 0 {
        return fail(Kind::LostUpdate, format!("of {racers} {what} {} were told that they wrote, not one", others + 1));
    }
    let known = usize::from(first.is_some()) + refused + conflicts + declined + silent;
    if known < racers {
        let strange = exchanges
            .iter()
            .find(|one| !one.won() && one.status().is_some_and(|status| !matches!(status, 409 | 412 | 429 | 503)));
        let status = strange.and_then(Exchange::status).unwrap_or_default();
        return fail(
            Kind::WrongStatus,
            format!("one of {racers} {what} was told {status}; a writer whose condition became false is told 412"),
        );
    }
    if silent > 0 {
        return fail(Kind::Unanswered, format!("{silent} of {racers} {what} got no answer"));
    }
    let Some((status, number)) = first else {
        return if declined > 0 {
            fail(Kind::NotRun, format!("none of {racers} {what} wrote, and {declined} were told to come later"))
        } else {
            fail(Kind::NoWinner, format!("none of {racers} {what} wrote, though the condition was true for the first"))
        };
    };
    if !(rule.wins)(status) {
        return fail(
            Kind::WrongStatus,
            format!("the only winner of {racers} {what} was told {status}, not {}", rule.winning),
        );
    }
    Ok(Won { number, status, refused, conflicts, declined, exchanges })
}

/// What the winner wrote is there, under the tag that the winner was told.
fn check_shown(register: &Register, won: &Won) -> Result<(), Failure> {
    let shown = register.show(&mut Line::new(register))?;
    let winner: Vec<Exchange> = won.exchanges.iter().filter(|one| one.won()).cloned().collect();
    let told = winner.iter().find_map(|one| one.answer.as_ref().ok()?.tag.clone());
    let after = Exchange { client: 1, request: "GET after the race".to_owned(), answer: Ok(shown.clone()) };
    let fail = |kind, sentence: String| Err(Failure::new(kind, sentence).with(&winner).with(&[after]));
    if shown.status != 200 || shown.number != Some(won.number) {
        return fail(
            Kind::NotShown,
            format!("GET after the race does not show {}, which the winner wrote", won.number),
        );
    }
    match (told, shown.tag) {
        (Some(told), Some(found)) if told != found => fail(
            Kind::TagDiffers,
            format!("the winner was told the tag {told}, but GET shows {found} and nobody else wrote"),
        ),
        _ => Ok(()),
    }
}
