//! The lines to paste into a second terminal. They name a user that does not exist yet, and the entity tag that the
//! first of them will give it, so that they work as they are in every run.

use std::error::Error;
use std::net::SocketAddr;

use put_core::{Endpoint, Format};

use crate::resources::User;

/// Prints where the server listens, then what to try.
pub(crate) async fn print(addr: SocketAddr, users: &Endpoint<User>) -> Result<(), Box<dyn Error>> {
    let mut id = 1;
    while users.get(&id).await?.is_some() {
        id += 1;
    }
    let content = r#"{"name":"Ada","email":"ada@example.org"}"#;
    let format = Format::of::<User>();
    let state = format!(r#"{{"id":{id},"name":"Ada","email":"ada@example.org"}}"#);
    let state = format.state(format.canonical(state.as_bytes())?, None)?;
    let tag = state.tag();
    let put = format!("curl -i -X PUT http://{addr}/api/users/{id} -H 'Content-Type: application/json'");
    println!("listening on http://{addr}");
    println!("\nTry, in another terminal:\n");
    println!("# create: 201 and Location\n{put} -d '{content}'\n");
    println!("# not modified: 304\ncurl -i http://{addr}/api/users/{id} -H 'If-None-Match: {tag}'\n");
    let other = content.replace("Ada", "Ada Lovelace");
    println!("# replace what you have seen: 200\n{put} -H 'If-Match: {tag}' -d '{other}'\n");
    println!("# the same again, but what you have seen is gone: 412\n{put} -H 'If-Match: {tag}' -d '{other}'\n");
    println!("# three mistakes, all told: 422\n{put} -d '{{\"nmae\":\"Ada\",\"email\":5}}'");
    Ok(())
}
