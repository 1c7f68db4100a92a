//! The expansion means the same wherever the struct stands, and whatever else has the names it might use.

use put_core::{MemoryStore, Precondition, PutResource};

/// Nothing from the prelude is in scope, not even `Option`.
mod without_prelude {
    #![no_implicit_prelude]

    #[derive(::serde::Serialize, ::serde::Deserialize, ::put_core::PutResource)]
    #[put(path = "/{tenant}/users/{id}")]
    pub(super) struct User {
        #[put(key)]
        id: u64,
        #[put(key)]
        tenant: ::std::string::String,
        #[put(immutable)]
        #[serde(default, alias = "mail")]
        email: ::std::string::String,
        nickname: ::std::option::Option<::std::string::String>,
        #[put(read_only, on_create = 1, on_replace = 2)]
        #[serde(with = "plain")]
        changed: u64,
        #[put(version, echo = "reject")]
        version: u64,
        #[put(write_only, absent = "keep", store_with = |json: u64| json + 1)]
        pin: ::std::option::Option<u64>,
    }

    mod plain {
        #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
        pub(super) fn serialize<S: ::serde::Serializer>(
            value: &u64,
            serializer: S,
        ) -> ::std::result::Result<S::Ok, S::Error> {
            ::serde::Serialize::serialize(value, serializer)
        }

        pub(super) fn deserialize<'de, D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<u64, D::Error> {
            ::serde::Deserialize::deserialize(deserializer)
        }
    }
}

/// Everything the expansion might name without a path means something else here.
mod shadowed {
    #![allow(dead_code, non_camel_case_types, reason = "the names are here to be in the way")]

    struct Result;
    struct Option;
    struct Vec;
    struct Box;
    struct String;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Facts;
    struct Member;
    struct KeyField;
    struct StoreWith;
    fn stored_with() {}
    struct Send;
    struct Sync;
    mod core {}
    mod std {}
    mod put_core {}
    mod serde {}
    fn probe() {}
    const PART: () = ();

    trait InTheWay {
        fn key(&self) {}
        fn read_only(&self) {}
        fn has_default(&self) {}
        fn as_display(&self) {}
        fn is_canonical(_: &str) {}
        fn parse(_: &str) {}
        fn get(&self) {}
        fn store_with(&self) {}
    }
    impl<T> InTheWay for T {}

    #[derive(::serde::Serialize, ::serde::Deserialize, ::put_core::PutResource)]
    #[put(path = "/{a}/{b}")]
    pub(super) struct Shadowed<T> {
        #[put(key)]
        a: u64,
        #[put(key)]
        b: ::std::string::String,
        #[serde(default)]
        items: ::std::vec::Vec<T>,
        #[put(read_only, on_create = 7)]
        #[serde(deserialize_with = "read")]
        made: u64,
        #[put(write_only, store_with = same)]
        code: ::std::string::String,
    }

    fn same(code: ::std::string::String) -> ::std::string::String {
        code
    }

    fn read<'de, D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<u64, D::Error> {
        ::serde::Deserialize::deserialize(deserializer)
    }
}

/// A user's expression means the user's names, also where the expansion has a variable of that name.
mod names_of_the_user {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    fn value() -> u64 {
        1
    }
    fn values() -> u64 {
        2
    }
    fn json() -> u64 {
        3
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, PutResource)]
    #[put(path = "/sums/{id}")]
    pub(super) struct Sum {
        #[put(key)]
        pub(super) id: u64,
        #[put(read_only, on_create = value() + values() + json() + Self::OFFSET)]
        pub(super) first: u64,
        #[put(read_only, on_create = Some(4).map_or(0, |value| value + 1), on_replace = value())]
        pub(super) second: u64,
    }

    impl Sum {
        const OFFSET: u64 = 10;
    }
}

mod raw {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/{type}/{crate_}")]
    #[serde(rename_all = "kebab-case")]
    pub(super) struct r#Match {
        #[put(key)]
        pub(super) r#type: String,
        #[put(key)]
        pub(super) crate_: u64,
        #[serde(default)]
        pub(super) r#where: Vec<u64>,
    }
}

/// A struct that a macro by example writes: its types arrive in invisible groups.
mod by_example {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    macro_rules! resource {
        ($name:ident, $path:literal, $key:ident: $ty:ty, $member:ident: $other:ty = $value:expr) => {
            #[derive(Serialize, Deserialize, PutResource)]
            #[put(path = $path)]
            pub(super) struct $name {
                #[put(key)]
                pub(super) $key: $ty,
                pub(super) text: Option<$other>,
                #[put(read_only, on_create = $value)]
                pub(super) $member: $other,
            }
        };
    }

    resource!(Tag, "/tags/{name}", name: String, made: u64 = 1 + 1);
}

/// To state the facts of a deprecated field is no use of it.
mod deprecated {
    #![deny(deprecated)]

    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/old/{id}")]
    pub(super) struct Old {
        #[put(key)]
        #[deprecated]
        id: u64,
    }
}

#[test]
fn facts_survive_every_scope() {
    #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    #[put(path = "/local/{id}")]
    struct Local {
        #[put(key)]
        id: LocalId,
        #[put(read_only, on_create = local())]
        made: u64,
    }

    type LocalId = u64;

    fn local() -> u64 {
        1
    }

    assert_eq!(Local::endpoint(MemoryStore::new()).path(), "/local/{id}");
    assert_eq!(without_prelude::User::endpoint(MemoryStore::new()).path(), "/{tenant}/users/{id}");
    assert_eq!(shadowed::Shadowed::<u8>::endpoint(MemoryStore::new()).path(), "/{a}/{b}");
    assert_eq!(by_example::Tag::endpoint(MemoryStore::new()).path(), "/tags/{name}");
    assert_eq!(deprecated::Old::endpoint(MemoryStore::new()).path(), "/old/{id}");
    assert_eq!(put_tests_caller::Article::<u8, 2>::endpoint(MemoryStore::new()).path(), "/articles/{slug}");
}

#[test]
fn raw_names_are_plain() {
    let it = raw::Match { r#type: "a".to_owned(), crate_: 7, r#where: Vec::new() };
    assert_eq!((it.key_part(0).to_string(), it.key_part(1).to_string()), ("a".to_owned(), "7".to_owned()));
}

#[tokio::test]
async fn expressions_mean_the_names_of_the_user() {
    use names_of_the_user::Sum;
    let sums = Sum::endpoint(MemoryStore::new());
    let created = sums.put(Sum { id: 7, first: 0, second: 0 }, Precondition::none()).await.expect("it is created");
    assert_eq!(created.into_stored().value, Sum { id: 7, first: 16, second: 5 });
}
