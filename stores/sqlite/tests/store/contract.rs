//! The contract of a store, each rule on a file of its own.

use std::path::PathBuf;

use put_conformance::store::{Opening, Place, block_on, check};
use put_core::PutResource;
use put_core::store::StoreFor as _;
use put_sqlite::Database;
use tempfile::TempDir;

use crate::support::{elsewhere, folder};

/// A file. Each store has it open by itself, so dropping the store closes it.
struct File(TempDir);

impl File {
    fn path(&self) -> PathBuf {
        self.0.path().join("app.db")
    }

    /// Does to every table of documents what another program might do.
    fn each_table(&self, statement: fn(&str) -> String) {
        let connection = elsewhere(&self.path());
        let mut names = connection.prepare("SELECT name FROM put_resource").unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(!names.is_empty(), "there is something to break");
        for name in names {
            connection.execute_batch(&statement(&name)).unwrap();
        }
    }
}

impl Place for File {
    fn open<R: PutResource>(&self) -> Opening {
        Ok(Database::open(self.path())?.store::<R>()?.into_store())
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn break_reads(&self) -> bool {
        self.each_table(|table| format!("ALTER TABLE \"{table}\" RENAME COLUMN json TO elsewhere"));
        true
    }

    fn break_writes(&self) -> bool {
        let refuse = |table: &str| {
            let refuses = |event| {
                format!(
                    "CREATE TRIGGER refuses_{event} BEFORE {event} ON \"{table}\" BEGIN SELECT RAISE(ABORT, 'no'); END;"
                )
            };
            ["INSERT", "UPDATE", "DELETE"].map(refuses).concat()
        };
        self.each_table(refuse);
        true
    }
}

#[test]
fn a_file_keeps_every_rule_and_every_rule_is_tried() {
    let report = block_on(check(|| File(folder())));
    assert!(report.verdicts.iter().all(|verdict| verdict.kept.is_ok()), "{report}");
}
