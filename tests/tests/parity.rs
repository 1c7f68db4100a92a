//! Two adapters, one engine: the same requests get the same status, the same fields and the same bytes.
//!
//! The whole table is asked of both, with the same keys, and every single response is compared: those of the cases and
//! those of the reads before and after them. Masked is what no two runs share: dates, and with them the tags of
//! items, which hold two timestamps, and the identifiers of occurrences. Framing is the framework's own (how the
//! length is told, whether a connection is closed), and so is what it answers before the endpoint is asked.

use std::collections::BTreeMap;

use crate::servers::{Adapter, Server, Store};
use put_conformance::http::Response;
use put_conformance::{CaseResult, Report, Subject};

/// Fields that belong to the connection or to the moment.
const MASKED: [&str; 5] = ["date", "last-modified", "connection", "keep-alive", "transfer-encoding"];

/// Members whose values no two runs share: texts, behind these octets.
const MOMENTARY: [&str; 3] = ["\"createdAt\":\"", "\"updatedAt\":\"", "\"instance\":\""];

fn recorded(adapter: Adapter) -> Report {
    let server = Server::start(adapter, Store::Memory);
    // Races end differently every time; what the framework answers is listed in the README, not compared.
    put_conformance::run(&Subject::new(server.addr()).recording(), |case| {
        let races = case.rows.contains(&"PUT-23") || case.name.contains("parallel");
        !case.framework && !races && !case.rows.iter().any(|row| row.starts_with("EXP"))
    })
}

/// Whether a response shows a value that no two runs share.
fn momentary(response: &Response) -> bool {
    let content = String::from_utf8_lossy(&response.content);
    MOMENTARY.iter().any(|begins| content.contains(begins))
}

/// A response without what may differ; `masked` says that its tag does.
fn essence(response: &Response, masked: bool) -> (u16, BTreeMap<String, Vec<String>>, String) {
    let mut content = String::from_utf8_lossy(&response.content).into_owned();
    for begins in MOMENTARY {
        if let Some(at) = content.find(begins).map(|at| at + begins.len()) {
            let end = content[at..].find('"').map_or(content.len(), |length| at + length);
            content.replace_range(at..end, "");
        }
    }
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &response.fields {
        let name = name.to_ascii_lowercase();
        // A server that says nothing of the length of an empty content and one that says 0 say the same.
        let nothing = name == "content-length" && value == b"0";
        let derived = (masked && name == "etag") || (momentary(response) && name == "content-length");
        if !MASKED.contains(&name.as_str()) && !nothing && !derived {
            fields.entry(name).or_default().push(String::from_utf8_lossy(value).into_owned());
        }
    }
    (response.status, fields, content)
}

fn differences(axum: &CaseResult, actix: &CaseResult) -> Option<String> {
    assert_eq!(axum.name, actix.name);
    let essences = |result: &CaseResult| {
        let masked = result.responses.iter().any(momentary);
        result.responses.iter().map(|response| essence(response, masked)).collect::<Vec<_>>()
    };
    let (left, right) = (essences(axum), essences(actix));
    let first = left.iter().zip(&right).find(|(left, right)| left != right);
    match first {
        Some((left, right)) => Some(format!("{}\n    axum:  {left:?}\n    actix: {right:?}", axum.name)),
        None => {
            (left.len() != right.len()).then(|| format!("{}: {} and {} responses", axum.name, left.len(), right.len()))
        }
    }
}

#[test]
fn both_adapters_give_the_same_answers() {
    let (axum, actix) = (recorded(Adapter::Axum), recorded(Adapter::Actix));
    let compared: usize = axum.results.iter().map(|result| result.responses.len()).sum();
    assert!(axum.results.len() > 1000 && compared > 4000, "{} cases, {compared} responses", axum.results.len());
    let found: Vec<String> =
        axum.results.iter().zip(&actix.results).filter_map(|(axum, actix)| differences(axum, actix)).collect();
    assert!(found.is_empty(), "{} cases differ:\n{}", found.len(), found.join("\n"));
}
