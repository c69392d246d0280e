//! Waiting: loops, lists of those who wait, and shutdowns that they wait for.

use super::Seeded;
use crate::seeded::Bug;
use crate::seeded::kind::Kind::{Alone, Assertion, Deadlock, Leak, NoEnd};

pub(super) const SEEDED: &[Seeded] = &[
    Seeded {
        bug: Bug::WaitsOnce,
        sentence: "a waiter takes any wake-up for the end",
        edit: "`Waiter::next`: no loop",
        family: "`if` for `while`",
        killers: &[
            (
                "waiting::spurious_result",
                Assertion("the outcome is asked for when the wait has ended"),
            ),
            (
                "waiting::wait_first_exception",
                Assertion("outcome.done.contains(&&b)"),
            ),
        ],
        unaware: "future::two_cancels",
    },
    Seeded {
        bug: Bug::CountsInTwoSteps,
        sentence: "the number of sleepers is changed by a load and a store",
        edit: "`condition::sleep`",
        family: "remove synchronisation",
        killers: &[
            (
                "words::condition_wait_vs_notify",
                Assertion("left == right"),
            ),
            (
                "words::condition_timeout_vs_notify",
                Assertion("attempt to subtract with overflow"),
            ),
        ],
        unaware: "words::event_pulse",
    },
    Seeded {
        bug: Bug::RegistersAfterTheLook,
        sentence: "an end between the look and the registration is missed",
        edit: "`Core::register`: does not ask for the state",
        family: "order swap",
        killers: &[
            ("waiting::wait_register_vs_set", Deadlock),
            ("waiting::wait_first_other_pending", Deadlock),
            ("future::callback_vs_set", Leak),
        ],
        unaware: "future::two_cancels",
    },
    Seeded {
        bug: Bug::OverlooksCancelled,
        sentence: "a cancelled future counts as not ended",
        edit: "`State::is_final`",
        family: "predicate",
        killers: &[
            ("waiting::wait_vs_cancel", Assertion("left == right")),
            ("future::cancel_vs_start", Deadlock),
        ],
        unaware: "future::set_vs_result",
    },
    Seeded {
        bug: Bug::HasRoomForOneWaiter,
        sentence: "the last who registers is the only one who is told",
        edit: "`Handle::register_waiter`: clears the list",
        family: "structure",
        killers: &[
            ("waiting::two_waits_one_future", Deadlock),
            ("future::set_vs_two_waiters", Deadlock),
        ],
        unaware: "future::set_vs_result",
    },
    Seeded {
        bug: Bug::CountsDuplicates,
        sentence: "a future that is given twice counts twice",
        edit: "`distinct`: lets all pass",
        family: "CPython bpo-20369",
        killers: &[
            ("waiting::wait_duplicate", Assertion("left == right")),
            (
                "as_completed::as_completed_duplicate",
                Assertion("left == right"),
            ),
        ],
        unaware: "waiting::wait_register_vs_set",
    },
    Seeded {
        bug: Bug::StaysOnTheList,
        sentence: "who gives up waiting stays on the list",
        edit: "`Core::unregister`, `Core::unregister_waker`: do nothing",
        family: "stale waiter",
        killers: &[
            ("waiting::waiters_are_taken_off", Assertion("left == right")),
            ("awaiting::drop_vs_finish", Alone),
        ],
        unaware: "future::timed_result",
    },
    Seeded {
        bug: Bug::GivesTokensTwice,
        sentence: "a future that ended is told of again and again",
        edit: "`Waiter::next`: puts the token back",
        family: "duplicate",
        killers: &[
            (
                "waiting::wait_first_exception",
                Assertion("outcome.done.contains(&&b)"),
            ),
            ("as_completed::as_completed_two_setters", NoEnd),
        ],
        unaware: "future::set_vs_result",
    },
    Seeded {
        bug: Bug::CancelsInSilence,
        sentence: "a shutdown cancels a task and tells nobody",
        edit: "`QueuedTask::cancel`: moves the word alone",
        family: "CPython gh-87893",
        killers: &[
            ("pool::submit_vs_cancelling_shutdown", Deadlock),
            ("pool::shutdown_cancels", Deadlock),
        ],
        unaware: "future::cancel_vs_start",
    },
    // No two futures are locked at once, so the order of arguments can not matter; the queue has the only
    // two locks that nest.
    Seeded {
        bug: Bug::LocksTheOtherWayRound,
        sentence: "whoever needs both boxes locks the inbox first",
        edit: "`Queue::boxes`",
        family: "lock order",
        killers: &[
            ("pool::submit_vs_cancelling_shutdown", Deadlock),
            ("pool::shutdown_cancels", Deadlock),
        ],
        unaware: "starting::no_worker_starts",
    },
];
