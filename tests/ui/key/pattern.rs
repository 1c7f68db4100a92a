use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{a}/{b}/{c}/{d}/{e}/{f}")]
struct User {
    #[put(key, pattern = "[a-z")]
    a: String,
    #[put(key, pattern = "a)|(b")]
    b: String,
    #[put(key, pattern = "(?x) [a-z]+ # letters")]
    c: String,
    #[put(key, pattern = "[a-z]*")]
    d: String,
    #[put(key, pattern = "")]
    e: String,
    #[put(key, pattern)]
    f: String,
}

fn main() {}
