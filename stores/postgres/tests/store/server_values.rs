//! What the server sets: at creation, at each change, once and for all; versions and dates.
//!
//! One file, because it is one question asked of every role that a member can have.

use std::time::{Duration, SystemTime};

use put_conformance::store::block_on;
use put_core::store::{Deletion, Outcome};
use put_core::{Condition, EntityTag, Precondition, PutResource};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::opened::{Opened, state, text, told};
use crate::support::Schema;

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/orders/{id}")]
#[serde(rename_all = "camelCase")]
struct Order {
    #[put(key)]
    id: i64,
    amount: i64,
    #[put(immutable)]
    currency: String,
    #[put(immutable, column = "sold_at")]
    sold_at: Option<String>,
    #[put(read_only, column = "created_at", on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[put(read_only, last_modified, column = "updated_at", on_replace = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    #[put(read_only, on_create = 1, on_replace = 2)]
    step: i32,
    #[put(read_only)]
    note: Option<String>,
    #[put(read_only)]
    #[serde(default)]
    visits: i64,
}

const ORDERS: &str = "CREATE TABLE orders (
    id int8 PRIMARY KEY, amount int8 NOT NULL, currency char(3) NOT NULL, sold_at timestamptz,
    created_at timestamptz NOT NULL, updated_at timestamptz(3) NOT NULL, step int4 NOT NULL,
    note text, visits int8 NOT NULL DEFAULT 5)";

fn order(id: i64, amount: i64) -> Order {
    Order {
        id,
        amount,
        currency: "EUR".to_owned(),
        sold_at: Some("2024-02-29T12:00:00Z".to_owned()),
        created_at: OffsetDateTime::UNIX_EPOCH,
        updated_at: OffsetDateTime::UNIX_EPOCH,
        step: 9,
        note: Some("the client's".to_owned()),
        visits: 9,
    }
}

#[test]
fn the_server_sets_its_members_and_nobody_else_does() {
    let Some(schema) = Schema::new("server") else { return };
    schema.sql(ORDERS);
    let orders: Opened<Order> = Opened::new(&schema, "orders");
    let key = orders.key(&order(1, 0));
    let before = OffsetDateTime::now_utc() - Duration::from_millis(1);
    let Outcome::Created(first) = orders.put(&order(1, 10)).unwrap() else { panic!("there was nothing") };
    let created = orders.read(first.json());
    assert!(created.created_at > before && created.updated_at > before, "{created:?}");
    assert_eq!((created.step, created.note.as_deref(), created.visits), (1, None, 5));
    orders.is_steady(&key, &first).unwrap();
    schema.sql("UPDATE orders SET note = 'a program', visits = 6");
    let second = orders.get(&key).unwrap();
    // With a condition, and without: decided here, and decided there.
    for (amount, condition) in [(11, None), (12, Some(())), (13, None)] {
        let current = orders.get(&key).unwrap();
        let precondition =
            condition.map_or_else(Precondition::none, |()| Precondition::if_match(current.tag().clone()));
        std::thread::sleep(Duration::from_millis(2));
        let Outcome::Replaced(next) = orders.put_if(&order(1, amount), precondition).unwrap() else {
            panic!("another")
        };
        let replaced = orders.read(next.json());
        assert_eq!(replaced.created_at, created.created_at, "{amount}");
        assert!(replaced.updated_at > orders.read(current.json()).updated_at, "{amount}");
        assert_eq!((replaced.step, replaced.note.as_deref(), replaced.visits), (2, Some("a program"), 6), "{amount}");
        assert!(next.modified() > second.modified(), "{amount}");
        orders.is_steady(&key, &next).unwrap();
    }
}

#[test]
fn an_immutable_member_stays_whoever_decides() {
    let Some(schema) = Schema::new("immutable") else { return };
    schema.sql(ORDERS);
    let orders: Opened<Order> = Opened::new(&schema, "orders");
    let before = orders.write(&order(1, 10));
    let other = |currency: &str, sold_at: Option<&str>| Order {
        currency: currency.to_owned(),
        sold_at: sold_at.map(str::to_owned),
        ..order(1, 11)
    };
    let sold = Some("2024-02-29T12:00:00Z");
    for precondition in [Precondition::none, || Precondition::if_match_any()] {
        for (value, places) in [
            (other("USD", sold), &["/currency"][..]),
            (other("EUR", None), &["/soldAt"]),
            (other("", Some("2024-02-29T12:00:01Z")), &["/currency", "/soldAt"]),
        ] {
            let tagged = Precondition::if_match(before.tag().clone());
            for precondition in [precondition(), tagged] {
                let outcome = orders.put_if(&value, precondition).unwrap();
                let Outcome::Conflict(violations) = &outcome else { panic!("{outcome:?}") };
                assert_eq!(told(violations), places.iter().map(|place| (*place, None)).collect::<Vec<_>>());
            }
        }
    }
    assert_eq!(orders.get(&orders.key(&order(1, 0))), Some(before), "nothing was written");
    // The same instant in another spelling is the same.
    let same = other("EUR", Some("2024-02-29T14:00:00+02:00"));
    assert!(matches!(orders.put(&same), Ok(Outcome::Replaced(_))));
    let current = orders.get(&orders.key(&same)).unwrap();
    let again = Order { amount: 12, ..same };
    assert!(matches!(orders.put_if(&again, Precondition::if_match(current.tag().clone())), Ok(Outcome::Replaced(_))));
}

