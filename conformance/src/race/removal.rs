//! A careful PUT beside a careful DELETE.

use std::time::Instant;

use super::Register;
use super::failure::{Exchange, Failure, Kind};
use super::line::{Entry, Line, race};

/// Races between a removal and a replacement that all had one outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removals {
    /// How many races were run.
    pub rounds: usize,
    /// How often the removal came first.
    pub removed: usize,
    /// How often the replacement came first.
    pub replaced: usize,
    /// How often the server performed neither, which it may when it is busy.
    pub neither: usize,
}

/// Lets a DELETE and a PUT race, both with If-Match of the one current tag: never may both succeed.
///
/// When the removal wins, the PUT must be refused and GET must find nothing; when the replacement wins, GET must show it.
/// The loser is told 412; 409 is tolerated, and after a removal 404 and 410 too, because there is nothing left that a
/// condition could be about. The resource is created before each round where it is absent.
///
/// ```no_run
/// # fn look(register: &put_conformance::race::Register) -> Result<(), put_conformance::race::Failure> {
/// let races = put_conformance::race::removal(register, 10)?;
/// assert_eq!(races.removed + races.replaced + races.neither, races.rounds);
/// # Ok(())
/// # }
/// ```
pub fn removal(register: &Register, rounds: usize) -> Result<Removals, Failure> {
    let deadline = Instant::now() + register.race_limit;
    let mut line = Line::new(register);
    let mut races = Removals::default();
    while races.rounds < rounds && Instant::now() < deadline {
        let present = register.prepare(&mut line)?;
        let tag = present.strong_tag()?;
        let written = present.next(races.rounds);
        let mut entries: [Entry; 2] = [
            (register.delete().field("If-Match", tag), None),
            (register.put(written).field("If-Match", tag), Some(written)),
        ];
        // Each of them is begun first in every other round.
        let removal_at = races.rounds % 2;
        if removal_at == 1 {
            entries.reverse();
        }
        let mut lines = [Line::single(register), Line::single(register)];
        let exchanges = race(register, &mut lines, &entries);
        let shown = register.show(&mut line)?;
        let after = Exchange { client: 3, request: "GET after the race".to_owned(), answer: Ok(shown.clone()) };
        let fail = |kind, sentence: &str| Err(Failure::new(kind, sentence).with(&exchanges).with(&[after]));

        let mut ordered = exchanges.iter();
        let (Some(first), Some(second)) = (ordered.next(), ordered.next()) else {
            return fail(Kind::NotRun, "two requests were sent and not two came back");
        };
        let (removal, put) = if removal_at == 0 { (first, second) } else { (second, first) };
        races.rounds += 1;
        match (removal.won(), put.won()) {
            (true, true) => return fail(Kind::LostUpdate, "a DELETE and a PUT with one tag were both performed"),
            (true, false) if shown.status == 200 => {
                return fail(Kind::Recreated, "the resource is there after a removal that was acknowledged");
            }
            (false, true) if shown.number != Some(written) || shown.status != 200 => {
                return fail(Kind::NotShown, "GET after the race does not show what the PUT wrote");
            }
            _ => {}
        }
        if removal.status().is_none() || put.status().is_none() {
            return fail(Kind::Unanswered, "a DELETE or a PUT of the race got no answer");
        }
        if matches!(removal.status(), Some(405 | 501)) {
            return fail(Kind::NotRun, "the resource has no DELETE");
        }
        let told = |loser: &Exchange| matches!(loser.status(), Some(409 | 412 | 429 | 503));
        match (removal.won(), put.won()) {
            (true, _) if told(put) || matches!(put.status(), Some(404 | 410)) => races.removed += 1,
            (_, true) if told(removal) => races.replaced += 1,
            (false, false) if busy(removal) || busy(put) => races.neither += 1,
            (false, false) if told(removal) && told(put) => {
                return fail(
                    Kind::NoWinner,
                    "neither the DELETE nor the PUT was performed, though the tag was current",
                );
            }
            _ => return fail(Kind::WrongStatus, "the loser of a DELETE and a PUT was not told 412"),
        }
    }
    Ok(races)
}

/// Whether the server had no time, or gave up at the commit.
fn busy(exchange: &Exchange) -> bool {
    matches!(exchange.status(), Some(409 | 429 | 503))
}
