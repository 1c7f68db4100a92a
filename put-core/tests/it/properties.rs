//! What holds for every value: canonical JSON reads back, a change is decided by what a client controls, a path leads
//! to its key and back. One thing although it is long: the properties share their generators.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use proptest::collection::{btree_map, hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use put_core::change::{Change, Decision};
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError};
use put_core::{EntityTag, Format, MemoryStore, Precondition, PutResource};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::support::{HOST, Item, Place, Size, get, pages, put};

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A member of every kind that a client controls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/things/{id}")]
struct Thing {
    #[put(key)]
    id: u64,
    text: String,
    signed: i64,
    large: u64,
    ratio: f64,
    small_ratio: f32,
    flag: bool,
    letter: char,
    kind: Kind,
    list: Vec<Option<i32>>,
    by_name: BTreeMap<String, Kind>,
    /// In another order each time it is read.
    by_number: HashMap<i16, (u8, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent_if_none: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rest {
    zebra: Option<u8>,
    apple: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Unit,
    Newtype(Option<i64>),
    Tuple(u8, String),
    Struct { x: f64, inner: Vec<bool> },
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z\"\\\\\u{0}-\u{1f}é\u{10000}]{0,6}"]
}

fn ratio() -> impl Strategy<Value = f64> {
    use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Unit),
        any::<Option<i64>>().prop_map(Kind::Newtype),
        (any::<u8>(), text()).prop_map(|(number, text)| Kind::Tuple(number, text)),
        (ratio(), vec(any::<bool>(), 0..3)).prop_map(|(x, inner)| Kind::Struct { x, inner }),
    ]
}

prop_compose! {
    fn thing()(
        (id, text, signed, large) in (any::<u64>(), text(), any::<i64>(), any::<u64>()),
        (ratio, small_ratio) in (ratio(), prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO),
        (flag, letter, kind) in (any::<bool>(), any::<char>(), kind()),
        list in vec(any::<Option<i32>>(), 0..4),
        by_name in btree_map(text(), kind(), 0..4),
        by_number in hash_map(any::<i16>(), (any::<u8>(), text()), 0..4),
        absent_if_none in option::of(text()),
        (zebra, apple) in (any::<Option<u8>>(), text()),
    ) -> Thing {
        let rest = Rest { zebra, apple };
        Thing {
            id, text, signed, large, ratio, small_ratio, flag, letter, kind, list, by_name, by_number, absent_if_none, rest,
        }
    }
}

proptest! {
    #[test]
    fn canonical_json_reads_back_and_is_its_own_canonical_form(thing in thing()) {
        let format = Format::of::<Thing>();
        let canonical = format.canonical(&serde_json::to_vec(&thing).unwrap()).unwrap();
        let read: Thing = serde_json::from_slice(&canonical).unwrap();
        prop_assert_eq!(&read, &thing);
        prop_assert_eq!(format.canonical(&canonical).unwrap(), &canonical);

        // Neither the order of the members nor the white space matters.
        let members: Map<String, Value> = serde_json::from_slice(&canonical).unwrap();
        let reversed: Vec<_> = members.iter().rev().map(|(name, value)| format!("\n {} :\t{value:#}", Value::from(&**name))).collect();
        let reordered = format!("{{{} }}", reversed.join(","));
        prop_assert_eq!(format.canonical(reordered.as_bytes()).unwrap(), &canonical);

        // What goes through a store comes back as it was, under the tag of its canonical form.
        let things = Thing::endpoint(MemoryStore::new());
        let written = now(things.put(thing.clone(), Precondition::none())).unwrap().into_stored();
        prop_assert_eq!(&written.value, &thing);
        prop_assert_eq!(&written.tag, &EntityTag::of(&canonical));
        prop_assert_eq!(now(things.get(&thing.id)).unwrap().unwrap(), written);
    }
}

/// Hands out the change that an endpoint makes of a value.
#[derive(Default)]
struct Catch(Mutex<Option<Change>>);

impl Store for Catch {
    fn get(&self, _: &Key) -> Reply<Option<State>> {
        Reply::ready(Ok(None))
    }

    fn put(&self, _: Key, change: Change, _: Precondition) -> Reply<Outcome> {
        *self.0.lock().unwrap() = Some(change);
        Reply::ready(Err(StoreError::failed("only looked at")))
    }

