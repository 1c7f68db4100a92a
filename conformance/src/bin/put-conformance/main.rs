//! `put-conformance`: judges a PUT endpoint by asking it. `--help` says how; so does the README of the crate.

mod arguments;
mod screen;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use arguments::{Arguments, Called};
use put_conformance::{Report, Target, survey};
use screen::Screen;

/// Every case that counts passed.
const CONFORMS: u8 = 0;
/// At least one did not.
const BROKEN: u8 = 1;
/// Nothing, or not everything, could be judged.
const NOT_JUDGED: u8 = 2;

fn main() -> ExitCode {
    let judged = match arguments::read(std::env::args_os()) {
        Ok(Called::Help) => return said(arguments::HELP),
        Ok(Called::Version) => return said(concat!("put-conformance ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Called::Judge(arguments)) => judge(*arguments),
        Err(why) => Err(format!("{why}\nTry `put-conformance --help`.")),
    };
    match judged {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            eprintln!("put-conformance: {why}");
            ExitCode::from(NOT_JUDGED)
        }
    }
}

fn said(text: &str) -> ExitCode {
    // A reader that has gone is nobody's error.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(CONFORMS)
}

fn judge(arguments: Arguments) -> Result<u8, String> {
    let screen = Screen::new();
    let mut target = Target::new(&arguments.url, arguments.template.as_deref(), arguments.keys, arguments.contents)?
        .limit(arguments.timeout)
        .within(arguments.within);
    for (name, value) in &arguments.fields {
        target = target.field(name, value);
    }
    let survey = survey(target)?;
    for note in &survey.notes {
        screen.line(&format!("note: {note}"));
    }
    let subject = survey.subject.clone().profile(arguments.profile).races(arguments.races);
    let (choice, done) = (arguments.choice, AtomicUsize::new(0));
    let all = put_conformance::cases_for(&subject).iter().filter(|case| choice.takes(case)).count();
    if all == 0 {
        return Err("--only and --skip leave no case to try".to_owned());
    }
    let report = put_conformance::run_with(
        &subject,
        |case| choice.takes(case),
        |result| screen.progress(done.fetch_add(1, Ordering::Relaxed) + 1, all, result),
    );
    screen.clear();
    if let Err(why) = survey.restore() {
        screen.line(&format!("note: {why}"));
    }
    // Shown first: a file that cannot be written loses nothing.
    show(&screen, &report, &arguments.url);
    if let Some(path) = &arguments.json {
        let mut json = report.to_json();
        json["target"] = arguments.url.as_str().into();
        json["notes"] = survey.notes.clone().into();
        write(path, &format!("{json:#}\n"))?;
    }
    if let Some(path) = &arguments.junit {
        write(path, &report.to_junit())?;
    }
    Ok(match report.cut_short() {
        Some(_) => NOT_JUDGED,
        None if report.failures().is_empty() => CONFORMS,
        None => BROKEN,
    })
}

fn show(screen: &Screen, report: &Report, url: &str) {
    let mut text = report.to_findings(|mark, words| screen.painted(mark, words));
    text.push_str(&report.to_table());
    if let Some(why) = report.cut_short() {
        let _ = writeln!(text, "\nThe run ended early: {why}.");
    }
    let (failed, advised) = (report.failures().len(), report.advice().len());
    let verdict = match (failed, report.cut_short()) {
        (0, None) => "conforms",
        (0, Some(_)) => "was not judged to the end",
        _ => "does not conform",
    };
    let profile = format!("{:?}", report.profile).to_lowercase();
    let _ = writeln!(text, "\n{url} {verdict} (profile {profile}): {failed} failed, {advised} advised");
    // As above.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|why| format!("{} cannot be written: {why}", path.display()))
}
