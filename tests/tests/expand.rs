//! The structs whose expansions are recorded in `expand/` (put-derive's own tests compare the text) also compile, and the
//! facts in them are the ones that were meant.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the snapshots are structs as users write them, and nobody reads their fields"
)]

use put_core as renamed;
use put_core::{Format, MemoryStore, PutResource};

mod user {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};
    use time::OffsetDateTime;

    #[derive(Default, Serialize, Deserialize)]
    pub(super) enum Role {
        #[default]
        User,
        Admin,
    }

    include!("../expand/user.rs");
}

mod composite_key {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    type Kind = String;

    include!("../expand/composite_key.rs");

    impl Item {
        pub(super) fn new(tenant: &str, kind: &str, number: u64) -> Self {
            Self { number, r#type: kind.to_owned(), tenant: tenant.to_owned() }
        }
    }
}

mod generic {
    use std::fmt::{self, Display};
    use std::hash::{Hash, Hasher};
    use std::marker::PhantomData;
    use std::str::FromStr;

    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Id<K>(u64, PhantomData<K>);

    impl<K> Display for Id<K> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)
        }
    }

    impl<K> FromStr for Id<K> {
        type Err = std::num::ParseIntError;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            text.parse().map(|number| Self(number, PhantomData))
        }
    }

    impl<K> PartialEq for Id<K> {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    impl<K> Eq for Id<K> {}

    impl<K> Hash for Id<K> {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Size<const N: usize>;

    include!("../expand/generic.rs");
}

mod server_values {
    use put_core::PutResource;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    trait FromClock {
        fn from_clock() -> Self;
    }

    impl FromClock for String {
        fn from_clock() -> Self {
            "now".to_owned()
        }
    }

    impl FromClock for u64 {
        fn from_clock() -> Self {
            1
        }
    }

    fn now<T: FromClock>() -> T {
        T::from_clock()
    }

    fn later() -> u64 {
        2
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn write_seconds<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value}s"))
    }

    fn read_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim_end_matches('s').parse().map_err(serde::de::Error::custom)
    }

    include!("../expand/server_values.rs");

    impl Visit {
        pub(super) fn new(id: u64) -> Self {
            Self { id, updated_at: String::new(), seen_at: 0 }
        }

        pub(super) fn times(&self) -> (&str, u64) {
            (&self.updated_at, self.seen_at)
        }
    }
}

mod words {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Layout {
        columns: u8,
    }

    include!("../expand/words.rs");
}

mod columns {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    include!("../expand/columns.rs");
}

mod members {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[expect(clippy::needless_pass_by_value, reason = "what `store_with` takes has the type of the member")]
    fn hash(password: String) -> String {
        password.chars().rev().collect()
    }

    include!("../expand/members.rs");
}

#[test]
fn paths_are_as_written() {
    assert_eq!(user::User::endpoint(MemoryStore::new()).path(), "/api/users/{id}");
    assert_eq!(composite_key::Item::endpoint(MemoryStore::new()).path(), "/{tenant}/{type}/{number}");
    assert_eq!(generic::Page::<u8, u8, 3>::endpoint(MemoryStore::new()).path(), "/pages/{id}");
    assert_eq!(words::Document::endpoint(MemoryStore::new()).path(), "/documents/{slug}");
    assert_eq!(columns::Order::endpoint(MemoryStore::new()).path(), "/orders/{number}");
    assert_eq!(members::Account::endpoint(MemoryStore::new()).path(), "/accounts/{name}");
}

#[test]
fn columns_are_as_written_or_named_like_the_member() {
    let format = Format::of::<columns::Order>();
    let columns: Vec<_> =
        format.members().map(|member| (member.name(), member.column(), member.column_type())).collect();
    let expected = [
        ("number", "order_number", Some("bigint")),
        ("shipTo", "ship_to", None),
        ("made", "made", Some("smallint")),
        ("version", "row_version", None),
    ];
    assert_eq!(columns, expected);
}

#[test]
fn a_composite_key_is_in_the_order_of_the_path() {
    let item = composite_key::Item::new("acme", "part", 7);
    let key = ("acme".to_owned(), "part".to_owned(), 7);
    for (part, text) in ["acme", "part", "7"].iter().enumerate() {
        assert_eq!(item.key_part(part).to_string(), *text);
        assert_eq!(composite_key::Item::part_of(&key, part).to_string(), *text);
    }
    assert_eq!(composite_key::Item::key_from(&["acme", "part", "7"]), Some(key));
    for texts in [&["acme", "part", "07"][..], &["acme", "part"], &[]] {
        assert_eq!(composite_key::Item::key_from(texts), None, "{texts:?}");
    }
}

#[test]
fn classes_of_members_are_as_written() {
    let format = Format::of::<members::Account>();
    let classes: Vec<_> = format
        .members()
        .map(|member| (member.name(), member.is_create_only(), member.is_write_only(), member.is_kept_when_absent()))
        .collect();
    let expected = [
        ("name", false, false, false),
        ("origin", true, false, false),
        ("password", false, true, true),
        ("pin", false, true, true),
        ("seen", false, false, false),
    ];
    assert_eq!(classes, expected);
}

#[tokio::test]
async fn server_values_are_written_by_the_functions_that_serde_is_told() {
    let visits = server_values::Visit::endpoint(MemoryStore::new());
    let precondition = put_core::Precondition::none();
    let created = visits.put(server_values::Visit::new(7), precondition).await.expect("it is created").into_stored();
    assert_eq!(created.value.times(), ("now", 1));
}
