//! The resource: an item in stock, of which each tenant has its own.

use std::fmt;
use std::str::FromStr;

use put_core::PutResource;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/tenants/{tenant}/items/{sku}")]
pub(crate) struct Item {
    #[put(key)]
    pub(crate) tenant: String,
    #[put(key)]
    pub(crate) sku: Sku,
    pub(crate) name: String,
    pub(crate) quantity: i64,
    /// All that was ever sold. A sale moves pieces from `quantity` to here, so what is left and what is gone are changed
    /// by one PUT or not at all.
    pub(crate) sold: i64,
    pub(crate) reorder_at: i64,
    pub(crate) price_cents: u64, // a float is no price
    #[put(immutable)]
    pub(crate) unit: Unit,
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// A quantity comes back: 9, then a delivery, then 9 again. A tag made from the content would come back with it, and
    /// whoever has slept meanwhile would sell what was counted before. A version does not.
    #[put(version)]
    pub(crate) version: u64,
}

impl Item {
    /// An item as the application itself makes one. The members that the server sets are set by the endpoint, whatever
    /// stands here.
    pub(crate) fn new(tenant: &str, sku: Sku, name: &str, quantity: i64) -> Self {
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

/// What an item is called in a path: small letters and digits, with single dashes between them. Any other path is that of
/// no item, so it is 404 without a look into the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Sku(String);

impl FromStr for Sku {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit())
        };
        if text.len() <= 40 && text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a SKU has small letters and digits, single dashes between them, and at most 40 characters")
        }
    }
}

impl TryFrom<String> for Sku {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Sku> for String {
    fn from(sku: Sku) -> Self {
        sku.0
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
