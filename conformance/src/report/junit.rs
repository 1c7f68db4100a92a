//! The report for a build server: the XML that began with `JUnit` and that they all read.

use std::fmt::Write as _;

use super::json::word;
use super::{Report, Verdict};

impl Report {
    /// The report as `JUnit` XML. Advice is a passed case with a message, so that it breaks no build.
    pub fn to_junit(&self) -> String {
        let count = |wanted: &[&str]| self.results.iter().filter(|result| wanted.contains(&word(result, self))).count();
        let (failed, skipped) = (count(&["failed"]), count(&["not applicable", "not run", "deviates"]));
        let seconds: f64 = self.results.iter().map(|result| result.took.as_secs_f64()).sum();
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let totals = format!("tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\"", self.results.len());
        // Writing into a String cannot fail.
        let _ =
            writeln!(xml, "<testsuites {totals}>\n<testsuite name=\"put-conformance\" {totals} time=\"{seconds:.3}\">");
        for result in &self.results {
            let section = result.row().map_or("", |row| row.id);
            let _ = write!(
                xml,
                "<testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">",
                escaped(section),
                escaped(&result.name),
                result.took.as_secs_f64()
            );
            let _ = match (&result.verdict, word(result, self)) {
                (Verdict::Failed(why), "failed") => {
                    write!(xml, "<failure message=\"{}\">{}</failure>", escaped(why), escaped(&result.exchange))
                }
                (Verdict::Failed(why), _) => write!(xml, "<system-out>advice: {}</system-out>", escaped(why)),
                (Verdict::NotApplicable(why) | Verdict::NotRun(why) | Verdict::Deviates(_, why), _) => {
                    write!(xml, "<skipped message=\"{}\"/>", escaped(why))
                }
                (Verdict::Passed | Verdict::Tolerated(_), _) => Ok(()),
            };
            xml.push_str("</testcase>\n");
        }
        xml.push_str("</testsuite>\n</testsuites>\n");
        xml
    }
}

/// Text that may stand in an attribute or between tags; what XML 1.0 cannot hold at all becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            control if control < ' ' || matches!(control, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}') => {
                out.push('?');
            }
            other => out.push(other),
        }
    }
    out
}
