//! Value rules: which are told, where, in which order and in which words.
//!
//! One file, because each table belongs to the resource above it.
#![expect(
    clippy::struct_field_names,
    clippy::trivially_copy_pass_by_ref,
    clippy::vec_box,
    reason = "names of two words are renamed, garde hands over a reference, and a part is found in a box"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use put_core::{Endpoint, Error, MemoryStore, Precondition, PutPart, PutResource};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::support::{Answer, HOST, get, put};

/// Pointer and code of every violation.
fn told(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status(), 422, "{}", answer.text());
    let json = answer.json();
    let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{}", answer.text()));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

/// Puts each content and compares pointers and codes.
async fn table<R: PutResource>(endpoint: Endpoint<R>, path: &str, cases: &[(&str, &[(&str, &str)])]) {
    let engine = endpoint.mount(HOST);
    for (content, expected) in cases {
        let answer = put(&engine, path, &[], content).await;
        let expected: Vec<_> =
            expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect();
        if expected.is_empty() {
            assert!(matches!(answer.status(), 200 | 201), "{content}: {}", answer.text());
        } else {
            assert_eq!(told(&answer), expected, "{content}: {}", answer.text());
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutPart)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[garde(length(min = 5, max = 5))]
    #[serde(rename = "postcode", alias = "zip")]
    zip_code: String,
    #[garde(inner(length(min = 1)))]
    #[serde(default)]
    address_lines: Vec<String>,
    #[garde(dive)]
    #[serde(flatten)]
    floor: Floor,
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutPart)]
struct Floor {
    #[garde(range(max = 100))]
    #[serde(rename = "storey", default)]
    level: u8,
}

/// Says nothing of its names.
#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate)]
#[serde(rename_all = "camelCase")]
struct Person {
    #[garde(length(min = 2))]
    first_name: String,
    #[garde(length(min = 2))]
    #[serde(rename = "surname")]
    last_name: String,
    #[garde(inner(length(min = 1)))]
    #[serde(default)]
    other_names: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutPart)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Contact {
    ByMail {
        #[garde(dive)]
        mail_address: Address,
    },
    ByPhone {
        #[garde(length(min = 3))]
        phone_number: String,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutPart)]
#[serde(rename_all = "snake_case")]
enum Shape {
    BigCircle {
        #[garde(range(min = 1))]
        #[serde(rename = "r")]
        radius: u32,
    },
    Named(#[garde(dive)] Label),
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutPart)]
struct Label(#[garde(length(max = 3))] Vec<u8>);

/// A newtype that says nothing of itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize, garde::Validate)]
struct Secrets(#[garde(length(max = 2), inner(length(min = 1)))] Vec<String>);

fn not_twice(value: &str, _: &()) -> garde::Result {
    if value == "twice" { Err(garde::Error::new("ist schon da")) } else { Ok(()) }
}

fn ends_after_start(value: &Booking, _: &()) -> garde::Result {
    if value.until < value.from { Err(garde::Error::new("ends before it begins")) } else { Ok(()) }
}

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutResource)]
#[put(path = "/bookings/{id}", garde)]
#[garde(custom(ends_after_start))]
#[serde(rename_all = "camelCase")]
struct Booking {
    #[garde(range(max = 999))]
    #[put(key)]
    id: u64,
    #[garde(length(min = 3), custom(not_twice))]
    #[serde(rename = "Title", alias = "caption")]
    booking_title: String,
    #[garde(skip)]
    #[serde(default)]
    from: u32,
    #[garde(skip)]
    #[serde(default)]
    until: u32,
    #[garde(dive)]
    address: Option<Address>,
    #[garde(dive)]
    #[serde(default)]
    places: Vec<Box<Address>>,
    #[garde(dive)]
    #[serde(default)]
    by_name: BTreeMap<String, Address>,
    #[garde(dive)]
    #[serde(default)]
    people: Vec<Person>,
    #[garde(dive)]
    contact: Option<Contact>,
    #[garde(dive)]
    #[serde(default)]
    shapes: Vec<Shape>,
    #[garde(dive)]
    #[serde(default)]
    secrets: Secrets,
    #[garde(dive)]
    #[serde(flatten)]
    more: Floor,
    #[garde(length(min = 1))]
    #[serde(default = "one")]
    tags: Vec<String>,
    #[garde(range(min = 5))]
    #[put(read_only)]
    #[serde(default)]
    visits: u8,
}

