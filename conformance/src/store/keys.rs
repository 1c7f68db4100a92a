//! Keys are kept apart and kept whole, whatever they are made of. One file, because most of it is one list of texts.

use put_core::store::{Deletion, Key};
use put_core::{Precondition, PutResource};

use super::opened::Opened;
use super::resources::{Note, Page, Pair, Slot};
use super::{Kept, Place, ensure};

/// Texts that some store has taken for one another, or for something else than a text.
pub(super) const TEXTS: &[&str] = &[
    // Letters in two cases, with and without accents, and letters whose other case is longer.
    "a",
    "A",
    "ab",
    "aB",
    "\u{e9}",
    "e",
    "\u{c9}",
    "stra\u{df}e",
    "strasse",
    "STRASSE",
    "i",
    "\u{131}",
    "I",
    "\u{130}",
    // One letter composed and decomposed; a ligature; full width; what only a compatibility form would change.
    "caf\u{e9}",
    "cafe\u{301}",
    "\u{fb01}",
    "fi",
    "\u{ff41}",
    "\u{212b}",
    "\u{c5}",
    "A\u{30a}",
    // White space of every kind, in front and behind.
    " ",
    "  ",
    " a",
    "a ",
    "a\t",
    "\ta",
    "a\n",
    "a\r\n",
    "\u{a0}",
    "a\u{a0}",
    "\u{2003}",
    "\u{200b}",
    "a\u{200d}",
    "\u{feff}a",
    // What an SQL, a shell, a path, a URI or a pattern would read.
    "'",
    "''",
    "'; DROP TABLE pages; --",
    "\"",
    "\"\"",
    "`",
    "\\",
    "\\\\",
    "\\'",
    "/",
    "//",
    "a/b",
    "a//b",
    "../a",
    "a/..",
    "...",
    "%",
    "%%",
    "a%",
    "a_",
    "a*",
    "a?",
    "_",
    "*",
    "?",
    "[a]",
    "[a-z]",
    "{a}",
    "$a",
    "${a}",
    "$(a)",
    "#",
    "&",
    "a&b",
    "a=b",
    ";",
    ":",
    "a:b",
    ",",
    "a,b",
    "|",
    "<a>",
    "%2F",
    "%252F",
    "%00",
    "+",
    "a+b",
    "~",
    "^",
    "!",
    "@",
    "(",
    ")",
    // Control characters, the end of a text in C among them.
    "\0",
    "\0\0",
    "a\0",
    "a\0b",
    "\0a",
    "\u{1}",
    "\u{1}:",
    "\u{1}\u{1}",
    "\u{7f}",
    "\u{80}",
    "\u{9f}",
    "\u{1b}[0m",
    // The edges of the planes, and what is no character.
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10000}",
    "\u{1f980}",
    "\u{10ffff}",
    // What looks like a number, and is a text here.
    "0",
    "00",
    "-0",
    "7",
    "07",
    "7.0",
    "7e0",
    "+7",
    " 7",
    "-7",
    "0x7",
    "1e400",
    "9223372036854775808",
    "18446744073709551616",
    "NaN",
    // What looks like nothing, or like a word of some language.
    "null",
    "NULL",
    "undefined",
    "true",
    "None",
    "nil",
    "\u{202e}abc",
    "\u{5d0}",
    "\u{627}",
    "__proto__",
    "constructor",
    "..a",
];

/// Those of the texts that the place can hold.
pub(super) fn texts(place: &impl Place) -> Vec<&'static str> {
    TEXTS.iter().copied().filter(|text| place.holds_nul() || !text.contains('\0')).collect()
}

/// Creates every value, each with a condition that fails if two keys are one, and looks at all of them afterwards; then
/// deletes every other one, which leaves the rest.
async fn are_kept_apart<R: PutResource>(place: &impl Place, values: &[R]) -> Kept {
    let opened = Opened::new(place)?;
    let mut states = Vec::with_capacity(values.len());
    for value in values {
        let key = opened.key(value)?;
        let before = opened.get(&key).await?;
        ensure(before.is_none(), || format!("under {key:?} there is already {before:?}, put under another key"))?;
        states.push((key, opened.create(value).await?));
    }
    for (key, state) in &states {
        let got = opened.get(key).await?;
        ensure(got.as_ref() == Some(state), || format!("a get of {key:?} shows {got:?}, not {state:?}"))?;
    }
    let listed = opened.list(None, usize::MAX).await?;
    let missing: Vec<&Key> = states.iter().filter(|(_, state)| !listed.contains(state)).map(|(key, _)| key).collect();
    ensure(missing.is_empty(), || format!("a list does not show {missing:?}"))?;
    ensure(listed.len() == states.len(), || format!("{} were created, {} are listed", states.len(), listed.len()))?;
    for (key, _) in states.iter().step_by(2) {
        let deletion = opened.delete(key, Precondition::if_match_any()).await?;
        ensure(deletion == Deletion::Deleted, || format!("a delete of {key:?} came to {deletion:?}"))?;
    }
    for (index, (key, state)) in states.iter().enumerate() {
        let (got, wanted) = (opened.get(key).await?, (index % 2 == 1).then_some(state));
        ensure(got.as_ref() == wanted, || format!("after deletes of others {key:?} shows {got:?}, not {wanted:?}"))?;
    }
    Ok(())
}

