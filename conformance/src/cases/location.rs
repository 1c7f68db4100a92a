//! Location and Content-Location.

use super::case;
use super::checks::{ensure, has, lacks};
use crate::Switch;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for (name, prefer) in [
        ("as it is", None),
        ("with return=minimal", Some("return=minimal")),
        ("with return=representation", Some("return=representation")),
    ] {
        let prefer = |case: Case| match prefer {
            Some(value) => case.field("Prefer", value),
            None => case,
        };
        table.push(
            prefer(case(format!("a creation {name} has one Location, the path of the target"), &["LOC-01", "LOC-02"]))
                .policy()
                .any()
                .expect(&[201])
                .check(has("Location", "$path"))
                .then(|_, response| {
                    let count = response.values("Location").count();
                    ensure(count == 1, || format!("{count} lines"))
                }),
        );
        table.push(
            prefer(case(format!("a replacement {name} has no Location"), &["LOC-04"]))
                .policy()
                .any()
                .present()
                .expect(&[200, 204])
                .check(lacks("Location")),
        );
    }
    table.push(
        case("Location is there under a prefix, too", &["LOC-01"])
            .policy()
            .on(Switch::Delete)
            .expect(&[201])
            .check(has("Location", "$path"))
            .check(has("Content-Location", "$path")),
    );
    table.push(
        case("Location of a composite key is the path of the target", &["LOC-01"])
            .policy()
            .pair()
            .expect(&[201])
            .check(has("Location", "$path")),
    );
    for (name, before) in [("201", crate::Before::Absent), ("200", crate::Before::Present)] {
        table.push(
            case(
                format!("Content-Location of a {name} says that the content is the representation"),
                &["LOC-05", "PUT-19"],
            )
            .item()
            .any()
            .before(before)
            .expect(&[200, 201])
            .check(super::checks::representation()),
        );
    }
    for (name, before) in [("201", crate::Before::Absent), ("204", crate::Before::Present)] {
        table.push(
            case(format!("a minimal {name} has no Content-Location"), &["LOC-05"])
                .any()
                .before(before)
                .field("Prefer", "return=minimal")
                .expect(&[201, 204])
                .check(lacks("Content-Location")),
        );
    }
    table
}
