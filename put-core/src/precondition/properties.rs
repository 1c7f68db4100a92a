//! Parsing and evaluation against naive models: the grammar of CONTRACT.md 3.5 as it is worded, the truth table of 4.2
//! as steps over names. The models take no short cuts and share no code with what they judge.
//!
//! One file, because the models share their strategies.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Condition, Demand, OCTETS, Precondition, TAGS, TagCondition, Unreadable};
use crate::entity_tag::EntityTag;
use crate::store::State;

/// A tag as the grammar has it: whether it is marked as weak, and what stands between the quotes.
type Tag = (bool, Vec<u8>);

/// An optional capital `W` and slash, a quote, octets that are visible and no quote, a quote, and nothing else.
fn model_tag(text: &[u8]) -> Option<Tag> {
    let (weak, quoted) = if text.len() >= 2 && &text[..2] == b"W/" { (true, &text[2..]) } else { (false, text) };
    let whole = quoted.len() >= 2 && quoted[0] == b'"' && quoted[quoted.len() - 1] == b'"';
    if !whole {
        return None;
    }
    let opaque = &quoted[1..quoted.len() - 1];
    let good = opaque.iter().all(|octet| *octet == 0x21 || (0x23..=0x7E).contains(octet) || *octet >= 0x80);
    good.then(|| (weak, opaque.to_vec()))
}

/// What a condition field says: `None` is the asterisk.
type Said = Option<Vec<Tag>>;

fn stripped(text: &[u8]) -> &[u8] {
    let blank = |octet: &u8| *octet == b' ' || *octet == b'\t';
    let Some(begin) = text.iter().position(|octet| !blank(octet)) else { return b"" };
    let end = text.iter().rposition(|octet| !blank(octet)).unwrap();
    &text[begin..=end]
}

/// Each line is cut at the commas that stand outside quotes; every piece that is not empty is a tag.
fn model_field(lines: &[Vec<u8>]) -> Result<Said, Unreadable> {
    if lines.iter().map(Vec::len).sum::<usize>() > 8192 {
        return Err(Unreadable::TooLarge);
    }
    if lines.len() == 1 && stripped(&lines[0]) == b"*" {
        return Ok(None);
    }
    let mut tags = Vec::new();
    for line in lines {
        let mut pieces = vec![Vec::new()];
        let mut quoted = false;
        for octet in line {
            quoted ^= *octet == b'"';
            if *octet == b',' && !quoted {
                pieces.push(Vec::new());
            } else {
                pieces.last_mut().unwrap().push(*octet);
            }
        }
        for piece in pieces.iter().map(|piece| stripped(piece)).filter(|piece| !piece.is_empty()) {
            tags.push(model_tag(piece).ok_or(Unreadable::Malformed)?);
        }
    }
    if tags.len() > 64 { Err(Unreadable::TooLarge) } else { Ok(Some(tags)) }
}

fn parsed(lines: &[Vec<u8>]) -> Result<Said, Unreadable> {
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    Ok(match TagCondition::parse(&lines)? {
        TagCondition::Any => None,
        TagCondition::List(tags) => Some(tags.iter().map(|tag| (tag.is_weak(), tag.opaque().to_vec())).collect()),
    })
}

