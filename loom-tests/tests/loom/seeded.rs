//! Bugs on purpose: whether the models have teeth.
//!
//! `bug!(Name)` stands in the checked sources where a mistake could be made. In the library, and in an
//! ordinary build of the models, it is `false`. With `--cfg seeded_bugs` it asks here, and a process makes at
//! most one of them: the one that a variable names when the process starts. [`list`] says what each is and
//! who is to find it; [`matrix`] runs them all.

use std::sync::OnceLock;

mod kind;
mod list;
mod matrix;
mod run;

/// The variable that names the bug to be made.
const CHOICE: &str = "LOOM_TESTS_BUG";

/// The bugs, by the names that their marks have, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    TellsNobody = 1,
    TellsBeforeTheEnd,
    ClosesForOne,
    TellsAnotherToken,
    LooksAndThenMoves,
    CancelsWhatRuns,
    WakesTwice,
    MarksOutsideTheLock,
    CountsDownTwice,
    LeavesTheListEarly,
    RunsUnderTheLock,
    LeavesThoughWoken,
    KeepsItsHandle,
    LooksRelaxed,
    OverwritesTheWinner,
    WaitsOnce,
    CountsInTwoSteps,
    RegistersAfterTheLook,
    OverlooksCancelled,
    HasRoomForOneWaiter,
    CountsDuplicates,
    StaysOnTheList,
    GivesTokensTwice,
    CancelsInSilence,
    LocksTheOtherWayRound,
    LooksAndThenSleeps,
    AsksOutsideTheLock,
    AnEmptyQueueWillDo,
    OneWorkerTakesTheEnd,
    CountsOutsideTheLock,
    LooksAndThenTakes,
    MatchesByPlace,
    SleepsThroughTheEnd,
    ReleasesNothing,
    ReliesOnOneSleeper,
    ForgetsWhatItOwes,
}

impl Bug {
    fn number(self) -> usize {
        self as usize
    }
}

/// Whether this process makes this bug.
pub(crate) fn is_made(bug: Bug) -> bool {
    static CHOSEN: OnceLock<Option<Bug>> = OnceLock::new();
    *CHOSEN.get_or_init(chosen) == Some(bug)
}

fn chosen() -> Option<Bug> {
    let name = std::env::var(CHOICE).ok().filter(|name| !name.is_empty())?;
    let mut bugs = list::all().map(|seeded| seeded.bug);
    let bug = bugs.find(|bug| format!("{bug:?}") == name);
    assert!(bug.is_some(), "no bug is called {name}");
    bug
}
