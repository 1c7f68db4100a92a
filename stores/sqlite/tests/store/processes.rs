//! More than one process, and one that is killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::path::Path;
use std::process::Stdio;

use put_core::store::Outcome;
use put_core::{Error, Precondition, PutResource};
use put_sqlite::Database;

use crate::support::{User, as_child, child, folder, key, port, put, user};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Replaces user 1 `times` times, each time only what it has read.
async fn count_up(database: &Path, times: usize) {
    let users = User::endpoint(Database::open(database).unwrap().store().unwrap());
    for _ in 0..times {
        loop {
            let found = users.get(&1).await.unwrap().unwrap();
            let next = found.value.name.parse::<usize>().unwrap() + 1;
            match users.put(user(1, &next.to_string()), Precondition::if_match(found.tag)).await {
                Ok(_) => break,
                Err(Error::PreconditionFailed(..)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn two_processes_on_one_file_lose_no_change() {
    if let Some(database) = as_child() {
        return block_on(count_up(Path::new(&database), 100));
    }
    let folder = folder();
    let path = folder.path().join("app.db");
    block_on(async {
        let users = User::endpoint(Database::open(&path).unwrap().store().unwrap());
        users.put(user(1, "0"), Precondition::none()).await.unwrap();
        let mut other = child("processes::two_processes_on_one_file_lose_no_change", &path).spawn().unwrap();
        count_up(&path, 100).await;
        assert!(other.wait().unwrap().success());
        assert_eq!(users.get(&1).await.unwrap().unwrap().value.name, "200");
    });
}

/// Puts without end, 64 changes at a time, and says after each answer what was answered.
async fn put_without_end(database: &Path) {
    let database = Database::open(database).unwrap();
    let store = port::<User>(&database);
    let before = store
        .get(&key(0))
        .await
        .unwrap()
        .map_or(0, |state| serde_json::from_slice::<User>(state.json()).unwrap().name.parse().unwrap());
    let mut out = stdout().lock();
    for round in before + 1_u64.. {
        let mut replies = Vec::new();
        for id in 0..64 {
            replies.push((id, put(&*store, user(id, &format!("{round}"))).await));
        }
        for (id, reply) in replies {
            match reply.await.unwrap() {
                Outcome::Created(_) | Outcome::Replaced(_) | Outcome::Unchanged(_) => {
                    writeln!(out, "acknowledged {id} {round}").unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        out.flush().unwrap();
    }
}

#[test]
fn a_process_that_is_killed_loses_nothing_it_acknowledged() {
    if let Some(database) = as_child() {
        return block_on(put_without_end(Path::new(&database)));
    }
    let folder = folder();
    let path = folder.path().join("app.db");
    for kill_after in [10, 500, 3000] {
        let mut process = child("processes::a_process_that_is_killed_loses_nothing_it_acknowledged", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = BTreeMap::new();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut count = 0;
        for line in lines.map_while(Result::ok) {
            let words: Vec<_> = line.split(' ').collect();
            if let ["acknowledged", id, round] = words[..]
                && let (Ok(id), Ok(round)) = (id.parse::<u64>(), round.parse::<u64>())
            {
                acknowledged.insert(id, round);
                count += 1;
                if count == kill_after {
                    process.kill().unwrap();
                }
            }
        }
        process.wait().unwrap();
        assert!(count >= kill_after, "{count} were acknowledged");
        block_on(async {
            let users = User::endpoint(Database::open(&path).unwrap().store().unwrap());
            for (id, round) in &acknowledged {
                let found: u64 = users.get(id).await.unwrap().unwrap().value.name.parse().unwrap();
                assert!(found >= *round, "{id}: {round} was acknowledged, {found} is there");
            }
        });
    }
}
