//! DELETE, where it is allowed.

use super::case;
use super::checks::{absent, empty, ensure, fairly, lists, tag_at};
use crate::Switch;
use crate::case::{Case, Outcome};
use crate::http::{Request, Response};
use crate::run::Run;
use crate::subject::{Need, Profile, Resources};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    delete(&mut table);
    table
}

fn delete(table: &mut Vec<Case>) {
    let ask = |name: &str, rows: &[&'static str]| case(name, rows).on(Switch::Delete).method("DELETE").any();
    table.push(ask("DELETE removes", &["DEL-01"]).should().present().expect(&[204]).check(empty()).must_then(gone));
    // Whether it removes anything is found out before the cases that need it; that it says so is one of its own.
    table.push(
        case("a DELETE that says it is done has removed", &["DEL-01"])
            .should()
            .on(Switch::Delete)
            .any()
            .needs(Need::Creation)
            .present()
            .script(|run| {
                let response = run.send(&Request::delete(run.path()))?;
                if !response.is_success() && matches!(run.subject().resources, Resources::Own { .. }) {
                    return Err(run.not_applicable("DELETE is refused here"));
                }
                fairly(run, &response, &[204], &[200, 202], "DELETE")?;
                gone(run, &response)
            }),
    );
    table.push(ask("DELETE of nothing is 404", &["DEL-03"]).policy().open().expect(&[404]).tolerate(&[204]));
    table.push(
        ask("DELETE with the tag removes", &["DEL-02"])
            .present()
            .field("If-Match", "$E")
            .expect(&[204])
            .must_then(gone),
    );
    table.push(
        ask("DELETE with an asterisk removes", &["DEL-02"])
            .present()
            .field("If-Match", "*")
            .expect(&[204])
            .must_then(gone),
    );
    table.push(
        ask("DELETE with an If-None-Match that does not match removes", &["DEL-02"])
            .present()
            .field("If-None-Match", "\"zzz\"")
            .expect(&[204]),
    );
    for (field, value) in [
        ("If-Match", "\"zzz\""),
        ("If-Match", "W/$E"),
        ("If-Match", ""),
        ("If-None-Match", "*"),
        ("If-None-Match", "W/$E"),
        ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ] {
        // To answer a false If-Match or If-Unmodified-Since with 412 is permitted, not demanded. An empty field may be
        // called malformed.
        let fair: &[u16] = match (field, value) {
            (_, "") => &[400, 409],
            ("If-None-Match", _) => &[],
            _ => &[409],
        };
        let one = ask(&format!("DELETE with {field}: {value:?} is 412"), &["DEL-02", "CND-10"])
            .fair(fair)
            .present()
            .field(field, value)
            .expect(&[412])
            .never(&[200, 204, 304]);
        table.push(if field == "If-Unmodified-Since" { one.needs(Need::Date) } else { one });
    }
    for value in ["$opaque", "\"a\" \"b\"", "*, \"a\""] {
        table.push(
            ask(&format!("DELETE with the malformed If-Match: {value} is refused"), &["DEL-02", "CND-21"])
                .policy()
                .open()
                .present()
                .field("If-Match", value)
                .expect(&[400])
                .tolerate(&[412])
                .never(&[200, 202, 204]),
        );
    }
    for value in ["\"x\"", "*"] {
        table.push(
            // What was to be done has been done: a standard lets that be a success, whatever the condition.
            ask(&format!("DELETE of nothing with If-Match: {value} is 404"), &["DEL-03", "CND-18"])
                .fair(&[200, 204, 409, 410])
                .field("If-Match", value)
                .expect(&[404])
                .tolerate(&[412]),
        );
    }
    table.push(
        ask("DELETE with content ignores it, or refuses", &["DEL-04"])
            .should()
            .fair(&[411, 413, 415])
            .present()
            .content("{}")
            .expect(&[204, 400]),
    );
    table.push(
        case("OPTIONS of a removable page lists DELETE", &["OPT-01"])
            .should()
            .fair(&[404, 405, 501])
            .needs(Need::Removal)
            .on(Switch::Delete)
            .method("OPTIONS")
            .expect(&[204])
            .tolerate(&[200])
            .check(lists("Allow", &["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])),
    );
    table.push(
        case("after DELETE the resource can be created again, and its old tag is dead", &["VAL-03", "DEL-01"])
            .on(Switch::Delete)
            .any()
            .needs(Need::Removal)
            .needs(Need::StrongTag)
            .present()
            .script(|run| {
                let (path, old) = (run.path().to_owned(), run.tag());
                let removed = run.send(&Request::delete(&path))?;
                fairly(run, &removed, &[204], &[200], "DELETE")?;
                let stale = Request::put(&path).field("If-Match", &old).json(run.original());
                let refused = run.send(&stale)?;
                fairly(run, &refused, &[412], &[404, 409, 410], "PUT with the tag of what was removed")?;
                let created = run.put(&path, run.replacement())?;
                if run.profile() == Profile::Rfc && [409, 410].contains(&created.status) {
                    return Err(run.not_applicable("what was removed cannot be created again here"));
                }
                fairly(run, &created, &[201], &[200, 204], "PUT")?;
                ensure(tag_at(run, &path)? != old, || "the old tag was used again for other data".to_owned())?;
                let refused = run.send(&stale)?;
                fairly(run, &refused, &[412], &[409], "PUT with the tag of what was removed")
            }),
    );
}

fn gone(run: &mut Run<'_>, response: &Response) -> Outcome {
    if response.status == 202 {
        return Ok(());
    }
    let path = run.path().to_owned();
    let shown = run.get(&path)?;
    absent(run, &shown)
}
