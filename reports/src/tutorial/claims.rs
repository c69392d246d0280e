//! The claims, in our own words.

use super::{CellName, Citation, Ground, TutorialClaim};

const THREADS: &str = "threads";
const PROCESSES: &str = "processes";
const CPYTHON_THREADS: &str = "CPython threads";
const CPYTHON_PROCESSES: &str = "CPython processes";
const MANAGER: Option<&str> = Some("manager value and lock");
const SHARED: Option<&str> = Some("shared-memory lock");

/// Lanes of the correctness suite.
const STD: &str = "std";
const LOOM: &str = "loom";
const PROPERTIES: &str = "properties";

const fn cell(workload: &'static str, backend: &'static str) -> CellName {
    CellName {
        workload,
        backend,
        way: None,
    }
}

const fn in_way(
    workload: &'static str,
    backend: &'static str,
    way: Option<&'static str>,
) -> CellName {
    CellName {
        way,
        ..cell(workload, backend)
    }
}

const fn slower(own: CellName, reference: CellName, times: f64) -> Ground {
    Ground::Slower {
        own,
        reference,
        times,
    }
}

/// A manager's counter against one in shared memory.
const fn manager(backend: &'static str) -> Ground {
    slower(
        in_way("short counter", backend, MANAGER),
        in_way("short counter", backend, SHARED),
        10.0,
    )
}

/// A mebibyte to a process and back against a byte.
const fn mebibyte(backend: &'static str) -> Ground {
    slower(
        in_way("bytes there and back", backend, Some("1 MiB")),
        in_way("bytes there and back", backend, Some("1 B")),
        1.0,
    )
}

/// All claims, in their order.
pub const CLAIMS: [TutorialClaim; 11] = [
    TutorialClaim {
        number: "C1",
        text: "A counter that a manager holds takes more than ten times as long as one in shared memory",
        on_cpython: manager(CPYTHON_PROCESSES),
        in_rust: manager(PROCESSES),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C2",
        text: "Because of the interpreter's lock pi on threads takes more than twice as long as on processes; in Rust, \
               which has no such lock, the two are level",
        on_cpython: slower(
            cell("pi", CPYTHON_THREADS),
            cell("pi", CPYTHON_PROCESSES),
            2.0,
        ),
        in_rust: Ground::Level {
            own: cell("pi", THREADS),
            reference: cell("pi", PROCESSES),
        },
        is_of_cpython: true,
    },
    TutorialClaim {
        number: "C3",
        text: "Tasks that increment a counter without its lock lose updates",
        on_cpython: Ground::Behaviour("C3"),
        in_rust: Ground::Loss,
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C4",
        text: "Threads that wait for each other's futures can deadlock; a future does not travel to another process, so \
               that tasks there can't",
        on_cpython: Ground::Behaviour("C4"),
        in_rust: Ground::Tests(&[
            Citation {
                lane: LOOM,
                tests: &["D1-told circle_of_two", "D5-told ring_of_three"],
            },
            Citation {
                lane: STD,
                tests: &[
                    "deadlock_ends_with_an_error_that_names_both_tasks",
                    "the documentation of Future, whose example of one as an argument must not compile",
                ],
            },
        ]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C5",
        text: "Threads help where tasks wait for the network, in spite of the interpreter's lock",
        on_cpython: slower(
            cell("downloads", "CPython sequential"),
            cell("downloads", CPYTHON_THREADS),
            1.0,
        ),
        in_rust: slower(
            cell("downloads", "sequential"),
            cell("downloads", THREADS),
            1.0,
        ),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C6",
        text: "An initializer runs once in each worker, and not for each task",
        on_cpython: Ground::Behaviour("C6"),
        in_rust: Ground::Tests(&[Citation {
            lane: STD,
            tests: &["the_initializer_runs_once_in_each_worker_with_its_arguments"],
        }]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C7",
        text: "Workers are reused: a pool of two shows two process ids at most, however many tasks it runs",
        on_cpython: Ground::Behaviour("C7"),
        in_rust: Ground::Tests(&[Citation {
            lane: STD,
            tests: &[
                "tasks_run_in_other_processes_which_are_reused",
                "worker_pids_names_at_most_two_processes",
            ],
        }]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C8",
        text: "map gives results in the order of its input, as_completed in that of the ends",
        on_cpython: Ground::Behaviour("C8"),
        in_rust: Ground::Tests(&[
            Citation {
                lane: PROPERTIES,
                tests: &[
                    "a_map_equals_a_loop_for_any_options_workers_and_consumption",
                    "promises_come_once_those_that_had_ended_first_and_the_rest_in_the_order_of_their_ends",
                ],
            },
            Citation {
                lane: LOOM,
                tests: &["L22 as_completed_two"],
            },
        ]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C9",
        text: "A task that was cancelled has never run, and one that runs can't be cancelled",
        on_cpython: Ground::Behaviour("C9"),
        in_rust: Ground::Tests(&[
            Citation {
                lane: LOOM,
                tests: &["L4 cancel_vs_start", "L5 cancel_vs_set"],
            },
            Citation {
                lane: PROPERTIES,
                tests: &["any_operations_move_a_future_as_the_model_says"],
            },
        ]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C10",
        text: "To change from threads to processes is to change one line",
        on_cpython: Ground::Behaviour("C10"),
        in_rust: Ground::Tests(&[Citation {
            lane: STD,
            tests: &["threads_become_processes_by_one_line"],
        }]),
        is_of_cpython: false,
    },
    TutorialClaim {
        number: "C11",
        text: "Arguments of processes are encoded and sent through a channel, which costs: a mebibyte takes longer than a \
               byte",
        on_cpython: mebibyte(CPYTHON_PROCESSES),
        in_rust: mebibyte(PROCESSES),
        is_of_cpython: false,
    },
];
