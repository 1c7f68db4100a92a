//! Opening: each kind of file works or says what is wrong.
//!
//! One thing although it is long: one test for each promise of the chapter.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use put_core::{Precondition, PutResource};
use put_sqlite::{Database, OpenError};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::support::{User, as_child, child, elsewhere, folder, open, port, put, user};

/// Opens, writes, closes and reads again.
async fn works(path: &Path) {
    let store = port::<User>(&Database::open(path).unwrap());
    put(&*store, user(1, "Ada")).await.await.unwrap();
    drop(store);
    let store = port::<User>(&Database::open(path).unwrap());
    assert!(store.get(&crate::support::key(1)).await.unwrap().is_some(), "{}", path.display());
}

#[tokio::test]
async fn files_that_work() {
    let folder = folder();
    let new = |name: &str| folder.path().join(name);
    for name in ["new.db", "no extension", "Ünï 🦀.db", "file:name?mode=memory", "100%.db", "-wal", "a'b\"c.db"] {
        works(&new(name)).await;
        assert!(new(name).is_file(), "{name} is a name, whatever is in it");
    }
    works(&new("new.db")).await;

    fs::write(new("empty.db"), "").unwrap();
    works(&new("empty.db")).await;

    let other = Connection::open(new("other.db")).unwrap();
    other.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(other);
    works(&new("other.db")).await;

    fs::create_dir(new("elsewhere")).unwrap();
    symlink(new("elsewhere/real.db"), new("link.db")).unwrap();
    works(&new("link.db")).await;
    assert!(new("elsewhere/real.db").is_file());
}

/// Whether an error is the one that was expected.
type Expected = fn(&OpenError) -> bool;

#[test]
fn paths_that_are_no_database() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("text.db"), "Dear diary, ".repeat(1000)).unwrap();
    fs::write(at("short.db"), "xy").unwrap();
    let cases: [(PathBuf, Expected, &str); 8] = [
        ("".into(), |error| matches!(error, OpenError::EmptyPath), "name a file"),
        (":memory:".into(), |error| matches!(error, OpenError::InMemory), "MemoryStore"),
        (folder.path().into(), |error| matches!(error, OpenError::Folder(_)), "name a file"),
        (at("missing/app.db"), |error| matches!(error, OpenError::MissingFolder(_)), "create it"),
        (at("text.db/app.db"), |error| matches!(error, OpenError::MissingFolder(_)), "create it"),
        ("/dev/null".into(), |error| matches!(error, OpenError::NotAFile(_)), "regular file"),
        (at("text.db"), |error| matches!(error, OpenError::NotADatabase(_)), "name another file"),
        (at("short.db"), |error| matches!(error, OpenError::NotADatabase(_)), "name another file"),
    ];
    for (path, expected, advice) in cases {
        let error = Database::open(&path).unwrap_err();
        assert!(expected(&error), "{}: {error:?}", path.display());
        assert!(error.to_string().contains(advice), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()) || advice == "name a file" || advice == "create it");
    }
    assert!(fs::read(at("text.db")).unwrap().starts_with(b"Dear diary"), "nothing was written into it");
    assert_eq!(fs::read(at("short.db")).unwrap(), b"xy");
}

