//! The typed front of the engine: a resource over a store, and the switches of one mount.
//!
//! One file, because the switches are one list. What the application says is in `ruled`, the calls outside HTTP are in
//! `typed`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};

use crate::engine::Engine;
use crate::host::Host;
use crate::plan::Plan;
use crate::resource::PutResource;
use crate::rulebook::Rulebook;
use crate::say::Caller;
use crate::store::StoreFor;
use crate::violation::Violation;
use crate::wording::Wording;

/// A resource over a store, with the policy of one mount. Made by [`PutResource::endpoint`]; cloning is cheap.
///
/// The switches change what the standards leave open; each names its default.
///
/// `C` is what the authentication of the application leaves in the extensions of a request
/// ([`caller`](Self::caller)).
pub struct Endpoint<R, C = ()> {
    /// Boxed, so that what is compiled for each resource moves a pointer about.
    pub(crate) plan: Box<Plan>,
    /// Who writes and reads through the typed calls.
    pub(crate) caller: Caller,
    pub(crate) resource: PhantomData<fn() -> (R, C)>,
}

impl<R: PutResource> Endpoint<R> {
    pub(crate) fn new(store: impl StoreFor<R>) -> Self {
        Self::of(Plan::boxed(R::FACTS, store.into_store()))
    }

    /// Says what the application's own authentication leaves in the extensions of a request, for the rules to see: with
    /// Axum what a middleware inserts into `request.extensions_mut()`, with Actix Web likewise. It is the very type: who
    /// inserts an `Arc<User>` says `caller::<Arc<User>>()`. By default nothing.
    ///
    /// It comes before the rules. An endpoint that has some already answers 500 from then on, and the log says why.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # use put_core::rules::Access;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// #[derive(Clone)]
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// let notes = Note::endpoint(MemoryStore::new()).caller::<User>().authorize(async |caller, _action, _id| {
    ///     Ok(caller.map_or(Access::unauthenticated("Bearer"), |_| Access::Granted))
    /// });
    /// ```
    #[must_use]
    pub fn caller<C: Send + Sync + 'static>(mut self) -> Endpoint<R, C> {
        // The `within` of a store may want to know it, even if no rule does.
        let book = self.plan.rulebook.get_or_insert_with(|| Rulebook::empty(self.plan.format.name()));
        if !book.is_empty() {
            // They would be asked with nobody for ever, and one that permits what nobody does would permit everything.
            self.plan.mistake =
                Some("rules were given before `.caller::<..>()` said whom they are asked about; say it first");
        }
        Endpoint { plan: self.plan, caller: self.caller, resource: PhantomData }
    }
}

