use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User<K> {
    #[put(key)]
    id: K,
}

fn serve<R: PutResource>() {}

fn main() {
    serve::<User<u64>>();
    serve::<User<f64>>();
}
