//! States come back as they were put, to the last octet.

use put_core::Precondition;
use put_core::store::Outcome;
use serde_json::json;

use super::opened::{Opened, told, value};
use super::resources::{Chest, Note};
use super::{Complaint, Kept, Place, ensure};

/// The content an endpoint takes unless it is told otherwise.
const LIMIT: usize = 1024 * 1024;

/// States up to 1 MiB are kept, whatever stood there before.
pub async fn values_reach_the_limit(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    let frame = notes.change(&Note::new(7, ""))?.1.created().len();
    let key = notes.key(&Note::new(7, ""))?;
    for length in [0, 1, 4095, 4096, 65_535, 65_536, LIMIT - frame, 10, LIMIT - frame, 0] {
        // No run of one letter, which a store that compresses would hardly notice.
        let text: String = ('a'..='z').chain('0'..='8').cycle().take(length).collect();
        let note = Note::new(7, text);
        let created = notes.change(&note)?.1.created().clone();
        let (Outcome::Created(state) | Outcome::Replaced(state)) = notes.put(&note, Precondition::none()).await? else {
            return Err(Complaint::Broken(format!("a put of {} octets wrote nothing", created.len())));
        };
        ensure(*state.json() == created, || {
            format!("{} octets were put, {} are stored", created.len(), state.json().len())
        })?;
        notes.shows(&key, Some(&state)).await?;
    }
    Ok(())
}

/// The JSON is kept octet for octet: every character, U+0000 among them unless the place says otherwise, every number,
/// every depth. So the same put again is unchanged.
pub async fn json_is_kept_octet_for_octet(place: &impl Place) -> Kept {
    let chests = Opened::new(place)?;
    let all_of_latin: String = (0..=0x2ff).filter_map(char::from_u32).collect();
    let texts = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}",
        "\"",
        "\\",
        "\\u0000",
        "\\\"",
        "/",
        "</script>",
        "\u{7f}",
        "\u{80}",
        "\u{2028}\u{2029}",
        "\u{d7ff}\u{e000}",
        "\u{fffe}\u{ffff}",
        "\u{1f980}",
        "\u{10ffff}",
        "e\u{301} \u{e9}",
        "\u{feff}x",
        "'",
        "$1",
        "{}",
        "null",
        "%s",
        "{0}",
        &all_of_latin,
    ];
    let texts: Vec<&str> = texts.into_iter().filter(|text| place.holds_nul() || !text.contains('\0')).collect();
    let zero = if place.holds_nul() { "\0" } else { "0" };
    let deep = (0..60).fold(json!("the bottom"), |inside, _| json!([{"inside": inside}]));
    let anything = json!({
        "": null, zero: 0, "a": {"b": [], "c": {}}, "deep": deep, "e": 1e300, "i": i64::MIN, "n": 18_446_744_073_709_551_615_u64,
        "one": 1, "one as a fraction": 1.0, "t": [true, false, null], "\u{1f980}": "\u{1f980}", "'": "''",
    });
    let numbers = [
        (0, 0, 0.0),
        (u64::MAX, i64::MIN, f64::MAX),
        (u64::MAX - 1, i64::MAX, f64::MIN_POSITIVE),
        (9_007_199_254_740_993, -9_007_199_254_740_993, 0.1),
        (1 << 63, -1, 5e-324),
        (1, 1, -0.0),
        (2, 2, 1.0),
        (3, 3, 1e23),
        (4, 4, 123_456_789.123_456_79),
    ];
    for (id, (natural, integer, ratio)) in (1..).zip(numbers) {
        for (maybe, anything) in [(None, json!(null)), (Some(true), anything.clone()), (Some(false), json!("text"))] {
            let texts = texts.iter().copied().map(str::to_owned).collect();
            let chest = Chest { id, natural, integer, ratio, maybe, texts, anything };
            let (key, change) = chests.change(&chest)?;
            let outcome = chests.put(&chest, Precondition::none()).await?;
            let (Outcome::Created(state) | Outcome::Replaced(state)) = outcome else {
                return Err(Complaint::Broken(format!("a put of other data came to {}", told(&outcome))));
            };
            ensure(state.json() == change.created(), || {
                format!("{:?} was put, {:?} is stored", change.created(), state.json())
            })?;
            chests.shows(&key, Some(&state)).await?;
            let back: Chest = value(&state)?;
            ensure(back == chest && back.ratio.to_bits() == chest.ratio.to_bits(), || {
                format!("{chest:?} was put, {back:?} is stored")
            })?;
            let again = chests.put(&chest, Precondition::none()).await?;
            ensure(again == Outcome::Unchanged(state), || format!("the same chest again came to {}", told(&again)))?;
        }
    }
    Ok(())
}

/// Where no text holds U+0000, one that does is told to be invalid, and nothing is written: neither cut off there nor a
/// failure of the store.
pub async fn what_cannot_be_held_is_invalid(place: &impl Place) -> Kept {
    let notes = Opened::new(place)?;
    for text in ["\0", "a\0", "a\0b", "\\\0"] {
        let note = Note::new(7, text);
        let outcome = notes.put(&note, Precondition::none()).await?;
        let as_promised = match &outcome {
            Outcome::Created(state) | Outcome::Replaced(state) => place.holds_nul() && value::<Note>(state)? == note,
            Outcome::Invalid(_) => !place.holds_nul(),
            _ => false,
        };
        ensure(as_promised, || format!("a put of {text:?} came to {}", told(&outcome)))?;
        if !place.holds_nul() {
            notes.shows(&notes.key(&note)?, None).await?;
        }
    }
    Ok(())
}
