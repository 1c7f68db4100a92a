//! Preconditions that are dates.

use super::case;
use super::checks::{done, member, status};
use super::methods::last_modified;
use super::preconditions::LONG_AGO;
use crate::case::{Before, Case, Outcome};
use crate::http::Request;
use crate::run::Run;
use crate::{Need, date};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for value in [LONG_AGO, "Sat, 06 Nov 2094 08:49:37 GMT", "yesterday"] {
        for (before, wanted) in [(Before::Absent, 201), (Before::Present, 200)] {
            table.push(
                case(format!("If-Modified-Since: {value} has no effect on PUT ({before:?})"), &["CND-11"])
                    .before(before)
                    .field("If-Modified-Since", value)
                    .expect(&[wanted])
                    .fair(&[200, 201, 204])
                    .never(&[304, 412]),
            );
        }
    }
    table.push(
        case("If-Unmodified-Since is ignored beside If-Match", &["CND-12"])
            .present()
            .field("If-Match", "$E")
            .field("If-Unmodified-Since", LONG_AGO)
            .expect(&[200])
            .any(),
    );
    table.push(
        case("If-Unmodified-Since does not save a stale If-Match", &["CND-12"])
            .present()
            .field("If-Match", "\"zzz\"")
            .field("If-Unmodified-Since", "Fri, 06 Nov 2093 08:49:37 GMT")
            .expect(&[412])
            .any(),
    );
    // Who reads dates generously may take these for what they nearly are: RFC 9110, section 5.6.7, encourages it.
    let nearly = &[412][..];
    for (name, values, fair) in [
        ("no date", &["yesterday"][..], &[][..]),
        ("an empty value", &[""][..], &[][..]),
        ("a list of dates", &["Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"][..], &[][..]),
        // To refuse a field of one value that comes twice is to take it for no condition, either.
        ("two lines", &[LONG_AGO, LONG_AGO][..], &[400][..]),
        ("a date of another zone", &["Sun, 06 Nov 1994 08:49:37 UTC"][..], nearly),
        ("a day name in lower case", &["sun, 06 Nov 1994 08:49:37 GMT"][..], nearly),
        ("a month name in lower case", &["Sun, 06 nov 1994 08:49:37 GMT"][..], nearly),
        ("a month that is none", &["Sun, 06 Foo 1994 08:49:37 GMT"][..], &[][..]),
        ("the 31st of February", &["Thu, 31 Feb 1994 08:49:37 GMT"][..], nearly),
        ("a quoted date", &["\"Sun, 06 Nov 1994 08:49:37 GMT\""][..], nearly),
        ("a date as digits", &["1994-11-06T08:49:37Z"][..], nearly),
    ] {
        let rows: &[&'static str] = if name.contains("lower case") { &["CND-13", "CND-16"] } else { &["CND-13"] };
        let mut one = case(format!("If-Unmodified-Since with {name} is ignored"), rows)
            .present()
            .expect(&[200])
            .fair(&[&[201, 204], fair].concat());
        for value in values {
            one = one.field("If-Unmodified-Since", value);
        }
        table.push(one);
    }
    for value in [LONG_AGO, "Fri, 06 Nov 2093 08:49:37 GMT"] {
        table.push(
            case(format!("If-Unmodified-Since: {value} on nothing is ignored"), &["CND-14"])
                .field("If-Unmodified-Since", value)
                .expect(&[201])
                .fair(&[200, 204])
                .never(&[412]),
        );
    }
    for (offset, wanted) in [(-1, 412), (0, 200), (1, 200), (-86_400 * 365, 412)] {
        for (spelling, write) in [
            ("IMF-fixdate", date::imf_fixdate as fn(i64) -> String),
            ("RFC 850", date::rfc850),
            ("asctime", date::asctime),
        ] {
            table.push(
                case(
                    format!("If-Unmodified-Since {offset} seconds from Last-Modified as {spelling}"),
                    &["CND-15", "CND-16"],
                )
                .any()
                .needs(Need::Date)
                .present()
                .script(move |run| unmodified_since(run, offset, write, wanted)),
            );
        }
    }
    table.push(
        case("a true If-Unmodified-Since does not save a false If-None-Match", &["CND-17"])
            .present()
            .field("If-Unmodified-Since", "Fri, 06 Nov 2093 08:49:37 GMT")
            .field("If-None-Match", "*")
            .expect(&[412])
            .any()
            .check(member("condition", "If-None-Match")),
    );
    table.push(
        case("a false If-Unmodified-Since is judged before a true If-None-Match", &["CND-17"])
            .present()
            .field("If-Unmodified-Since", LONG_AGO)
            .field("If-None-Match", "\"zzz\"")
            .expect(&[412])
            .any()
            .needs(Need::Date)
            .check(member("condition", "If-Unmodified-Since")),
    );
    table
}

fn unmodified_since(run: &mut Run<'_>, offset: i64, write: fn(i64) -> String, wanted: u16) -> Outcome {
    let modified = last_modified(run.before().and_then(|before| before.modified.as_deref()))?;
    let request =
        Request::put(run.path()).field("If-Unmodified-Since", write(modified + offset)).json(run.replacement());
    let response = run.send(&request)?;
    if wanted == 412 {
        status(&response, &[412], "PUT")?;
        return run.unchanged();
    }
    done(run, &response)?;
    run.stored_as_told(&request, &response)
}
