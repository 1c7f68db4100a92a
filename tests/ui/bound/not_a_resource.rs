use put_sqlite::Database;

struct User {
    id: u64,
}

fn main() {
    let database = Database::open("users.db").unwrap();
    let users = database.store::<User>();
}