#[test]
fn the_date_of_the_column_is_the_date_of_the_state() {
    let Some(schema) = Schema::new("dates") else { return };
    schema.sql(ORDERS);
    let orders: Opened<Order> = Opened::new(&schema, "orders");
    let key = orders.key(&order(1, 0));
    let state = orders.write(&order(1, 10));
    let shown = SystemTime::from(orders.read(state.json()).updated_at);
    assert_eq!(state.modified(), Some(shown), "to the millisecond that the column keeps");
    let second = Duration::from_secs(1);
    assert_eq!(block_on(orders.store.list(None, 1)).unwrap(), [state]);
    for (statement, modified) in [
        ("UPDATE orders SET updated_at = '2001-02-03T04:05:06.5Z'", Some(Duration::from_millis(981_173_106_500))),
        ("UPDATE orders SET updated_at = '1969-12-31T23:59:59Z'", None),
    ] {
        schema.sql(statement);
        let state = orders.get(&key).unwrap();
        let expected = modified.map_or(SystemTime::UNIX_EPOCH - second, |since| SystemTime::UNIX_EPOCH + since);
        assert_eq!(state.modified(), Some(expected));
        let early = Precondition::if_unmodified_since(expected - second);
        let outcome = orders.put_if(&order(1, 11), early);
        if modified.is_some() {
            let Ok(Outcome::Failed(failed)) = outcome else { panic!("it has been modified since: {outcome:?}") };
            assert_eq!((failed.condition, failed.tag()), (Condition::IfUnmodifiedSince, Some(state.tag())));
            assert!(matches!(
                orders.delete(&key, Precondition::if_unmodified_since(expected - second)),
                Ok(Deletion::Failed(_))
            ));
            let outcome = orders.put_if(&order(1, 11), Precondition::if_unmodified_since(expected));
            assert!(matches!(outcome, Ok(Outcome::Replaced(_))), "{outcome:?}");
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/dated/{id}")]
struct Dated {
    #[put(key)]
    id: i64,
    value: i64,
    #[put(read_only, last_modified)]
    #[serde(default)]
    at: Option<String>,
}

#[test]
fn a_date_may_be_the_database_s() {
    let Some(schema) = Schema::new("dated") else { return };
    schema.sql(
        "CREATE TABLE dated (id int8 PRIMARY KEY, value int8 NOT NULL, at timestamp DEFAULT '2001-02-03T04:05:06');
        CREATE FUNCTION now_and_then() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.at = '2002-02-03T04:05:06'; RETURN NEW; END $$;
        CREATE TRIGGER notes BEFORE UPDATE ON dated FOR EACH ROW EXECUTE FUNCTION now_and_then()",
    );
    let dated: Opened<Dated> = Opened::new(&schema, "dated");
    let value = |value| Dated { id: 1, value, at: None };
    let key = dated.key(&value(0));
    let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    let state = dated.write(&value(1));
    assert_eq!((state.modified(), text(&state)), (at(981_173_106), r#"{"id":1,"value":1,"at":"2001-02-03T04:05:06"}"#));
    dated.is_steady(&key, &state).unwrap();
    let current = Precondition::if_match(state.tag().clone());
    let Outcome::Replaced(state) = dated.put_if(&value(2), current).unwrap() else { panic!("another") };
    assert_eq!(
        (state.modified(), text(&state)),
        (at(1_012_709_106), r#"{"id":1,"value":2,"at":"2002-02-03T04:05:06"}"#)
    );
    dated.is_steady(&key, &state).unwrap();
    for never in ["NULL", "'infinity'", "'-infinity'"] {
        schema.sql(&format!("ALTER TABLE dated DISABLE TRIGGER notes; UPDATE dated SET at = {never}"));
        let state = dated.get(&key).unwrap();
        assert_eq!(state.modified(), None, "{never}");
        dated.is_steady(&key, &state).unwrap();
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/settings/{name}")]
struct Setting {
    #[put(key)]
    name: String,
    value: Option<String>,
    #[put(version)]
    version: u64,
}

fn setting(value: &str) -> Setting {
    Setting { name: "a".to_owned(), value: Some(value.to_owned()), version: 1 }
}

#[test]
fn a_version_grows_with_every_change_and_only_then() {
    let Some(schema) = Schema::new("versions") else { return };
    for (name, declaration) in [("small", "int8"), ("large", "numeric(20)")] {
        schema.sql(&format!("CREATE TABLE {name} (name text PRIMARY KEY, value text, version {declaration} NOT NULL)"));
        let settings: Opened<Setting> = Opened::new(&schema, name);
        let key = settings.key(&setting(""));
        let version = |json: &[u8]| settings.read(json).version;
        let mut state = settings.write(&setting("0"));
        let now = u64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos()).unwrap();
        assert!(version(state.json()) <= now && version(state.json()) > now - 60_000_000_000, "nanoseconds");
        for round in 1..6 {
            assert_eq!(state.tag(), &EntityTag::parse(format!("\"v{}\"", version(state.json())).as_bytes()).unwrap());
            settings.is_steady(&key, &state).unwrap();
            let precondition = match round % 3 {
                0 => Precondition::none(),
                1 => Precondition::if_match(state.tag().clone()),
                _ => Precondition::if_match_any(),
            };
            let outcome = settings.put_if(&setting(&round.to_string()), precondition).unwrap();
            let Outcome::Replaced(next) = outcome else { panic!("{outcome:?}") };
            assert!(version(next.json()) > version(state.json()));
            let old = settings.put_if(&setting("x"), Precondition::if_match(state.tag().clone())).unwrap();
            let Outcome::Failed(failed) = old else { panic!("{old:?}") };
            assert_eq!((failed.condition, failed.tag()), (Condition::IfMatch, Some(next.tag())));
            state = next;
        }
        // One that is ahead of the clock is not set back.
        schema.sql(&format!("UPDATE {name} SET version = 4611686018427387904"));
        let next = settings.write(&setting("ahead"));
        assert_eq!(version(next.json()), 4_611_686_018_427_387_905);
        // A tag of something else is of no version.
        for tag in ["\"4611686018427387905\"", "\"v04611686018427387905\"", "W/\"v4611686018427387905\"", "\"v\""] {
            let precondition = Precondition::if_match(EntityTag::parse(tag.as_bytes()).unwrap());
            assert!(matches!(settings.put_if(&setting("y"), precondition), Ok(Outcome::Failed(_))), "{tag}");
        }
        assert_eq!(settings.delete(&key, Precondition::if_match(next.tag().clone())).unwrap(), Deletion::Deleted);
        let again = settings.write(&setting("0"));
        assert_ne!(again.tag(), state.tag(), "created again, it is another");
    }
}

#[test]
fn a_version_at_its_end_is_a_failure() {
    let Some(schema) = Schema::new("end") else { return };
    schema.sql(
        "CREATE TABLE settings (name text PRIMARY KEY, value text, version int8 NOT NULL);
        INSERT INTO settings VALUES ('a', 'x', 9223372036854775807)",
    );
    let settings: Opened<Setting> = Opened::new(&schema, "settings");
    let key = settings.key(&setting(""));
    let before = settings.get(&key).unwrap();
    for precondition in [Precondition::none(), Precondition::if_match(before.tag().clone())] {
        let outcome = settings.put_if(&setting("y"), precondition);
        assert!(outcome.as_ref().is_err_and(|error| error.retry_after().is_none()), "{outcome:?}");
    }
    assert_eq!(settings.get(&key), Some(before.clone()));
    let Outcome::Unchanged(same) = settings.put(&setting("x")).unwrap() else { panic!("it is that") };
    assert_eq!(same, before);
}

#[test]
fn a_version_tells_what_somebody_else_did_if_he_moves_it() {
    let Some(schema) = Schema::new("moved") else { return };
    schema.sql("CREATE TABLE settings (name text PRIMARY KEY, value text, version int8 NOT NULL)");
    let settings: Opened<Setting> = Opened::new(&schema, "settings");
    let state_of = |value: &str| settings.write(&setting(value));
    let first = state_of("a");
    let current = || Precondition::if_match(first.tag().clone());
    // Documented: whoever changes the row and not the version goes unnoticed.
    schema.sql("UPDATE settings SET value = 'somebody else'");
    assert!(matches!(settings.put_if(&setting("b"), current()), Ok(Outcome::Replaced(_))));
    let second = state_of("c");
    schema.sql("UPDATE settings SET value = 'somebody else', version = version + 1");
    let moved = settings.get(&settings.key(&setting(""))).unwrap();
    assert_ne!(moved.tag(), second.tag());
    let outcome = settings.put_if(&setting("d"), Precondition::if_match(second.tag().clone())).unwrap();
    let Outcome::Failed(failed) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failed.tag(), Some(moved.tag()));
    let next = state(settings.put_if(&setting("d"), Precondition::if_match(moved.tag().clone())).unwrap());
    assert!(settings.read(next.json()).version > settings.read(moved.json()).version);
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/marks/{id}")]
struct Mark {
    #[put(key)]
    id: i64,
    #[put(read_only, on_create = "made".to_owned())]
    made: String,
}

#[test]
fn what_has_nothing_to_change_stays() {
    let Some(schema) = Schema::new("marks") else { return };
    // A key that the database would give by itself is the client's all the same.
    schema.sql("CREATE TABLE marks (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, made text NOT NULL)");
    let marks: Opened<Mark> = Opened::new(&schema, "marks");
    let mark = |made: &str| Mark { id: 7, made: made.to_owned() };
    let Outcome::Created(state) = marks.put(&mark("x")).unwrap() else { panic!("there was nothing") };
    assert_eq!(text(&state), r#"{"id":7,"made":"made"}"#);
    marks.is_steady(&marks.key(&mark("")), &state).unwrap();
    assert_eq!(marks.put(&mark("y")).unwrap(), Outcome::Unchanged(state));
}
