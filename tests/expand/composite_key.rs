#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{tenant}/{type}/{number}")]
pub struct Item {
    #[put(key)]
    number: u64,
    #[put(key)]
    r#type: Kind,
    #[put(key)]
    tenant: String,
}
