//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::{Long, Short, Value};
use put_conformance::{Case, KeyKind, Level, Profile};

pub(crate) const HELP: &str = "\
Judges a PUT endpoint by asking it, over plain HTTP/1.1.

    put-conformance http://localhost:3000/api/users/42 --content a.json --content b.json

The URL names one resource; it need not exist. The two contents are JSON objects that the endpoint calls good; each
is a file, or the JSON itself when it begins with `{`. Fresh resources are made by changing the last segment of the path.
Where PUT creates nothing, the resource itself is used, and put back as it was.

Options:
    --content FILE|JSON     a good content; given twice, the two differ
    --header 'NAME: VALUE'  a field line for every request, such as credentials; may be repeated
    --profile rfc|put       rfc (default): what the RFCs demand, with every fair reading of them
                            put: also what this project decides where they leave it open
    --url-template URL      the URL with {} in the place of the key
    --key-kind int|uuid|text    how the keys of fresh resources look; told from the URL otherwise
    --only WORD             only cases that match: a row (CND-04), a series (CND), a level (must, should, policy), or
                            a word of the name; may be repeated
    --skip WORD             not the cases that match; may be repeated
    --races N               rounds of the race of two careful writers (default 100)
    --json FILE             also write the report as JSON
    --junit FILE            also write the report as JUnit XML
    --timeout SECONDS       how long one answer may take (default 10)
    --within SECONDS        how long the whole run may take (default 600)
    --help, --version

Exit status: 0 everything that counts passed; 1 something failed (for rfc: a MUST); 2 it could not be judged, or not to the
end: wrong arguments, no answer, credentials missing, not HTTP. Requests go to the given server only.
";

/// What the program is asked to do.
pub(crate) enum Called {
    Help,
    Version,
    Judge(Box<Arguments>),
}

pub(crate) struct Arguments {
    pub(crate) url: String,
    pub(crate) template: Option<String>,
    pub(crate) keys: Option<KeyKind>,
    pub(crate) contents: [serde_json::Value; 2],
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) profile: Profile,
    pub(crate) choice: Choice,
    pub(crate) races: usize,
    pub(crate) json: Option<PathBuf>,
    pub(crate) junit: Option<PathBuf>,
    pub(crate) timeout: Duration,
    pub(crate) within: Duration,
}

/// Which cases are wanted.
#[derive(Default)]
pub(crate) struct Choice {
    only: Vec<String>,
    skip: Vec<String>,
}

impl Choice {
    pub(crate) fn takes(&self, case: &Case) -> bool {
        let hit = |word: &String| matches(case, word);
        (self.only.is_empty() || self.only.iter().any(hit)) && !self.skip.iter().any(hit)
    }
}

fn matches(case: &Case, word: &str) -> bool {
    let level = match case.level {
        Level::Must => "must",
        Level::Should => "should",
        Level::Policy => "policy",
    };
    let row = |row: &&str| {
        row.eq_ignore_ascii_case(word) || row.split('-').next().is_some_and(|series| series.eq_ignore_ascii_case(word))
    };
    level.eq_ignore_ascii_case(word)
        || case.rows.iter().any(row)
        || case.name.to_lowercase().contains(&word.to_lowercase())
}

pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Called, String> {
    let mut parser = lexopt::Parser::from_iter(args);
    let (mut url, mut template, mut keys, mut contents) = (None, None, None, Vec::new());
    let (mut fields, mut profile, mut choice, mut races) = (Vec::new(), Profile::Rfc, Choice::default(), 100);
    let (mut json, mut junit) = (None, None);
    let (mut timeout, mut within) = (Duration::from_secs(10), Duration::from_mins(10));
    while let Some(argument) = parser.next().map_err(|why| why.to_string())? {
        let Long(name) = argument else {
            match argument {
                Short('h') => return Ok(Called::Help),
                Short('V') => return Ok(Called::Version),
                Value(value) if url.is_none() => url = Some(text(value, "the URL")?),
                other => return Err(other.unexpected().to_string()),
            }
            continue;
        };
        let name = name.to_owned();
        match name.as_str() {
            "help" => return Ok(Called::Help),
            "version" => return Ok(Called::Version),
            _ => {}
        }
        let known = [
            "content",
            "header",
            "profile",
            "url-template",
            "key-kind",
            "only",
            "skip",
            "races",
            "json",
            "junit",
            "timeout",
            "within",
        ];
        if !known.contains(&name.as_str()) {
            return Err(format!("there is no option --{name}"));
        }
        let value = parser.value().map_err(|_| format!("--{name} needs a value"))?;
        match name.as_str() {
            "json" => json = Some(PathBuf::from(value)),
            "junit" => junit = Some(PathBuf::from(value)),
            _ => {
                let value = text(value, &format!("--{name}"))?;
                match name.as_str() {
                    "content" => contents.push(content(&value)?),
                    "header" => fields.push(field(&value)?),
                    "profile" => profile = one_of(&name, &value, &[("rfc", Profile::Rfc), ("put", Profile::Put)])?,
                    "url-template" => template = Some(value),
                    "key-kind" => {
                        let kinds = [("int", KeyKind::Int), ("uuid", KeyKind::Uuid), ("text", KeyKind::Text)];
                        keys = Some(one_of(&name, &value, &kinds)?);
                    }
                    "only" | "skip" if value.is_empty() => return Err(format!("--{name} needs a word")),
                    "only" => choice.only.push(value),
                    "skip" => choice.skip.push(value),
                    "races" => races = number(&name, &value)?,
                    "timeout" => timeout = Duration::from_secs(number(&name, &value)?),
                    _ => within = Duration::from_secs(number(&name, &value)?),
                }
            }
        }
    }
    let url = url.ok_or("the URL of a resource is missing")?;
    let count = contents.len();
    let contents = <[serde_json::Value; 2]>::try_from(contents)
        .map_err(|_| format!("two good contents are needed, as --content a.json --content b.json; {count} given"))?;
    Ok(Called::Judge(Box::new(Arguments {
        url,
        template,
        keys,
        contents,
        fields,
        profile,
        choice,
        races,
        json,
        junit,
        timeout,
        within,
    })))
}

fn text(value: OsString, what: &str) -> Result<String, String> {
    value.into_string().map_err(|value| format!("{what} is not UTF-8: {}", value.display()))
}

fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> Result<T, String> {
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let found = known.iter().find(|(word, _)| *word == value).map(|(_, meant)| *meant);
    found.ok_or_else(|| format!("--{name} is one of {}, not {value:?}", words.join(", ")))
}

/// A whole number above zero.
fn number<T: std::str::FromStr + Default + PartialEq>(name: &str, value: &str) -> Result<T, String> {
    let found = value.parse().ok().filter(|found| *found != T::default());
    found.ok_or_else(|| format!("--{name} takes a whole number above 0, not {value:?}"))
}

fn content(value: &str) -> Result<serde_json::Value, String> {
    let (what, json) = if value.trim_start().starts_with('{') {
        ("--content".to_owned(), value.to_owned())
    } else {
        (value.to_owned(), std::fs::read_to_string(value).map_err(|why| format!("{value} cannot be read: {why}"))?)
    };
    serde_json::from_str(&json).map_err(|why| format!("{what} is no JSON: {why}"))
}

/// What the cases say themselves; one more line of it in every request would make each of them another case.
const TRIED: [&str; 12] = [
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Expect",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Unmodified-Since",
    "Transfer-Encoding",
];

fn field(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or_else(|| format!("--header takes 'NAME: VALUE', not {line:?}"))?;
    let token = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
    if name.is_empty() || !name.bytes().all(token) || value.contains(['\r', '\n', '\0']) {
        return Err(format!("{line:?} is no field line"));
    }
    if TRIED.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(format!("--header cannot set {name}: it is part of what is tried"));
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}
