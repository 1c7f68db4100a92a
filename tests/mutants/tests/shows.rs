//! Every mutant answers something otherwise than the correct server: one that does not would be a bug without a name, and
//! whoever finds nothing in it would be right.
//!
//! One file, because the exchanges are one list: together they must be enough for the whole table.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use put_mutants::{Mutant, Server};

use super::client::{Line, ONE, TWO, content, field, get, request, say, statuses};

/// Method, whether the resource is present, field lines, content.
type Exchange = (&'static str, bool, &'static [&'static str], &'static str);

/// In field lines, `$E` is the entity tag of the resource, `$O` what stands between its quotes, `$o` the same in capitals,
/// `$L` the Last-Modified and `$D` the digest of the content. A GET follows each.
const EXCHANGES: &[Exchange] = &[
    ("PUT", false, &[], ONE),
    ("PUT", true, &[], TWO),
    ("PUT", true, &[], ONE),
    ("PUT", true, &[], r#"{"name":"one","tags":["y"]}"#),
    ("PUT", true, &["Prefer: return=minimal"], TWO),
    ("PUT", true, &["Prefer: foo=bar"], TWO),
    ("PUT", true, &["Prefer: return=minimal, return=representation"], TWO),
    ("PUT", true, &["Accept: text/html"], TWO),
    ("PUT", true, &["If-Match: \"zzz\"", "If-Match: $E"], TWO),
    ("PUT", true, &["If-Match: $E", "If-Match: \"zzz\""], TWO),
    ("PUT", true, &["If-Match:"], TWO),
    ("PUT", true, &["If-Match: \"zzz\""], TWO),
    ("PUT", true, &["If-Match: \"zzz\""], ONE),
    ("PUT", true, &["If-Match: \"zzz\""], "{"),
    ("PUT", true, &["If-Match: \"zzz\"", "Content-Type: text/plain"], TWO),
    ("PUT", true, &["If-Match: W/$E"], TWO),
    ("PUT", true, &["If-Match: $E"], TWO),
    ("PUT", true, &["If-Match: W/\"zzz\", $E"], TWO),
    ("PUT", true, &["If-Match: \"a,b\", $E"], TWO),
    ("PUT", true, &["If-Match: \"zzz,$O\""], TWO),
    ("PUT", true, &["If-Match: $O"], TWO),
    ("PUT", true, &["If-Match: \"$o\""], TWO),
    ("PUT", true, &["If-Match: ,, $E"], TWO),
    ("PUT", true, &["If-Match: \"a\\\", $E"], TWO),
    ("PUT", true, &["If-Match: \"é\""], TWO),
    ("PUT", true, &["If-Match: \"zzz\", *"], TWO),
    ("PUT", true, &["If-Match: \"*\""], TWO),
    ("PUT", true, &["If-Match: zzz"], TWO),
    ("PUT", true, &["If-None-Match: zzz"], TWO),
    ("PUT", true, &["If-None-Match:"], TWO),
    ("PUT", true, &["If-None-Match: *"], TWO),
    ("PUT", true, &["If-None-Match: W/$E"], TWO),
    ("PUT", true, &["If-None-Match: \"zzz\""], TWO),
    ("PUT", true, &["If-Match: $E", "If-None-Match: *"], TWO),
    ("PUT", true, &["If-Modified-Since: $L"], TWO),
    ("PUT", true, &["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], TWO),
    ("PUT", true, &["If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], TWO),
    ("PUT", true, &["If-Unmodified-Since: yesterday"], TWO),
    ("PUT", true, &["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-Unmodified-Since: yesterday"], TWO),
    ("PUT", true, &["If-Match: $E", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], TWO),
    ("PUT", false, &["If-Match: \"x\""], ONE),
    ("PUT", false, &["If-Match: *"], ONE),
    ("PUT", false, &["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], ONE),
    ("PUT", true, &["Content-Range: bytes 0-1/2"], TWO),
    ("PUT", true, &["Range: bytes=0-1"], TWO),
    ("PUT", true, &["Content-Location: /things/elsewhere"], TWO),
    ("PUT", true, &["X-Foo: 1"], TWO),
    ("PUT", true, &["Expect: foo"], TWO),
    ("PUT", true, &["Expect: 100-continue", "If-Match: \"zzz\""], TWO),
    ("PUT", true, &["Content-Type: text/plain"], TWO),
    ("PUT", true, &["Content-Type: Application/JSON"], TWO),
    ("PUT", true, &["Content-Type: application/json; charset=utf-8"], TWO),
    ("PUT", true, &["Content-Type: application/merge-patch+json"], TWO),
    ("PUT", true, &["Content-Type: application/json"], ""),
    ("PUT", true, &[], ""),
    ("PUT", true, &["Content-Encoding: gzip"], TWO),
    ("PUT", true, &["Content-Digest: sha-256=:AAAA:"], TWO),
    ("PUT", true, &["Content-Digest: (("], TWO),
    ("PUT", true, &["Content-Digest: sha-256=:AAAA:", "Content-Digest: sha-256=$D"], TWO),
    ("PUT", true, &["If-Match: \"zzz\""], "{}"),
    ("PUT", true, &[], "{}"),
    ("PUT", true, &[], "{"),
    ("PUT", true, &[], "[]"),
    ("PUT", true, &[], "{\"name\":\"a\"}{}"),
    ("PUT", true, &[], "{\"name\":\"a\",}"),
    ("PUT", true, &[], "\u{feff}{\"name\":\"a\"}"),
    ("PUT", true, &[], r#"{"name":"a","name":"b"}"#),
    ("PUT", true, &[], r#"{"name":"\ud83d\ude00"}"#),
    ("PUT", true, &[], r#"{"name":"a\u0000"}"#),
    ("PUT", true, &[], r#"{"name":"a","count":9007199254740993}"#),
    ("PUT", true, &[], r#"{"name":"a","count":"5"}"#),
    ("PUT", true, &[], r#"{"name":"a","ratio":1e400}"#),
    ("PUT", true, &[], r#"{"tags":[],"name":"a"}"#),
    ("PUT", true, &[], r#"{"name":"a","other":1}"#),
    ("PUT", true, &[], r#"{"name":"a","key":"other"}"#),
    ("PUT", true, &[], r#"{"name":5,"count":"x"}"#),
    ("POST", true, &["X-HTTP-Method-Override: PUT"], TWO),
    ("POST", true, &["If-Match: \"zzz\""], TWO),
    ("put", true, &[], TWO),
    ("PATCH", true, &[], ""),
    ("DELETE", true, &[], ""),
    ("DELETE", true, &["If-Match: \"zzz\""], ""),
    ("DELETE", false, &[], ""),
    ("OPTIONS", true, &[], ""),
    ("OPTIONS", true, &["If-Match: \"zzz\""], ""),
    ("HEAD", true, &[], ""),
    ("GET", true, &["If-Match: \"zzz\""], ""),
    ("GET", false, &["If-Match: \"zzz\""], ""),
    ("GET", true, &["If-None-Match: $E"], ""),
    ("GET", true, &["If-None-Match: W/$E"], ""),
    ("GET", true, &["If-None-Match: \"zzz\"", "If-Modified-Since: $L"], ""),
    ("GET", true, &["Accept: text/html"], ""),
    ("GET", true, &["Accept:"], ""),
    ("GET", true, &["Accept: text/html, */*;q=0.1"], ""),
    ("GET", true, &["Accept-Encoding: gzip"], ""),
];

/// The digest of `TWO`.
const DIGEST: &str = ":mRABqahpUe4Rt1UCvk5ky3yvImPpBw7+lQFygoGDyPA=:";

/// What a server answers to everything here, one after the other, without what differs from one second to the next.
fn portrait(server: &Server) -> impl Iterator<Item = String> {
    let exchanges = EXCHANGES.iter().enumerate().map(|(index, exchange)| exchanged(server, index, exchange));
    let messages = messages().into_iter().map(|octets| say(server, &octets));
    let longer = [after_delete, asked].into_iter().map(|ask| ask(server));
    exchanges.chain(messages).chain(longer).map(|heard| without_dates(&heard))
}

fn exchanged(server: &Server, index: usize, (method, present, fields, content): &Exchange) -> String {
    let path = format!("/things/k{index}");
    let mut shown = String::new();
    if *present {
        say(server, &request("PUT", &path, &["If-None-Match: *"], ONE));
        shown = say(server, &get(&path));
    }
    let tag = field(&shown, "ETag").unwrap_or("\"none\"");
    let date = field(&shown, "Last-Modified").unwrap_or("never");
    let opaque = tag.trim_start_matches("W/").trim_matches('"');
    let fill = |line: &&str| {
        let line = line.replace("$E", tag).replace("$O", opaque).replace("$L", date).replace("$D", DIGEST);
        line.replace("$o", &opaque.to_ascii_uppercase())
    };
    let fields: Vec<String> = fields.iter().map(fill).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    say(server, &[request(method, &path, &fields, content), get(&path)].concat())
}

/// Messages that need more than a method and fields.
fn messages() -> Vec<Vec<u8>> {
    let put = "PUT /things/m HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let chunk = format!("{:x}\r\n{ONE}\r\n", ONE.len());
    let length = ONE.len();
    let texts = [
        format!("{put}Content-Length: {}\r\n\r\n{ONE}", length + 1),
        format!("{put}Transfer-Encoding: chunked\r\n\r\n{chunk}"),
        format!("{put}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\nIf-Match: \"zzz\"\r\n\r\n"),
        format!("{put}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n{chunk}0\r\n\r\n"),
        format!("{put}Content-Length: {length}\r\nContent-Length: 3\r\n\r\n{ONE}"),
        format!("{put}Content-Length: 184467440737095516{}\r\n\r\n{ONE}", 16 + length),
        format!("{put}X: {}\r\nContent-Length: {length}\r\n\r\n{ONE}", "a".repeat(66_000)),
        "GET /things/m HTTP/1.1\r\n\r\n".to_owned(),
        format!(
            "PUT /things/m HTTP/1.0\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{ONE}"
        ),
    ];
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    all.push([request("PUT", "/things/%61b", &[], ONE), get("/things/ab"), get("/things/AB")].concat());
    all.push([request("PUT", "/things/%2561x", &[], ONE), get("/things/ax")].concat());
    all.push([request("PUT", "/things/q?x=1", &[], ONE), get("/things/q")].concat());
    let mut octets = request("PUT", "/things/m", &[], r#"{"name":"?"}"#);
    let mark = octets.len() - 3;
    octets[mark] = 0xff;
    all.push(octets);
    all.push(request("PUT", "/things/m", &[], &"[".repeat(200)));
    let refused = request("PUT", "/things/m", &["Content-Type: text/plain"], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    all.push([refused, get("/things/m")].concat());
    all
}

/// The tags before and after a resource was removed.
fn after_delete(server: &Server) -> String {
    let one = request("PUT", "/things/removed", &[], ONE);
    let two = request("PUT", "/things/removed", &[], TWO);
    let (first, _, second) =
        (say(server, &one), say(server, &request("DELETE", "/things/removed", &[], "")), say(server, &two));
    let same = field(&first, "ETag").is_some() && field(&first, "ETag") == field(&second, "ETag");
    format!("the tag is {}", if same { "the same" } else { "another" })
}

/// Content that is held back until it is asked for.
fn asked(server: &Server) -> String {
    let whole = request("PUT", "/things/asked", &["Expect: 100-continue"], ONE);
    let mut line = Line::open(server);
    line.send(&whole[..whole.len() - ONE.len()]);
    let first = line.hear();
    line.send(ONE.as_bytes());
    first + &line.rest()
}

/// Dates are of this second, or something is wrong with them.
fn without_dates(heard: &str) -> String {
    let now = field(heard, "Date").map(str::to_owned);
    let plain = |line: &str| match line.split_once(": ") {
        Some(("Date", date)) => format!("Date: {}", if date.contains('-') { "old" } else { "new" }),
        Some(("Last-Modified", date)) => {
            let now = now.as_deref().and_then(|now| httpdate::parse_http_date(now).ok());
            let ahead = now.is_some_and(|now| httpdate::parse_http_date(date).is_ok_and(|date| date > now));
            format!("Last-Modified: {}", if ahead { "ahead" } else { "past" })
        }
        _ => line.to_owned(),
    };
    heard.split("\r\n").map(plain).collect::<Vec<_>>().join("\n")
}

/// Which mutants only show where two clients meet; each has a test of its own below.
const TOGETHER: [Mutant; 4] =
    [Mutant::FirstPassOnly, Mutant::ChecksThenWrites, Mutant::ChecksThenCreates, Mutant::LostRaceIs409];
/// This one never asks for the content, so what waits for it must not be waited for here.
const MUTE: Mutant = Mutant::ContinueNeverSent;

#[test]
fn every_mutant_answers_something_otherwise() {
    let correct: Vec<String> = portrait(&Server::start(None)).collect();
    assert!(portrait(&Server::start(None)).eq(correct.iter().cloned()), "the correct server is always the same");
    let apart: BTreeSet<&str> = TOGETHER.iter().chain([&MUTE]).map(|mutant| mutant.name()).collect();
    let alone: Vec<Mutant> = Mutant::all().iter().copied().filter(|mutant| !apart.contains(mutant.name())).collect();
    let is_alike = &|mutant: &Mutant| portrait(&Server::start(Some(*mutant))).eq(correct.iter().cloned());
    let alike: Vec<&str> = thread::scope(|scope| {
        let alike_in = |part: &[Mutant]| part.iter().copied().filter(is_alike).collect::<Vec<_>>();
        let parts = alone.chunks(alone.len().div_ceil(4));
        let parts: Vec<_> = parts.map(|part| scope.spawn(move || alike_in(part))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("a part")).map(Mutant::name).collect()
    });
    assert!(alike.is_empty(), "these are like the correct server: {alike:?}");
}

/// A PUT that is prepared before another one, and finished after it.
fn overtaken(mutant: Option<Mutant>) -> (u16, bool) {
    let server = Server::start(mutant);
    let first = say(&server, &request("PUT", "/things/a", &[], ONE));
    let condition = format!("If-Match: {}", field(&first, "ETag").expect("a tag"));
    let slow = request("PUT", "/things/a", &[&condition, "Expect: 100-continue"], r#"{"name":"slow"}"#);
    let (begin, end) = slow.split_at(slow.len() - 3);
    let mut line = Line::open(&server);
    line.send(begin);
    assert_eq!(statuses(&line.hear()), [100], "the first look is behind us");
    say(&server, &request("PUT", "/things/a", &[], TWO));
    line.send(end);
    let heard = line.rest();
    let kept = content(&say(&server, &get("/things/a"))).contains("\"name\":\"two\"");
    (statuses(&heard)[0], kept)
}

#[test]
fn who_looks_only_once_loses_an_update() {
    assert_eq!(overtaken(None), (412, true));
    assert_eq!(overtaken(Some(Mutant::LostRaceIs409)), (409, true));
    assert_eq!(overtaken(Some(Mutant::FirstPassOnly)), (200, false));
    assert_eq!(overtaken(Some(Mutant::ChecksThenWrites)), (412, true), "it looks late, and shows only in a race");
}

/// How many of eight racers are told that they won.
fn winners(mutant: Mutant, creates: bool) -> usize {
    let server = Server::start(Some(mutant));
    let mut condition = "If-None-Match: *".to_owned();
    if !creates {
        let first = say(&server, &request("PUT", "/things/a", &[], ONE));
        condition = format!("If-Match: {}", field(&first, "ETag").expect("a tag"));
    }
    thread::scope(|scope| {
        let racer = |index: usize| {
            let (server, condition) = (&server, &condition);
            scope.spawn(move || {
                let sent = request("PUT", "/things/a", &[condition], &format!(r#"{{"name":"{index}"}}"#));
                statuses(&say(server, &sent))[0] < 300
            })
        };
        let racers: Vec<_> = (0..8).map(racer).collect();
        racers.into_iter().map(|racer| racer.join().expect("a racer")).filter(|won| *won).count()
    })
}

#[test]
fn who_checks_without_a_lock_has_several_winners() {
    for (mutant, creates) in
        [(Mutant::ChecksThenWrites, false), (Mutant::ChecksThenWrites, true), (Mutant::ChecksThenCreates, true)]
    {
        // One race may be decided by the clock; that all of them are is not to be expected.
        assert!((0..20).any(|_| winners(mutant, creates) > 1), "{} has one winner each time", mutant.name());
    }
    assert!((0..5).all(|_| winners(Mutant::ChecksThenCreates, false) == 1));
}

#[test]
fn who_never_asks_hears_nothing_and_says_nothing() {
    let server = Server::start(Some(MUTE));
    let whole = request("PUT", "/things/asked", &["Expect: 100-continue"], ONE);
    let mut line = Line::open(&server);
    line.send(&whole[..whole.len() - ONE.len()]);
    thread::sleep(Duration::from_millis(50));
    line.send(ONE.as_bytes());
    assert_eq!(statuses(&line.rest()), [201], "there was no 100");
}
