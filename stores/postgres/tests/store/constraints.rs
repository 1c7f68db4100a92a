//! What the database refuses is an answer: a clash with other rows, or a value that cannot be kept, at its member and under
//! the constraint's name. What is nobody's fault is a failure. One file, because it is one promise from all sides.

use put_conformance::store::block_on;
use put_core::store::{Deletion, Outcome, StoreError};
use put_core::{Condition, EntityTag, Precondition, PutResource};
use put_postgres::PostgresStore;
use put_postgres::deadpool_postgres::{Manager, Pool};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::opened::{Opened, options, state, text, told};
use crate::support::{Schema, connect, wait_for};

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/people/{id}")]
struct Person {
    #[put(key)]
    id: i64,
    #[put(column = "mail")]
    email: String,
    first: String,
    last: String,
    nick: Option<String>,
    #[serde(rename = "isActive")]
    #[put(column = "active")]
    active: bool,
    #[put(column = "boss_id")]
    boss: Option<i64>,
    team: Option<String>,
    seat: Option<i64>,
    age: i64,
    floor: Option<String>,
    token: Option<String>,
    mood: String,
    moods: Vec<String>,
    born: Option<String>,
    percent: i64,
    during: Option<String>,
    weight: String,
    note: Value,
    home: Option<Value>,
    matrix: Option<Vec<Vec<i64>>>,
}

const PEOPLE: &str = "
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE DOMAIN percent AS int CONSTRAINT percent_check CHECK (VALUE BETWEEN 0 AND 100);
    CREATE TYPE home AS (street varchar(5), number int);
    CREATE TABLE seats (team text, seat int, PRIMARY KEY (team, seat));
    INSERT INTO seats VALUES ('red', 1), ('red', 2);
    CREATE TABLE people (
        id int4 PRIMARY KEY,
        mail text NOT NULL UNIQUE,
        first text NOT NULL,
        last text NOT NULL,
        nick text,
        active bool NOT NULL,
        boss_id int8 REFERENCES people,
        team text,
        seat int8,
        age int4 NOT NULL CHECK (age >= 0),
        floor varchar(4),
        token uuid,
        mood mood NOT NULL,
        moods mood[] NOT NULL,
        born date,
        percent percent NOT NULL,
        during int4range,
        weight numeric(5,2) NOT NULL,
        note jsonb NOT NULL,
        home home,
        matrix int[],
        half int4 GENERATED ALWAYS AS (100 / (age - 50)) STORED,
        CONSTRAINT names UNIQUE (first, last),
        CONSTRAINT seated FOREIGN KEY (team, seat) REFERENCES seats,
        CONSTRAINT two_names CHECK (first <> last),
        CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&)
    );
    CREATE UNIQUE INDEX nick_taken ON people (lower(nick)) WHERE active";

/// A person that breaks nothing, apart from these members.
fn person(id: i64, other: &Value) -> Person {
    let mut person = json!({
        "id": id, "email": format!("{id}@example.org"), "first": format!("first {id}"), "last": "last", "nick": null,
        "isActive": true, "boss": null, "team": null, "seat": null, "age": 7, "floor": null, "token": null,
        "mood": "good", "moods": [], "born": null, "percent": 5, "during": null, "weight": "1.00", "note": {},
        "home": null, "matrix": null
    });
    person.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    serde_json::from_value(person).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Conflict,
    Invalid,
}
use Refused::{Conflict, Invalid};

type Told<'t> = &'t [(&'t str, Option<&'t str>)];

/// Whether an outcome is this refusal, at these places.
fn is(outcome: &Result<Outcome, StoreError>, refused: Refused, places: Told<'_>) -> Result<(), String> {
    let found = match outcome {
        Ok(Outcome::Conflict(violations)) => (Conflict, told(violations)),
        Ok(Outcome::Invalid(violations)) => (Invalid, told(violations)),
        other => return Err(format!("{other:?}")),
    };
    if found == (refused, places.to_vec()) { Ok(()) } else { Err(format!("{outcome:?}")) }
}

