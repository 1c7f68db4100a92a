//! The table of everything that the server can do otherwise.
//!
//! One file, because the table is read as a table: what is wrong, how wrong it is, and which rows of the contract say so.

/// How a deviation is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A standard forbids it.
    Bug,
    /// This project forbids it and no standard does.
    Policy,
    /// Another fair reading of the standards.
    Fair,
}

macro_rules! mutants {
    ($(#[doc = $about:literal] $mutant:ident = $sort:ident $name:literal: $($row:literal)+;)+) => {
        /// One thing that the server does otherwise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Mutant {
            $(#[doc = $about] $mutant,)+
        }

        impl Mutant {
            const ALL: &'static [Self] = &[$(Self::$mutant),+];

            /// Its name, as the program takes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$mutant => $name),+ }
            }

            /// One sentence that says what the server does.
            pub fn about(self) -> &'static str {
                match self { $(Self::$mutant => $about),+ }.trim()
            }

            /// The rows of the contract that it breaks or, if it is fair, that leave it open.
            pub const fn rows(self) -> &'static [&'static str] {
                match self { $(Self::$mutant => &[$($row),+]),+ }
            }

            const fn sort(self) -> Sort {
                match self { $(Self::$mutant => Sort::$sort),+ }
            }
        }
    };
}

