//! Futures: how they end, and who is told. With their nearest kin in claims and scopes.

use super::Seeded;
use crate::seeded::Bug;
use crate::seeded::kind::Kind::{Assertion, Deadlock, Leak, Race};

pub(super) const SEEDED: &[Seeded] = &[
    Seeded {
        bug: Bug::TellsNobody,
        sentence: "the end of a future is noted and nobody is woken",
        edit: "`Waiter::notify`: no `notify_one`",
        family: "remove notify",
        killers: &[
            ("future::set_vs_result", Deadlock),
            ("waiting::wait_register_vs_set", Deadlock),
            ("deriving::then_vs_finish", Deadlock),
        ],
        unaware: "ownership::done_then_result",
    },
    Seeded {
        bug: Bug::TellsBeforeTheEnd,
        sentence: "the waiters are told before the state says finished",
        edit: "`Cell::publish`: tells, then moves the word",
        family: "shift critical region",
        killers: &[
            (
                "future::set_vs_result",
                Assertion("the outcome is asked for when the wait has ended"),
            ),
            (
                "deriving::then_vs_finish",
                Assertion("the outcome is asked for when the wait has ended"),
            ),
        ],
        unaware: "ownership::done_then_result",
    },
    Seeded {
        bug: Bug::ClosesForOne,
        sentence: "one of two sleeping workers learns that the queue is closed",
        edit: "`Queue::close`: `notify_one`",
        family: "notify one for all",
        killers: &[
            ("deadlock::child_on_two_workers_ends", Deadlock),
            ("starting::lazy_start_two", Deadlock),
        ],
        unaware: "pool::shutdown_drains",
    },
    Seeded {
        bug: Bug::TellsAnotherToken,
        sentence: "each future tells the token of the first",
        edit: "`Core::tell`: token 0",
        family: "wrong slot",
        killers: &[
            ("as_completed::as_completed_two_setters", Deadlock),
            ("as_completed::as_completed_two", Deadlock),
        ],
        unaware: "waiting::wait_register_vs_set",
    },
    Seeded {
        bug: Bug::LooksAndThenMoves,
        sentence: "a task leaves the state pending by a look and a store",
        edit: "`Core::leave_pending`: no exchange",
        family: "split critical region",
        killers: &[
            ("future::cancel_vs_start", Race),
            ("future::cancel_vs_finish", Race),
            ("ownership::promise_dropped", Race),
        ],
        unaware: "future::cancel_vs_set",
    },
    Seeded {
        bug: Bug::CancelsWhatRuns,
        sentence: "a task that runs can be cancelled",
        edit: "`Core::leave_pending`: from Running, too",
        family: "guard removed",
        killers: &[
            ("future::cancel_vs_set", Assertion("!future.cancel()")),
            ("future::cancel_vs_finish", Race),
        ],
        unaware: "future::set_vs_result",
    },
    // Of the spec a double notification; a second token is forgiven by all who take tokens, a second wake
    // is not.
    Seeded {
        bug: Bug::WakesTwice,
        sentence: "an awaiting task is woken twice",
        edit: "`Observers::happen`: one wake more",
        family: "duplicate",
        killers: &[
            ("awaiting::register_vs_finish", Assertion("left == right")),
            ("awaiting::drop_vs_finish", Assertion("woken twice")),
            (
                "awaiting::replace_vs_finish",
                Assertion("older.wakes() + newer.wakes() <= 1"),
            ),
        ],
        unaware: "awaiting::await_vs_cancel",
    },
    Seeded {
        bug: Bug::MarksOutsideTheLock,
        sentence: "a callback is put on the list after the end has taken the list",
        edit: "`Core::register`: marks the word before it has the lock",
        family: "shrink critical region",
        killers: &[
            ("future::callback_vs_set", Leak),
            ("future::set_vs_result", Deadlock),
            ("awaiting::register_vs_finish", Deadlock),
        ],
        unaware: "future::two_cancels",
    },
    // That a callback runs twice is ruled out by its type, `FnOnce`; so is a task. What is counted is not.
    Seeded {
        bug: Bug::CountsDownTwice,
        sentence: "the end of one task is counted as the end of two",
        edit: "`Token::drop`: one less once more",
        family: "duplicate",
        killers: &[
            (
                "scoped::submit_by_a_task_vs_wait",
                Assertion("left == right"),
            ),
            (
                "scoped::shutdown_vs_wait",
                Assertion("the wait has returned too early"),
            ),
        ],
        unaware: "scoped::worker_vs_wait",
    },
    Seeded {
        bug: Bug::LeavesTheListEarly,
        sentence: "of what an end brings about only the first thing happens",
        edit: "`Aftermath::run`: one turn",
        family: "control flow",
        killers: &[
            (
                "deriving::cancel_passes_on",
                Assertion("!finished && matches!(error, TaskError::Cancelled)"),
            ),
            ("deriving::collect_of_two", Assertion("the task was lost")),
        ],
        unaware: "future::callback_vs_set",
    },
    // Callbacks are run where no lock can be reached any more; a scope's tasks are the user's code that is
    // nearest to one.
    Seeded {
        bug: Bug::RunsUnderTheLock,
        sentence: "a task runs while its scope is locked",
        edit: "`ScopedTasks::wait`: runs, then unlocks",
        family: "expand critical region",
        killers: &[
            ("scoped::worker_vs_wait", Deadlock),
            ("scoped::cancel_vs_wait", Deadlock),
            ("scoped::submit_by_a_task_vs_wait", Deadlock),
        ],
        unaware: "deriving::then_vs_finish",
    },
    Seeded {
        bug: Bug::LeavesThoughWoken,
        sentence: "a worker whose time is up leaves with the wake-up that was for it",
        edit: "`Queue::sleep`: late is late",
        family: "timeout swallows wake-up",
        killers: &[
            (
                "idle::leave_vs_push",
                Assertion("attempt to subtract with overflow"),
            ),
            (
                "idle::leave_vs_two_submitters",
                Assertion("attempt to subtract with overflow"),
            ),
        ],
        unaware: "idle::leave_vs_shutdown",
    },
    Seeded {
        bug: Bug::KeepsItsHandle,
        sentence: "a callback that came too late leaves a handle in the cell, which holds the cell",
        edit: "`Handle::register_callback`: keeps it",
        family: "leak",
        killers: &[
            ("future::callback_vs_set", Leak),
            ("future::callback_reenters", Leak),
        ],
        unaware: "future::set_vs_result",
    },
    Seeded {
        bug: Bug::LooksRelaxed,
        sentence: "whoever sees the end does not see the outcome",
        edit: "`Core::word`: Relaxed",
        family: "ordering",
        killers: &[
            ("ownership::done_then_result", Race),
            ("future::error_vs_result", Race),
            ("future::cancel_vs_set", Race),
        ],
        unaware: "future::two_cancels",
    },
    Seeded {
        bug: Bug::OverwritesTheWinner,
        sentence: "a claimed task is taken back, a revoked one claimed",
        edit: "`leave_offered`: swaps",
        family: "guard removed",
        killers: &[
            ("claims::claim_vs_revoke", Race),
            ("claims::claim_vs_two_revocations", Race),
            (
                "claims::former_task_decides_nothing",
                Assertion("a claimed task is revoked"),
            ),
        ],
        unaware: "waiting::wait_vs_cancel",
    },
];
