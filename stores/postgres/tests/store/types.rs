//! Every column type works as it is: a value goes in through JSON and the type's own input function, and comes back as
//! the database shows it. One file, because most of it is one table.

use put_conformance::store::block_on;
use put_core::store::{Deletion, Outcome};
use put_core::{Precondition, PutResource};
use put_postgres::PostgresStore;
use put_postgres::deadpool_postgres::{Manager, Pool};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::NoTls;

use crate::opened::{Cell, Opened, text, told, with_setting};
use crate::support::Schema;

/// The declaration of a column, the value that is put there, and the value that is there then; both as JSON.
type Row = (&'static str, &'static str, &'static str);

/// A schema with the types that the tables use beside PostgreSQL's own, and a pool as an application has it.
struct Types {
    schema: Schema,
    pool: Pool,
}

impl Types {
    fn new(prefix: &str) -> Option<Self> {
        let schema = Schema::new(prefix)?;
        schema.sql(
            "SET synchronous_commit = off;
            CREATE TYPE mood AS ENUM ('bad', 'very good');
            CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);
            CREATE DOMAIN short AS varchar(3);
            CREATE DOMAIN shorter AS short CHECK (length(VALUE) < 3);
            CREATE DOMAIN mood_domain AS mood NOT NULL;
            CREATE DOMAIN tags AS text[] CHECK (cardinality(VALUE) < 3);
            CREATE TYPE address AS (street text, \"House Number\" int, since date, mood mood, parts text[]);
            CREATE TYPE person AS (name text, home address);
            CREATE DOMAIN home AS address CHECK ((VALUE).street <> '')",
        );
        let url = with_setting(&schema.url, "synchronous_commit=off");
        let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).max_size(2).build().unwrap();
        Some(Self { schema, pool })
    }

    fn open<R: PutResource + DeserializeOwned>(&self, table: &str) -> Opened<R> {
        Opened::with(PostgresStore::new(self.pool.clone()).table(self.schema.table(table)))
    }

    /// Puts each value into a table with such a column, and says which do not come back as they should.
    fn wrong<T>(&self, prefix: &str, rows: &[Row]) -> Vec<String>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let mut wrong = Vec::new();
        let mut at = "";
        let mut opened: Option<Opened<Cell<T>>> = None;
        for (number, &(declaration, sent, shown)) in rows.iter().enumerate() {
            if at != declaration {
                let name = format!("{prefix}_{number}");
                self.schema.sql(&format!("CREATE TABLE {name} (id int8 PRIMARY KEY, value {declaration})"));
                opened = Some(self.open(&name));
                at = declaration;
            }
            let Some(opened) = &opened else { unreachable!() };
            if let Err(why) = comes_back(opened, i64::try_from(number).unwrap(), sent, shown) {
                wrong.push(format!("{declaration}, {sent}: {why}"));
            }
        }
        wrong
    }
}

fn comes_back<T>(opened: &Opened<Cell<T>>, id: i64, sent: &str, shown: &str) -> Result<(), String>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let cell = Cell { id, value: serde_json::from_str(sent).unwrap() };
    let state = match opened.put(&cell) {
        Ok(Outcome::Created(state)) => state,
        other => return Err(format!("{other:?}")),
    };
    let expected = format!("{{\"id\":{id},\"value\":{shown}}}");
    if text(&state) != expected {
        return Err(format!("{} instead of {expected}", text(&state)));
    }
    opened.is_steady(&opened.key(&cell), &state)?;
    match opened.put(&cell) {
        Ok(Outcome::Unchanged(same)) if same == state => Ok(()),
        other => Err(format!("the same again: {other:?}")),
    }
}

