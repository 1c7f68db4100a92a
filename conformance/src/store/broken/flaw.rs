//! What a store does wrong.

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Flaw {
    /// Nothing.
    None,
    /// Decides under one lock and writes under the next.
    ChecksThenWrites,
    /// The same, on a thread of its own, without a future that yields.
    ChecksThenWritesAtOnce,
    /// Decides as if no precondition were there.
    IgnoresPreconditions,
    /// Creates whatever the precondition says.
    IgnoresPreconditionsOfCreations,
    DeletesWhateverTheCondition,
    /// Deletes only for readers.
    DecidesAgainstTheDeleted,
    DeletesOnlyFromTheList,
    SaysDeletedOfWhatIsAbsent,
    /// Begins the version of each life with the same number.
    RestartsVersions,
    /// Writes what was put instead of what was decided.
    StoresWhatWasPut,
    WritesWhatIsUnchanged,
    WritesAConflict,
    /// Keeps what a client is shown, and not the state.
    StoresTheRepresentation,
    /// Writes a change that was made over another state.
    StoresWhatWasOvertaken,
    /// Calls a replacement unchanged where its own look finds no difference.
    WritesOnlyWhatIsAnotherState,
    /// Calls every write a creation.
    CallsEverythingCreated,
    TakesAReadErrorForAbsence,
    TakesAListErrorForNothing,
    CreatesOverWhatItCannotRead,
    SwallowsWriteErrors,
    WritesAndThenFails,
    ListsInTheOrderOfWrites,
    ListsNumbersAsTexts,
    ListsTheKeyItBeginsAfter,
    ListsWithoutALimit,
    /// Passes over one state of each page.
    LeavesAGapBetweenPages,
    JoinsKeysWithASlash,
    FoldsCase,
    TrimsKeys,
    EndsKeysAtNul,
    CutsLongKeys,
    KeepsNumbersAsDoubles,
    KeepsNumbersSigned,
    SharesOneTable,
    CutsLongValues,
    DropsNulFromValues,
    KeepsJsonAsDoubles,
    /// Answers reads from what was there before the last write.
    ReadsWhatWasThereBefore,
    ForgetsDates,
    LosesTheLastWriteAtReopening,
    RevivesTheDeletedAtReopening,
    WritesDatesAnewAtReopening,
    /// A write that is dropped never gives back its turn.
    WedgesWhenDropped,
    /// What get shows and what a list shows are written one after the other.
    WritesHalfWhenDropped,
    /// Deletes what it replaces before it writes.
    IsAbsentForAMoment,
    /// Refuses a write while another one is under way.
    RefusesASecondWriter,
    /// A list that is dropped never gives back its turn.
    WedgesWhenAListIsDropped,
    KeepsTheFirstVersion,
    PanicsOnDelete,
    /// Asks the rules of the application under one lock, and writes under the next.
    AsksRulesOfAnEarlierState,
    /// Writes what was permitted of another state.
    TakesOvertakenForDone,
    WritesWhatIsRefused,
    DeletesWhatIsRefused,
}
