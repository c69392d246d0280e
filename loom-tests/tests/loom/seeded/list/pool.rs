//! Pools, claims and words in shared memory.

use super::Seeded;
use crate::seeded::Bug;
use crate::seeded::kind::Kind::{Alone, Assertion, Deadlock, Race};

pub(super) const SEEDED: &[Seeded] = &[
    Seeded {
        bug: Bug::LooksAndThenSleeps,
        sentence: "a task comes between the look into the boxes and the sleep",
        edit: "`Queue::pop`: lets go of the inbox in between",
        family: "split critical region",
        killers: &[
            ("starting::one_after_the_other", Deadlock),
            ("pool::submit_vs_idle_worker", Deadlock),
        ],
        unaware: "scoped::worker_vs_wait",
    },
    // In `Queue::push` the same mistake is none: a task that comes while the last worker leaves has one
    // started.
    Seeded {
        bug: Bug::AsksOutsideTheLock,
        sentence: "a submitter sleeps for room that was closed after it had asked",
        edit: "`Room::take`: asks before it locks",
        family: "split critical region",
        killers: &[
            ("room::submit_vs_shutdown", Deadlock),
            ("room::two_submitters_vs_shutdown", Deadlock),
        ],
        unaware: "room::submit_vs_pop",
    },
    Seeded {
        bug: Bug::AnEmptyQueueWillDo,
        sentence: "a shutdown returns when the queue is empty, and not when all is done",
        edit: "`ThreadPoolExecutor::has_ended_by`",
        family: "predicate",
        killers: &[
            (
                "pool::shutdown_drains",
                Assertion("first.done() && second.done()"),
            ),
            (
                "reentry::shut_down_by_its_own_task",
                Assertion("future.done()"),
            ),
        ],
        unaware: "future::set_vs_result",
    },
    Seeded {
        bug: Bug::OneWorkerTakesTheEnd,
        sentence: "the worker that sees the end first opens the queue again",
        edit: "`Queue::pop`: consumes `closed`",
        family: "missing re-notify",
        killers: &[
            ("deadlock::child_on_two_workers_ends", Deadlock),
            ("starting::lazy_start_two", Deadlock),
        ],
        unaware: "pool::shutdown_drains",
    },
    Seeded {
        bug: Bug::CountsOutsideTheLock,
        sentence: "the number of workers is read in one critical section and used in another",
        edit: "`Queue::push`: splits it",
        family: "CPython idle count",
        killers: &[
            (
                "pool::two_submitters",
                Assertion("attempt to subtract with overflow"),
            ),
            ("idle::leave_vs_two_submitters", Deadlock),
        ],
        unaware: "scoped::worker_vs_wait",
    },
    Seeded {
        bug: Bug::LooksAndThenTakes,
        sentence: "two take the same unit",
        edit: "`try_acquire`: a load and a store",
        family: "load and store for an exchange",
        killers: &[
            (
                "words::units_are_handed_over",
                Assertion("semaphore::release(&place.word, 1, 1)"),
            ),
            ("words::units_of_two_releases", Deadlock),
        ],
        unaware: "words::event_pulse",
    },
    // Replies of workers and managers are read outside the checked sources; what matches by number here is
    // the claim.
    Seeded {
        bug: Bug::MatchesByPlace,
        sentence: "a claim counts for whichever task has the place",
        edit: "`claim::word`: without the number",
        family: "wrong match",
        killers: &[
            (
                "claims::former_task_decides_nothing",
                Assertion("a claimed task is revoked"),
            ),
            ("claims::word_overwritten", Assertion("is_claimed")),
        ],
        unaware: "claims::claim_vs_revoke",
    },
    // Sockets are read outside the checked sources (their ends are injected faults); the channel here is
    // the queue.
    Seeded {
        bug: Bug::SleepsThroughTheEnd,
        sentence: "a worker that sleeps does not see that the queue was closed",
        edit: "`Queue::sleep`: does not ask",
        family: "closed not seen",
        killers: &[
            ("pool::shutdown_drains", Deadlock),
            ("pool::submit_vs_draining_shutdown", Deadlock),
        ],
        unaware: "future::set_vs_result",
    },
    // The lock in shared memory is the C library's; what hands memory over by an ordering of ours is the
    // claim.
    Seeded {
        bug: Bug::ReleasesNothing,
        sentence: "who loses a task does not see what the winner wrote",
        edit: "`leave_offered`: Acquire",
        family: "ordering",
        killers: &[
            ("claims::loser_sees_winner", Race),
            ("claims::claimed_stays_claimed", Race),
        ],
        unaware: "claims::claim_vs_revoke",
    },
    // A dead owner of the lock is the kernel's and the C library's to tell, and the fault injection's to
    // try; a dead sleeper is the protocol's.
    Seeded {
        bug: Bug::ReliesOnOneSleeper,
        sentence: "the one sleeper that is woken for a unit may be dead",
        edit: "`semaphore::release`: wakes one",
        family: "dead owner ignored",
        killers: &[
            ("words::release_vs_killed_waiter", Deadlock),
            ("words::units_of_one_release", Deadlock),
        ],
        unaware: "words::units_are_handed_over",
    },
    // A process pool has such a writer for each task at a worker.
    Seeded {
        bug: Bug::ForgetsWhatItOwes,
        sentence: "a promise that is dropped leaves its future pending",
        edit: "`Writer::drop`: does not finish",
        family: "forgotten in-flight future",
        killers: &[
            ("waiting::wait_first_exception", Deadlock),
            ("ownership::promise_dropped", Alone),
        ],
        unaware: "future::set_vs_result",
    },
];
