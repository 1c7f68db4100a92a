//! What happens to the file while it is open: deleted, replaced, no space.

use std::fs;
use std::path::Path;
use std::process::Command;

use put_core::store::{Outcome, Store, StoreError};
use put_core::{Precondition, PutResource};
use put_sqlite::Database;
use serde::{Deserialize, Serialize};

use crate::support::{User, as_child, child, elsewhere, folder, key, open, port, put, user};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
struct Note {
    #[put(key)]
    id: u64,
}

/// Fails every way of using the store, and says so.
async fn refuses(store: &dyn Store, because: &str) {
    for _ in 0..2 {
        let errors: [StoreError; 3] = [
            put(store, user(50, "late")).await.await.unwrap_err(),
            store.delete(key(1), Precondition::none().into()).await.unwrap_err(),
            put(store, user(51, "late")).await.await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(because), "{error}");
        }
    }
}

#[tokio::test]
async fn a_deleted_file_is_noticed_before_anything_is_acknowledged() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    put(&*store, user(1, "Ada")).await.await.unwrap();
    fs::remove_file(database.path()).unwrap();
    refuses(&*store, "was deleted").await;
    assert!(store.get(&key(1)).await.is_err());
    assert!(store.list(None, 1).await.is_err());
    assert!(database.store::<Note>().is_err());
    assert!(!database.path().exists(), "nothing made a new, empty file");

    // Opening again is the way on, also while the old handle lives.
    let _ = fs::remove_file(database.path().with_file_name("app.db-wal"));
    let _ = fs::remove_file(database.path().with_file_name("app.db-shm"));
    let again = open(&folder);
    let users = User::endpoint(again.store().unwrap());
    users.put(user(2, "Byron"), Precondition::none()).await.unwrap();
    refuses(&*store, "was deleted").await;
    drop((store, database));
    users.put(user(3, "Lovelace"), Precondition::none()).await.unwrap();
    drop((users, again));
    let users = User::endpoint(open(&folder).store().unwrap());
    assert_eq!(users.list(None, 10).await.unwrap().len(), 2, "the old handle took nothing with it");
}