/// A text as a key keeps every character: quotes, wildcards, separators, U+0000, both cases of a letter, both forms of an
/// accent. No two of them are one key.
pub async fn texts_keep_every_character(place: &impl Place) -> Kept {
    let page = |slug: &&str| Page { slug: (*slug).to_owned(), text: format!("the page {slug:?}") };
    are_kept_apart(place, &texts(place).iter().map(page).collect::<Vec<_>>()).await
}

/// A text of 4000 octets is a key, and differs from one that differs in the last of them.
pub async fn texts_may_be_long(place: &impl Place) -> Kept {
    let mut pages = Vec::new();
    for length in [254, 255, 256, 257, 1023, 1024, 2000, 4000] {
        for last in ["x", "y"] {
            let slug = "a".repeat(length - 1) + last;
            pages.push(Page { slug, text: format!("{length} octets, then {last}") });
        }
    }
    pages.push(Page { slug: "\u{1f980}".repeat(1000), text: "a thousand crabs".to_owned() });
    are_kept_apart(place, &pages).await
}

/// Numbers are keys from the smallest to the largest, also those that a signed number or a double would not hold.
pub async fn numbers_reach_their_limits(place: &impl Place) -> Kept {
    const NATURAL: &[u64] = &[
        0,
        1,
        9,
        10,
        99,
        100,
        255,
        256,
        65_535,
        65_536,
        2_147_483_647,
        2_147_483_648,
        4_294_967_295,
        4_294_967_296,
        9_007_199_254_740_991,
        9_007_199_254_740_992,
        9_007_199_254_740_993,
        9_223_372_036_854_775_806,
        9_223_372_036_854_775_807,
        9_223_372_036_854_775_808,
        9_223_372_036_854_775_809,
        18_446_744_073_709_551_614,
        u64::MAX,
    ];
    let notes: Vec<_> = NATURAL.iter().map(|id| Note::new(*id, format!("the note {id}"))).collect();
    are_kept_apart(place, &notes).await?;
    let integers =
        [i64::MIN, i64::MIN + 1, -9_007_199_254_740_993, -256, -10, -1, 0, 1, 10, 256, i64::MAX - 1, i64::MAX];
    let slots: Vec<_> = integers
        .iter()
        .map(|slot| Slot { shelf: "a".to_owned(), slot: *slot, label: format!("the slot {slot}") })
        .collect();
    are_kept_apart(place, &slots).await
}

/// The parts of a key stay apart: what would be one text if they were joined is two keys.
pub async fn composite_keys_never_run_together(place: &impl Place) -> Kept {
    let separators =
        ["", "/", "//", ":", "::", ",", ";", "|", "-", "_", "\0", "\u{1}", "\u{1f}", " ", "\t", "\n", "\\", "'", "\","];
    let mut pairs = Vec::new();
    let mut add = |left: String, right: String| {
        let text = format!("{left:?} and {right:?}");
        let pair = Pair { left, right, text };
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    };
    for separator in separators.into_iter().filter(|text| place.holds_nul() || *text != "\0") {
        add(format!("a{separator}b"), "c".to_owned());
        add("a".to_owned(), format!("b{separator}c"));
        add(format!("a{separator}"), format!("{separator}c"));
        add(format!("a{separator}{separator}"), "c".to_owned());
        add("a".to_owned(), format!("{separator}{separator}c"));
    }
    add("x".to_owned(), "y".to_owned());
    add("y".to_owned(), "x".to_owned());
    are_kept_apart(place, &pairs).await?;
    let slots = [("1", 11), ("11", 1), ("1/1", 1), ("-1", 1), ("1", -1), ("-", 11), ("1-", 1)]
        .map(|(shelf, slot)| Slot { shelf: shelf.to_owned(), slot, label: format!("{shelf:?} and {slot}") });
    are_kept_apart(place, &slots).await
}
