#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/visits/{id}")]
pub struct Visit {
    #[put(key)]
    id: u64,
    #[put(read_only, last_modified, on_replace = now())]
    updated_at: String,
    #[put(read_only, on_create = now(), on_replace = later())]
    #[serde(serialize_with = "write_seconds", deserialize_with = "read_seconds")]
    seen_at: u64,
}