mutants! {
    // What is read of the message.

    /// Content that ends before its Content-Length is stored.
    TruncatedLengthStored = Bug "truncated-length-stored": "PUT-16";
    /// Chunked content without its last chunk is stored.
    TruncatedChunksStored = Bug "truncated-chunks-stored": "PUT-16";
    /// A Content-Length beyond 64 bits wraps around.
    LengthWraps = Bug "length-wraps": "LEN-06";
    /// Of several Content-Length values the first one counts.
    FirstLengthCounts = Bug "first-length-counts": "LEN-04";
    /// Content-Length beside Transfer-Encoding is accepted and the connection kept.
    LengthBesideChunks = Bug "length-beside-chunks": "LEN-05";
    /// HTTP/1.1 without Host is served.
    HostNotNeeded = Bug "host-not-needed": "SEC-04";
    /// A header section that is too long is cut and served.
    LongHeadCut = Bug "long-head-cut": "LEN-08" "ETG-22";
    /// Content that was refused before it was read is taken for the next request.
    LeftoverIsNextRequest = Bug "leftover-is-next-request": "EXP-05";
    /// The server waits for the content before it would say 100, so both sides wait.
    ContinueNeverSent = Bug "continue-never-sent": "EXP-01";
    /// 100 is sent, and nothing after it.
    ContinueThenSilence = Bug "continue-then-silence": "EXP-04";
    /// 100 is sent to a client of HTTP/1.0.
    ContinueToOldClient = Bug "continue-to-old-client": "EXP-02";
    /// 100 is sent even where the head decides already.
    ContinueAlways = Fair "continue-always": "EXP-01" "EXP-06";
    /// An If-Match in the trailer section counts.
    TrailerConditionCounts = Bug "trailer-condition-counts": "PUT-15";
    /// The method token is matched without regard to case.
    MethodInAnyCase = Bug "method-in-any-case": "MTH-03";
    /// X-HTTP-Method-Override turns a POST into a PUT.
    MethodOverride = Policy "method-override": "MTH-05";

    // How the response is written.

    /// A 204 has a Content-Length.
    NoContentWithLength = Bug "no-content-with-length": "PUT-17";
    /// Responses to HEAD have content.
    HeadWithContent = Bug "head-with-content": "HEAD-01";
    /// Responses to HEAD say that the content is empty.
    HeadLengthZero = Bug "head-length-zero": "HEAD-03";
    /// HEAD is not allowed.
    HeadRefused = Bug "head-refused": "GET-01" "HEAD-02";
    /// A 304 has content.
    NotModifiedWithContent = Bug "not-modified-with-content": "GET-04";
    /// A 304 has no entity tag although the 200 has one.
    NotModifiedWithoutTag = Bug "not-modified-without-tag": "GET-05";
    /// If-None-Match never leads to a 304.
    NeverNotModified = Bug "never-not-modified": "GET-04" "HEAD-04";
    /// No response has a Date.
    NoDate = Bug "no-date": "DAT-01";
    /// Date is written as RFC 850 had it.
    DateInOldForm = Bug "date-in-old-form": "DAT-02";
    /// A 405 has no Allow.
    NoAllow = Bug "no-allow": "MTH-01";
    /// A known method that the resource does not have is answered as if there were no such resource.
    MethodsAreNotFound = Bug "methods-are-not-found": "MTH-01" "MTH-02";
    /// The Allow of OPTIONS lacks PUT.
    OptionsWithoutPut = Bug "options-without-put": "OPT-01" "OPT-06";
    /// OPTIONS promises PATCH by Accept-Patch.
    PatchPromised = Bug "patch-promised": "OPT-05";
    /// OPTIONS evaluates preconditions.
    OptionsWithConditions = Bug "options-with-conditions": "OPT-02" "CND-20";
    /// Errors are explained by a page in HTML.
    ErrorPages = Policy "error-pages": "PRB-01";
    /// The status in the problem details is not the one of the status line.
    ProblemStatusDiffers = Bug "problem-status-differs": "PRB-02";
    /// Violations are answered with a status that nobody has registered.
    StatusOfItsOwn = Bug "status-of-its-own": "PRB-12";
    /// A 404 may be kept by caches for ten minutes.
    CacheableNotFound = Policy "cacheable-not-found": "CCH-05";
    /// A 200 to GET says nothing about caching, so caches guess.
    NoCacheControl = Policy "no-cache-control": "CCH-04" "VAL-14";
    /// Each 415 has Accept-Encoding, whatever its cause.
    CodingsOnEvery415 = Bug "codings-on-every-415": "MED-03";

    // How entity tags are read.

    /// Only the first If-Match line is looked at.
    FirstLineOnly = Bug "first-line-only": "ETG-17";
    /// Only the last If-Match line is looked at.
    LastLineOnly = Bug "last-line-only": "ETG-17";
    /// An empty If-Match counts as absent.
    EmptyIfMatchIgnored = Bug "empty-if-match-ignored": "CND-22" "ETG-18";
    /// An empty If-None-Match counts as false.
    EmptyIfNoneMatchFalse = Bug "empty-if-none-match-false": "CND-23" "ETG-18";
    /// Lists are split at commas, those inside of quotes included.
    SplitsAtCommas = Bug "splits-at-commas": "ETG-04";
    /// Lists are split at commas and the quotes trimmed, so that a part of a tag can match.
    TrimsQuotes = Bug "trims-quotes": "ETG-04" "VAL-13" "ETG-09";
    /// Tags without quotes are accepted.
    UnquotedAccepted = Bug "unquoted-accepted": "ETG-09" "CND-21";
    /// Tags are compared without regard to case.
    TagsInAnyCase = Bug "tags-in-any-case": "VAL-13";
    /// Empty members of a list are refused.
    EmptyMembersRefused = Bug "empty-members-refused": "ETG-15";
    /// A backslash escapes the quote that follows.
    BackslashEscapes = Bug "backslash-escapes": "ETG-05";
    /// An If-Match with octets beyond ASCII is ignored.
    ForeignOctetsIgnored = Bug "foreign-octets-ignored": "ETG-07";
    /// An asterisk anywhere in If-Match makes it true.
    AsteriskAnywhere = Bug "asterisk-anywhere": "ETG-14";
    /// A tag that is an asterisk in quotes is taken for the wildcard.
    QuotedAsterisk = Bug "quoted-asterisk": "ETG-12";
    /// A malformed If-Match is ignored.
    MalformedIfMatchIgnored = Bug "malformed-if-match-ignored": "CND-21";
    /// A malformed If-None-Match is ignored on PUT.
    MalformedIfNoneMatchIgnored = Bug "malformed-if-none-match-ignored": "CND-21";

    // How preconditions are evaluated.

    /// If-Match uses the weak comparison.
    WeakIfMatch = Bug "weak-if-match": "CND-01" "VAL-11";
    /// The first weak member of If-Match ends the search.
    WeakMemberEndsList = Bug "weak-member-ends-list": "CND-02";
    /// If-None-Match uses the strong comparison on PUT.
    StrongIfNoneMatch = Bug "strong-if-none-match": "CND-07" "VAL-12";
    /// If-None-Match uses the strong comparison on GET.
    StrongIfNoneMatchOnGet = Bug "strong-if-none-match-on-get": "GET-04" "VAL-12";
    /// Tags are weak, and a weak tag passes `If-None-Match: *`.
    WeakTagPassesAsterisk = Bug "weak-tag-passes-asterisk": "CND-08" "VAL-10";
    /// All tags are weak, so that no If-Match can be true.
    WeakTagsOnly = Bug "weak-tags-only": "VAL-10";
    /// If-Match is looked at only where there is a representation, so PUT creates in spite of it.
    CreatesUnderIfMatch = Bug "creates-under-if-match": "CND-04";
    /// `If-Match: *` is always true.
    AsteriskAlwaysTrue = Bug "asterisk-always-true": "CND-03";
    /// A false If-Match is answered with 412, and the write happens.
    FailedWriteHappens = Bug "failed-write-happens": "CND-05";
    /// A false If-Match is answered as a success, and nothing is written.
    FailedWriteSucceeds = Bug "failed-write-succeeds": "CND-05" "CND-06";
    /// If-Match is ignored on GET.
    IfMatchIgnoredOnGet = Bug "if-match-ignored-on-get": "GET-09";
    /// If-None-Match is ignored on PUT.
    IfNoneMatchIgnored = Bug "if-none-match-ignored": "CND-08" "CND-10";
    /// Each If-None-Match forbids to replace, whatever its tags.
    AnyIfNoneMatchForbids = Bug "any-if-none-match-forbids": "CND-09";
    /// If-None-Match is not looked at when If-Match is there.
    IfMatchHidesIfNoneMatch = Bug "if-match-hides-if-none-match": "CND-17" "CND-26";
    /// A false If-None-Match on PUT is answered with 304.
    NotModifiedToPut = Bug "not-modified-to-put": "CND-10" "PUT-21";
    /// If-Modified-Since is applied to PUT.
    ModifiedSinceOnPut = Bug "modified-since-on-put": "CND-11";
    /// If-Modified-Since counts beside If-None-Match.
    ModifiedSinceBesideTags = Bug "modified-since-beside-tags": "GET-07";
    /// If-Unmodified-Since is ignored.
    UnmodifiedSinceIgnored = Bug "unmodified-since-ignored": "CND-15";
    /// If-Unmodified-Since counts beside If-Match.
    UnmodifiedSinceBesideTags = Bug "unmodified-since-beside-tags": "CND-12";
    /// If-Unmodified-Since is false where there is nothing.
    UnmodifiedSinceOnAbsent = Bug "unmodified-since-on-absent": "CND-14";
    /// An If-Unmodified-Since that is no date is refused.
    BadDateRefused = Bug "bad-date-refused": "CND-13";
    /// Only the present spelling of dates is understood.
    OneSpellingOfDates = Bug "one-spelling-of-dates": "CND-16";
    /// Preconditions are evaluated before the content arrives, and never again.
    FirstPassOnly = Bug "first-pass-only": "PUT-23";
    /// Preconditions are evaluated, and the write follows without a lock that spans both.
    ChecksThenWrites = Bug "checks-then-writes": "PUT-23";
    /// As `checks-then-writes`, but only where nothing exists yet.
    ChecksThenCreates = Bug "checks-then-creates": "PUT-23";
    /// Preconditions are evaluated only after the content was found valid.
    ConditionAfterValidation = Bug "condition-after-validation": "CND-19";
    /// Preconditions are evaluated before the media type.
    ConditionBeforeMediaType = Bug "condition-before-media-type": "CND-18";
    /// Preconditions are evaluated before the method.
    ConditionBeforeMethod = Bug "condition-before-method": "CND-18";
    /// DELETE ignores preconditions.
    DeleteUnprotected = Bug "delete-unprotected": "DEL-02";
    /// DELETE says 204 and removes nothing.
    DeleteKeeps = Bug "delete-keeps": "DEL-01";
    /// 428 is sent to a request that has a precondition, instead of evaluating it.
    PreconditionNeverEnough = Bug "precondition-never-enough": "CND-24" "CND-25";

    // What validators say.

    /// The tag is a counter of the resource that starts again after DELETE.
    CounterRestarts = Bug "counter-restarts": "VAL-03";
    /// The tag is strong and made from the second of the modification.
    TagOfSecond = Bug "tag-of-second": "VAL-03" "VAL-09";
    /// The tag covers the name and no other member.
    TagOfName = Bug "tag-of-name": "VAL-03";
    /// The tag is sent without quotes.
    UnquotedTagSent = Bug "unquoted-tag-sent": "VAL-15" "VAL-01";
    /// The tag in a response to PUT is the one of the received octets, not of what is stored.
    TagOfReceived = Bug "tag-of-received": "VAL-06" "PUT-06";
    /// A 204 has the tag although what was received has been rewritten.
    TagForRewritten = Bug "tag-for-rewritten": "PUT-06";
    /// Members come in another order with each GET, under one strong tag.
    OrderVaries = Bug "order-varies": "VAL-03";
    /// GET shows the state before the last PUT once more.
    ReadsAreCached = Bug "reads-are-cached": "PUT-03" "VAL-06";
    /// Last-Modified is an hour ahead.
    ModifiedInFuture = Bug "modified-in-future": "VAL-08";
    /// The entity tag of a 412 is that of the error document.
    TagOfError = Bug "tag-of-error": "VAL-07";
    /// GET with Accept-Encoding: gzip has a tag that no If-Match accepts.
    TagSuffixed = Policy "tag-suffixed": "VAL-14" "VAL-04";

    // What PUT does.

    /// Absent members keep their old values.
    Merges = Bug "merges": "PUT-04";
    /// A member with a default keeps its old value when it is absent.
    KeepsDefaults = Bug "keeps-defaults": "PUT-04";
    /// Lists grow by what is sent.
    ListsGrow = Bug "lists-grow": "PUT-05" "PUT-04";
    /// A patch document is merged into the state.
    PatchMerged = Policy "patch-merged": "MED-08";
    /// To create is answered with 200.
    CreatedIsOk = Bug "created-is-ok": "PUT-01";
    /// To replace is answered with 201.
    ReplacedIsCreated = Bug "replaced-is-created": "PUT-02";
    /// Everything is answered with 202.
    Accepted = Bug "accepted": "PUT-01" "PUT-02" "PUT-20";
    /// Content with Content-Range is stored as the whole.
    RangeOfContentIgnored = Bug "range-of-content-ignored": "PUT-08";
    /// Range on PUT is honoured.
    RangeOnPut = Bug "range-on-put": "PUT-14" "PUT-21";
    /// The query is a part of the key.
    QueryInKey = Policy "query-in-key": "PUT-26";
    /// Content-Location names where the write goes.
    ContentLocationRedirects = Bug "content-location-redirects": "PUT-13";
    /// Request fields whose names begin with X- come back with GET.
    FieldsStored = Bug "fields-stored": "PUT-12";
    /// Location of a 201 names another resource.
    LocationElsewhere = Bug "location-elsewhere": "LOC-01";
    /// A 200 to PUT has Location.
    LocationOnReplace = Policy "location-on-replace": "LOC-04";
    /// A report is sent with the Content-Location of the resource.
    ReportPosesAsResource = Bug "report-poses-as-resource": "LOC-05" "PUT-19";
    /// Percent-coded letters name another resource.
    CodedLettersDiffer = Bug "coded-letters-differ": "PUT-25";
    /// Paths are matched without regard to case.
    PathsInAnyCase = Bug "paths-in-any-case": "PUT-25";
    /// The key is decoded twice.
    DecodedTwice = Bug "decoded-twice": "PUT-27" "PUT-25";
    /// A key in the content that is not that of the path is overwritten without a word.
    ForeignKeyOverwritten = Bug "foreign-key-overwritten": "PUT-09";
    /// PUT is answered with 406 after the write.
    NotAcceptableAfterWrite = Bug "not-acceptable-after-write": "NEG-03" "PUT-24";
    /// GET is answered with 406 when the first range of Accept does not fit.
    FirstRangeOnly = Bug "first-range-only": "NEG-05";
    /// A preference that is not known is refused.
    UnknownPreferenceRefused = Bug "unknown-preference-refused": "PRF-01";
    /// Two preferences that exclude each other are refused.
    ContraryPreferencesRefused = Bug "contrary-preferences-refused": "PRF-06";
    /// Where there is nothing, GET is answered with 200 and null.
    AbsentIsNull = Bug "absent-is-null": "GET-03";

    // What content is accepted.

    /// A digest that does not match is no reason to refuse.
    MismatchStored = Policy "mismatch-stored": "DIG-03";
    /// The digest of the content is told to whoever sends a wrong one.
    DigestRevealed = Policy "digest-revealed": "DIG-04";
    /// Of two digests of one name the first counts.
    FirstDigestCounts = Bug "first-digest-counts": "DIG-07";
    /// A digest field that cannot be read is a failure of the server.
    OddDigestFails = Bug "odd-digest-fails": "DIG-06";
    /// Content-Encoding is ignored.
    CodingIgnored = Bug "coding-ignored": "ENC-01";
    /// Media types are compared with regard to case.
    MediaTypeByCase = Bug "media-type-by-case": "MED-04";
    /// `charset=utf-8` is refused.
    CharsetRefused = Bug "charset-refused": "MED-04" "MED-05";
    /// PUT without content is a success that changes nothing.
    NoContentIsFine = Bug "no-content-is-fine": "LEN-03";
    /// Octets that are not UTF-8 are replaced.
    OctetsReplaced = Bug "octets-replaced": "JSN-01";
    /// What follows the first JSON value is ignored.
    RestIgnored = Bug "rest-ignored": "JSN-05";
    /// Of two members of one name the last counts.
    LastDuplicateWins = Policy "last-duplicate-wins": "JSN-06";
    /// A pair of surrogates becomes two replacement characters.
    PairsBroken = Bug "pairs-broken": "JSN-07";
    /// Integers pass through binary64.
    IntegersAreDoubles = Bug "integers-are-doubles": "JSN-08";
    /// A number beyond binary64 is a failure of the server.
    HugeNumberFails = Bug "huge-number-fails": "JSN-08";
    /// A zero character in a string is a failure of the server.
    ZeroCharacterFails = Bug "zero-character-fails": "JSN-11";
    /// Content that is nested deeply is a failure of the server.
    DepthFails = Bug "depth-fails": "JSN-09";
    /// A JSON text that is no object is a failure of the server.
    OtherTextFails = Bug "other-text-fails": "JSN-10";
    /// The tags must not come before the name.
    OrderMatters = Bug "order-matters": "JSN-12";
    /// Content that cannot be parsed is answered with 422.
    SyntaxIs422 = Policy "syntax-is-422": "JSN-16";
    /// A text is turned into the number it spells.
    TextBecomesNumber = Bug "text-becomes-number": "PUT-03" "PUT-09";
    /// Unknown members are dropped.
    UnknownDropped = Bug "unknown-dropped": "JSN-14" "PUT-03";
    /// Only the first violation is told.
    FirstViolationOnly = Policy "first-violation-only": "PRB-08";
    /// A missing required member is stored as null: from outside, an optional member.
    MissingIsNull = Fair "missing-is-null": "PUT-09";

    // Other readings that are as good.

    /// To replace is answered with 204.
    ReplacedWithoutContent = Fair "replaced-without-content": "PUT-02" "PUT-18";
    /// To create is answered with 201 and neither content nor Location.
    CreatedWithoutContent = Fair "created-without-content": "PUT-01" "LOC-01";
    /// A 2xx to PUT has no validators.
    NoValidatorsInPut = Fair "no-validators-in-put": "PUT-06";
    /// A 2xx to PUT carries the state without Content-Location, so it is a report.
    NoContentLocation = Fair "no-content-location": "PUT-19";
    /// Violations are answered with 400.
    ViolationsAre400 = Fair "violations-are-400": "JSN-16" "PUT-09";
    /// PUT with If-Match where there is nothing is answered with 404.
    AbsentIfMatchIs404 = Fair "absent-if-match-is-404": "CND-04";
    /// GET with If-Match where there is nothing is answered with 412.
    AbsentGetIfMatchIs412 = Fair "absent-get-if-match-is-412": "GET-10" "DEL-03";
    /// A malformed If-Match is false.
    MalformedIsFalse = Fair "malformed-is-false": "CND-21";
    /// Who loses a race is answered with 409.
    LostRaceIs409 = Fair "lost-race-is-409": "PUT-23";
    /// A false If-Match is a success where the wanted state is stored already.
    ReplayAccepted = Fair "replay-accepted": "CND-06";
    /// PUT without a precondition is answered with 428.
    PreconditionRequired = Fair "precondition-required": "CND-24" "CND-25";
    /// A 412 has no entity tag.
    NoTagIn412 = Fair "no-tag-in-412": "VAL-07";
    /// PUT creates nothing; there is one thing, `/things/42`.
    UpdateOnly = Fair "update-only": "CND-04" "PUT-01";
    /// DELETE is not allowed.
    NoDelete = Fair "no-delete": "DEL-01" "MTH-01";
    /// DELETE where there is nothing is answered with 204.
    AbsentDeleteIs204 = Fair "absent-delete-is-204": "DEL-01" "DEL-03";
    /// OPTIONS is not allowed.
    NoOptions = Fair "no-options": "OPT-01" "MTH-01";
    /// Prefer is ignored.
    PreferIgnored = Fair "prefer-ignored": "PRF-02" "PRF-03";
    /// Accept is ignored.
    AcceptIgnored = Fair "accept-ignored": "NEG-01";
    /// An empty Accept accepts nothing.
    EmptyAcceptIs406 = Fair "empty-accept-is-406": "NEG-06";
    /// If-Unmodified-Since on two lines is answered with 400.
    TwoDatesAre400 = Fair "two-dates-are-400": "CND-13";
    /// There is no Last-Modified.
    NoLastModified = Fair "no-last-modified": "GET-02" "VAL-08";
    /// Errors are explained in plain text.
    PlainErrors = Fair "plain-errors": "PRB-01";
    /// Content without Content-Type is answered with 400.
    UntypedIs400 = Fair "untyped-is-400": "MED-06";
    /// JSON is accepted under any media type.
    AnyMediaType = Fair "any-media-type": "MED-01" "MED-06";
    /// Content-Range is answered with 501.
    ContentRangeIs501 = Fair "content-range-is-501": "PUT-08";
    /// Chunked content is answered with 411.
    LengthRequired = Fair "length-required": "LEN-02";
    /// Expectations that are not known are ignored.
    ExpectationIgnored = Fair "expectation-ignored": "EXP-03";
    /// Digest fields are ignored.
    DigestsIgnored = Fair "digests-ignored": "DIG-03";
    /// Unknown members are stored and shown.
    UnknownKept = Fair "unknown-kept": "JSN-14";
    /// A byte order mark is passed over.
    MarkAccepted = Fair "mark-accepted": "JSN-02";
    /// A comma at the end of a list or an object is accepted.
    TrailingCommaAccepted = Fair "trailing-comma-accepted": "JSN-04";
    /// A replacement that changes nothing moves tag and date.
    UnchangedIsChange = Fair "unchanged-is-change": "VAL-16";
    /// Responses to HEAD have no Content-Length.
    HeadWithoutLength = Fair "head-without-length": "HEAD-03";
    /// Content of responses is sent in chunks.
    AnswersInChunks = Fair "answers-in-chunks": "HEAD-03";
    /// The connection ends with each response.
    ConnectionEnds = Fair "connection-ends": "EXP-05";
}

impl Mutant {
    /// All of them, in the order of the table.
    pub fn all() -> &'static [Self] {
        Self::ALL
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }

    /// Whether no standard is broken and the reading is as good as ours: whoever accuses it is wrong.
    pub fn is_fair(self) -> bool {
        self.sort() == Sort::Fair
    }

    /// Whether it is a bug by this project's policy only: no standard is broken.
    pub fn profile_put_only(self) -> bool {
        self.sort() == Sort::Policy
    }
}
