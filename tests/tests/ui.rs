//! The words of the compiler: `ui/<kind>/<mistake>.rs` does not compile, and `<mistake>.stderr` is what a user reads.
//! `ui/pass` compiles.
//!
//! The messages belong to the toolchain in `rust-toolchain.toml`; after a change run with `TRYBUILD=overwrite` and read
//! every difference as a user would.

use std::fs;
use std::path::Path;

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    let kinds = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")).expect("the folder of the cases");
    for kind in kinds {
        let kind = kind.expect("a folder").file_name().into_string().expect("a plain name");
        if kind == "pass" {
            cases.pass(format!("ui/{kind}/*.rs"));
        } else {
            cases.compile_fail(format!("ui/{kind}/*.rs"));
        }
    }
}
