//! Every shape of a part, in a crate that denies every warning.
#![deny(warnings, missing_docs, unused, unreachable_pub, unused_qualifications, missing_debug_implementations)]

use put_core::PutPart;
use serde::{Deserialize, Serialize};

/// Another name of put-core, and a part of parts.
#[derive(Debug, Serialize, Deserialize, PutPart)]
#[put(crate = "::put_core")]
pub struct Tree<T> {
    /// Any type will do.
    pub value: T,
    /// A part inside itself.
    pub inside: Vec<Tree<T>>,
}

/// One field without a name.
#[derive(Debug, Serialize, Deserialize, PutPart)]
pub struct Name(pub String);

/// Several.
#[derive(Debug, Serialize, Deserialize, PutPart)]
pub struct Pair(pub Name, pub u8);

/// None.
#[derive(Debug, Serialize, Deserialize, PutPart)]
pub struct Nothing;

/// One that borrows, which a part may.
#[derive(Debug, Serialize, Deserialize, PutPart)]
pub struct Borrowed<'a> {
    /// A text.
    pub r#type: &'a str,
}

/// All of them.
#[derive(Debug, Serialize, Deserialize, PutPart)]
#[serde(tag = "kind", content = "value")]
pub enum Any {
    /// Nothing.
    None,
    /// One.
    One(Name),
    /// Two.
    Two(u8, Pair),
    /// With names.
    Named {
        /// The name.
        name: Option<Box<Name>>,
    },
}

fn main() {}
