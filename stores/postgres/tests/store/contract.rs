//! The contract of a store, each rule in a schema of its own.

use put_conformance::store::{Opening, Place, block_on, check};
use put_core::store::StoreFor as _;
use put_core::{Format, PutResource};
use put_postgres::{PostgresStore, create_table_sql};

use crate::support::Schema;

impl Place for Schema {
    fn open<R: PutResource>(&self) -> Opening {
        self.sql(&create_table_sql::<R>().replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1));
        let table = self.table(&Format::of::<R>().name().to_lowercase());
        Ok(block_on(PostgresStore::<R>::connect(&self.url).table(table).connections(4).open())?.into_store())
    }

    fn holds_nul(&self) -> bool {
        false
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn break_reads(&self) -> bool {
        self.each_table(|table| format!("ALTER TABLE {table} RENAME COLUMN text TO elsewhere"));
        true
    }

    fn break_writes(&self) -> bool {
        self.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'");
        self.each_table(|table| {
            format!(
                "CREATE TRIGGER refuses BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION \
                 refuse()"
            )
        });
        true
    }
}

impl Schema {
    /// Does to every table what another program might do.
    fn each_table(&self, statement: fn(&str) -> String) {
        let tables =
            self.rows("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = current_schema");
        assert!(!tables.is_empty(), "there is something to break");
        for table in tables {
            self.sql(&statement(table.get(0)));
        }
    }
}

#[test]
fn a_table_keeps_every_rule_and_every_rule_is_tried() {
    if Schema::new("probe").is_none() {
        return;
    }
    let report = block_on(check(|| Schema::new("contract").expect("there was a server before")));
    assert!(report.verdicts.iter().all(|verdict| verdict.kept.is_ok()), "{report}");
}
