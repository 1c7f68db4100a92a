//! Section 3.2: DELETE, where it is allowed.

use super::case;
use super::checks::{empty, ensure, lists, status, tag_of};
use crate::Switch;
use crate::case::Case;
use crate::http::{Request, Response};

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    delete(&mut table);
    table
}

fn delete(table: &mut Vec<Case>) {
    let ask = |name: &str, rows: &[&'static str]| case(name, rows).on(Switch::Delete).method("DELETE");
    table.push(ask("DELETE removes", &["DEL-01"]).should().present().expect(&[204]).check(empty()).then(gone));
    table.push(ask("DELETE of nothing is 404", &["DEL-03"]).policy().expect(&[404]).tolerate(&[204]));
    table.push(
        ask("DELETE with the tag removes", &["DEL-02"]).present().field("If-Match", "$E").expect(&[204]).then(gone),
    );
    table.push(
        ask("DELETE with an asterisk removes", &["DEL-02"]).present().field("If-Match", "*").expect(&[204]).then(gone),
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
        table.push(
            ask(&format!("DELETE with {field}: {value:?} is 412"), &["DEL-02", "CND-10"])
                .present()
                .field(field, value)
                .expect(&[412])
                .never(&[200, 204, 304]),
        );
    }
    for value in ["$opaque", "\"a\" \"b\"", "*, \"a\""] {
        table.push(
            ask(&format!("DELETE with the malformed If-Match: {value} is refused"), &["DEL-02", "CND-21"])
                .policy()
                .present()
                .field("If-Match", value)
                .expect(&[400])
                .tolerate(&[412])
                .never(&[200, 204]),
        );
    }
    for value in ["\"x\"", "*"] {
        table.push(
            ask(&format!("DELETE of nothing with If-Match: {value} is 404"), &["DEL-03", "CND-18"])
                .field("If-Match", value)
                .expect(&[404])
                .tolerate(&[412]),
        );
    }
    table.push(
        ask("DELETE with content ignores it, or refuses", &["DEL-04"])
            .should()
            .present()
            .content("{}")
            .expect(&[204, 400]),
    );
    table.push(
        case("OPTIONS of a removable page lists DELETE", &["OPT-01"])
            .should()
            .on(Switch::Delete)
            .method("OPTIONS")
            .expect(&[204])
            .tolerate(&[200])
            .check(lists("Allow", &["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])),
    );
    table.push(
        case("after DELETE the resource can be created again, and its old tag is dead", &["VAL-03", "DEL-01"])
            .on(Switch::Delete)
            .present()
            .script(|run| {
                let (path, old) = (run.path().to_owned(), run.tag());
                status(&run.send(&Request::delete(&path))?, &[204], "DELETE")?;
                let stale = Request::put(&path).field("If-Match", &old).json(run.replacement());
                status(&run.send(&stale)?, &[412], "PUT with the tag of what was removed")?;
                let created = run.put(&path, run.replacement())?;
                status(&created, &[201], "PUT")?;
                ensure(tag_of(&created)? != old, || "the old tag was used again for other data".to_owned())?;
                status(&run.send(&stale)?, &[412], "PUT with the tag of what was removed")
            }),
    );
}

fn gone(run: &mut crate::Run<'_>, _: &Response) -> crate::Outcome {
    let path = run.path().to_owned();
    status(&run.get(&path)?, &[404], "GET after DELETE")
}
