//! A whole crate without a prelude.
#![no_implicit_prelude]

#[derive(::serde::Serialize, ::serde::Deserialize, ::put_core::PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    name: ::std::string::String,
    #[put(read_only, on_create = 7)]
    made: u64,
}

fn main() {
    let users = <User as ::put_core::PutResource>::endpoint(::put_core::MemoryStore::new());
    ::std::assert_eq!(users.path(), "/users/{id}");
}
