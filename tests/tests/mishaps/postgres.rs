//! Two programs on one database, and a database that is killed.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use put_conformance::http::{Connection, Request, Response};
use put_throwaway_postgres::Server;

use super::shop::{Counter, outbox_is_exact};
use crate::postgres::{NewDatabase, Session};
use crate::programs::{Example, PATIENCE, Program, skipped, wait_until};

const CLIENTS: u64 = 6;
const INCREMENTS: u64 = 10;

/// Two of the example on one database; which of them is asked is by number.
struct Both([Program; 2]);

impl Both {
    fn on(database: &NewDatabase) -> Self {
        // The first makes the tables.
        let first = Program::start(Example::Postgres, &database.url);
        Self([first, Program::start(Example::Postgres, &database.url)])
    }

    fn open(&self, number: u64) -> Connection {
        Connection::open(self.0[usize::from(number.is_multiple_of(2))].addr()).unwrap()
    }

    /// Each sends its request, at one time and through the program that is its turn.
    fn at_once(&self, requests: Vec<Request>) -> Vec<Response> {
        let met = Barrier::new(requests.len());
        thread::scope(|scope| {
            let send = |(number, request): (u64, Request)| {
                let (mut connection, met) = (self.open(number), &met);
                scope.spawn(move || {
                    met.wait();
                    connection.exchange(&request).unwrap()
                })
            };
            let clients: Vec<_> = (0..).zip(requests).map(send).collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        })
    }
}

