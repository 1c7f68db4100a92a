//! What is stored, and the lock under which a precondition and its write are one step.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::conditions::Current;
use crate::digest;
use crate::json::Json;
use crate::mutant::Mutant;
use crate::target::Key;
use crate::variant::Variant;

/// One stored thing.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) state: Json,
    /// The representation.
    pub(crate) content: Vec<u8>,
    /// With its quotes.
    pub(crate) tag: String,
    /// The second of the last change.
    pub(crate) modified: u64,
    /// Request fields that a mutant remembers.
    pub(crate) remembered: Vec<(String, String)>,
    /// How many changes there were since it was created.
    version: u64,
}

/// Counts changes, for the variant whose tags move with each of them.
static CHANGES: AtomicU64 = AtomicU64::new(0);

impl Entry {
    /// What replaces `previous`.
    pub(crate) fn new(state: Json, previous: Option<&Self>, variant: Variant) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (modified, version) = (now.as_secs(), previous.map_or(1, |entry| entry.version + 1));
        let content = state.to_string().into_bytes();
        let opaque = match variant.mutant() {
            Some(Mutant::CounterRestarts) => version.to_string(),
            Some(Mutant::TagOfSecond) => modified.to_string(),
            Some(Mutant::TagOfName) => {
                let Json::Object(members) = &state else { return Self::new(Json::Object(Vec::new()), None, variant) };
                let name = members.iter().find(|(name, _)| name == "name").map(|(_, value)| value.to_string());
                digest::short(name.unwrap_or_default().as_bytes())
            }
            Some(Mutant::UnchangedIsChange) => {
                let change = CHANGES.fetch_add(1, Ordering::Relaxed);
                digest::short(format!("{} {change} {state}", now.as_nanos()).as_bytes())
            }
            _ => digest::short(&content),
        };
        let weak = variant.is(Mutant::WeakTagsOnly) || variant.is(Mutant::WeakTagPassesAsterisk);
        let tag = format!("{}\"{opaque}\"", if weak { "W/" } else { "" });
        Self { state, content, tag, modified, remembered: Vec::new(), version }
    }

    /// What a precondition is held against.
    pub(crate) fn current(&self, variant: Variant) -> Current {
        let modified = Some(self.modified).filter(|_| !variant.is(Mutant::NoLastModified));
        Current { tag: self.tag.clone(), modified }
    }
}

/// All things.
#[derive(Debug)]
pub(crate) struct Store {
    entries: Mutex<BTreeMap<Key, Entry>>,
    /// What a mutant showed last.
    shown: Mutex<BTreeMap<Key, Entry>>,
    variant: Variant,
}

impl Store {
    pub(crate) fn new(variant: Variant) -> Self {
        Self { entries: Mutex::default(), shown: Mutex::default(), variant }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is stored now.
    pub(crate) fn current(&self, key: &Key) -> Option<Entry> {
        self.lock().get(key).cloned()
    }

    /// What GET shows.
    pub(crate) fn shown(&self, key: &Key) -> Option<Entry> {
        let current = self.current(key)?;
        if !self.variant.is(Mutant::ReadsAreCached) {
            return Some(current);
        }
        let before = self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), current.clone());
        before.or(Some(current))
    }

    /// Looks at an entry and changes it, as one step.
    pub(crate) fn change<T>(&self, key: &Key, act: impl FnOnce(&mut Option<Entry>) -> T) -> T {
        let mut entries = self.lock();
        let mut slot = entries.remove(key);
        let outcome = act(&mut slot);
        if let Some(entry) = slot {
            entries.insert(key.clone(), entry);
        }
        outcome
    }
}
