//! What a client wants of the response: Accept and Prefer.

use crate::mutant::Mutant;
use crate::variant::Variant;
use crate::wire::Fields;

/// Whether JSON is acceptable (RFC 9110, section 12.5.1): the most specific range decides.
pub(crate) fn accepts_json(fields: &Fields, variant: Variant) -> bool {
    if !fields.has("Accept") || variant.is(Mutant::AcceptIgnored) {
        return true;
    }
    let joined = fields.joined("Accept");
    let text = String::from_utf8_lossy(&joined);
    let mut best: Option<(u8, bool)> = None;
    let ranges = split(&text, ',').into_iter().filter(|range| !range.is_empty());
    let mut any = false;
    for range in ranges.take(if variant.is(Mutant::FirstRangeOnly) { 1 } else { usize::MAX }) {
        any = true;
        let mut parts = split(range, ';').into_iter();
        let rank = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/json" => 3,
            "application/*" => 2,
            "*/*" => 1,
            _ => continue,
        };
        let weight = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().unwrap_or(1.0))
        });
        let wanted = weight.is_none_or(|weight| weight > 0.0);
        if best.is_none_or(|(found, _)| rank > found) {
            best = Some((rank, wanted));
        }
    }
    (!any && !variant.is(Mutant::EmptyAcceptIs406)) || best.is_some_and(|(_, wanted)| wanted)
}

/// What Prefer asks a PUT to return (RFC 7240, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    Representation,
}

/// All preferences: the one that counts here, and whether a mutant refuses them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preferences {
    pub(crate) wanted: Option<Return>,
    pub(crate) refused: bool,
}

impl Preferences {
    pub(crate) fn read(fields: &Fields, variant: Variant) -> Self {
        let joined = fields.joined("Prefer");
        let text = String::from_utf8_lossy(&joined);
        let mut returns = Vec::new();
        let mut unknown = false;
        for preference in split(&text, ',').into_iter().filter(|preference| !preference.is_empty()) {
            let first = split(preference, ';').into_iter().next().unwrap_or_default();
            let (name, value) = first.split_once('=').unwrap_or((first, ""));
            let value = value.trim_matches([' ', '\t', '"']);
            if name.trim().eq_ignore_ascii_case("return") {
                returns.push(match value {
                    "minimal" => Some(Return::Minimal),
                    "representation" => Some(Return::Representation),
                    _ => None,
                });
            } else {
                unknown = true;
            }
        }
        let contrary = returns.iter().any(|one| Some(one) != returns.first());
        let refused = (unknown && variant.is(Mutant::UnknownPreferenceRefused))
            || (contrary && variant.is(Mutant::ContraryPreferencesRefused));
        let wanted = returns.first().copied().flatten().filter(|_| !variant.is(Mutant::PreferIgnored));
        Self { wanted, refused }
    }
}

/// Cuts at a separator that is not inside of quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    let cut = text.split(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
        quoted ^= ends;
        letter == separator && !quoted
    });
    cut.map(|part| part.trim_matches([' ', '\t'])).collect()
}