fn one() -> Vec<String> {
    vec!["x".to_owned()]
}

fn bookings() -> Endpoint<Booking> {
    Booking::endpoint(MemoryStore::new())
}

#[tokio::test]
async fn rules_of_garde_are_told_at_their_places() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (r#"{"Title":"long"}"#, &[]),
        (r#"{"Title":"x"}"#, &[("#/Title", "length")]),
        // As the client spells it.
        (r#"{"caption":"x"}"#, &[("#/caption", "length")]),
        (r#"{"Title":"twice"}"#, &[("#/Title", "custom")]),
        (r#"{"Title":"long","from":9,"until":3}"#, &[("#", "custom")]),
        (r#"{"Title":"long","tags":[]}"#, &[("#/tags", "length")]),
        // Names that a part states: renamed, under an alias, in a flattened part of its own.
        (r#"{"Title":"long","address":{"postcode":"1"}}"#, &[("#/address/postcode", "length")]),
        (r#"{"Title":"long","address":{"zip":"1"}}"#, &[("#/address/zip", "length")]),
        (
            r#"{"Title":"long","address":{"postcode":"12345","addressLines":["","a",""]}}"#,
            &[("#/address/addressLines/0", "length"), ("#/address/addressLines/2", "length")],
        ),
        (r#"{"Title":"long","address":{"postcode":"12345","storey":101}}"#, &[("#/address/storey", "range")]),
        (r#"{"Title":"long","places":[{"postcode":"12345"},{"postcode":"1"}]}"#, &[("#/places/1/postcode", "length")]),
        (
            r#"{"Title":"long","byName":{"b":{"postcode":"1"},"a/ü.~0":{"postcode":"2"},"0":{"postcode":"3"}}}"#,
            &[
                ("#/byName/b/postcode", "length"),
                ("#/byName/a~1%C3%BC.~00/postcode", "length"),
                ("#/byName/0/postcode", "length"),
            ],
        ),
        // Names by their spelling; a name that fits nothing ends the way, and so does an ambiguous element.
        (
            r#"{"Title":"long","people":[{"firstName":"A","surname":"B","otherNames":["",""]}]}"#,
            &[
                ("#/people/0", "length"),
                ("#/people/0/firstName", "length"),
                ("#/people/0/otherNames", "length"),
                ("#/people/0/otherNames/1", "length"),
            ],
        ),
        // Variants have no step in a path.
        (
            r#"{"Title":"long","contact":{"kind":"by-mail","mailAddress":{"postcode":""}}}"#,
            &[("#/contact/mailAddress/postcode", "length")],
        ),
        (r#"{"Title":"long","contact":{"phoneNumber":"1","kind":"by-phone"}}"#, &[("#/contact/phoneNumber", "length")]),
        (
            r#"{"Title":"long","shapes":[{"big_circle":{"r":0}},{"named":[1,2,3,4]}]}"#,
            &[("#/shapes/0/big_circle/r", "range"), ("#/shapes/1/named", "length")],
        ),
        // The one field of a tuple struct is no element.
        (r#"{"Title":"long","secrets":["a","","c"]}"#, &[("#/secrets", "length"), ("#/secrets", "length")]),
        (r#"{"Title":"long","storey":101}"#, &[("#/storey", "range")]),
        // In the order of the content, the root first; what the content lacks comes last.
        (
            r#"{"storey":101,"tags":[],"from":2,"Title":"x"}"#,
            &[("#", "custom"), ("#/storey", "range"), ("#/tags", "length"), ("#/Title", "length")],
        ),
    ];
    table(bookings(), "/bookings/1", cases).await;
    table(
        bookings(),
        "/bookings/1000",
        &[(r#"{"tags":[],"Title":"x"}"#, &[("#/tags", "length"), ("#/Title", "length"), ("#/id", "range")])],
    )
    .await;
}

#[tokio::test]
async fn other_violations_come_first_and_silence_rules_about_what_they_replace() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            r#"{"Title":"x","nmae":1,"tags":5}"#,
            &[("#/tags", "type"), ("#/nmae", "unknown_member"), ("#/Title", "length")],
        ),
        // The substitute of a title is too short.
        (r#"{"storey":101}"#, &[("#/Title", "required"), ("#/storey", "range")]),
        // Begins at what stands in for a wrong number.
        (r#"{"Title":"long","from":9,"until":"x"}"#, &[("#/until", "type")]),
        (r#"{"Title":"long","from":9,"until":3,"unknown":1}"#, &[("#/unknown", "unknown_member"), ("#", "custom")]),
        // One wrong part of a member silences all of it.
        (r#"{"Title":"long","address":{"postcode":"1","addressLines":[1]}}"#, &[("#/address/addressLines/0", "type")]),
        (r#"{"Title":"long","storey":"x"}"#, &[("#/storey", "type")]),
        (r#"{"id":1001,"Title":"x"}"#, &[("#/id", "key_mismatch"), ("#/Title", "length")]),
        (
            r#"{"Title":"long","storey":101,"from":1.5,"until":0.5}"#,
            &[("#/from", "type"), ("#/until", "type"), ("#/storey", "range")],
        ),
    ];
    table(bookings(), "/bookings/1", cases).await;
}

#[tokio::test]
async fn garde_speaks_in_the_words_of_the_project_and_the_application_in_its_own() {
    let engine = bookings().mount(HOST);
    for (content, detail) in [
        (r#"{"Title":"x"}"#, "must have a length of at least 3"),
        (r#"{"Title":"twice"}"#, "ist schon da"),
        (r#"{"Title":"long","storey":101}"#, "must be at most 100"),
    ] {
        let answer = put(&engine, "/bookings/1", &[], content).await;
        assert_eq!(answer.errors()[0].1, detail, "{content}");
    }
}

#[tokio::test]
async fn rules_are_asked_before_preconditions_write_and_not_of_what_is_stored() {
    let endpoint = bookings();
    let mut value: Booking = serde_json::from_str(r#"{"id":1,"Title":"long","visits":9}"#).unwrap();
    // A rule about a member that the server sets is not the client's to keep.
    endpoint.put(value.clone(), Precondition::none()).await.unwrap();
    value.booking_title.clear();
    let Err(Error::Violations(violations)) = endpoint.put(value, Precondition::none()).await else {
        panic!("a rule is broken")
    };
    let all: Vec<_> = violations.iter().map(|one| (one.pointer().to_string(), one.code())).collect();
    assert_eq!(all, [("#/Title".to_owned(), Some("length"))]);
    let stored = put_core::Format::of::<Booking>().canonical(br#"{"id":2,"Title":""}"#);
    assert!(stored.is_ok(), "what is stored may be older than a rule: {stored:?}");
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate, PutPart)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[validate(length(min = 2, max = 4))]
    #[serde(rename = "sku")]
    item_code: String,
    #[validate(range(min = 1, exclusive_max = 10))]
    #[serde(default = "two")]
    item_count: u32,
}

fn two() -> u32 {
    2
}

fn odd(value: u32) -> Result<(), ValidationError> {
    if value % 2 == 1 { Ok(()) } else { Err(ValidationError::new("odd")) }
}

fn total(order: &Order) -> Result<(), ValidationError> {
    if order.number == 13 { Err(ValidationError::new("unlucky").with_message("13 is not sold".into())) } else { Ok(()) }
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate, PutResource)]
#[put(path = "/orders/{id}", validator)]
#[validate(schema(function = total, skip_on_field_errors = false))]
#[serde(rename_all = "camelCase")]
struct Order {
    #[put(key)]
    id: u64,
    #[validate(email)]
    #[serde(rename = "e-mail")]
    mail_address: Option<String>,
    #[validate(custom(function = odd, message = "must be odd"))]
    #[serde(default = "one_number")]
    number: u32,
    #[validate(nested)]
    #[serde(default)]
    lines: Vec<Item>,
    #[validate(nested)]
    #[serde(default)]
    by_key: HashMap<u16, Item>,
    #[validate(nested)]
    #[serde(default)]
    set: BTreeSet<Word>,
    #[validate(nested)]
    first: Option<Item>,
    #[validate(nested)]
    #[serde(flatten)]
    extra: Option<Extra>,
}

fn one_number() -> u32 {
    1
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Validate, PutPart)]
struct Word {
    #[validate(length(max = 2))]
    word: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate, PutPart)]
struct Extra {
    #[validate(url, contains(pattern = "a/b"))]
    #[serde(rename = "see-also")]
    link: String,
}

fn orders() -> Endpoint<Order> {
    Order::endpoint(MemoryStore::new())
}

#[tokio::test]
async fn rules_of_validator_are_told_at_their_places() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("{}", &[]),
        (r#"{"e-mail":"x"}"#, &[("#/e-mail", "email")]),
        (r#"{"number":2}"#, &[("#/number", "odd")]),
        (r#"{"number":13}"#, &[("#", "unlucky")]),
        (r#"{"number":13,"first":5}"#, &[("#/first", "type")]),
        (
            r#"{"lines":[{"sku":"abc"},{"itemCount":0,"sku":"x"}]}"#,
            &[("#/lines/1/itemCount", "range"), ("#/lines/1/sku", "length")],
        ),
        // validator counts the members of a map in the order of its own; the content has another.
        (
            r#"{"byKey":{"30":{"sku":"abc"},"4":{"sku":"x"},"2":{"sku":"ab"},"1":{"sku":"y"}}}"#,
            &[("#/byKey/4/sku", "length"), ("#/byKey/1/sku", "length")],
        ),
        // A set is in the order of its own as well.
        (r#"{"set":[{"word":"zzz"},{"word":"b"},{"word":"a"}]}"#, &[("#/set/0/word", "length")]),
        (r#"{"first":{"sku":"toolong"}}"#, &[("#/first/sku", "length")]),
        (r#"{"see-also":"x"}"#, &[("#/see-also", "url"), ("#/see-also", "contains")]),
    ];
    table(orders(), "/orders/1", cases).await;
}

#[tokio::test]
async fn validator_has_a_sentence_for_every_code() {
    let engine = orders().mount(HOST);
    for (content, detail) in [
        (r#"{"e-mail":"x"}"#, "must be an e-mail address"),
        (r#"{"number":2}"#, "must be odd"),
        (r#"{"number":13}"#, "13 is not sold"),
        (r#"{"lines":[{"sku":"x"}]}"#, "must have from 2 to 4 characters"),
        (r#"{"lines":[{"sku":"xx","itemCount":10}]}"#, "must be at least 1 and less than 10"),
        (r#"{"see-also":"http://x/"}"#, "must contain \"a/b\""),
    ] {
        let answer = put(&engine, "/orders/1", &[], content).await;
        assert_eq!(answer.errors()[0].1, detail, "{content}");
        assert!(!answer.text().contains("\"value\""), "what was sent is not sent back");
    }
}

/// Rules that compare two members.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, garde::Validate, PutResource)]
#[put(path = "/accounts/{id}", validator, garde)]
#[serde(rename_all = "camelCase")]
struct Account {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(skip)]
    new_mail: String,
    #[garde(matches(new_mail))]
    again: String,
    #[garde(skip)]
    pin: String,
    #[garde(skip)]
    #[validate(must_match(other = pin))]
    pin_again: String,
}

#[tokio::test]
async fn a_comparison_with_what_is_wrong_itself_says_nothing() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            r#"{"newMail":"a","again":"b","pin":"1","pinAgain":"2"}"#,
            &[("#/again", "matches"), ("#/pinAgain", "must_match")],
        ),
        (r#"{"newMail":5,"again":"b","pin":"1","pinAgain":"2"}"#, &[("#/newMail", "type")]),
        // garde says which members it compares; validator does not.
        (r#"{"newMail":"a","again":"b","pin":5,"pinAgain":"2"}"#, &[("#/pin", "type"), ("#/again", "matches")]),
    ];
    table(Account::endpoint(MemoryStore::new()), "/accounts/1", cases).await;
    let engine = Account::endpoint(MemoryStore::new()).mount(HOST);
    let answer = put(&engine, "/accounts/1", &[], cases[0].0).await;
    assert_eq!(answer.errors()[0].1, "must be the same as `newMail`");
}

/// A generic resource with rules of both.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, garde::Validate, PutResource)]
#[put(path = "/boxes/{id}", validator, garde)]
struct Parcel<T> {
    #[put(key)]
    #[garde(skip)]
    id: u64,
    #[garde(length(min = 2))]
    #[validate(length(max = 3))]
    name: String,
    #[garde(skip)]
    inside: T,
}

#[tokio::test]
async fn both_may_have_rules_and_a_generic_struct_too() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (r#"{"name":"x","inside":[]}"#, &[("#/name", "length")]),
        (r#"{"name":"long","inside":[]}"#, &[("#/name", "length")]),
        (r#"{"name":"abc","inside":[]}"#, &[]),
    ];
    table(Parcel::<Vec<u8>>::endpoint(MemoryStore::new()), "/boxes/1", cases).await;
}

#[tokio::test]
async fn the_application_may_choose_the_words_by_language_and_code() {
    let endpoint = bookings().wording(|violation, language| {
        let detail = match (language, violation.code()) {
            ("de, en;q=0.5", Some("length")) => "ist zu kurz",
            ("", _) => "no language",
            _ => return None,
        };
        Some(detail.to_owned())
    });
    let engine = endpoint.mount(HOST);
    let content = r#"{"Title":"x","storey":101}"#;
    for (fields, expected) in [
        (vec![("accept-language", "de"), ("accept-language", "en;q=0.5")], ["ist zu kurz", "must be at most 100"]),
        (vec![], ["no language", "no language"]),
        (vec![("accept-language", "fr")], ["must have a length of at least 3", "must be at most 100"]),
    ] {
        let answer = put(&engine, "/bookings/1", &fields, content).await;
        let details: Vec<_> = answer.errors().into_iter().map(|(_, detail)| detail).collect();
        assert_eq!(details, expected, "{fields:?}");
        assert_eq!(told(&answer)[0], ("#/Title".to_owned(), "length".to_owned()), "only the words are others");
    }
    assert_eq!(get(&engine, "/bookings/1").await.status(), 404);
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/fixed/{id}")]
struct Fixed {
    #[put(key)]
    id: u64,
    #[put(immutable)]
    owner: String,
}

#[tokio::test]
async fn conflicts_are_put_into_the_words_of_the_application_too() {
    let engine = Fixed::endpoint(MemoryStore::new()).wording(|_, language| Some(format!("in {language}"))).mount(HOST);
    put(&engine, "/fixed/1", &[], r#"{"owner":"a"}"#).await;
    let answer = put(&engine, "/fixed/1", &[("accept-language", "de")], r#"{"owner":"b"}"#).await;
    assert_eq!((answer.status(), answer.errors()), (409, vec![("#/owner".to_owned(), "in de".to_owned())]));
}