/// Pieces from which every mistake of the grammar table can be made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let tag = |weak: &'static str| {
        vec(prop_oneof![8 => 0x23_u8..0x7F, 1 => Just(0x21), 2 => 0x80_u8..=0xFF, 1 => Just(b',')], 0..5)
            .prop_map(move |opaque| [weak.as_bytes(), b"\"", &opaque[..], b"\""].concat())
    };
    let odd = prop::sample::select(vec!["\"", "*", "W/", "w/", "W", "a", "\\", ";q=1", "'", "\u{7f}", "é"]);
    prop_oneof![
        4 => tag(""),
        2 => tag("W/"),
        5 => prop::sample::select(vec![",", ", ", " ,\t", ",,", " ", "\t"]).prop_map(|text| text.as_bytes().to_vec()),
        1 => odd.prop_map(|text: &str| text.as_bytes().to_vec()),
    ]
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(piece(), 0..8).prop_map(|pieces| pieces.concat()),
        // Mostly right: tags with one separator between them.
        4 => vec(piece(), 1..6).prop_map(|pieces| pieces.join(&b", "[..])),
        1 => vec(any::<u8>(), 0..12),
        1 => prop::sample::select(vec!["*", " * ", "", ",", "\"*\"", "*, \"a\""]).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn one_tag_is_what_the_grammar_says(octets in prop_oneof![piece(), line()]) {
        let found = EntityTag::parse(&octets).map(|tag| {
            assert_eq!(tag.as_bytes(), &octets[..], "the text is kept as it stands");
            (tag.is_weak(), tag.opaque().to_vec())
        });
        prop_assert_eq!(found, model_tag(&octets));
    }

    #[test]
    fn a_field_is_what_the_grammar_says(lines in vec(line(), 1..4)) {
        prop_assert_eq!(parsed(&lines), model_field(&lines));
    }

    #[test]
    fn comparisons_are_those_of_the_table(left in tags(), right in tags()) {
        let ((left_weak, left_text), (right_weak, right_text)) = (&left, &right);
        let (one, other) = (entity_tag(&left), entity_tag(&right));
        prop_assert_eq!(one.strong_eq(&other), !left_weak && !right_weak && left_text == right_text);
        prop_assert_eq!(one.weak_eq(&other), left_text == right_text);
    }
}

#[test]
fn long_fields_are_too_large_and_never_cut() {
    let list = |count: usize| vec![vec!["\"a\""; count].join(",").into_bytes()];
    assert_eq!(parsed(&list(TAGS)), model_field(&list(TAGS)));
    assert!(parsed(&list(TAGS)).is_ok());
    assert_eq!(parsed(&list(TAGS + 1)), Err(Unreadable::TooLarge));
    assert_eq!(parsed(&[list(TAGS), list(1)].concat()), Err(Unreadable::TooLarge));
    let long = |octets: usize| vec![format!("\"{}\"", "x".repeat(octets - 2)).into_bytes()];
    assert!(parsed(&long(OCTETS)).is_ok());
    assert_eq!(parsed(&long(OCTETS + 1)), Err(Unreadable::TooLarge));
    assert_eq!((TAGS, OCTETS), (64, 8192));
}

/// Few texts, so that tags are often equal.
fn tags() -> impl Strategy<Value = Tag> {
    (any::<bool>(), prop::sample::select(vec!["E", "e", "X", "", "E,X"])).prop_map(|(weak, text)| (weak, text.into()))
}

fn entity_tag((weak, text): &Tag) -> EntityTag {
    EntityTag::parse(&[if *weak { b"W/\"" } else { &b"\""[..] }, text, b"\""].concat()).unwrap()
}

/// A condition field: `None` is the asterisk.
fn said() -> impl Strategy<Value = Option<Said>> {
    option::of(option::weighted(0.8, vec(tags(), 0..4)))
}

fn condition(said: &Said) -> TagCondition {
    match said {
        None => TagCondition::Any,
        Some(tags) => TagCondition::List(tags.iter().map(entity_tag).collect()),
    }
}

/// What a resource currently has: its tag, and the tenths of a second of its last modification, where known.
type Current = Option<(Tag, Option<u64>)>;