#[tokio::test]
async fn a_damaged_file_is_told_at_open_or_at_the_read_and_is_never_an_absence() {
    let make = |folder: &Path| {
        let path = folder.join("app.db");
        let store = port::<User>(&Database::open(&path).unwrap());
        (store, path)
    };
    // The schema, in the first page: found out at open.
    let folder = folder();
    let (store, path) = make(folder.path());
    put(&*store, user(1, "Ada")).await.await.unwrap();
    drop(store);
    let mut octets = fs::read(&path).unwrap();
    octets[100..4096].fill(0xA5);
    fs::write(&path, &octets).unwrap();
    let error = Database::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("backup"), "{error}");

    // A page of documents: found out when it is read.
    let folder = crate::support::folder();
    let (store, path) = make(folder.path());
    for id in 0..500 {
        drop(put(&*store, user(id, &"x".repeat(100))).await);
    }
    drop(store);
    let mut octets = fs::read(&path).unwrap();
    octets[5 * 4096..].fill(0xA5);
    fs::write(&path, &octets).unwrap();
    let store = port::<User>(&Database::open(&path).unwrap());
    let (mut found, mut failed) = (0, 0);
    for id in 0..500 {
        match store.get(&crate::support::key(id)).await {
            Ok(Some(_)) => found += 1,
            Ok(None) => panic!("{id} is damaged, not absent"),
            Err(_) => failed += 1,
        }
    }
    assert!(found > 0 && failed > 0, "{found} {failed}");
    assert!(store.list(None, 1000).await.is_err());

    // Cut short.
    let folder = crate::support::folder();
    let (store, path) = make(folder.path());
    for id in 0..500 {
        drop(put(&*store, user(id, &"x".repeat(100))).await);
    }
    drop(store);
    let octets = fs::read(&path).unwrap();
    fs::write(&path, &octets[..4096 + 100]).unwrap();
    match Database::open(&path) {
        Err(error) => assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}"),
        Ok(database) => match database.store::<User>() {
            Err(error) => assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}"),
            Ok(_) => panic!("a file that was cut short cannot be whole"),
        },
    }
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let folder = folder();
    let database = open(&folder);
    let path = database.path().to_owned();
    database.store::<User>().unwrap();
    drop(database);
    elsewhere(&path).execute("UPDATE put_resource SET layout = 99", []).unwrap();
    let error = Database::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[test]
fn a_file_in_another_encoding_is_refused() {
    let folder = folder();
    let path = folder.path().join("wide.db");
    Connection::open(&path).unwrap().execute_batch("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (a)").unwrap();
    let error = Database::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Encoding { .. }), "{error:?}");
}

#[test]
fn a_file_that_another_process_keeps_locked_is_told() {
    let folder = folder();
    let path = folder.path().join("app.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (a); BEGIN EXCLUSIVE").unwrap();
    let patience = std::time::Duration::from_millis(20);
    let error = Database::options().busy_timeout(patience).open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Locked(_)), "{error:?}");
    drop(other);
    Database::open(&path).unwrap();
}