/// What is wrong, the members that are, and how they are refused, where.
type Refusal = (&'static str, Value, Refused, Vec<(&'static str, Option<&'static str>)>);

fn refusals() -> Vec<Refusal> {
    vec![
        (
            "a value that is taken",
            json!({"email": "1@example.org"}),
            Conflict,
            vec![("/email", Some("people_mail_key"))],
        ),
        (
            "two values that are taken together",
            json!({"first": "first 1"}),
            Conflict,
            vec![("/first", Some("names")), ("/last", Some("names"))],
        ),
        ("an expression that is taken", json!({"nick": "NICK"}), Conflict, vec![("/nick", Some("nick_taken"))]),
        ("a range that clashes", json!({"during": "[15,25)"}), Conflict, vec![("/during", Some("no_overlap"))]),
        ("a boss who is not there", json!({"boss": 99}), Conflict, vec![("/boss", Some("people_boss_id_fkey"))]),
        (
            "a seat that is not there",
            json!({"team": "red", "seat": 3}),
            Conflict,
            vec![("/team", Some("seated")), ("/seat", Some("seated"))],
        ),
        ("a check", json!({"age": -1}), Invalid, vec![("/age", Some("people_age_check"))]),
        (
            "a check of two members",
            json!({"first": "last"}),
            Invalid,
            vec![("/first", Some("two_names")), ("/last", Some("two_names"))],
        ),
        ("a null", json!({"note": null}), Invalid, vec![("/note", None)]),
        ("a text that is too long", json!({"floor": "12345"}), Invalid, vec![("/floor", None)]),
        ("an integer that is too large", json!({"age": 2_147_483_648_i64}), Invalid, vec![("/age", None)]),
        ("a number that is too large", json!({"weight": "1000"}), Invalid, vec![("/weight", None)]),
        ("what is no number", json!({"weight": "heavy"}), Invalid, vec![("/weight", None)]),
        ("what is no uuid", json!({"token": "x"}), Invalid, vec![("/token", None)]),
        ("what is no variant", json!({"mood": "ugly"}), Invalid, vec![("/mood", None)]),
        ("an element that is no variant", json!({"moods": ["good", "ugly"]}), Invalid, vec![("/moods", None)]),
        ("a day that is not", json!({"born": "2023-02-29"}), Invalid, vec![("/born", None)]),
        ("a range that is backwards", json!({"during": "[2,1]"}), Invalid, vec![("/during", None)]),
        ("a check of a domain", json!({"percent": 101}), Invalid, vec![("/percent", Some("percent_check"))]),
        ("a part that is too long", json!({"home": {"street": "123456"}}), Invalid, vec![("/home", None)]),
        ("a list for an object", json!({"home": [1]}), Invalid, vec![("/home", None)]),
        ("rows of different length", json!({"matrix": [[1], [2, 3]]}), Invalid, vec![("/matrix", None)]),
        // No member by itself.
        ("a computed value that there is not", json!({"age": 50}), Invalid, vec![("", None)]),
        (
            "all that is wrong with the values",
            json!({
                "age": 9_000_000_000_i64, "floor": "12345", "token": "", "mood": "", "born": "today or so",
                "percent": -1, "weight": "-1e9", "email": "1@example.org"
            }),
            Invalid,
            vec![
                ("/age", None),
                ("/floor", None),
                ("/token", None),
                ("/mood", None),
                ("/born", None),
                ("/percent", Some("percent_check")),
                ("/weight", None),
            ],
        ),
    ]
}

/// In one word, for programs.
#[test]
fn what_breaks_a_rule_has_a_code() {
    let Some(schema) = Schema::new("codes") else { return };
    schema.sql(&format!("SET synchronous_commit = off; {PEOPLE}"));
    let people: Opened<Person> = Opened::new(&schema, "people");
    people.write(&person(1, &json!({"during": "[10,20)"})));
    for (members, code) in [
        (json!({"email": "1@example.org"}), "taken"),
        (json!({"during": "[15,25)"}), "taken"),
        (json!({"boss": 99}), "reference"),
        (json!({"age": -1}), "check"),
        (json!({"percent": 101}), "check"),
        (json!({"note": null}), "required"),
        (json!({"floor": "12345"}), "too_long"),
        (json!({"weight": "1000"}), "out_of_range"),
        (json!({"weight": "heavy"}), "invalid"),
        (json!({"first": "a\u{0}"}), "invalid"),
    ] {
        let outcome = people.put(&person(3, &members));
        let Ok(Outcome::Conflict(violations) | Outcome::Invalid(violations)) = &outcome else {
            panic!("{members}: {outcome:?}")
        };
        let codes: Vec<_> = violations.iter().map(|violation| violation.code()).collect();
        assert_eq!(codes, [Some(code)], "{members}");
    }
}

#[test]
fn what_breaks_a_rule_is_told_at_its_member() {
    let Some(schema) = Schema::new("rules") else { return };
    schema.sql(&format!("SET synchronous_commit = off; {PEOPLE}"));
    let people: Opened<Person> = Opened::new(&schema, "people");
    people.write(&person(1, &json!({"nick": "Nick", "during": "[10,20)", "team": "red", "seat": 1})));
    let before = people.write(&person(2, &json!({})));
    let key = people.key(&person(2, &json!({})));
    let current = || Precondition::if_match(before.tag().clone());
    let other = || Precondition::if_match(EntityTag::of(b"another"));
    let mut wrong = Vec::new();
    for (name, members, refused, places) in refusals() {
        let [creation, replacement] = [3, 2].map(|id| person(id, &members));
        for (outcome, how) in [
            (people.put(&creation), "created"),
            (people.put_if(&creation, Precondition::if_none_match_any()), "created under a condition"),
            (people.put(&replacement), "replaced"),
            (people.put_if(&replacement, current()), "replaced under a condition"),
            (people.put_if(&replacement, Precondition::if_match_any()), "replaced if it is there"),
        ] {
            if let Err(why) = is(&outcome, refused, &places) {
                wrong.push(format!("{name}, {how}: {why}"));
            }
        }
        // What is demanded of the current state comes first.
        for (value, precondition, condition, tag) in [
            (&replacement, other(), Condition::IfMatch, Some(before.tag())),
            (&replacement, Precondition::if_none_match_any(), Condition::IfNoneMatch, Some(before.tag())),
            (&creation, Precondition::if_match_any(), Condition::IfMatch, None),
            (&creation, other(), Condition::IfMatch, None),
            (&creation, Precondition::none().must_exist(), Condition::MustExist, None),
        ] {
            match people.put_if(value, precondition) {
                Ok(Outcome::Failed(failed)) if (failed.condition, failed.tag()) == (condition, tag) => {}
                other => wrong.push(format!("{name}, {condition:?}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(people.get(&key), Some(before), "nothing was written");
    assert_eq!(schema.rows("SELECT FROM people").len(), 2, "nothing was created");
}

#[test]
fn words_of_the_application_are_told() {
    let Some(schema) = Schema::new("words") else { return };
    schema.sql(PEOPLE);
    let people: Opened<Person> = Opened::with(
        options(&schema, "people")
            .constraint("people_mail_key", "somebody has this address already")
            .constraint("percent_check", "a share is between 0 and 100")
            .constraint("nick_taken", "somebody has this name"),
    );
    people.write(&person(1, &json!({"nick": "nick"})));
    for (members, pointer, words) in [
        (json!({"email": "1@example.org"}), "/email", "somebody has this address already"),
        (json!({"percent": 101}), "/percent", "a share is between 0 and 100"),
        (json!({"nick": "Nick"}), "/nick", "somebody has this name"),
        (json!({"age": -1}), "/age", "breaks a rule of the database"),
        (json!({"floor": "12345"}), "/floor", "is too long for character varying(4)"),
        (json!({"age": 9_000_000_000_i64}), "/age", "is out of the range of integer"),
        (json!({"token": "x"}), "/token", "is no value of uuid"),
        (json!({"note": null}), "/note", "is null, and the database needs a value"),
    ] {
        let outcome = people.put(&person(2, &members)).unwrap();
        let (Outcome::Conflict(violations) | Outcome::Invalid(violations)) = &outcome else { panic!("{outcome:?}") };
        let found: Vec<_> = violations.iter().map(|found| (found.pointer().as_str(), found.detail())).collect();
        assert_eq!(found, [(pointer, words)]);
    }
}

/// A row of a table whose constraints are of a special kind.
#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/items/{region}/{id}")]
struct Item {
    #[put(key)]
    id: i64,
    #[put(key)]
    region: String,
    #[put(column = "item_code")]
    code: i64,
    parent: Option<i64>,
}

fn item(region: &str, id: i64, code: i64, parent: Option<i64>) -> Item {
    Item { id, region: region.to_owned(), code, parent }
}

#[test]
fn a_rule_that_is_checked_at_the_end_is_told_as_well() {
    let Some(schema) = Schema::new("deferred") else { return };
    schema.sql(
        "CREATE TABLE parents (id int8 PRIMARY KEY); INSERT INTO parents VALUES (1);
        CREATE TABLE items (
            region text, id int8, item_code int8 NOT NULL, parent int8, PRIMARY KEY (region, id),
            CONSTRAINT codes UNIQUE (item_code) DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT parents FOREIGN KEY (parent) REFERENCES parents DEFERRABLE INITIALLY DEFERRED
        );
        CREATE TABLE uses (
            id int8, region text,
            CONSTRAINT uses FOREIGN KEY (region, id) REFERENCES items (region, id) DEFERRABLE INITIALLY DEFERRED
        )",
    );
    let items: Opened<Item> = Opened::new(&schema, "items");
    let first = items.write(&item("a", 1, 1, Some(1)));
    let second = items.write(&item("a", 2, 2, None));
    let conditions =
        |state: &put_core::store::State| [Precondition::none(), Precondition::if_match(state.tag().clone())];
    for precondition in conditions(&second) {
        is(&items.put_if(&item("a", 2, 1, None), precondition.clone()), Conflict, &[("/code", Some("codes"))]).unwrap();
        is(&items.put_if(&item("a", 2, 2, Some(9)), precondition), Conflict, &[("/parent", Some("parents"))]).unwrap();
    }
    is(&items.put(&item("a", 3, 1, None)), Conflict, &[("/code", Some("codes"))]).unwrap();
    assert_eq!(items.get(&items.key(&item("a", 2, 0, None))), Some(second));
    schema.sql("INSERT INTO uses VALUES (1, 'a')");
    let key = items.key(&item("a", 1, 0, None));
    for precondition in conditions(&first) {
        let Deletion::Conflict(violations) = items.delete(&key, precondition).unwrap() else { panic!("it is used") };
        assert_eq!(told(&violations), [("", Some("uses"))]);
    }
}

#[test]
fn a_rule_of_a_partition_is_one_of_the_table() {
    let Some(schema) = Schema::new("partitions") else { return };
    schema.sql(
        "CREATE TABLE parents (id int8 PRIMARY KEY);
        CREATE TABLE items (
            region text, id int8, item_code int8 NOT NULL, parent int8 REFERENCES parents, PRIMARY KEY (region, id),
            CONSTRAINT codes UNIQUE (region, item_code), CONSTRAINT positive CHECK (item_code > 0)
        ) PARTITION BY LIST (region);
        CREATE UNIQUE INDEX halves ON items (region, (item_code / 10)) WHERE item_code > 100;
        CREATE TABLE items_a PARTITION OF items FOR VALUES IN ('a');
        CREATE TABLE items_b PARTITION OF items FOR VALUES IN ('b', 'c') PARTITION BY LIST (region);
        CREATE TABLE items_bb PARTITION OF items_b FOR VALUES IN ('b');
        ALTER TABLE items_bb ADD CONSTRAINT small CHECK (item_code < 1000);
        CREATE UNIQUE INDEX own ON items_bb (parent)",
    );
    let items: Opened<Item> = Opened::with(options(&schema, "items").constraint("codes", "this code is taken"));
    for region in ["a", "b"] {
        items.write(&item(region, 1, 1, None));
        items.write(&item(region, 2, 110, None));
        for (value, refused, places) in [
            (item(region, 3, 1, None), Conflict, &[("/region", Some("codes")), ("/code", Some("codes"))][..]),
            (item(region, 3, 119, None), Conflict, &[("/region", Some("halves")), ("/code", Some("halves"))]),
            (item(region, 3, 0, None), Invalid, &[("/code", Some("positive"))]),
            (item(region, 3, 3, Some(9)), Conflict, &[("/parent", Some("items_parent_fkey"))]),
        ] {
            is(&items.put(&value), refused, places).unwrap_or_else(|why| panic!("{value:?}: {why}"));
        }
        let Outcome::Conflict(violations) = items.put(&item(region, 3, 1, None)).unwrap() else {
            panic!("it is taken")
        };
        assert!(violations.iter().all(|violation| violation.detail() == "this code is taken"), "{violations}");
    }
    is(&items.put(&item("b", 3, 1000, None)), Invalid, &[("/code", Some("small"))]).unwrap();
    schema.sql("INSERT INTO parents VALUES (1)");
    items.write(&item("b", 4, 4, Some(1)));
    is(&items.put(&item("b", 5, 5, Some(1))), Conflict, &[("/parent", Some("own"))]).unwrap();
    for region in ["c", "d"] {
        is(&items.put(&item(region, 1, 1, None)), Invalid, &[("", None)]).unwrap();
    }
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/nodes/{id}")]
struct Node {
    #[put(key)]
    id: i64,
    parent: Option<i64>,
}

#[test]
fn what_others_need_is_not_removed() {
    let Some(schema) = Schema::new("needed") else { return };
    schema.sql(
        "CREATE TABLE nodes (id int8 PRIMARY KEY, parent int8 REFERENCES nodes);
        CREATE TABLE plain (node int8 REFERENCES nodes);
        CREATE TABLE strict (node int8 REFERENCES nodes ON DELETE RESTRICT);
        CREATE TABLE gone (id int8 PRIMARY KEY REFERENCES nodes ON DELETE CASCADE);
        CREATE TABLE gone_too (id int8 PRIMARY KEY REFERENCES gone ON DELETE CASCADE);
        CREATE TABLE behind (id int8 REFERENCES gone_too);
        CREATE TABLE emptied (node int8 REFERENCES nodes ON DELETE SET NULL)",
    );
    let nodes: Opened<Node> = Opened::with(options(&schema, "nodes").constraint("plain_node_fkey", "it is in use"));
    for (id, parent) in [(1, None), (2, Some(1)), (3, None), (4, None), (5, None), (6, None), (7, None)] {
        nodes.write(&Node { id, parent });
    }
    schema.sql(
        "INSERT INTO plain VALUES (3); INSERT INTO strict VALUES (4);
        INSERT INTO gone VALUES (5), (6); INSERT INTO gone_too VALUES (5), (6); INSERT INTO behind VALUES (5);
        INSERT INTO emptied VALUES (7)",
    );
    let key = |id| nodes.key(&Node { id, parent: None });
    for (id, constraint) in
        [(1, "nodes_parent_fkey"), (3, "plain_node_fkey"), (4, "strict_node_fkey"), (5, "behind_id_fkey")]
    {
        let state = nodes.get(&key(id)).unwrap();
        for precondition in
            [Precondition::none(), Precondition::if_match_any(), Precondition::if_match(state.tag().clone())]
        {
            match nodes.delete(&key(id), precondition).unwrap() {
                Deletion::Conflict(violations) => {
                    assert_eq!(told(&violations), [("", Some(constraint))]);
                    let words = if id == 3 { "it is in use" } else { "something else refers to this resource" };
                    assert!(violations.iter().all(|violation| violation.detail() == words), "{violations}");
                }
                other => panic!("{id}: {other:?}"),
            }
        }
        let other = Precondition::if_match(EntityTag::of(b"another"));
        assert!(matches!(nodes.delete(&key(id), other), Ok(Deletion::Failed(_))), "{id}: what is demanded comes first");
        assert_eq!(nodes.get(&key(id)), Some(state), "{id} is still there");
    }
    for id in [2, 6, 7] {
        assert_eq!(nodes.delete(&key(id), Precondition::none()).unwrap(), Deletion::Deleted, "{id}");
        assert_eq!(nodes.delete(&key(id), Precondition::none()).unwrap(), Deletion::Absent, "{id}");
    }
    // Since PostgreSQL 18, RESTRICT has a code of its own.
    schema.sql(
        "CREATE FUNCTION restrict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = 'strict', CONSTRAINT = 'strict_node_fkey';
        END $$;
        CREATE TRIGGER restricts BEFORE DELETE ON nodes FOR EACH ROW EXECUTE FUNCTION restrict()",
    );
    let Deletion::Conflict(violations) = nodes.delete(&key(4), Precondition::none()).unwrap() else {
        panic!("it is needed")
    };
    assert_eq!(told(&violations), [("", Some("strict_node_fkey"))]);
}

#[test]
fn a_value_that_others_refer_to_does_not_change() {
    let Some(schema) = Schema::new("referred") else { return };
    schema.sql(
        "CREATE TABLE nodes (id int8 PRIMARY KEY, parent int8 UNIQUE);
        CREATE TABLE uses (node int8 REFERENCES nodes (parent))",
    );
    let nodes: Opened<Node> = Opened::new(&schema, "nodes");
    let state = nodes.write(&Node { id: 1, parent: Some(5) });
    schema.sql("INSERT INTO uses VALUES (5)");
    for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
        let outcome = nodes.put_if(&Node { id: 1, parent: Some(6) }, precondition);
        is(&outcome, Conflict, &[("", Some("uses_node_fkey"))]).unwrap();
    }
}

/// What a trigger does that has nothing to do with the values of the client.
const TRIGGERS: &[(&str, &str)] = &[
    ("a value that is taken elsewhere", "INSERT INTO audit (id) VALUES (1)"),
    ("a check elsewhere", "INSERT INTO audit (id, parent) VALUES (2, -1)"),
    ("a null elsewhere, in a column of the same name", "INSERT INTO audit (id, note) VALUES (2, NULL)"),
    ("a reference from elsewhere to a row that is not there", "INSERT INTO audit (id, node) VALUES (2, 99)"),
    ("a reference from elsewhere to another table", "INSERT INTO audit (id, other) VALUES (2, 99)"),
    ("a domain elsewhere", "INSERT INTO audit (id, share) VALUES (2, 101)"),
    ("a null for a domain elsewhere", "INSERT INTO audit (id, given) VALUES (2, NULL)"),
    ("a text that is too long elsewhere", "INSERT INTO audit (id, short) VALUES (2, 'long')"),
    ("no partition elsewhere", "INSERT INTO parted VALUES (1)"),
    ("a division by zero", "PERFORM 1 / 0"),
    ("a failure of its own", "RAISE EXCEPTION 'no'"),
    ("a failure that looks like a check", "RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'"),
    ("a failure that looks like a value that is taken", "RAISE EXCEPTION 'no' USING ERRCODE = 'unique_violation'"),
    ("a failure that looks like a value that does not fit", "RAISE EXCEPTION 'no' USING ERRCODE = '22001'"),
    ("an assertion", "ASSERT false, 'no'"),
    ("a table that is not there", "INSERT INTO nowhere VALUES (1)"),
];

#[test]
fn what_is_nobodys_fault_is_a_failure() {
    let Some(schema) = Schema::new("triggers") else { return };
    schema.sql(
        "SET synchronous_commit = off;
        CREATE TABLE nodes (id int8 PRIMARY KEY, parent int8, note text NOT NULL DEFAULT '');
        CREATE DOMAIN share AS int CHECK (VALUE <= 100);
        CREATE DOMAIN given AS text NOT NULL;
        CREATE TABLE others (id int8 PRIMARY KEY);
        CREATE TABLE audit (
            id int8 PRIMARY KEY, parent int8 CHECK (parent > 0), note text NOT NULL DEFAULT '', node int8 REFERENCES nodes,
            other int8 REFERENCES others, share share, given given DEFAULT '', short varchar(2)
        );
        CREATE TABLE parted (id int8 PRIMARY KEY) PARTITION BY LIST (id);
        INSERT INTO audit (id) VALUES (1);",
    );
    let nodes: Opened<Node> = Opened::new(&schema, "nodes");
    let before = nodes.write(&Node { id: 1, parent: None });
    let mut wrong = Vec::new();
    for (name, statement) in TRIGGERS {
        schema.sql(&format!(
            "CREATE OR REPLACE FUNCTION does() RETURNS trigger LANGUAGE plpgsql SET search_path = \"{}\" AS
                $$ BEGIN {statement}; RETURN NEW; END $$;
            CREATE TRIGGER does AFTER INSERT OR UPDATE ON nodes FOR EACH ROW EXECUTE FUNCTION does()",
            schema.name
        ));
        for id in [1, 2] {
            match nodes.put(&Node { id, parent: Some(7) }) {
                Err(error) if error.retry_after().is_none() => {}
                other => wrong.push(format!("{name}, {id}: {other:?}")),
            }
        }
        schema.sql("DROP TRIGGER does ON nodes");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(nodes.get(&nodes.key(&Node { id: 1, parent: None })), Some(before), "nothing was written");
    assert_eq!(nodes.get(&nodes.key(&Node { id: 2, parent: None })), None, "nothing was created");
    assert!(matches!(nodes.put(&Node { id: 1, parent: Some(7) }), Ok(Outcome::Replaced(_))), "it goes on");
}

#[test]
fn a_trigger_may_name_a_constraint() {
    let Some(schema) = Schema::new("named") else { return };
    schema.sql(
        "CREATE TABLE nodes (id int8 PRIMARY KEY, parent int8 CONSTRAINT no_loop CHECK (true OR parent > 0));
        CREATE FUNCTION does() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE check_violation USING SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'no_loop';
        END $$;
        CREATE TRIGGER does BEFORE INSERT ON nodes FOR EACH ROW EXECUTE FUNCTION does()",
    );
    let nodes: Opened<Node> = Opened::new(&schema, "nodes");
    is(&nodes.put(&Node { id: 1, parent: Some(1) }), Invalid, &[("/parent", Some("no_loop"))]).unwrap();
}

#[test]
fn what_a_trigger_or_a_policy_takes_away_is_a_failure() {
    let Some(schema) = Schema::new("swallowed") else { return };
    let role = &schema.name;
    schema.sql(&format!(
        "CREATE TABLE nodes (id int8 PRIMARY KEY, parent int8);
        INSERT INTO nodes VALUES (1, 1), (2, -2);
        CREATE FUNCTION takes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.parent = 3 THEN RETURN NULL; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER takes BEFORE INSERT OR UPDATE ON nodes FOR EACH ROW EXECUTE FUNCTION takes();
        ALTER TABLE nodes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY positive ON nodes USING (parent > 0);
        CREATE ROLE {role} LOGIN PASSWORD 'secret';
        GRANT USAGE ON SCHEMA {role} TO {role}; GRANT ALL ON nodes TO {role}"
    ));
    let mut config: tokio_postgres::Config = schema.url.parse().unwrap();
    config.user(role).password("secret");
    let pool = Pool::builder(Manager::new(config, NoTls)).max_size(2).build().unwrap();
    let nodes: Opened<Node> = Opened::with(PostgresStore::new(pool).table(schema.table("nodes")));
    let mut wrong = Vec::new();
    for (name, id, parent) in [
        ("a change that is passed over", 1, 3),
        ("a creation that is passed over", 5, 3),
        ("a change that the policy forbids", 1, -1),
        ("a creation that the policy forbids", 5, -1),
        ("a row that the policy hides", 2, 2),
    ] {
        for precondition in [Precondition::none(), Precondition::if_none_match_one_of([EntityTag::of(b"another")])] {
            match nodes.put_if(&Node { id, parent: Some(parent) }, precondition) {
                Err(_) => {}
                other => wrong.push(format!("{name}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rows = schema.rows("SELECT id, parent FROM nodes ORDER BY id");
    let rows: Vec<(i64, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [(1, 1), (2, -2)], "nothing was written");
    nodes.write(&Node { id: 1, parent: Some(7) });
    schema.sql(&format!("DROP TABLE nodes; REVOKE ALL ON SCHEMA {role} FROM {role}; DROP ROLE {role}"));
}

/// Hands all to the store while the row of the first is locked, so that the others wait together; what becomes of each.
fn at_once(schema: &Schema, people: &Opened<Person>, all: &[Person]) -> Vec<Result<Outcome, StoreError>> {
    let locked = connect(&schema.url);
    let table = schema.table("people");
    let locked = wait_for(async move {
        locked.batch_execute(&format!("BEGIN; SELECT FROM {table} WHERE id = 0 FOR UPDATE")).await.unwrap();
        locked
    });
    let first = people.begin(&person(0, &json!({"age": 1})), Precondition::none());
    let replies: Vec<_> = all.iter().map(|person| people.begin(person, Precondition::none())).collect();
    wait_for(async move { locked.batch_execute("COMMIT").await }).unwrap();
    let outcomes = replies.into_iter().map(block_on).collect();
    state(block_on(first).unwrap());
    outcomes
}

#[test]
fn of_many_at_once_only_those_fail_that_break_a_rule() {
    let Some(schema) = Schema::new("batch") else { return };
    schema.sql(PEOPLE);
    let people: Opened<Person> = Opened::with(options(&schema, "people").connections(4));
    people.write(&person(0, &json!({})));
    let broken = |id: i64| match id {
        11 => json!({"email": "0@example.org"}),
        23 => json!({"age": -1, "floor": "1"}),
        37 => json!({"token": "x", "weight": "1000"}),
        _ => json!({}),
    };
    let refused: [(i64, Refused, Told<'_>); 3] = [
        (11, Conflict, &[("/email", Some("people_mail_key"))]),
        (23, Invalid, &[("/age", Some("people_age_check"))]),
        (37, Invalid, &[("/token", None), ("/weight", None)]),
    ];
    let all: Vec<Person> = (1..=50).map(|id| person(id, &broken(id))).collect();
    let judge = |outcomes: &[Result<Outcome, StoreError>], ids: &[i64], is_written: fn(&Outcome) -> bool| {
        for (outcome, id) in outcomes.iter().zip(ids) {
            match refused.iter().find(|(broken, ..)| broken == id) {
                Some((_, refused, places)) => is(outcome, *refused, places).unwrap_or_else(|why| panic!("{id}: {why}")),
                None => assert!(outcome.as_ref().is_ok_and(is_written), "{id}: {outcome:?}"),
            }
        }
    };
    let ids: Vec<i64> = (1..=50).collect();
    judge(&at_once(&schema, &people, &all), &ids, |outcome| matches!(outcome, Outcome::Created(_)));
    assert_eq!(schema.rows("SELECT FROM people").len(), 48);
    for id in [11, 23, 37] {
        people.write(&person(id, &json!({})));
    }
    // Each twice, and the second time it counts: the first is passed through.
    let twice: Vec<Person> = ids
        .iter()
        .map(|id| person(*id, &json!({"age": 9})))
        .chain(ids.iter().map(|id| {
            let mut members = json!({"mood": "bad"});
            members.as_object_mut().unwrap().extend(broken(*id).as_object().unwrap().clone());
            person(*id, &members)
        }))
        .collect();
    let outcomes = at_once(&schema, &people, &twice);
    let (first, second) = outcomes.split_at(50);
    assert!(first.iter().all(|outcome| matches!(outcome, Ok(Outcome::Replaced(_)))), "{first:?}");
    judge(
        second,
        &ids,
        |outcome| matches!(outcome, Outcome::Replaced(state) if text(state).contains("\"mood\":\"bad\"")),
    );
    assert_eq!(schema.rows("SELECT FROM people WHERE mood = 'bad'").len(), 47);
    assert_eq!(schema.rows("SELECT FROM people WHERE mood = 'good' AND age = 9").len(), 3);
}
