//! The resource: an item in stock, of which each tenant has its own.

use put_core::PutResource;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, PutResource)]
#[put(path = "/api/tenants/{tenant}/items/{sku}", garde)]
#[garde(allow_unvalidated)] // for the others their types say it all
pub(crate) struct Item {
    #[put(key)]
    pub(crate) tenant: String,
    /// Words of small letters and digits, with single dashes between them. Any other path is that of no item, which is 404
    /// without a look into the store.
    #[put(key, pattern = "[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,3}")]
    pub(crate) sku: String,
    #[garde(length(chars, min = 1, max = 80))]
    pub(crate) name: String,
    #[garde(range(min = 0))]
    pub(crate) quantity: i64,
    /// All that was ever sold. A sale moves pieces from `quantity` to here, so what is left and what is gone are changed
    /// by one PUT or not at all.
    #[garde(range(min = 0))]
    pub(crate) sold: i64,
    #[garde(range(min = 0))]
    pub(crate) reorder_at: i64,
    pub(crate) price_cents: u64, // a float is no price
    #[put(immutable)]
    pub(crate) unit: Unit,
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// A quantity may come back: 9, a delivery, a correction, and 9 again. A tag that is made from the content would come
    /// back with it, and a write that is older than both would be done. A version never comes back.
    #[put(version)]
    pub(crate) version: u64,
}

impl Item {
    /// An item as the application itself makes one. The members that the server sets are set by the endpoint, whatever
    /// stands here.
    pub(crate) fn new(tenant: &str, sku: String, name: &str, quantity: i64) -> Self {
        Self {
            tenant: tenant.to_owned(),
            sku,
            name: name.to_owned(),
            quantity,
            sold: 0,
            reorder_at: 3,
            price_cents: 840,
            unit: Unit::Piece,
            created_at: OffsetDateTime::UNIX_EPOCH,
            version: 0,
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> String {
        format!("/api/tenants/{}/items/{}", self.tenant, self.sku)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    Piece,
    Kilogram,
    Litre,
}