const TEXTS: &[Row] = &[
    ("uuid", r#""A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11""#, r#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#),
    ("timestamptz", r#""2024-02-29T23:59:59.123456789+02:00""#, r#""2024-02-29T21:59:59.123457+00:00""#),
    ("timestamptz", r#""2024-02-29T23:59:59Z""#, r#""2024-02-29T23:59:59+00:00""#),
    ("timestamptz", r#""infinity""#, r#""infinity""#),
    ("timestamptz", r#""0044-03-15T12:00:00+00:00 BC""#, r#""0044-03-15T12:00:00+00:00 BC""#),
    ("timestamptz", r#""12024-03-15T12:00:00+00:00""#, r#""12024-03-15T12:00:00+00:00""#),
    ("timestamptz(0)", r#""2024-02-29T23:59:59.5Z""#, r#""2024-03-01T00:00:00+00:00""#),
    ("timestamp", r#""2024-02-29T23:59:59.1234567""#, r#""2024-02-29T23:59:59.123457""#),
    ("timestamp", r#""-infinity""#, r#""-infinity""#),
    ("date", r#""2024-02-29""#, r#""2024-02-29""#),
    ("date", r#""0001-01-01""#, r#""0001-01-01""#),
    ("date", r#""infinity""#, r#""infinity""#),
    ("time", r#""23:59:59.1234567""#, r#""23:59:59.123457""#),
    ("time", r#""24:00""#, r#""24:00:00""#),
    ("timetz", r#""12:00:00.5+02""#, r#""12:00:00.5+02""#),
    ("interval", r#""1 year 2 days 03:04:05.5""#, r#""P1Y2DT3H4M5.5S""#),
    ("interval", r#""P-1DT2H""#, r#""P-1DT2H""#),
    ("interval", r#""0""#, r#""PT0S""#),
    ("interval", r#""24 hours""#, r#""PT24H""#),
    ("interval day to minute", r#""1 day 2 hours 3 minutes 4 seconds""#, r#""P1DT2H3M""#),
    ("numeric(38,10)", r#""1234567890123456789012345678.0123456789""#, r#""1234567890123456789012345678.0123456789""#),
    ("numeric(38,10)", r#""1.5""#, r#""1.5000000000""#),
    ("numeric(38,10)", r#""-0.00000000005""#, r#""-0.0000000001""#),
    ("numeric", r#""1.50""#, r#""1.50""#),
    ("numeric", r#""1e-30""#, r#""0.000000000000000000000000000001""#),
    ("numeric", r#""NaN""#, r#""NaN""#),
    ("numeric(20,0)", r#""18446744073709551615""#, r#""18446744073709551615""#),
    ("int8", r#""9223372036854775807""#, r#""9223372036854775807""#),
    ("int8", r#""007""#, r#""7""#),
    ("float8", r#""NaN""#, r#""NaN""#),
    ("float8", r#""-Infinity""#, r#""-Infinity""#),
    ("float8", r#""0.1""#, r#""0.1""#),
    ("float4", r#""0.1""#, r#""0.1""#),
    ("money", r#""1234.56""#, r#""$1,234.56""#),
    ("money", r#""-1""#, r#""-$1.00""#),
    ("text", r#""""#, r#""""#),
    ("text", r#""null""#, r#""null""#),
    ("text", r#""{\"a\":1}""#, r#""{\"a\":1}""#),
    ("varchar", r#""free""#, r#""free""#),
    ("varchar(3)", r#""abc""#, r#""abc""#),
    ("varchar(3)", r#""abc   ""#, r#""abc""#),
    ("varchar(3)", r#""äöü""#, r#""äöü""#),
    ("char(5)", r#""ab""#, r#""ab   ""#),
    ("char(5)", r#""ab  ""#, r#""ab   ""#),
    ("\"char\"", r#""x""#, r#""x""#),
    ("name", r#""a name""#, r#""a name""#),
    ("bytea", r#""\\xDEADbeef""#, r#""\\xdeadbeef""#),
    ("bytea", r#""a\\000b""#, r#""\\x610062""#),
    ("inet", r#""192.168.0.1/24""#, r#""192.168.0.1/24""#),
    ("inet", r#""::ffff:1.2.3.4/128""#, r#""::ffff:1.2.3.4""#),
    ("cidr", r#""10""#, r#""10.0.0.0/8""#),
    ("macaddr", r#""08002b:010203""#, r#""08:00:2b:01:02:03""#),
    ("macaddr8", r#""08:00:2b:01:02:03""#, r#""08:00:2b:ff:fe:01:02:03""#),
    ("int4range", r#""[1,9]""#, r#""[1,10)""#),
    ("int4range", r#""empty""#, r#""empty""#),
    ("numrange", r#""(,1.50]""#, r#""(,1.50]""#),
    ("tstzrange", r#""[2024-01-01T00:00:00Z,)""#, r#""[\"2024-01-01 00:00:00+00\",)""#),
    ("daterange", r#""(2024-01-01,2024-01-02]""#, r#""[2024-01-02,2024-01-03)""#),
    ("bit(3)", r#""101""#, r#""101""#),
    ("bit varying(5)", r#""01""#, r#""01""#),
    ("point", r#""1.5, -2""#, r#""(1.5,-2)""#),
    ("box", r#""(0,0),(1,1)""#, r#""(1,1),(0,0)""#),
    ("circle", r#""<(0,0),2>""#, r#""<(0,0),2>""#),
    ("tsvector", r#""the fat rat""#, r#""'fat' 'rat' 'the'""#),
    ("tsquery", r#""fat & rat""#, r#""'fat' & 'rat'""#),
    ("xml", r#""<a b=\"c\">d &amp; e</a>""#, r#""<a b=\"c\">d &amp; e</a>""#),
    ("oid", r#""4294967295""#, r#""4294967295""#),
    ("pg_lsn", r#""16/B374D848""#, r#""16/B374D848""#),
    ("jsonb", r#""a \" \\ text""#, r#""a \" \\ text""#),
    ("json", r#""a text""#, r#""a text""#),
    ("mood", r#""very good""#, r#""very good""#),
    ("percent", r#""100""#, r#""100""#),
    ("short", r#""abc""#, r#""abc""#),
    ("shorter", r#""ab""#, r#""ab""#),
    ("text COLLATE \"C\"", r#""ä""#, r#""ä""#),
];

#[test]
fn a_text_is_what_the_type_reads_and_shows() {
    let Some(types) = Types::new("texts") else { return };
    assert_eq!(types.wrong::<Option<String>>("text", TEXTS), [""; 0]);
    // A domain may be NOT NULL where the column does not say so.
    assert_eq!(types.wrong::<String>("domain", &[("mood_domain", r#""bad""#, r#""bad""#)]), [""; 0]);
}

#[test]
fn a_number_keeps_all_its_digits() {
    let Some(types) = Types::new("numbers") else { return };
    let integers = [
        ("int2 NOT NULL", "-32768", "-32768"),
        ("int4 NOT NULL", "2147483647", "2147483647"),
        ("int8 NOT NULL", "9007199254740993", "9007199254740993"),
        ("int8 NOT NULL", "-9223372036854775808", "-9223372036854775808"),
        ("numeric(20,0) NOT NULL", "9223372036854775807", "9223372036854775807"),
        ("percent NOT NULL", "100", "100"),
        ("jsonb NOT NULL", "9223372036854775807", "9223372036854775807"),
    ];
    assert_eq!(types.wrong::<i64>("i64", &integers), [""; 0]);
    let large = [
        ("numeric(20,0) NOT NULL", "18446744073709551615", "18446744073709551615"),
        ("int8 NOT NULL", "9223372036854775807", "9223372036854775807"),
    ];
    assert_eq!(types.wrong::<u64>("u64", &large), [""; 0]);
    let largest = [(
        "numeric(39) NOT NULL",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211455",
    )];
    assert_eq!(types.wrong::<u128>("u128", &largest), [""; 0]);
    let floats = [
        ("float8 NOT NULL", "0.1", "0.1"),
        ("float8 NOT NULL", "-0.0", "-0.0"),
        ("float8 NOT NULL", "5e-324", "5e-324"),
        ("float8 NOT NULL", "1.7976931348623157e308", "1.7976931348623157e+308"),
        ("float8 NOT NULL", "0.30000000000000004", "0.30000000000000004"),
        ("float4 NOT NULL", "0.30000000000000004", "0.3"),
        ("float4 NOT NULL", "16777217.0", "16777216.0"),
        ("numeric(38,10) NOT NULL", "0.1", "0.1"),
        ("numeric(38,10) NOT NULL", "0.00000000004", "0.0"),
        ("numeric(5,2) NOT NULL", "1.005", "1.01"),
        ("numeric NOT NULL", "1e-300", "1e-300"),
        ("numeric NOT NULL", "-0.0", "0.0"),
        ("jsonb NOT NULL", "1e300", "1e+300"),
    ];
    assert_eq!(types.wrong::<f64>("f64", &floats), [""; 0]);
    let singles = [("float4 NOT NULL", "0.1", "0.1"), ("float4 NOT NULL", "1e-45", "1e-45")];
    assert_eq!(types.wrong::<f32>("f32", &singles), [""; 0]);
    let truths = [("boolean NOT NULL", "true", "true"), ("boolean NOT NULL", "false", "false")];
    assert_eq!(types.wrong::<bool>("bool", &truths), [""; 0]);
}

#[test]
fn an_array_has_its_elements() {
    let Some(types) = Types::new("arrays") else { return };
    let texts = [
        (
            "text[] NOT NULL",
            r#"["a","","NULL","null","{b,\"c\\\\",null,"é"]"#,
            r#"["a","","NULL","null","{b,\"c\\\\",null,"é"]"#,
        ),
        ("text[] NOT NULL", "[]", "[]"),
        ("varchar(2)[] NOT NULL", r#"["ab"]"#, r#"["ab"]"#),
        (
            "uuid[] NOT NULL",
            r#"["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]"#,
            r#"["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]"#,
        ),
        ("timestamptz[] NOT NULL", r#"["2024-02-29T23:59:59Z"]"#, r#"["2024-02-29T23:59:59+00:00"]"#),
        ("mood[] NOT NULL", r#"["bad","very good",null]"#, r#"["bad","very good",null]"#),
        ("mood_domain[] NOT NULL", r#"["bad"]"#, r#"["bad"]"#),
        ("shorter[] NOT NULL", r#"["ab"]"#, r#"["ab"]"#),
        ("tags NOT NULL", r#"["a","b"]"#, r#"["a","b"]"#),
        ("bytea[] NOT NULL", r#"["\\x00"]"#, r#"["\\x00"]"#),
        ("jsonb NOT NULL", r#"["a",null]"#, r#"["a",null]"#),
    ];
    assert_eq!(types.wrong::<Vec<Option<String>>>("text", &texts), [""; 0]);
    let integers = [
        ("int[] NOT NULL", "[1,-2,2147483647]", "[1,-2,2147483647]"),
        ("int8[] NOT NULL", "[9007199254740993]", "[9007199254740993]"),
        ("int[3] NOT NULL", "[1,2,3,4]", "[1,2,3,4]"),
    ];
    assert_eq!(types.wrong::<Vec<i64>>("int", &integers), [""; 0]);
    let numbers = [
        ("numeric[] NOT NULL", "[0.1,1e20,-3.0]", "[0.1,1e+20,-3.0]"),
        ("float8[] NOT NULL", "[0.1,1e300]", "[0.1,1e+300]"),
    ];
    assert_eq!(types.wrong::<Vec<f64>>("number", &numbers), [""; 0]);
    let matrices = [
        ("int[] NOT NULL", "[[1,2],[3,4]]", "[[1,2],[3,4]]"),
        ("int[][] NOT NULL", "[[1],[2],[3]]", "[[1],[2],[3]]"),
        ("int[] NOT NULL", "[]", "[]"),
        // An array without elements has no dimensions for PostgreSQL.
        ("int[] NOT NULL", "[[],[]]", "[]"),
        ("jsonb NOT NULL", "[[1],[],[2,3]]", "[[1],[],[2,3]]"),
    ];
    assert_eq!(types.wrong::<Vec<Vec<i64>>>("matrix", &matrices), [""; 0]);
    let flags = [("boolean[]", "[true,false]", "[true,false]"), ("boolean[]", "null", "null")];
    assert_eq!(types.wrong::<Option<Vec<bool>>>("flag", &flags), [""; 0]);
}

#[derive(Serialize, Deserialize)]
struct Address {
    street: String,
    #[serde(rename = "House Number")]
    number: Option<i32>,
    since: String,
    mood: Mood,
    parts: Vec<String>,
}

#[derive(Serialize, Deserialize)]
enum Mood {
    #[serde(rename = "bad")]
    Bad,
    #[serde(rename = "very good")]
    VeryGood,
}

#[derive(Serialize, Deserialize)]
struct Person {
    name: String,
    home: Option<Address>,
}

const HOME: &str =
    r#"{"street":"a, \"b\" (c)","House Number":null,"since":"2024-02-29","mood":"very good","parts":["","x y"]}"#;

#[test]
fn a_composite_is_a_struct() {
    let Some(types) = Types::new("composites") else { return };
    let homes = [("address NOT NULL", HOME, HOME), ("home NOT NULL", HOME, HOME), ("jsonb NOT NULL", HOME, HOME)];
    assert_eq!(types.wrong::<Address>("address", &homes), [""; 0]);
    let person: &str = format!(r#"{{"name":"Ada","home":{HOME}}}"#).leak();
    let nobody = r#"{"name":"Bob","home":null}"#;
    assert_eq!(
        types.wrong::<Person>("person", &[("person NOT NULL", person, person), ("person NOT NULL", nobody, nobody)]),
        [""; 0]
    );
    let list: &str = format!("[{person},{nobody},null]").leak();
    assert_eq!(
        types.wrong::<Vec<Option<Person>>>(
            "people",
            &[("person[] NOT NULL", list, list), ("person[] NOT NULL", "[]", "[]")]
        ),
        [""; 0]
    );
    let moods = [("mood NOT NULL", r#""very good""#, r#""very good""#), ("text NOT NULL", r#""bad""#, r#""bad""#)];
    assert_eq!(types.wrong::<Mood>("mood", &moods), [""; 0]);
}

#[test]
fn what_reads_anything_reads_what_the_column_shows() {
    let Some(types) = Types::new("anything") else { return };
    let deep: &str = format!("{}1{}", "[".repeat(100), "]".repeat(100)).leak();
    let rows = [
        ("jsonb", r#"{"b":[1,2.5,"x",null,true],"a":{}}"#, r#"{"a":{},"b":[1,2.5,"x",null,true]}"#),
        ("jsonb", "null", "null"),
        ("jsonb", "7", "7"),
        ("jsonb", r#""text""#, r#""text""#),
        ("jsonb", deep, deep),
        ("json", r#"{"b":[1,2.5,"x",null,true],"a":{}}"#, r#"{"a":{},"b":[1,2.5,"x",null,true]}"#),
        ("json", "18446744073709551615", "18446744073709551615"),
        ("json", "null", "null"),
        ("json", deep, deep),
        ("text", r#""text""#, r#""text""#),
        ("text", "7", r#""7""#),
        ("int4", "7", "7"),
        ("numeric(20,0)", "18446744073709551615", "18446744073709551615"),
        ("boolean", "true", "true"),
        ("uuid", r#""A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11""#, r#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#),
        ("int[]", "[[1,2],[3,4]]", "[[1,2],[3,4]]"),
        (
            "address[]",
            r#"[{"street":"a"}]"#,
            r#"[{"House Number":null,"mood":null,"parts":null,"since":null,"street":"a"}]"#,
        ),
    ];
    assert_eq!(types.wrong::<Value>("value", &rows), [""; 0]);
}

/// Members that are called like what the statements name, and like words of SQL.
#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/words/{place}/{u}")]
struct Words {
    m: i64,
    #[put(key)]
    u: String,
    #[put(key)]
    place: i64,
    t: bool,
    s: Option<String>,
    i: Vec<i64>,
    p: f64,
    p0: i64,
    t0: i64,
    c0: i64,
    found: String,
    guard: i64,
    wanted: String,
    verdict: String,
    shown: String,
    input: String,
    r#type: String,
    select: String,
    user: String,
    #[serde(rename = "ORDER by")]
    order: String,
    #[serde(rename = "say \"hi\"; --")]
    quoted: String,
    #[put(column = "Größe %s $1 {}")]
    size: i64,
    #[put(read_only, last_modified, on_replace = "2024-02-29T12:00:00+00:00".to_owned(), column_type = "timestamptz")]
    date: String,
    #[put(immutable)]
    key: String,
}

#[test]
fn a_name_is_a_name_whatever_it_says() {
    let Some(types) = Types::new("Names") else { return };
    let odd = "select \" $1 Ü";
    types.schema.sql(&format!(
        "CREATE SCHEMA \"{0}.Odd\"; {1}",
        types.schema.name,
        put_postgres::create_table_sql::<Words>().replacen(
            "\"words\"",
            &format!("\"{}.Odd\".\"{}\"", types.schema.name, odd.replace('"', "\"\"")),
            1
        )
    ));
    let name = format!("\"{}.Odd\".\"{}\"", types.schema.name, odd.replace('"', "\"\""));
    let opened: Opened<Words> = Opened::with(PostgresStore::new(types.pool.clone()).table(name));
    let json = |m: i64| {
        format!(
            r#"{{"m":{m},"u":"a/b","place":1,"t":true,"s":"s","i":[1],"p":0.5,"p0":1,"t0":2,"c0":3,"found":"f","guard":4,
            "wanted":"w","verdict":"v","shown":"s","input":"i","type":"t","select":"s","user":"u","ORDER by":"o",
            "say \"hi\"; --":"q","size":5,"date":"","key":"k"}}"#
        )
    };
    let words = |m| opened.read(json(m).as_bytes());
    for m in [1, 2] {
        let state = opened.write(&words(m));
        assert!(text(&state).starts_with(&format!(r#"{{"m":{m},"u":"a/b","place":1,"#)), "{}", text(&state));
        opened.is_steady(&opened.key(&words(m)), &state).unwrap();
    }
    let mut other = words(2);
    "another".clone_into(&mut other.key);
    let Outcome::Conflict(violations) = opened.put(&other).unwrap() else { panic!("it never changes") };
    assert_eq!(told(&violations), [("/key", None)]);
    types.schema.sql(&format!("DROP SCHEMA \"{}.Odd\" CASCADE", types.schema.name));
}

/// A table that the database fills by itself, as far as nobody else does.
#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/orders/{id}")]
struct Order {
    #[put(key)]
    id: i64,
    net: i64,
    #[put(read_only)]
    gross: Option<i64>,
    #[put(read_only)]
    #[serde(default)]
    number: i64,
    #[put(read_only)]
    #[serde(default)]
    serial: i32,
    #[put(read_only)]
    #[serde(default)]
    token: String,
    #[put(read_only)]
    #[serde(default)]
    made: String,
    #[put(read_only)]
    #[serde(default)]
    state: String,
    #[put(read_only)]
    note: Option<String>,
}

#[test]
fn what_nobody_sets_the_database_sets() {
    let Some(types) = Types::new("defaults") else { return };
    types.schema.sql(
        "CREATE DOMAIN token AS uuid NOT NULL DEFAULT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
        CREATE TABLE orders (
            id int8 GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            net int8 NOT NULL,
            gross int8 GENERATED ALWAYS AS (net * 119 / 100) STORED,
            number int8 GENERATED ALWAYS AS IDENTITY,
            serial serial,
            token token,
            made timestamptz NOT NULL DEFAULT '2024-02-29T00:00:00Z',
            state mood NOT NULL DEFAULT 'bad',
            note text,
            besides text NOT NULL DEFAULT 'x',
            unknown xml
        )",
    );
    let opened: Opened<Order> = types.open("orders");
    let order = |net| opened.read(format!(r#"{{"id":7,"net":{net}}}"#).as_bytes());
    let expected = |net: i64, gross: i64, note: &str| {
        format!(
            r#"{{"id":7,"net":{net},"gross":{gross},"number":1,"serial":1,"token":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","made":"2024-02-29T00:00:00+00:00","state":"bad","note":{note}}}"#
        )
    };
    let key = opened.key(&order(0));
    let Outcome::Created(state) = opened.put(&order(100)).unwrap() else { panic!("there was nothing") };
    assert_eq!(text(&state), expected(100, 119, "null"));
    opened.is_steady(&key, &state).unwrap();
    let Outcome::Replaced(state) = opened.put(&order(200)).unwrap() else { panic!("it is another") };
    assert_eq!(text(&state), expected(200, 238, "null"));
    // What another program writes there stays.
    types.schema.sql("UPDATE orders SET note = 'seen'");
    let condition = Precondition::if_match(opened.get(&key).unwrap().tag().clone());
    let Outcome::Replaced(state) = opened.put_if(&order(300), condition).unwrap() else { panic!("it is another") };
    assert_eq!(text(&state), expected(300, 357, "\"seen\""));
    opened.is_steady(&key, &state).unwrap();
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/readings/{sensor}/{at}")]
struct Reading {
    #[put(key)]
    at: i64,
    #[put(key)]
    sensor: String,
    value: Option<f64>,
}

#[test]
fn a_table_may_have_partitions() {
    let Some(types) = Types::new("partitions") else { return };
    let table = "(value float8, sensor text NOT NULL, at int8 NOT NULL, PRIMARY KEY (at, sensor)) PARTITION BY";
    for (name, statements) in [
        (
            "hashed",
            format!(
                "CREATE TABLE hashed {table} HASH (sensor);
                CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
                CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
            ),
        ),
        (
            "listed",
            format!(
                "CREATE TABLE listed {table} LIST (sensor);
                CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a', 'c');
                CREATE TABLE listed_b PARTITION OF listed DEFAULT"
            ),
        ),
        (
            "ranged",
            format!(
                "CREATE TABLE ranged {table} RANGE (at);
                CREATE TABLE ranged_0 PARTITION OF ranged FOR VALUES FROM (0) TO (10) PARTITION BY LIST (sensor);
                CREATE TABLE ranged_0a PARTITION OF ranged_0 FOR VALUES IN ('a');
                CREATE TABLE ranged_0b PARTITION OF ranged_0 FOR VALUES IN ('b', 'c');
                CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM (10) TO (20)"
            ),
        ),
    ] {
        types.schema.sql(&statements);
        let opened: Opened<Reading> = types.open(name);
        let at = |sensor: &str, at, value| Reading { at, sensor: sensor.to_owned(), value };
        for (sensor, time) in [("a", 1), ("b", 1), ("c", 9), ("a", 10), ("b", 19)] {
            let key = opened.key(&at(sensor, time, None));
            let Outcome::Created(_) = opened.put(&at(sensor, time, None)).unwrap() else { panic!("there was nothing") };
            let Outcome::Replaced(state) = opened.put(&at(sensor, time, Some(0.5))).unwrap() else { panic!("another") };
            opened.is_steady(&key, &state).unwrap();
        }
        let all = block_on(opened.store.list(None, 10)).unwrap();
        assert_eq!(all.iter().map(text).next(), Some(r#"{"at":1,"sensor":"a","value":0.5}"#), "{name}");
        assert_eq!(all.len(), 5, "{name}");
        let key = opened.key(&at("a", 1, None));
        assert_eq!(opened.delete(&key, Precondition::none()).unwrap(), Deletion::Deleted, "{name}");
        assert_eq!(opened.get(&key), None, "{name}");
    }
    // No partition takes it: that is the fault of the value.
    let opened: Opened<Reading> = types.open("ranged");
    for (sensor, time) in [("a", 20), ("d", 5)] {
        let nowhere = Reading { at: time, sensor: sensor.to_owned(), value: None };
        let Outcome::Invalid(violations) = opened.put(&nowhere).unwrap() else { panic!("nothing takes it") };
        assert_eq!(told(&violations), [("", None)], "{violations}");
    }
}

#[test]
fn a_type_with_its_own_way_to_json_is_a_text_where_the_member_is_one() {
    let Some(types) = Types::new("casts") else { return };
    types.schema.sql(
        "CREATE TYPE shade AS ENUM ('light', 'dark');
        CREATE FUNCTION to_json(shade) RETURNS json LANGUAGE sql AS $$ SELECT json_build_object('shade', $1::text) $$;
        CREATE CAST (shade AS json) WITH FUNCTION to_json(shade)",
    );
    assert_eq!(types.wrong::<String>("shade", &[("shade NOT NULL", r#""dark""#, r#""dark""#)]), [""; 0]);
}
