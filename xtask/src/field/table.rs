//! What the reports of the program say, as the tables of `docs/field-report.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::servers::{QUICKSTART, SERVERS};
use crate::run::root;

/// The page, and the lines between which the tables stand.
const PAGE: &str = "docs/field-report.md";
const BEGIN: &str = "<!-- The tables: written by `cargo xtask field`. -->\n";
const END: &str = "<!-- The end of the tables. -->\n";

/// One server and what the program has found.
struct Measured {
    name: &'static str,
    version: String,
    report: Value,
}

/// Writes the tables anew, from the reports that are there, and says what is not.
pub(super) fn write() -> Result<(), String> {
    let page = root().join(PAGE);
    let told = |error: std::io::Error| format!("{PAGE}: {error}");
    let text = fs::read_to_string(&page).map_err(told)?;
    let readme = fs::read_to_string(root().join("docs/field/README.md")).map_err(told)?;
    let (before, rest) = text.split_once(BEGIN).ok_or_else(|| format!("{PAGE} has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("{PAGE} has no line {END}"))?;
    let mut measured = Vec::new();
    for name in SERVERS.iter().chain([&QUICKSTART]).map(|server| server.name) {
        let file = root().join("target/field").join(name).join("report.json");
        let Some(report) = fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok()) else {
            println!("{name} is not in {PAGE}: it has no report");
            continue;
        };
        measured.push(Measured { name, version: version(&readme, name), report });
    }
    let tables = format!("{}\n{}\n{}", counts(&measured), rows_of_each(&measured), servers_of_each(&measured));
    fs::write(&page, format!("{before}{BEGIN}\n{tables}\n{END}{after}")).map_err(told)
}

/// The second column of the table of versions.
fn version(readme: &str, name: &str) -> String {
    let row = readme.lines().find_map(|line| line.strip_prefix(&format!("| {name} | ")));
    row.and_then(|row| row.split(" | ").next()).unwrap_or("this project").to_owned()
}

fn counts(measured: &[Measured]) -> String {
    let mut table = "| Server | Version | Passed | Failed | Advice | Not applicable | Lost updates |\n".to_owned();
    table.push_str("|:--|:--|--:|--:|--:|--:|:--|\n");
    for Measured { name, version, report } in measured {
        let number = |what: &str| report["summary"][what].as_u64().unwrap_or_default();
        let (passed, failed, advice) = (number("passed"), number("failed"), number("advice"));
        let lost = lost(report);
        let rest = number("notApplicable") + number("notRun");
        let _ = writeln!(table, "| {name} | {version} | {passed} | {failed} | {advice} | {rest} | {lost} |");
    }
    table
}

/// How many updates were lost, or why nobody can say.
fn lost(report: &Value) -> String {
    let lost = &report["lostUpdates"];
    if let (Some(both), Some(hidden), Some(rounds)) =
        (lost["bothWon"].as_u64(), lost["notShown"].as_u64(), lost["rounds"].as_u64())
    {
        return format!("**{} of {rounds}**", both + hidden);
    }
    let noted =
        |words: &str| report["notes"].as_array().is_some_and(|notes| notes.iter().any(|note| says(note, words)));
    let why = match () {
        () if noted("until a second") => "tags are weak for a second",
        () if noted("weak entity tag") => "weak tags only",
        () if noted("no ETag") => "no tags",
        () => "see the report",
    };
    format!("not counted: {why}")
}

fn says(note: &Value, words: &str) -> bool {
    note.as_str().is_some_and(|note| note.contains(words))
}

/// The cases of a report that failed: the row, and what it demands.
fn failed(report: &Value) -> impl Iterator<Item = (&str, &str)> {
    let cases = report["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
    let failed = cases.iter().filter(|case| case["verdict"] == "failed");
    failed.filter_map(|case| Some((case["row"].as_str()?, case["requirement"].as_str().unwrap_or_default())))
}

/// For each server the rows that it fails, those of one series together.
fn rows_of_each(measured: &[Measured]) -> String {
    let mut table = "| Server | Rows failed, in brackets the number of cases |\n|:--|:--|\n".to_owned();
    for Measured { name, report, .. } in measured {
        let mut series: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for (row, _) in failed(report) {
            let (letters, digits) = row.split_once('-').unwrap_or((row, ""));
            let entry = series.entry(letters).or_default();
            entry.0.insert(digits);
            entry.1 += 1;
        }
        let told = series.iter().map(|(letters, (rows, cases))| {
            let rows: Vec<&str> = rows.iter().copied().collect();
            format!("{letters}-{} ({cases})", rows.join(", "))
        });
        let told: Vec<String> = told.collect();
        let told = if told.is_empty() { "none".to_owned() } else { told.join("; ") };
        let _ = writeln!(table, "| {name} | {told} |");
    }
    table
}

/// For each row that somebody fails what it demands, and who fails it in how many cases.
fn servers_of_each(measured: &[Measured]) -> String {
    let mut rows: BTreeMap<&str, (&str, BTreeMap<usize, usize>)> = BTreeMap::new();
    for (at, one) in measured.iter().enumerate() {
        for (row, requirement) in failed(&one.report) {
            *rows.entry(row).or_insert((requirement, BTreeMap::new())).1.entry(at).or_default() += 1;
        }
    }
    let mut table = "| Row | What has to hold | Failed by, in cases |\n|:--|:--|:--|\n".to_owned();
    for (row, (requirement, servers)) in rows {
        let named = servers.iter().filter_map(|(at, cases)| Some(format!("{} {cases}", measured.get(*at)?.name)));
        let named: Vec<String> = named.collect();
        let requirement = requirement.replace('|', "\\|").replace(": *", ": \\*");
        let _ = writeln!(table, "| {row} | {requirement} | {} |", named.join(", "));
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tables_tell_what_the_reports_say() {
        let case = |row: &str, verdict: &str| json!({"row": row, "verdict": verdict, "requirement": "a | b"});
        let report = json!({
            "summary": {"passed": 1, "failed": 2, "advice": 3, "notApplicable": 4, "notRun": 1},
            "lostUpdates": {"bothWon": 6, "notShown": 1, "rounds": 2000},
            "notes": [],
            "cases": [case("ETG-02", "failed"), case("ETG-01", "failed"), case("GET-01", "advice")],
        });
        let silent = json!({"summary": {}, "lostUpdates": null, "notes": ["GET shows no ETag: .."], "cases": []});
        let versions = "| Server | Version |\n| one | 1.2 | apt |\n";
        let measured = [("one", report), ("two", silent)].map(|(name, report)| Measured {
            name,
            version: version(versions, name),
            report,
        });
        assert!(counts(&measured).ends_with(concat!(
            "| one | 1.2 | 1 | 2 | 3 | 5 | **7 of 2000** |\n",
            "| two | this project | 0 | 0 | 0 | 0 | not counted: no tags |\n",
        )));
        assert!(rows_of_each(&measured).ends_with("| one | ETG-01, 02 (2) |\n| two | none |\n"));
        assert!(servers_of_each(&measured).ends_with("| ETG-01 | a \\| b | one 1 |\n| ETG-02 | a \\| b | one 1 |\n"));
    }
}
