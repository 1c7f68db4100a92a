//! The lines to paste into a second terminal. They name an item that is made for them, and its entity tag, so that they
//! work as they are in every run.

use std::net::SocketAddr;

use put_core::{Error, Precondition};

use crate::Failure;
use crate::app::App;
use crate::items::{Item, Unit};

/// Prints where the server listens and what it keeps where, then what to try.
pub(crate) async fn print(addr: SocketAddr, app: &App) -> Result<(), Failure> {
    let mut number = 1;
    let stored = loop {
        let item = Item::new("acme", format!("tea-{number}"), "Assam", 10);
        match app.items.put(item, Precondition::if_none_match_any()).await {
            Ok(written) => break written.into_stored(),
            Err(Error::PreconditionFailed(..)) => number += 1, // an earlier run has made that one
            Err(error) => return Err(error.into()),
        }
    };
    let (item, tag) = (&stored.value, stored.tag);
    let url = format!("http://{addr}{}", item.path());
    let pot = format!("http://{addr}/api/tenants/acme/items/pot-{number}");

    let by = |token: &str| format!("-H 'Authorization: Bearer {token}'");
    let (clerk, viewer, manager) = (by("acme-clerk"), by("acme-viewer"), by("acme-manager"));
    let put = |url: &str, who: &str, condition: &str, content: &str| {
        format!("curl -i -X PUT {url} {who} {condition} -H 'Content-Type: application/json' -d '{content}'")
    };
    let content = |quantity: i64, sold: i64| content(item, quantity, sold);
    let seen = format!("-H 'If-Match: {tag}'");
    let whatever = "-H 'If-Match: *'";
    let sale = content(9, 1);
    let wrong = content(-1, 1).replace("Assam", "");
    let other_unit = content(9, 1).replace("piece", "litre");
    let delivery = content(2009, 1);

    println!("listening on http://{addr}");
    println!("its items are in {}", app.path().display());
    println!("\nTry, in another terminal:\n");
    println!("# nobody knows who asks: 401\ncurl -i {url}\n");
    println!("# read: 200\ncurl -i {url} {viewer}\n");
    println!("# for another tenant there is no such item: 404\ncurl -i {url} {}\n", by("globex-clerk"));
    println!("# sell one of what you have seen: 200\n{}\n", put(&url, &clerk, &seen, &sale));
    let prefer = format!("{seen} -H 'Prefer: return=representation'");
    println!(
        "# the same again, but what you have seen is gone; the answer shows what is there: 412\n{}\n",
        put(&url, &clerk, &prefer, &sale)
    );
    println!("# without having seen anything: 428\n{}\n", put(&url, &clerk, "", &sale));
    println!("# by somebody who only reads: 403\n{}\n", put(&url, &viewer, whatever, &sale));
    println!("# sell more than there is: 409\n{}\n", put(&url, &clerk, whatever, &content(0, 11)));
    println!("# measure in litres what comes in pieces: 409\n{}\n", put(&url, &clerk, whatever, &other_unit));
    println!("# no name and less than nothing, both told: 422\n{}\n", put(&url, &clerk, whatever, &wrong));
    println!("# much more, by a clerk: 403\n{}\n", put(&url, &clerk, whatever, &delivery));
    println!("# by a manager: 200\n{}\n", put(&url, &manager, whatever, &delivery));
    println!("# remove it while there is some: 409\ncurl -i -X DELETE {url} {clerk} {whatever}\n");
    println!("# create one, unless it is there: 201\n{}\n", put(&pot, &clerk, "-H 'If-None-Match: *'", &content(0, 0)));
    println!("# remove it: 204\ncurl -i -X DELETE {pot} {clerk} {whatever}");
    Ok(())
}

/// The item as a client writes it: without what is in the path, and without what the server sets.
fn content(item: &Item, quantity: i64, sold: i64) -> String {
    let Item { name, reorder_at, price_cents, .. } = item;
    let unit = match item.unit {
        Unit::Piece => "piece",
        Unit::Kilogram => "kilogram",
        Unit::Litre => "litre",
    };
    format!(
        r#"{{"name":"{name}","quantity":{quantity},"sold":{sold},"reorder_at":{reorder_at},"price_cents":{price_cents},"unit":"{unit}"}}"#
    )
}
