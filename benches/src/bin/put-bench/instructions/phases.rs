//! Which part of a PUT a place in the code belongs to.
//!
//! The innermost name that says something decides: first the file of an inlined line, then the functions from the
//! inside out. What says nothing (the allocator, copying bytes, a hash map) belongs to whoever called it.

use super::callgrind::Place;

/// The parts of a PUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Head, path, request fields, and the order of everything.
    Admit,
    /// Content to value.
    Decode,
    /// Value to canonical JSON.
    Encode,
    /// Canonical JSON to entity tag.
    Tag,
    /// Preconditions, the decision, and the map.
    Store,
    /// Status, fields, content of the answer.
    Response,
    /// The program that sends the requests.
    Driver,
    /// Nothing above it said what it is for.
    Unexplained,
}

/// All of them, in the order of the table.
pub(super) const PHASES: [Phase; 8] = [
    Phase::Admit,
    Phase::Decode,
    Phase::Encode,
    Phase::Tag,
    Phase::Store,
    Phase::Response,
    Phase::Driver,
    Phase::Unexplained,
];

/// The modules of put-core.
const MODULES: [(Phase, &[&str]); 6] = [
    (
        Phase::Admit,
        &[
            "digest", "endpoint", "engine", "fields", "head", "host", "path", "private", "resource", "settings",
            "uri_host",
        ],
    ),
    (Phase::Decode, &["content", "diagnose", "place", "probe", "proposal", "scan", "violation"]),
    (Phase::Encode, &["canonical"]),
    (Phase::Tag, &["entity_tag"]),
    // Not `format`: it answers questions of all the others.
    (Phase::Store, &["change", "memory", "precondition", "store"]),
    (Phase::Response, &["cors", "problem", "response"]),
];

/// Everything else that is known: parts of file names and of function names. These go before the modules.
const OTHERS: [(Phase, &[&str]); 8] = [
    (Phase::Tag, &["put_core::change::tag"]),
    (Phase::Decode, &["serde_json::de::", "serde_json::read::", "Deserialize for put_benches"]),
    (Phase::Decode, &["/src/de.rs", "/src/read.rs", "/de/impls.rs"]),
    (Phase::Encode, &["serde_json::ser::", "Serialize for put_benches", "/src/ser.rs", "itoa", "ryu", "zmij"]),
    (Phase::Tag, &["sha2", "base64", "block_buffer", "block-buffer", "hybrid_array", "hybrid-array"]),
    (Phase::Store, &["std::time::SystemTime", "clock_gettime"]),
    (Phase::Response, &["httpdate"]),
    (Phase::Driver, &["one_put::", "one-put.rs"]),
];

/// The phase of a place, and the name that decided it.
pub(super) fn phase_of<'a>(place: &Place<'a>) -> (Phase, &'a str) {
    if let Some(phase) = phase_named(place.file) {
        return (phase, place.functions().next().unwrap_or_default());
    }
    let mut functions = place.functions();
    functions
        .find_map(|function| Some((phase_named(function)?, function)))
        .unwrap_or((Phase::Unexplained, place.functions().next().unwrap_or_default()))
}

/// The phase whose sign stands first in the name.
fn phase_named(name: &str) -> Option<Phase> {
    let modules = MODULES.iter().flat_map(|(phase, modules)| {
        modules.iter().filter_map(move |module| {
            let function = name.find(&format!("put_core::{module}::"));
            let file = name.find(&format!("put-core/src/{module}.rs"));
            Some((function.or(file)?, *phase))
        })
    });
    let others =
        OTHERS.iter().flat_map(|(phase, signs)| signs.iter().filter_map(move |sign| Some((name.find(sign)?, *phase))));
    others.chain(modules).min_by_key(|(position, _)| *position).map(|(_, phase)| phase)
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit (head, path, fields, order)",
            Self::Decode => "decode",
            Self::Encode => "encode (canonical JSON)",
            Self::Tag => "tag",
            Self::Store => "store (with preconditions)",
            Self::Response => "response",
            Self::Driver => "(driver)",
            Self::Unexplained => "unexplained",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(file: &str, chain: &str) -> Phase {
        phase_of(&Place { file, chain }).0
    }

    #[test]
    fn the_innermost_sign_decides() {
        let engine = "put_core::engine::Admitted::apply";
        assert_eq!(phase("malloc.c", &format!("malloc'put_core::scan::scan'{engine}")), Phase::Decode);
        assert_eq!(phase("/x/put-core/src/entity_tag.rs", engine), Phase::Tag);
        assert_eq!(phase("vec.rs", engine), Phase::Admit);
        assert_eq!(phase("vec.rs", "alloc::vec::push"), Phase::Unexplained);
    }
}