/// RFC 9110, section 13.2.2, for a method that writes: each step is a question with its own answer.
fn model_verdict(
    if_match: Option<&Said>,
    if_none_match: Option<&Said>,
    unmodified_since: Option<u64>,
    must_exist: bool,
    current: &Current,
) -> Result<(), Condition> {
    if must_exist && current.is_none() {
        return Err(Condition::MustExist);
    }
    // 13.1.1: an asterisk is true if there is a current representation; a list if one of its tags is the current one,
    // both of them strong. Everything else is false.
    let if_match_holds = if_match.map(|said| match (said, current) {
        (None, there) => there.is_some(),
        (Some(tags), Some(((weak, text), _))) => tags.iter().any(|(w, t)| !w && !weak && t == text),
        (Some(_), None) => false,
    });
    // 13.1.4: looked at only where there is no If-Match and the resource has a date; true if that is not later, in
    // whole seconds.
    let unmodified_holds = match (if_match, unmodified_since, current) {
        (None, Some(since), Some((_, Some(tenths)))) => tenths / 10 <= since,
        _ => true,
    };
    // 13.1.2: an asterisk is false if there is a current representation, a list if one of its tags has the text of the
    // current one. Everything else is true.
    let if_none_match_holds = match (if_none_match, current) {
        (None, _) | (Some(Some(_)), None) => true,
        (Some(None), there) => there.is_none(),
        (Some(Some(tags)), Some(((_, text), _))) => tags.iter().all(|(_, t)| t != text),
    };
    if if_match_holds == Some(false) {
        Err(Condition::IfMatch)
    } else if !unmodified_holds {
        Err(Condition::IfUnmodifiedSince)
    } else if !if_none_match_holds {
        Err(Condition::IfNoneMatch)
    } else {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn evaluation_is_that_of_the_truth_table(
        if_match in said(),
        if_none_match in said(),
        unmodified_since in option::of(0_u64..4),
        must_exist in prop::bool::weighted(0.2),
        current in option::of((tags(), option::of(0_u64..40))),
    ) {
        let expected = model_verdict(if_match.as_ref(), if_none_match.as_ref(), unmodified_since, must_exist, &current);
        let precondition = Precondition {
            if_match: if_match.as_ref().map(condition),
            if_none_match: if_none_match.as_ref().map(condition),
            if_unmodified_since: unmodified_since.map(|since| SystemTime::UNIX_EPOCH + Duration::from_secs(since)),
            must_exist,
            accept_replay: false,
        };
        let at = |tenths| SystemTime::UNIX_EPOCH + Duration::from_millis(tenths * 100);
        let state = current.map(|(tag, modified)| State::new(Bytes::new(), None, entity_tag(&tag), modified.map(at)));
        prop_assert_eq!(precondition.evaluate(state.as_ref()), expected);
        if precondition.is_none() {
            prop_assert_eq!(expected, Ok(()), "what demands nothing never fails");
        }
    }
    #[test]
    fn a_demand_comes_to_what_evaluation_says(
        if_match in versioned(),
        if_none_match in versioned(),
        dated in any::<bool>(),
        must_exist in prop::bool::weighted(0.2),
        current in option::of(1_u64..4),
    ) {
        let precondition = Precondition {
            if_match: if_match.as_ref().map(condition),
            if_none_match: if_none_match.as_ref().map(condition),
            if_unmodified_since: dated.then_some(SystemTime::UNIX_EPOCH),
            must_exist,
            accept_replay: false,
        };
        // A version is where there is something, and then it is the tag.
        let state = current.map(|version| State::new(Bytes::new(), None, EntityTag::of_version(version), None));
        let holds = match precondition.demand() {
            Demand::Nothing => true,
            Demand::Absent => current.is_none(),
            Demand::Present => current.is_some(),
            Demand::Versions(versions) => current.is_some_and(|version| versions.contains(&version)),
            Demand::State => return Ok(()),
        };
        prop_assert_eq!(precondition.evaluate(state.as_ref()).is_ok(), holds);
    }
}

/// A condition on tags of which some are versions, some nearly.
fn versioned() -> impl Strategy<Value = Option<Said>> {
    let texts = vec!["v1", "v2", "v3", "v01", "v+1", "v", "1", "V1", "v99999999999999999999"];
    let tag = (prop::bool::weighted(0.2), prop::sample::select(texts).prop_map(|text: &str| text.as_bytes().to_vec()));
    option::of(option::weighted(0.8, vec(tag, 0..4)))
}
