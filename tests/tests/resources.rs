//! The resources that the table of the contract speaks of: as they are, and with members by which a table of a database
//! tells versions and dates.

mod plain;
mod versioned;

use put_core::PutResource;
use serde::{Deserialize, Serialize};

pub(crate) use plain::Item;

/// One of each.
pub(crate) trait Resources: Clone + Send + 'static {
    type Item: PutResource + Clone;
    type Page: PutResource + Clone;
    type Pair: PutResource + Clone;
}

/// The entity tag is made from all of the state.
#[derive(Clone)]
pub(crate) struct Plain;

impl Resources for Plain {
    type Item = Item;
    type Page = plain::Page;
    type Pair = plain::Pair;
}

/// The entity tag is made from a version, and the state tells when it was modified.
#[derive(Clone)]
pub(crate) struct Versioned;

impl Resources for Versioned {
    type Item = versioned::Item;
    type Page = versioned::Page;
    type Pair = versioned::Pair;
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Size {
    #[default]
    Small,
    Large,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    city: String,
    zip: Option<String>,
}
