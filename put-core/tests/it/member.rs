//! What a store is told of the members. One file, because each test describes one struct whole.

use std::collections::BTreeMap;

use put_core::member::{Echo, Integer, Kind, Member, SetBy};
use put_core::{Format, PutResource};
use serde::{Deserialize, Deserializer, Serialize};

/// Without `#[serde(transparent)]`: serde does not look through it for an absent member.
#[derive(Serialize, Deserialize)]
struct Wrapped(Option<u8>);

#[derive(Serialize, Deserialize)]
struct Part {
    city: String,
}

#[derive(Serialize, Deserialize)]
enum Choice {
    One,
    Two(u8),
}

mod text {
    use super::{Deserialize as _, Deserializer};

    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{second}/things/{first}")]
#[serde(rename_all = "camelCase")]
struct Thing {
    #[put(key)]
    first: i32,
    #[put(key)]
    second: String,
    plain_text: String,
    optional: Option<f64>,
    wrapped: Wrapped,
    #[serde(default)]
    preset: bool,
    #[put(required)]
    named: Option<Choice>,
    #[serde(deserialize_with = "text::read")]
    by_function: u8,
    list: Vec<Option<u8>>,
    inner: Part,
    anything: serde_json::Value,
    #[put(immutable)]
    fixed: u128,
    #[put(read_only)]
    #[serde(default)]
    elsewhere: i8,
    #[put(version)]
    #[serde(rename = "v")]
    version: i64,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[test]
fn members_are_described_in_the_order_of_the_struct() {
    const CLIENT: SetBy = SetBy::Client;
    const ELSEWHERE: SetBy = SetBy::Server { at_creation: false, at_change: false };
    const VERSION: SetBy = SetBy::Version { max: i64::MAX.unsigned_abs() };
    // The name, the kind, whether it takes null, whether it may be absent, who sets it.
    let table = [
        ("first", Kind::Integer(Integer::I32), false, false, SetBy::Key { part: 1 }),
        ("second", Kind::String, false, false, SetBy::Key { part: 0 }),
        ("plainText", Kind::String, false, false, CLIENT),
        ("optional", Kind::Number, true, true, CLIENT),
        ("wrapped", Kind::Integer(Integer::U8), true, false, CLIENT),
        ("preset", Kind::Boolean, false, true, CLIENT),
        ("named", Kind::Variant, true, true, CLIENT),
        ("byFunction", Kind::String, false, false, CLIENT),
        ("list", Kind::Array, false, false, CLIENT),
        ("inner", Kind::Object, false, false, CLIENT),
        ("anything", Kind::Any, true, false, CLIENT),
        ("fixed", Kind::Integer(Integer::U128), false, false, SetBy::Immutable),
        ("elsewhere", Kind::Integer(Integer::I8), false, true, ELSEWHERE),
        ("v", Kind::Integer(Integer::I64), false, false, VERSION),
        ("rest", Kind::Object, false, false, CLIENT),
    ];
    let format = Format::of::<Thing>();
    let described = |member: Member<'_>| {
        assert_eq!((member.column(), member.column_type()), (member.name(), None));
        assert_eq!(member.is_flattened(), member.name() == "rest");
        (member.name(), member.kind(), member.takes_null(), member.may_be_absent(), member.set_by())
    };
    assert_eq!(format.members().map(described).collect::<Vec<_>>(), table);
}

#[test]
fn integers_have_the_bits_of_their_types() {
    for (integer, bits, is_signed) in [
        (Integer::I8, 8, true),
        (Integer::I16, 16, true),
        (Integer::I32, 32, true),
        (Integer::I64, 64, true),
        (Integer::I128, 128, true),
        (Integer::U8, 8, false),
        (Integer::U16, 16, false),
        (Integer::U32, 32, false),
        (Integer::U64, 64, false),
        (Integer::U128, 128, false),
    ] {
        assert_eq!((integer.bits(), integer.is_signed()), (bits, is_signed), "{integer:?}");
    }
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/visits/{id}")]
#[serde(rename_all = "camelCase")]
struct Visit {
    #[put(key, column = "visit_id")]
    id: u64,
    #[put(read_only, on_create = 1, column = "made_at", column_type = "timestamptz")]
    made_at: u64,
    #[put(read_only, on_replace = 1, column_type = "numeric(20, 0)")]
    seen_at: u64,
    #[put(read_only, on_create = 1, on_replace = 2)]
    both: u64,
    #[put(read_only)]
    never: Option<u64>,
    #[put(version, column = "row version")]
    version: u64,
}

#[test]
fn what_the_server_sets_and_where_it_is_kept_is_known_without_a_value() {
    let server = |at_creation, at_change| SetBy::Server { at_creation, at_change };
    let table = [
        ("id", "visit_id", None, SetBy::Key { part: 0 }),
        ("madeAt", "made_at", Some("timestamptz"), server(true, false)),
        ("seenAt", "seenAt", Some("numeric(20, 0)"), server(true, true)),
        ("both", "both", None, server(true, true)),
        ("never", "never", None, server(false, false)),
        ("version", "row version", None, SetBy::Version { max: u64::MAX }),
    ];
    let format = Format::of::<Visit>();
    let described = |member: Member<'_>| (member.name(), member.column(), member.column_type(), member.set_by());
    assert_eq!(format.members().map(described).collect::<Vec<_>>(), table);
}

/// The same path and members with another column, and with another width.
mod variants {
    macro_rules! variant {
        ($module:ident, $count:ty $(, $column:meta)?) => {
            pub(super) mod $module {
                #[derive(serde::Serialize, serde::Deserialize, put_core::PutResource)]
                #[put(path = "/things/{id}")]
                pub(crate) struct Thing {
                    #[put(key)]
                    id: u64,
                    $(#[$column])?
                    count: $count,
                }
            }
        };
    }
    variant!(plain, u8);
    variant!(elsewhere, u8, put(column = "number", column_type = "smallint"));
    variant!(wide, u16);
    variant!(create_only, u8, put(create_only));
    variant!(write_only, u8, put(write_only));
    variant!(halved, u8, put(write_only, store_with = |count: u8| count / 2));
}

#[test]
fn a_fingerprint_moves_with_the_width_of_an_integer_and_not_with_its_column() {
    let plain = Format::of::<variants::plain::Thing>().fingerprint();
    assert_eq!(Format::of::<variants::elsewhere::Thing>().fingerprint(), plain);
    assert_ne!(Format::of::<variants::wide::Thing>().fingerprint(), plain);
}

#[test]
fn a_fingerprint_moves_with_the_class_of_a_member() {
    let plain = Format::of::<variants::plain::Thing>().fingerprint();
    let create_only = Format::of::<variants::create_only::Thing>().fingerprint();
    let write_only = Format::of::<variants::write_only::Thing>().fingerprint();
    assert!(plain != create_only && plain != write_only && create_only != write_only);
    assert_eq!(Format::of::<variants::halved::Thing>().fingerprint(), write_only);
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/accounts/{id}")]
struct Account {
    #[put(key)]
    id: u64,
    #[put(create_only)]
    currency: String,
    #[put(create_only, absent = "keep")]
    origin: Option<String>,
    #[put(create_only, absent = "clear")]
    #[serde(default)]
    kind: u8,
    #[put(write_only)]
    password: String,
    #[put(write_only, absent = "keep")]
    #[serde(default)]
    pin: u16,
    #[put(write_only, absent = "clear")]
    hint: Option<String>,
}

#[test]
fn what_a_client_may_leave_out_later_is_known_without_a_value() {
    let table = [
        ("id", SetBy::Key { part: 0 }, (false, false, false)),
        ("currency", SetBy::Client, (true, false, true)),
        ("origin", SetBy::Client, (true, false, true)),
        ("kind", SetBy::Client, (true, false, false)),
        ("password", SetBy::Client, (false, true, true)),
        ("pin", SetBy::Client, (false, true, true)),
        ("hint", SetBy::Client, (false, true, false)),
    ];
    let format = Format::of::<Account>();
    let described = |member: Member<'_>| {
        let class = (member.is_create_only(), member.is_write_only(), member.is_kept_when_absent());
        (member.name(), member.set_by(), class)
    };
    assert_eq!(format.members().map(described).collect::<Vec<_>>(), table);
}

/// One member of every class.
#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/things/{id}")]
struct Classes {
    #[put(key)]
    id: u64,
    plain: String,
    optional: Option<String>,
    #[put(required)]
    required: Option<String>,
    #[serde(default)]
    by_default: u8,
    #[put(read_only, on_create = 1)]
    ignored: u8,
    #[put(read_only, echo = "require_equal")]
    compared: Option<u8>,
    #[put(read_only, echo = "reject")]
    rejected: Option<u8>,
    #[put(immutable)]
    immutable: String,
    #[put(create_only)]
    create_only: String,
    #[put(create_only, absent = "clear")]
    created_or_not: Option<String>,
    #[put(write_only)]
    secret: String,
    #[put(write_only, absent = "keep")]
    maybe_secret: Option<String>,
    #[put(version, echo = "require_equal")]
    version: u64,
}

#[test]
fn every_class_can_be_told_from_the_others() {
    let server = |at_creation| SetBy::Server { at_creation, at_change: false };
    let version = SetBy::Version { max: u64::MAX };
    // Who sets it; whether it is create-only, write-only, kept when absent, required; what becomes of an echo.
    let table = [
        ("id", SetBy::Key { part: 0 }, [false, false, false, false], None),
        ("plain", SetBy::Client, [false, false, false, true], None),
        ("optional", SetBy::Client, [false, false, false, false], None),
        ("required", SetBy::Client, [false, false, false, true], None),
        ("by_default", SetBy::Client, [false, false, false, false], None),
        ("ignored", server(true), [false, false, false, false], Some(Echo::Ignore)),
        ("compared", server(false), [false, false, false, false], Some(Echo::RequireEqual)),
        ("rejected", server(false), [false, false, false, false], Some(Echo::Reject)),
        ("immutable", SetBy::Immutable, [false, false, false, true], None),
        ("create_only", SetBy::Client, [true, false, true, true], None),
        ("created_or_not", SetBy::Client, [true, false, false, false], None),
        ("secret", SetBy::Client, [false, true, true, true], None),
        ("maybe_secret", SetBy::Client, [false, true, true, false], None),
        ("version", version, [false, false, false, false], Some(Echo::RequireEqual)),
    ];
    let format = Format::of::<Classes>();
    let described = |member: Member<'_>| {
        let class =
            [member.is_create_only(), member.is_write_only(), member.is_kept_when_absent(), member.is_required()];
        (member.name(), member.set_by(), class, member.echo())
    };
    assert_eq!(format.members().map(described).collect::<Vec<_>>(), table);
}
