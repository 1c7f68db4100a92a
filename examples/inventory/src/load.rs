//! Many clients that sell the same pieces, over real sockets, until nothing is left; then everything is counted.
//!
//! Every sale is a GET and a PUT with If-Match, as any client would do it. If a tag or a transaction did not hold what it
//! promises, more would be sold than there was, or less, or the outbox would tell another story than the items.

mod seller;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use put_core::Precondition;
use put_sqlite::rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::Failure;
use crate::app::App;
use crate::items::Item;
use seller::{Seller, Tally};

pub(crate) struct Load {
    pub(crate) clients: usize,
    pub(crate) items: usize,
    /// Pieces of each item.
    pub(crate) stock: u32,
}

impl Default for Load {
    fn default() -> Self {
        Self { clients: 64, items: 4, stock: 200 }
    }
}

impl Load {
    /// Sells everything on a database of its own, prints what came of it, and says whether all is as it must be.
    pub(crate) async fn run(self) -> Result<bool, Failure> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("load.db");
        let published = Arc::<AtomicI64>::default();
        let count = Arc::clone(&published);
        let app = App::open(&file, move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })?;
        let mut paths = Vec::new();
        for number in 1..=self.items {
            let item = Item::new("acme", format!("tea-{number}"), "Assam", i64::from(self.stock));
            paths.push(item.path());
            app.items.put(item, Precondition::if_none_match_any()).await?;
        }

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        println!(
            "{} clients sell {} pieces of each of {} items at http://{addr}",
            self.clients, self.stock, self.items
        );
        let (stop, stops) = tokio::sync::oneshot::channel::<()>();
        let asked_to_stop = async { drop(stops.await) };
        let selling = async {
            let started = Instant::now();
            let tally = self.sell(&format!("http://{addr}"), &paths).await;
            drop(stop);
            tally.map(|tally| (tally, started.elapsed()))
        };
        let (served, sold) = tokio::join!(app.serve(listener, asked_to_stop, Duration::from_secs(5)), selling);
        let stored = app.items.list(None, self.items + 1).await;
        // Closed in any case, because the folder goes with this function.
        app.close()?;
        served?;
        let ((tally, took), stored) = (sold?, stored?);
        let left: Vec<i64> = stored.iter().map(|stored| stored.value.quantity).collect();
        let kept: i64 = stored.iter().map(|stored| stored.value.sold).sum();
        println!("{} sold in {:.2} s; {}", tally.sold, took.as_secs_f64(), tally.overtaken());

        let items = i64::try_from(self.items)?;
        let all = items * i64::from(self.stock);
        let (rows, changes, pieces, waiting) = outbox(&file)?;
        let verdicts = [
            is("pieces that clients sold", tally.sold, all),
            is("pieces that the items say are sold", kept, all),
            is("items", stored.len(), self.items),
            is("items of which something is left", left.iter().filter(|left| **left != 0).count(), 0),
            is("states that cannot have been", tally.impossible, 0),
            is("sales in the outbox", changes, all),
            is("pieces in the outbox", pieces, all),
            is("rows in the outbox, with one for each new item", rows, all + items),
            is("rows that were published", published.load(Ordering::Relaxed), all + items),
            is("rows that wait", waiting, 0),
        ];
        Ok(verdicts.iter().all(|holds| *holds))
    }

    /// Half of the clients read again when they are too late; the other half go on with what the refusal showed them.
    async fn sell(&self, base: &str, paths: &[String]) -> Result<Tally, Failure> {
        let mut clients = JoinSet::new();
        for number in 0..self.clients {
            let seller = Seller::new(base, i64::from(self.stock), number % 2 == 1);
            let mut paths = paths.to_vec();
            // They begin at different items, and meet at each of them.
            let first = number % paths.len().max(1);
            paths.rotate_left(first);
            clients.spawn(seller.sell_all(paths));
        }
        let mut all = Tally::default();
        while let Some(ended) = clients.join_next().await {
            all.add(&ended??);
        }
        Ok(all)
    }
}

/// What is in the outbox: rows, those of sales, the pieces that they tell of, and those that wait.
fn outbox(file: &Path) -> Result<(i64, i64, i64, i64), Failure> {
    let sql = "SELECT count(*), count(before), coalesce(sum((before ->> 'quantity') - (after ->> 'quantity')), 0),
        count(*) FILTER (WHERE published = 0) FROM outbox";
    let row =
        Connection::open(file)?.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(row)
}

/// Prints what was counted, and whether it is what it must be.
fn is<T: Copy + PartialEq + Display>(what: &str, found: T, must: T) -> bool {
    let holds = found == must;
    let (mark, aside) = if holds { ("ok   ", String::new()) } else { ("WRONG", format!(", and not {must}")) };
    println!("{mark} {found} {what}{aside}");
    holds
}
