#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/api/users/{id}")]
pub struct User {
    #[put(key)]
    id: u64,
    name: String,
    #[serde(default)]
    role: Role,
    nickname: Option<String>,
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}