/// Counts by GET and If-Match, each time through the other program.
fn count(programs: &Both, counter: &Counter, client: u64) {
    let mut connections = [programs.open(0), programs.open(1)];
    for turn in client..client + INCREMENTS {
        let connection = &mut connections[usize::from(turn.is_multiple_of(2))];
        loop {
            let read = connection.exchange(&counter.get()).unwrap();
            let request = counter.put(counter.shown(&read) + 1).field("If-Match", read.tag().unwrap());
            match connection.exchange(&request).unwrap().status {
                200 => break,
                412 => {}
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn increments_through_two_programs_are_all_counted() {
    let Some(database) = NewDatabase::new() else { return };
    let programs = Both::on(&database);
    for counter in &Counter::of_the_shop(2) {
        assert_eq!(programs.open(0).exchange(&counter.put(1)).unwrap().status, 201);
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let programs = &programs;
                scope.spawn(move || count(programs, counter, client));
            }
        });
        let last = programs.open(1).exchange(&counter.get()).unwrap();
        assert_eq!(counter.shown(&last), 1 + CLIENTS * INCREMENTS, "{}", counter.path);
    }
    outbox_is_exact(&Session::new(&database.url));
}

#[test]
fn of_creators_through_two_programs_one_wins() {
    let Some(database) = NewDatabase::new() else { return };
    let programs = Both::on(&database);
    for (number, counter) in (0..).zip(&Counter::of_the_shop(20)) {
        // With a condition, and without.
        let (careful, late) = if number % 4 < 2 { (true, 412) } else { (false, 200) };
        let request = |content| {
            let request = counter.put(content);
            if careful { request.field("If-None-Match", "*") } else { request }
        };
        let answers = programs.at_once((1..=8).map(request).collect());
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(created == 1 && statuses.iter().all(|status| [201, late].contains(status)), "{statuses:?}");
        let left = programs.open(number).exchange(&counter.get()).unwrap();
        let told = |answer: &&Response| answer.is_success() && answer.tag() == left.tag();
        assert_eq!(answers.iter().filter(told).count(), 1, "one was told what is there now");
    }
}

#[test]
fn a_value_that_is_unique_is_given_once_through_two_programs() {
    let Some(database) = NewDatabase::new() else { return };
    let programs = Both::on(&database);
    for round in 1..=10 {
        let product = |number: u64| {
            let path = format!("/api/products/00000000-0000-4000-8000-{round:04}{number:08}");
            let content = format!(r#"{{"sku":"ONE-{round}","title":"t","price":"1","availability":"in stock"}}"#);
            Request::put(path).json(content)
        };
        let answers = programs.at_once((1..=8).map(product).collect());
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    }
}

/// What the clients of a database that is killed share.
#[derive(Default)]
struct Crash {
    /// Whether the database may be away.
    may_be_away: AtomicBool,
    /// Answers of 2xx, and of 503.
    done: AtomicU64,
    refused: AtomicU64,
    over: AtomicBool,
}

impl Crash {
    /// Sends it; gives the answer if it is a success. The only other one is 503, which says when to come back.
    fn exchange(&self, connection: &mut Connection, request: &Request) -> Option<Response> {
        let (expected, begun) = (!self.may_be_away.load(Ordering::SeqCst), Instant::now());
        let answer = connection.exchange(request).expect("the program is there");
        assert!(begun.elapsed() < Duration::from_secs(12), "answered after {:?}", begun.elapsed());
        if answer.is_success() {
            self.done.fetch_add(1, Ordering::SeqCst);
            return Some(answer);
        }
        super::is_problem(&answer, 503);
        let wait: u64 = answer.field("Retry-After").expect("it says when to come back").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let expected = expected && !self.may_be_away.load(Ordering::SeqCst);
        assert!(!expected, "the database is there: {}", String::from_utf8_lossy(&answer.content));
        self.refused.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(20));
        None
    }

    /// Writes 1, 2, 3 and so on, each until it is acknowledged, and reads in between; gives the last.
    fn write(&self, server: &Program, counter: &Counter) -> u64 {
        let mut connection = Connection::open(server.addr()).unwrap();
        let mut acknowledged = 0;
        while !self.over.load(Ordering::SeqCst) {
            let next = acknowledged + 1;
            if self.exchange(&mut connection, &counter.put(next)).is_some() {
                acknowledged = next;
            } else if acknowledged > 0
                && let Some(read) = self.exchange(&mut connection, &counter.get())
            {
                // What was answered with 503 may have been done.
                let found = counter.shown(&read);
                assert!(found == acknowledged || found == next, "{found} after {acknowledged} was acknowledged");
            }
        }
        acknowledged
    }
}

#[test]
fn a_database_that_is_killed_and_comes_back() {
    let database = match Server::start() {
        Ok(database) => database,
        Err(unavailable) => return skipped(&unavailable.to_string()),
    };
    let server = Program::start(Example::Postgres, database.url());
    let counters = Counter::of_the_shop(8);
    let crash = Crash::default();
    let more_than = |counter: &AtomicU64| {
        let before = counter.load(Ordering::SeqCst);
        wait_until(|| crash.over.load(Ordering::SeqCst) || counter.load(Ordering::SeqCst) > before + 50);
    };
    let acknowledged: Vec<u64> = thread::scope(|scope| {
        let write = |counter| {
            let (crash, server) = (&crash, &server);
            scope.spawn(move || {
                // A client that fails keeps nobody waiting.
                let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| crash.write(server, counter)));
                crash.over.fetch_or(written.is_err(), Ordering::SeqCst);
                written.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        };
        let clients: Vec<_> = counters.iter().map(write).collect();
        for round in 0..3 {
            more_than(&crash.done);
            thread::sleep(Duration::from_millis(30 * round));
            crash.may_be_away.store(true, Ordering::SeqCst);
            database.kill().unwrap();
            more_than(&crash.refused);
            let back = Instant::now();
            database.start_again().unwrap();
            more_than(&crash.done);
            assert!(back.elapsed() < PATIENCE, "it goes on by itself");
            // A client may still be told of a connection that was lost.
            thread::sleep(Duration::from_secs(1));
            crash.may_be_away.store(false, Ordering::SeqCst);
        }
        more_than(&crash.done);
        crash.over.store(true, Ordering::SeqCst);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for (counter, last) in counters.iter().zip(acknowledged) {
        assert_eq!(counter.shown(&server.exchange(&counter.get())), last, "{}", counter.path);
    }
    outbox_is_exact(&Session::new(&database.url()));
}
