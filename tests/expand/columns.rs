#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/orders/{number}")]
#[serde(rename_all = "camelCase")]
pub struct Order {
    #[put(key, column = "order_number", column_type = "bigint")]
    number: i64,
    #[put(column = "ship_to")]
    ship_to: String,
    #[put(read_only, on_create = 7, column_type = "smallint")]
    made: u8,
    #[put(version, column = "row_version")]
    version: i64,
}
