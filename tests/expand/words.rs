#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/documents/{slug}", allow_unknown, crate = "crate::expand::renamed")]
#[serde(rename_all = "camelCase")]
pub struct Document {
    #[put(key)]
    slug: String,
    #[put(immutable)]
    first_author: String,
    #[put(required)]
    reviewer: Option<String>,
    #[put(version)]
    revision: u64,
    #[serde(alias = "label", alias = "labels")]
    tags: Vec<String>,
    #[serde(flatten)]
    layout: Layout,
}