#[tokio::test]
async fn a_replaced_file_is_noticed_and_opening_again_reads_the_new_one() {
    let folder = folder();
    let backup = folder.path().join("backup.db");
    let database = open(&folder);
    let store = port::<User>(&database);
    put(&*store, user(1, "in the backup")).await.await.unwrap();
    elsewhere(database.path()).execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    put(&*store, user(1, "not in the backup")).await.await.unwrap();
    fs::rename(&backup, database.path()).unwrap();
    for beside in ["app.db-wal", "app.db-shm"] {
        fs::remove_file(database.path().with_file_name(beside)).unwrap();
    }
    refuses(&*store, "was replaced").await;
    assert!(store.get(&key(1)).await.is_err(), "what the old file says is of no interest any more");
    let again = open(&folder);
    let users = User::endpoint(again.store().unwrap());
    assert_eq!(users.get(&1).await.unwrap().unwrap().value.name, "in the backup");
    users.put(user(2, "after the backup"), Precondition::none()).await.unwrap();
    drop((store, database));
    drop((users, again));
    let users = User::endpoint(open(&folder).store().unwrap());
    assert_eq!(users.list(None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_deleted_or_replaced_log_is_noticed() {
    for replace in [false, true] {
        let folder = folder();
        let database = open(&folder);
        let store = port::<User>(&database);
        put(&*store, user(1, "Ada")).await.await.unwrap();
        let log = database.path().with_file_name("app.db-wal");
        fs::remove_file(&log).unwrap();
        if replace {
            fs::write(&log, "").unwrap();
        }
        refuses(&*store, if replace { "log was replaced" } else { "log was deleted" }).await;
    }
}

#[tokio::test]
async fn a_file_that_comes_back_is_still_refused_until_it_is_opened_again() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    put(&*store, user(1, "Ada")).await.await.unwrap();
    let away = folder.path().join("away.db");
    fs::rename(database.path(), &away).unwrap();
    refuses(&*store, "was deleted").await;
    fs::rename(&away, database.path()).unwrap();
    refuses(&*store, "was deleted").await;
    drop((store, database));
    let users = User::endpoint(open(&folder).store().unwrap());
    assert_eq!(users.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_database_refuses_what_does_not_fit_and_recovers_when_there_is_space() {
    let folder = folder();
    let database = Database::options().max_octets(256 * 1024).open(folder.path().join("app.db")).unwrap();
    let store = port::<User>(&database);
    let big = |id| user(id, &"x".repeat(10_000));
    let mut fitted = 0;
    let error = loop {
        match put(&*store, big(fitted)).await.await {
            Ok(Outcome::Created(_)) => fitted += 1,
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        assert!(fitted < 100, "the limit limits");
    };
    assert!(fitted > 5, "{fitted}");
    assert!(error.retry_after().is_some() && error.to_string().contains("full"), "{error}");
    // The old state is intact, and one that does not fit takes none with it that does.
    let mut replies = vec![put(&*store, big(1000)).await];
    for id in 0..fitted {
        replies.push(put(&*store, user(id, "small")).await);
    }
    let mut failed = 0;
    for reply in replies {
        failed += usize::from(reply.await.is_err());
    }
    assert!(failed <= 1, "{failed}");
    assert_eq!(store.get(&key(0)).await.unwrap().unwrap().json(), r#"{"id":0,"name":"small","nickname":null}"#);
    put(&*store, big(1000)).await.await.unwrap();
    assert!(folder.path().join("app.db").metadata().unwrap().len() <= 256 * 1024);
}

/// A limit on the size of files is a disk that is full, for a process without special rights: the log grows until the
/// kernel refuses.
#[test]
fn a_disk_that_takes_no_more_fails_the_changes_and_recovers_by_itself() {
    let test = "damage::a_disk_that_takes_no_more_fails_the_changes_and_recovers_by_itself";
    if let Some(folder) = as_child() {
        return tokio_test(on_a_small_disk(Path::new(&folder), None, |database| {
            // Folding the log into the file makes it start over: there is space again.
            elsewhere(database).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }));
    }
    let folder = folder();
    let this = child(test, folder.path());
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" \"$@\""]).arg(this.get_program());
    limited.args(this.get_args()).envs(this.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = limited.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert!(String::from_utf8_lossy(&ended.stdout).contains("1 passed"), "the child ran the test");
}

/// A file system that is really full, where a process may mount one for itself.
#[test]
#[cfg(target_os = "linux")]
fn a_full_file_system_fails_the_changes_and_recovers_by_itself() {
    let test = "damage::a_full_file_system_fails_the_changes_and_recovers_by_itself";
    if let Some(folder) = as_child() {
        let folder = Path::new(&folder);
        fs::write(folder.join("ballast"), vec![1; 1024 * 1024]).unwrap();
        return tokio_test(on_a_small_disk(folder, Some("full"), |database| {
            fs::remove_file(database.with_file_name("ballast")).unwrap();
        }));
    }
    let folder = folder();
    let own = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let mount = "mount -t tmpfs -o size=3m none \"$PUT_SQLITE_TEST_CHILD\"";
    let may = Command::new("unshare").args(own).arg(mount).env("PUT_SQLITE_TEST_CHILD", folder.path()).output();
    if !may.is_ok_and(|ended| ended.status.success()) {
        eprintln!("SKIPPED: this machine lets nobody mount a file system of their own");
        return;
    }
    let this = child(test, folder.path());
    let mut mounted = Command::new("unshare");
    mounted.args(own).arg(format!("{mount} && exec \"$0\" \"$@\"")).arg(this.get_program()).args(this.get_args());
    mounted.envs(this.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = mounted.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert!(String::from_utf8_lossy(&ended.stdout).contains("1 passed"), "the child ran the test");
}

fn tokio_test(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

/// Fills the disk, looks around, makes space, goes on.
async fn on_a_small_disk(folder: &Path, busy_because: Option<&str>, make_space: impl FnOnce(&Path)) {
    let database = Database::open(folder.join("app.db")).unwrap();
    let store = port::<User>(&database);
    put(&*store, user(1, "Ada")).await.await.unwrap();
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..200 {
        let replies = [
            put(&*store, user(round * 2 + 2, &"x".repeat(20_000))).await,
            put(&*store, user(round * 2 + 3, &"y".repeat(20_000))).await,
        ];
        for (reply, id) in replies.into_iter().zip([round * 2 + 2, round * 2 + 3]) {
            match reply.await {
                Ok(_) => acknowledged.push(id),
                Err(error) => {
                    refused += 1;
                    if let Some(reason) = busy_because {
                        assert!(error.retry_after().is_some() && error.to_string().contains(reason), "{error}");
                    }
                }
            }
        }
        if refused > 10 {
            break;
        }
    }
    assert!(acknowledged.len() > 10 && refused > 10, "{} {refused}", acknowledged.len());
    assert!(put(&*store, user(1, &"z".repeat(2_000_000))).await.await.is_err());
    assert_eq!(store.get(&key(1)).await.unwrap().unwrap().json(), r#"{"id":1,"name":"Ada","nickname":null}"#);

    make_space(database.path());
    put(&*store, user(1, "Lovelace")).await.await.unwrap();
    put(&*store, user(1000, &"x".repeat(20_000))).await.await.unwrap();
    acknowledged.push(1000);
    drop((store, database));
    let store = port::<User>(&Database::open(folder.join("app.db")).unwrap());
    assert!(store.get(&key(1)).await.unwrap().unwrap().json().starts_with(br#"{"id":1,"name":"Lovelace""#));
    for id in acknowledged {
        assert!(store.get(&key(id)).await.unwrap().is_some(), "{id} was acknowledged");
    }
}
