#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id")]
pub struct User<T: Clone> {
    #[put(key, keyy)]
    id: u64,
    item: T,
}