/// Runs in a process without special rights, which may write where it is told it may not.
#[test]
fn files_and_folders_that_may_not_be_written() {
    if let Some(folder) = as_child() {
        return without_rights(Path::new(&folder));
    }
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let allow = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for name in ["read", "none"] {
        drop(open(&folder));
        fs::rename(at("app.db"), at(&format!("{name}.db"))).unwrap();
    }
    fs::create_dir(at("closed")).unwrap();
    fs::create_dir(at("hidden")).unwrap();
    drop(open(&folder));
    fs::copy(at("app.db"), at("closed/app.db")).unwrap();
    fs::copy(at("app.db"), at("hidden/app.db")).unwrap();
    for (name, mode) in
        [("read.db", 0o444), ("none.db", 0o000), ("closed/app.db", 0o666), ("closed", 0o555), ("hidden", 0o000)]
    {
        allow(&at(name), mode);
    }
    allow(folder.path(), 0o777);
    let mut command = child("opening::files_and_folders_that_may_not_be_written", folder.path());
    if fs::metadata("/proc/self").is_ok_and(|this| std::os::unix::fs::MetadataExt::uid(&this) == 0) {
        command.uid(65534);
    }
    let ended = command.output().unwrap();
    allow(&at("hidden"), 0o755);
    allow(&at("closed"), 0o755);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

fn without_rights(folder: &Path) {
    let cases: [(&str, Expected); 5] = [
        ("read.db", |error| matches!(error, OpenError::ReadOnlyFile(_))),
        ("none.db", |error| matches!(error, OpenError::Forbidden(_))),
        ("closed/app.db", |error| matches!(error, OpenError::ReadOnlyFolder(_))),
        ("closed/new.db", |error| matches!(error, OpenError::ReadOnlyFolder(_))),
        ("hidden/app.db", |error| matches!(error, OpenError::Forbidden(_))),
    ];
    for (name, expected) in cases {
        let error = Database::open(folder.join(name)).unwrap_err();
        assert!(expected(&error), "{name}: {error:?}");
    }
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/v2/users/{id}")]
struct MovedUser {
    #[put(key)]
    id: u64,
    name: String,
    nickname: Option<String>,
}

#[tokio::test]
async fn a_table_belongs_to_one_resource() {
    let folder = folder();
    let database = open(&folder);
    put(&*port::<User>(&database), user(1, "Ada")).await.await.unwrap();
    assert_eq!(database.store::<User>().unwrap().table(), "user", "opening twice gives the same table");
    assert_eq!(database.store::<MovedUser>().unwrap().table(), "moved_user");

    let claimed = database.store_options::<MovedUser>().table("USER").open().unwrap_err();
    assert!(matches!(claimed, OpenError::Claimed { .. }), "{claimed:?}");
    let database = {
        let path = database.path().to_owned();
        drop(database);
        Database::open(path).unwrap()
    };
    let elsewhere = database.store_options::<User>().table("people").open().unwrap_err();
    assert!(matches!(&elsewhere, OpenError::Elsewhere { found, .. } if found == "user"), "{elsewhere:?}");
    assert!(elsewhere.to_string().contains(".table(\"user\")"), "{elsewhere}");
}

#[tokio::test]
async fn a_resource_whose_path_was_changed_takes_its_table_along() {
    let folder = folder();
    let database = open(&folder);
    put(&*port::<User>(&database), user(1, "Ada")).await.await.unwrap();
    drop(database);
    let database = open(&folder);
    let error = database.store_options::<MovedUser>().table("user").open().unwrap_err();
    assert!(error.to_string().contains(".moved_from(\"/api/users/{id}\")"), "{error}");
    for _ in 0..2 {
        let database = open(&folder);
        let store = database.store_options::<MovedUser>().moved_from("/api/users/{id}").open().unwrap();
        assert_eq!(store.table(), "user");
        let users = MovedUser::endpoint(store);
        assert_eq!(users.get(&1).await.unwrap().unwrap().value.name, "Ada");
    }
}

#[test]
fn table_names_that_cannot_be() {
    let folder = folder();
    let database = open(&folder);
    elsewhere(database.path())
        .execute_batch(
            "CREATE TABLE theirs (a); CREATE VIEW seen AS SELECT * FROM theirs; CREATE INDEX indexed ON theirs (a)",
        )
        .unwrap();
    for name in ["", "sqlite_users", "SQLite_users", "put_resource", "a\0b"] {
        let error = database.store_options::<User>().table(name).open().unwrap_err();
        assert!(matches!(error, OpenError::TableName(_)), "{name}: {error:?}");
    }
    for name in ["theirs", "Theirs", "seen", "indexed"] {
        let error = database.store_options::<User>().table(name).open().unwrap_err();
        assert!(matches!(error, OpenError::Foreign(_)), "{name}: {error:?}");
    }
    for name in ["order", "a b", "a\"b", "select * from x; --", "größe"] {
        let folder = crate::support::folder();
        let store = open(&folder).store_options::<User>().table(name).open().unwrap();
        assert_eq!(store.table(), name);
    }
}

#[tokio::test]
async fn a_table_that_somebody_reshaped_is_refused_and_one_that_was_dropped_is_made_anew() {
    let folder = folder();
    let database = open(&folder);
    let path = database.path().to_owned();
    put(&*port::<User>(&database), user(1, "Ada")).await.await.unwrap();
    drop(database);
    elsewhere(&path).execute_batch("ALTER TABLE user RENAME COLUMN json TO document").unwrap();
    let error = open(&folder).store::<User>().unwrap_err();
    assert!(matches!(error, OpenError::Columns { .. }), "{error:?}");
    assert!(error.to_string().contains("key, document, modified"), "{error}");
    elsewhere(&path).execute_batch("DROP TABLE user").unwrap();
    let users = User::endpoint(open(&folder).store().unwrap());
    assert!(users.list(None, 10).await.unwrap().is_empty());
    users.put(user(1, "Ada"), Precondition::none()).await.unwrap();
}
