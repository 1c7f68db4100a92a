//! A column: what the catalog says of it, and which JSON its values are.

use put_core::member::Kind;

/// A column as the catalog has it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in the catalog")]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The type as a declaration has it: schema, name and modifiers.
    pub(crate) type_name: String,
    /// The type below its domains.
    pub(crate) base: Base,
    /// The column, or one of the domains of its type, takes no NULL.
    pub(crate) not_null: bool,
    /// The column itself.
    pub(crate) not_null_here: bool,
    /// Those of the domains.
    pub(crate) not_null_domains: Vec<String>,
    /// The database has a value of its own where an INSERT gives none: a default, an identity.
    pub(crate) has_default: bool,
    /// The default is the column's own.
    pub(crate) own_default: bool,
    /// GENERATED ALWAYS AS IDENTITY.
    pub(crate) identity_always: bool,
    /// GENERATED ALWAYS AS an expression.
    pub(crate) generated: bool,
    /// Whether texts that are equal have the same characters.
    pub(crate) deterministic: bool,
}

/// A type below its domains, as far as it matters how its values look in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Boolean,
    /// With so many bits.
    Integer(u32),
    /// With so many places behind the point; any number of them without.
    Numeric(Option<i32>),
    Float,
    Array,
    Composite,
    /// `json` and `jsonb`: anything.
    Json,
    /// A type that says itself how it looks in JSON, by a cast, and that reads that too.
    Own,
    /// One that does not read what it shows, such as `hstore`.
    Shown,
    /// Date and time of a day.
    Instant,
    /// Everything else is a string in JSON. The name is that of the type, without its schema.
    String(String),
}

impl Base {
    /// By what `pg_type` says.
    pub(crate) fn new(name: &str, kind: &str, category: &str, modifier: i32, has_cast: bool) -> Self {
        match (name, kind, category) {
            ("bool", ..) => Self::Boolean,
            ("int2", ..) => Self::Integer(16),
            ("int4", ..) => Self::Integer(32),
            ("int8", ..) => Self::Integer(64),
            // The modifier holds precision and scale above the length of a header of four octets; the scale has 11 bits
            // and a sign.
            ("numeric", ..) => Self::Numeric((modifier >= 4).then(|| (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400)),
            ("float4" | "float8", ..) => Self::Float,
            ("json" | "jsonb", ..) => Self::Json,
            ("hstore", ..) => Self::Shown,
            // Of the category of dates and times all but these are instants.
            (name @ ("time" | "timetz"), ..) => Self::String(name.to_owned()),
            (_, _, "D") => Self::Instant,
            (_, "c", _) => Self::Composite,
            (_, _, "A") => Self::Array,
            _ if has_cast => Self::Own,
            (name, ..) => Self::String(name.to_owned()),
        }
    }

    /// Whether a member that reads this kind of JSON can be kept in such a column.
    pub(crate) fn holds(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Json | Self::Own, _)
                | (Self::Boolean, Kind::Boolean)
                | (Self::Integer(_) | Self::Numeric(_), Kind::Integer(_))
                | (Self::Numeric(_) | Self::Float, Kind::Number)
                | (Self::Integer(_) | Self::Numeric(_) | Self::Float | Self::Shown, Kind::String)
                | (Self::Array, Kind::Array)
                | (Self::Composite, Kind::Object)
                | (Self::Instant | Self::String(_), Kind::String | Kind::Variant)
        ) || (kind == Kind::Any && *self != Self::Shown)
    }

    /// Whether the JSON of the column is no string where the member reads one, as a decimal number often is.
    pub(crate) fn is_spelled(&self, kind: Kind) -> bool {
        match kind {
            Kind::String => {
                matches!(self, Self::Integer(_) | Self::Numeric(_) | Self::Float | Self::Own | Self::Shown)
            }
            Kind::Variant => *self == Self::Own,
            _ => false,
        }
    }

    /// Whether every text is a value, and shown as it was given.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::String(name) if ["text", "varchar"].contains(&&**name))
    }

    /// Whether two values of the type that are equal look the same, so that one key has one spelling.
    pub(crate) fn has_one_spelling(&self) -> bool {
        match self {
            Self::Boolean | Self::Integer(_) | Self::Instant => true,
            Self::Numeric(scale) => *scale == Some(0),
            Self::Float | Self::Array | Self::Composite | Self::Json | Self::Own | Self::Shown => false,
            Self::String(name) => {
                // A name is cut to its first 63 octets.
                !["bpchar", "citext", "interval", "timetz", "varbit", "money", "ltree", "name"].contains(&&**name)
            }
        }
    }
}

/// The kind of JSON in words.
pub(crate) fn kind_told(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a boolean",
        Kind::Integer(_) => "an integer",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
        Kind::Variant => "the name of a variant, or an object",
        Kind::Any => "anything",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_read_from_the_modifier() {
        let modifier = |precision: i32, scale: i32| precision * 0x1_0000 + (scale & 0x7ff) + 4;
        for (modifier, scale) in
            [(modifier(38, 10), Some(10)), (modifier(20, 0), Some(0)), (-1, None), (modifier(5, -2), Some(-2))]
        {
            assert_eq!(Base::new("numeric", "b", "N", modifier, false), Base::Numeric(scale));
        }
    }

    #[test]
    fn a_column_holds_what_it_shows() {
        let text = Base::String("text".to_owned());
        for (base, kind, holds) in [
            (&Base::Boolean, Kind::Boolean, true),
            (&Base::Boolean, Kind::String, false),
            (&text, Kind::String, true),
            (&text, Kind::Number, false),
            (&Base::Numeric(Some(10)), Kind::String, true),
            (&Base::Float, Kind::Integer(put_core::member::Integer::I64), false),
            (&Base::Json, Kind::Object, true),
            (&Base::Array, Kind::String, false),
            (&Base::Composite, Kind::Object, true),
            (&Base::Composite, Kind::Array, false),
            // What writes a number with a fraction writes one also where there is none: 7.0 is no integer.
            (&Base::Integer(64), Kind::Number, false),
            (&Base::Numeric(Some(0)), Kind::Number, true),
            (&Base::Shown, Kind::String, true),
            (&Base::Shown, Kind::Any, false),
        ] {
            assert_eq!(base.holds(kind), holds, "{base:?} {kind:?}");
        }
    }
}
