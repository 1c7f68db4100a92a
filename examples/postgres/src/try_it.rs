//! The lines to paste into a second terminal. They name a category that does not exist yet, and the entity tag that the
//! first of them will give it, so that they work as they are in every run.

use std::error::Error;
use std::net::SocketAddr;

use put_core::{Endpoint, Format};
use uuid::Uuid;

use crate::resources::Category;

/// Prints where the server listens, then what to try.
pub(crate) async fn print(addr: SocketAddr, categories: &Endpoint<Category>) -> Result<(), Box<dyn Error>> {
    let mut number = 1;
    while categories.get(&format!("try-{number}")).await?.is_some() {
        number += 1;
    }
    let code = format!("try-{number}");
    let format = Format::of::<Category>();
    let state = format.canonical(format!(r#"{{"code":"{code}","title":"Cups"}}"#).as_bytes())?;
    let tag = format.state(state, None)?.tag().to_string();
    let put = |path: String| format!("curl -i -X PUT http://{addr}{path} -H 'Content-Type: application/json'");
    let category = put(format!("/api/categories/{code}"));
    let [product, other] = [Uuid::new_v4(), Uuid::new_v4()];
    let sku = format!("TRY-{}", product.as_fields().0);
    let content =
        format!(r#"{{"sku":"{sku}","title":"Cup","category":"{code}","price":"4.5","availability":"in stock"}}"#);
    let [product, other] = [product, other].map(|id| put(format!("/api/products/{id}")));

    println!("listening on http://{addr}");
    println!("\nTry, in another terminal:\n");
    println!("# create, with a row in the outbox: 201\n{category} -d '{{\"title\":\"Cups\"}}'\n");
    let renamed = r#"{"title":"Cups and mugs"}"#;
    println!("# replace what you have seen: 200\n{category} -H 'If-Match: {tag}' -d '{renamed}'\n");
    println!("# the same again, but what you have seen is gone: 412\n{category} -H 'If-Match: {tag}' -d '{renamed}'\n");
    println!("# create a product in it, unless there is one: 201\n{product} -H 'If-None-Match: *' -d '{content}'\n");
    println!("# another one with its SKU: 409\n{other} -d '{content}'\n");
    let wrong = content.replace(&sku, "cup").replace("4.5", "dear");
    println!("# what the columns do not take, all told: 422\n{product} -d '{wrong}'\n");
    println!(
        "# remove the category, which the product needs: 409\ncurl -i -X DELETE http://{addr}/api/categories/{code}"
    );
    Ok(())
}
