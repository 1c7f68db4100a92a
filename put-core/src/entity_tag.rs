//! Entity tags: their grammar, their two comparisons, and how ours are made (RFC 9110, section 8.8.3).

use std::fmt;
use std::hash::{Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// An entity tag as it stands in a field: an opaque text in quotes, weak or strong.
///
/// ```
/// use put_core::EntityTag;
///
/// let tag = EntityTag::parse(b"\"v7\"").unwrap();
/// assert!(!tag.is_weak());
/// assert_eq!(tag.opaque(), b"v7");
/// assert!(EntityTag::parse(b"v7").is_none(), "entity tags are quoted");
/// ```
#[derive(Clone)]
pub struct EntityTag(Text);

/// The text of a tag with its quotes. The tags that are made here need no memory of their own.
#[derive(Clone)]
enum Text {
    Short([u8; SHORT], u8),
    Long(Box<[u8]>),
}

/// The characters of a tag that is made of the representation.
const DIGEST: usize = 22;

/// Room for a version with its quotes, which is longer than half a digest.
const SHORT: usize = 30;

impl Text {
    fn new(octets: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..octets.len()), u8::try_from(octets.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(octets);
                Self::Short(short, length)
            }
            _ => Self::Long(octets.into()),
        }
    }

    fn octets(&self) -> &[u8] {
        match self {
            Self::Short(short, length) => short.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(long) => long,
        }
    }
}

impl EntityTag {
    /// Reads one entity tag; `None` if the octets are not exactly one (RFC 9110, section 8.8.3).
    ///
    /// ```
    /// # use put_core::EntityTag;
    /// assert!(EntityTag::parse(b"W/\"a\"").unwrap().is_weak());
    /// assert!(EntityTag::parse(b"w/\"a\"").is_none(), "the weak marker is case-sensitive");
    /// ```
    #[must_use]
    pub fn parse(octets: &[u8]) -> Option<Self> {
        let (tag, rest) = Self::parse_prefix(octets)?;
        rest.is_empty().then_some(tag)
    }

    /// Reads the entity tag at the start of the octets and gives what follows it.
    pub(crate) fn parse_prefix(octets: &[u8]) -> Option<(Self, &[u8])> {
        let marker = if octets.starts_with(b"W/") { 2 } else { 0 };
        let opaque = octets.get(marker..)?.strip_prefix(b"\"")?;
        let length = opaque.iter().position(|&octet| !is_etagc(octet))?;
        if opaque.get(length) != Some(&b'"') {
            return None;
        }
        let (tag, rest) = octets.split_at_checked(marker + 1 + length + 1)?;
        Some((Self(Text::new(tag)), rest))
    }

    /// The strong tag of these canonical bytes: 128 bits of their SHA-256, in base64url.
    ///
    /// Equal bytes have an equal tag on every replica and after every restart; other bytes never have.
    ///
    /// ```
    /// # use put_core::EntityTag;
    /// let tag = EntityTag::of(b"{}");
    /// assert_eq!(tag, EntityTag::of(b"{}"));
    /// assert_ne!(tag, EntityTag::of(b"{ }"));
    /// ```
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        let digest = Sha256::digest(canonical);
        let mut text = [b'"'; 24];
        if let (Some(half), Some(inner)) = (digest.get(..16), text.get_mut(1..23)) {
            // 16 octets are always 22 characters, so this cannot fail.
            let _ = URL_SAFE_NO_PAD.encode_slice(half, inner);
        }
        Self(Text::new(&text))
    }

    /// The strong tag of a version that the server manages.
    pub(crate) fn of_version(version: u64) -> Self {
        Self(Text::new(format!("\"v{version}\"").as_bytes()))
    }

    /// The tag of ours that a compressing proxy made this one of: it marks tags as weak, or puts the name of its coding
    /// behind the opaque part. Nothing of that can be a tag of ours, which are strong and never end so.
    pub(crate) fn untouched_by_proxies(self) -> Self {
        const CODINGS: [&[u8]; 5] = [b"gzip", b"br", b"zstd", b"deflate", b"compress"];
        let opaque = self.opaque();
        let without = CODINGS.iter().find_map(|coding| {
            let rest = opaque.strip_suffix(*coding)?;
            rest.strip_suffix(b"--").or_else(|| rest.strip_suffix(b"-")).or_else(|| rest.strip_suffix(b";"))
        });
        let ours = |opaque: &[u8]| {
            let tag = Self(Text::new(&[b"\"", opaque, b"\""].concat()));
            (opaque.len() == DIGEST || tag.version().is_some()).then_some(tag)
        };
        without.and_then(ours).or_else(|| ours(opaque)).unwrap_or(self)
    }

    /// The version that this tag was made of, if it was made of any.
    pub(crate) fn version(&self) -> Option<u64> {
        let digits = self.as_bytes().strip_prefix(b"\"v")?.strip_suffix(b"\"")?;
        let version = std::str::from_utf8(digits).ok()?.parse().ok()?;
        // One spelling for each version.
        (Self::of_version(version) == *self).then_some(version)
    }

    /// Whether the tag is marked as weak.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.as_bytes().starts_with(b"W/")
    }

    /// The octets between the quotes.
    #[must_use]
    pub fn opaque(&self) -> &[u8] {
        let quoted = self.as_bytes().strip_prefix(b"W/").unwrap_or(self.as_bytes());
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The tag as it stands in a field, quotes included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.octets()
    }

    /// Strong comparison: both strong and the opaque parts equal (RFC 9110, section 8.8.3.2).
    ///
    /// ```
    /// # use put_core::EntityTag;
    /// let (strong, weak) = (EntityTag::parse(b"\"1\"").unwrap(), EntityTag::parse(b"W/\"1\"").unwrap());
    /// assert!(strong.strong_eq(&strong));
    /// assert!(!weak.strong_eq(&weak) && !weak.strong_eq(&strong));
    /// ```
    #[must_use]
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.is_weak() && self == other
    }

    /// Weak comparison: the opaque parts equal, whatever the marks (RFC 9110, section 8.8.3.2).
    ///
    /// ```
    /// # use put_core::EntityTag;
    /// let (strong, weak) = (EntityTag::parse(b"\"1\"").unwrap(), EntityTag::parse(b"W/\"1\"").unwrap());
    /// assert!(weak.weak_eq(&strong) && weak.weak_eq(&weak));
    /// ```
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque() == other.opaque()
    }
}

/// The octets allowed between the quotes: anything visible but the quote, and obs-text.
fn is_etagc(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x7E | 0x80..=0xFF)
}

impl PartialEq for EntityTag {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for EntityTag {}

impl Hash for EntityTag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl fmt::Debug for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