impl<R: PutResource, C: Send + Sync + 'static> Endpoint<R, C> {
    fn of(plan: Box<Plan>) -> Self {
        Self { plan, caller: Caller::application(), resource: PhantomData }
    }

    /// Demands If-Match, or `If-None-Match: *`, of every write: 428 without (RFC 6585, section 3).
    /// By default a write without a precondition is done.
    #[must_use]
    pub fn require_precondition(mut self) -> Self {
        self.plan.settings.require_precondition = true;
        self
    }

    /// Never creates: a PUT to what does not exist is 404, whatever its conditions. By default it creates.
    #[must_use]
    pub fn update_only(mut self) -> Self {
        self.plan.settings.update_only = true;
        self
    }

    /// Answers a PUT without content unless the client prefers the representation (RFC 7240, section 4.2). By default
    /// it is the other way round.
    #[must_use]
    pub fn return_minimal(mut self) -> Self {
        self.plan.settings.return_minimal = true;
        self
    }

    /// Largest content, in octets; more is 413. By default 1 MiB.
    #[must_use]
    pub fn content_limit(mut self, octets: u64) -> Self {
        self.plan.settings.content_limit = octets;
        self
    }

    /// Sends validators with a PUT only when the content was stored byte for byte: the letter of RFC 9110, section
    /// 9.3.4. By default also when the answer itself carries the stored representation.
    #[must_use]
    pub fn strict_validators(mut self) -> Self {
        self.plan.settings.strict_validators = true;
        self
    }

    /// Answers a PUT whose If-Match is false with success when what it wants is already there, as after a lost
    /// response (RFC 9110, section 13.1.1). By default that is 412.
    #[must_use]
    pub fn accept_replay(mut self) -> Self {
        self.plan.settings.accept_replay = true;
        self
    }

    /// Adds DELETE. By default there is none.
    #[must_use]
    pub fn allow_delete(mut self) -> Self {
        self.plan.settings.delete = true;
        self
    }

    /// Takes GET and HEAD away. By default they are there.
    #[must_use]
    pub fn put_only(mut self) -> Self {
        self.plan.settings.put_only = true;
        self
    }

    /// A prefix that a proxy strips before the request arrives here; Location and Content-Location begin with it.
    /// By default there is none.
    #[must_use]
    pub fn public_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.plan.settings.public_prefix = prefix.into();
        self
    }

    /// Cache-Control of a representation. By default `private, no-cache, no-transform`: always validated, and the
    /// entity tag not rewritten by a proxy.
    #[must_use]
    pub fn cache_control(mut self, value: &HeaderValue) -> Self {
        self.plan.settings.cache_control = Bytes::copy_from_slice(value.as_bytes());
        self
    }

    /// Shows the current representation to a client whose precondition was false, as the member `current` of the
    /// problem, so that an editor can merge without another round trip. By default only to one that asks for it with
    /// `Prefer: return=representation` (RFC 7240, section 4.2), and never to a caller who may not read.
    #[must_use]
    pub fn reveal_current(mut self) -> Self {
        self.plan.settings.reveal_current = true;
        self
    }

    /// Takes entity tags that a compressing proxy has altered for what they were: `W/"x"`, `"x-gzip"` and `"x;br"` for
    /// `"x"`. No tag of ours is weak or ends so, so nothing else can be meant. By default they match nothing, as RFC 9110,
    /// section 13.1.1, has it.
    #[must_use]
    pub fn tolerate_proxy_tags(mut self) -> Self {
        self.plan.settings.tolerate_proxy_tags = true;
        self
    }

    /// Adds a mount at this path, with the same parameters, at which a PUT is judged in every respect and not done. It
    /// answers 200 with what would have become of it (`created`, `replaced` or `unchanged`), or with the problem.
    /// What only the database knows, such as that a value is taken, is not found out.
    #[must_use]
    pub fn dry_run(mut self, path: impl Into<String>) -> Self {
        self.plan.settings.dry_run = Some(path.into());
        self
    }

    /// How long a rule may wait before the answer is 503. By default ten seconds. A rule that does not wait but blocks
    /// its thread cannot be stopped.
    #[must_use]
    pub fn rule_timeout(mut self, limit: Duration) -> Self {
        self.plan.settings.rule_timeout = limit;
        self
    }

    /// Other words for violations (422, 409): asked of each, with the value of the request's Accept-Language, which is
    /// empty if there is none. By default, for `None` and after a panic, they keep their words.
    ///
    /// ```
    /// # use put_core::{MemoryStore, PutResource};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: u64 }
    /// let notes = Note::endpoint(MemoryStore::new()).wording(|violation, language| {
    ///     let german = language.starts_with("de");
    ///     (german && violation.detail() == "is required").then(|| "fehlt".to_owned())
    /// });
    /// ```
    #[must_use]
    pub fn wording(mut self, words: impl Fn(&Violation, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.plan.settings.wording = Some(Wording::new(words));
        self
    }

    /// The path template of the resource.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.plan.format.path()
    }

    /// The methods of this mount, for an application's CORS middleware.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        self.plan.settings.methods().collect()
    }

    /// The engine that an adapter runs.
    #[must_use]
    pub fn mount(self, host: Host) -> Arc<Engine> {
        Engine::of(self.plan, host)
    }
}

impl<R, C> Clone for Endpoint<R, C> {
    fn clone(&self) -> Self {
        Self { plan: self.plan.clone(), caller: self.caller.clone(), resource: PhantomData }
    }
}

impl<R, C> fmt::Debug for Endpoint<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { format, settings, .. } = &*self.plan;
        f.debug_struct("Endpoint").field("format", format).field("settings", settings).finish_non_exhaustive()
    }
}
