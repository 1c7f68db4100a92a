#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/accounts/{name}")]
pub struct Account {
    #[put(key, pattern = "[a-z]{1,9}")]
    name: String,
    #[put(create_only, absent = "clear")]
    origin: Option<String>,
    #[put(write_only, store_with = hash)]
    password: String,
    #[put(write_only, absent = "keep", store_with = |pin: u16| pin ^ 1)]
    pin: Option<u16>,
    #[put(read_only, echo = "reject")]
    seen: Option<u64>,
}
