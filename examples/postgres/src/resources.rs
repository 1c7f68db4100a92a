//! The two resources. A member has serde's name on the wire and `column`'s in the table.

use put_core::PutResource;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/categories/{code}")]
pub(crate) struct Category {
    #[put(key)]
    code: String,
    title: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/products/{id}")]
pub(crate) struct Product {
    #[put(key, column = "ProductId")]
    id: Uuid,
    #[put(column = "SKU")]
    sku: String, // a domain with a rule of its own, and unique: 422, 409
    #[put(column = "Title")]
    title: String,
    #[put(column = "Category")]
    category: Option<String>, // refers to shop.category: 409 if there is no such row
    #[put(column = "Price")]
    price: String, // numeric(12, 2): a text here, because a float is no price
    #[put(read_only, column = "PriceWithTax")]
    #[serde(default)]
    price_with_tax: String, // the database computes it
    #[put(column = "Availability")]
    availability: Availability,
    #[put(column = "Tags")]
    #[serde(default)]
    tags: Vec<String>,
    #[put(column = "Package")]
    package: Option<Package>,
    #[put(read_only, on_create = OffsetDateTime::now_utc(), column = "CreatedAt")]
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[put(read_only, on_replace = OffsetDateTime::now_utc(), last_modified, column = "UpdatedAt")]
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// An ENUM of the database.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Availability {
    #[serde(rename = "in stock")]
    InStock,
    #[serde(rename = "on order")]
    OnOrder,
    #[serde(rename = "sold out")]
    SoldOut,
}

/// In one column, of type jsonb.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    grams: u32,
    centimetres: [u32; 3],
}
