use put_core::PutResource;

#[derive(PutResource)]
#[put(path = "/users/{id}")]
union User {
    id: u64,
}

fn main() {}