    fn delete(&self, _: Key, _: Removal) -> Reply<Deletion> {
        Reply::ready(Ok(Deletion::Absent))
    }

    fn list(&self, _: Option<Key>, _: usize) -> Reply<Vec<State>> {
        Reply::ready(Ok(Vec::new()))
    }
}

fn change_to(item: &Item) -> Change {
    let catch = Arc::new(Catch::default());
    let store: Arc<dyn Store> = Arc::<Catch>::clone(&catch);
    now(Item::endpoint(store).put(item.clone(), Precondition::none())).unwrap_err();
    let change = catch.0.lock().unwrap().take();
    change.expect("the store was asked")
}

/// The members that a client controls, by their texts.
fn by_client(members: &Map<String, Value>) -> Vec<(String, String)> {
    let managed = ["createdAt", "updatedAt"];
    let own = members.iter().filter(|(name, _)| !managed.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.to_string())).collect()
}

fn of_item(item: &Item) -> Vec<(String, String)> {
    by_client(serde_json::to_value(item).unwrap().as_object().unwrap())
}

fn of_state(state: &State) -> Map<String, Value> {
    serde_json::from_slice(state.json()).unwrap()
}

prop_compose! {
    /// Few values for each member, so that two items are often equal.
    fn item()(
        name in "[ab]",
        size in prop::sample::select(vec![Size::Small, Size::Large]),
        note in option::of("[xy]"),
        place in option::of(("[pq]", option::of("[1-2]"), vec(0_u32..2, 0..2))),
        tags in vec("[t]", 0..2),
        ratio in option::of(prop::sample::select(vec![0.0, -0.0, 1.5])),
        count in option::of(0_i64..2),
        owner in prop::sample::select(vec![None, Some("me"), Some("me"), Some("me"), Some("you")]),
        (created_at, updated_at) in (any::<u64>(), any::<u64>()),
    ) -> Item {
        let place = place.map(|(city, zip, lines)| Place { city, zip, lines });
        let owner = owner.map(str::to_owned);
        Item { id: 7, name, size, note, place, tags, ratio, small_ratio: None, count, owner, created_at, updated_at }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_change_is_decided_by_what_a_client_controls(
        one in item(),
        other in item(),
        same in prop::bool::weighted(0.3),
    ) {
        let other = if same { Item { created_at: 1, updated_at: 2, ..one.clone() } } else { other };
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let later = then + Duration::from_secs(1);
        let any_time = Precondition::none();

        let Decision::Create(created) = change_to(&one).decide(None, &any_time, then).unwrap() else {
            panic!("there was nothing")
        };
        prop_assert_eq!(by_client(&of_state(&created)), of_item(&one));
        prop_assert_eq!((created.modified(), created.tag()), (Some(then), &EntityTag::of(created.json())));

        let change = change_to(&other);
        let decision = change.decide(Some(&created), &any_time, later).unwrap();
        match &decision {
            Decision::Answer(Outcome::Conflict(violations)) => {
                let pointers: Vec<_> = violations.iter().map(|violation| violation.pointer().as_str()).collect();
                prop_assert_eq!(pointers, ["/owner"]);
                prop_assert_ne!(&one.owner, &other.owner);
            }
            Decision::Answer(Outcome::Unchanged(state)) => {
                prop_assert_eq!(of_item(&one), of_item(&other));
                prop_assert_eq!(state, &created);
            }
            Decision::Replace(state) => {
                prop_assert_ne!(of_item(&one), of_item(&other));
                prop_assert_eq!(&one.owner, &other.owner);
                let (before, after) = (of_state(&created), of_state(state));
                prop_assert_eq!(by_client(&after), of_item(&other));
                prop_assert_eq!(&after["createdAt"], &before["createdAt"]);
                prop_assert!(after["updatedAt"].as_u64() > before["updatedAt"].as_u64());
                prop_assert_eq!((state.modified(), state.tag()), (Some(later), &EntityTag::of(state.json())));
                prop_assert_ne!(state.tag(), created.tag());
                prop_assert_eq!(&Format::of::<Item>().canonical(state.json()).unwrap(), state.json());
                // Once more, and it changes nothing.
                let again = change.decide(Some(state), &any_time, later).unwrap();
                prop_assert_eq!(again, Decision::Answer(Outcome::Unchanged(state.clone())));
            }
            other => prop_assert!(false, "{other:?}"),
        }

        // A true precondition changes nothing of this, a false one forbids all of it.
        let seen = Precondition::if_match(created.tag().clone());
        prop_assert_eq!(change.decide(Some(&created), &seen, later).unwrap(), decision);
        let elsewhere = Precondition::if_match(EntityTag::of(b"elsewhere"));
        for refused in [elsewhere, Precondition::if_none_match_any()] {
            let answer = change.decide(Some(&created), &refused, later).unwrap();
            prop_assert!(matches!(answer, Decision::Answer(Outcome::Failed(_))), "{answer:?}");
        }
        for refused in [seen, Precondition::if_match_any()] {
            let answer = change.decide(None, &refused, later).unwrap();
            prop_assert!(matches!(answer, Decision::Answer(Outcome::Failed(_))), "{answer:?}");
        }
    }
}

/// Percent-codes what must be, and some of what need not be.
fn percent_coded(text: &str, also: &[bool]) -> String {
    let mut coded = String::new();
    for (index, octet) in text.bytes().enumerate() {
        let plain = octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&octet);
        if plain && !also[index % also.len()] {
            coded.push(char::from(octet));
        } else if index % 2 == 0 {
            let _ = write!(coded, "%{octet:02X}");
        } else {
            let _ = write!(coded, "%{octet:02x}");
        }
    }
    coded
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{shelf}/slots/{slot}")]
struct Spot {
    #[put(key)]
    shelf: String,
    #[put(key)]
    slot: i64,
}

proptest! {
    #[test]
    fn every_spelling_of_a_segment_is_the_same_key(
        text in prop_oneof![any::<String>(), "[a%/. +é?#\u{0}]{1,5}"],
        (one, other) in (vec(any::<bool>(), 1..5), vec(any::<bool>(), 1..5)),
    ) {
        let endpoint = pages();
        let engine = endpoint.clone().mount(HOST);
        let path = |also: &[bool]| format!("/pages/{}", percent_coded(&text, also));
        let created = now(put(&engine, &path(&one), &[], "{\"title\":\"x\"}"));
        if ["", ".", ".."].contains(&&*text) {
            prop_assert_eq!(created.status(), 404, "no URI has this key");
            return Ok(());
        }
        prop_assert_eq!(created.status(), 201, "{}", created.text());
        prop_assert_eq!(&created.json()["slug"], &*text);
        prop_assert_eq!(created.field("location"), Some(&*path(&one)));
        let read = now(get(&engine, &path(&other)));
        prop_assert_eq!(read.text(), created.text());
        prop_assert_eq!(now(endpoint.get(&text)).unwrap().unwrap().value.slug, text);
    }

    #[test]
    fn a_key_of_parts_has_one_spelling(shelf in "[^/]{1,4}", slot in any::<i64>(), also in vec(any::<bool>(), 1..5)) {
        prop_assume!(shelf != "." && shelf != "..");
        let slots = Spot::endpoint(MemoryStore::new());
        let engine = slots.clone().mount(HOST);
        now(slots.put(Spot { shelf: shelf.clone(), slot }, Precondition::none())).unwrap();
        let path = |slot: &str| format!("/shelves/{}/slots/{}", percent_coded(&shelf, &also), percent_coded(slot, &also));
        let read = now(get(&engine, &path(&slot.to_string())));
        prop_assert_eq!(read.status(), 200, "{}", read.text());
        prop_assert_eq!((&read.json()["shelf"], &read.json()["slot"]), (&Value::from(&*shelf), &Value::from(slot)));
        for other in [format!("+{slot}"), format!("0{slot}"), format!("{slot} "), format!("{slot}.0"), format!("-0{slot}")] {
            prop_assert_eq!(now(get(&engine, &path(&other))).status(), 404, "{}", other);
        }
        let found = Format::of::<Spot>().key_of(read.text().as_bytes()).unwrap();
        prop_assert_eq!(found.to_string(), format!("{shelf}/{slot}"));
    }
}
