//! The programs about futures of threads, and what they print.

use std::collections::BTreeSet;

use super::run;

#[test]
fn map_in_order_works_side_by_side_and_gives_results_in_the_order_of_the_items() {
    run("map_in_order", &[], |lines| {
        let place = |text: &str| lines.iter().position(|line| line.ends_with(text)).unwrap();
        for n in 1..=5 {
            assert!(place(&format!(": sleeping {n}")) < place(&format!(": done with {n}")));
        }
        // The second began before the first, which takes half a second, had ended.
        assert!(place(": sleeping 4") < place(": done with 5"));
        let results = "main: results: [0.5, 0.4, 0.3, 0.2, 0.1]";
        assert_eq!(*lines.last().unwrap(), results);
        let unprocessed = place("main: waiting for real results") - 1;
        assert!(
            lines[..=unprocessed]
                .iter()
                .any(|line| line.starts_with("main: unprocessed"))
        );
    });
}

#[test]
fn submit_shows_the_future_before_and_after() {
    run("submit", &[], |lines| {
        let after = |text: &str| {
            let mut found = lines.iter().filter_map(|line| line.strip_prefix(text));
            found.next().unwrap()
        };
        let before = after("main: future: <Future at 0x");
        let states = ["state=pending>", "state=running>"];
        assert!(
            states.iter().any(|state| before.ends_with(state)),
            "{before}"
        );
        assert_eq!(after("main: result: "), "0.5");
        let ended = after("main: future after result: <Future at 0x");
        assert!(ended.ends_with(" state=finished returned f64>"), "{ended}");
        assert_eq!(before.split(' ').next(), ended.split(' ').next());
    });
}

#[test]
fn completion_order_is_that_of_the_sleeps() {
    run("completion_order", &[], |lines| {
        let results = lines.iter().filter_map(|line| {
            let (n, rest) = line
                .strip_prefix("main: task ")?
                .split_once(" slept for ")?;
            Some((n.parse().unwrap(), rest.split_once(' ')?.0.parse().unwrap()))
        });
        let results: Vec<(u32, u32)> = results.collect();
        let numbers: BTreeSet<u32> = results.iter().map(|result| result.0).collect();
        assert!(
            results.len() == 5 && numbers.into_iter().eq(1..=5),
            "{results:?}"
        );
        // What took so much longer than another that no crowd can make up for it comes after it.
        for (place, later) in results.iter().enumerate() {
            assert!(
                results[..place]
                    .iter()
                    .all(|earlier| earlier.1 < later.1 + 500)
            );
        }
    });
}

#[test]
fn callback_is_called_once_with_a_value_an_error_or_a_cancellation() {
    run("callback", &[], |lines| {
        let told: BTreeSet<&str> = lines
            .iter()
            .filter(|line| {
                !line.starts_with("main") && !line.ends_with("ing") && !line.ends_with("done")
            })
            .copied()
            .collect();
        let expected = [
            "5: value returned: 0.5",
            "0: error returned: the task failed: the value 0 is no good",
            "4: cancelled",
        ];
        assert_eq!(told, BTreeSet::from(expected));
        assert_eq!(lines.len(), 1 + 2 * 2 + 3, "each is called once");
    });
}

#[test]
fn cancel_keeps_all_but_the_running_ones_from_running() {
    run("cancel", &[], |lines| {
        let numbers = |end: &str| -> BTreeSet<u32> {
            let found = lines.iter().filter_map(|line| line.strip_suffix(end));
            found.map(|number| number.parse().unwrap()).collect()
        };
        let cancelled = numbers(": cancelled");
        let not_cancelled = numbers(": not cancelled");
        assert_eq!(numbers(": sleeping"), not_cancelled);
        assert_eq!(numbers(": done"), not_cancelled);
        assert!(not_cancelled.is_superset(&BTreeSet::from([9, 10])));
        assert_eq!(cancelled.len() + not_cancelled.len(), 10);
        assert!(cancelled.contains(&1), "it would have been the last to run");
        let said = lines
            .iter()
            .filter_map(|line| line.strip_prefix("main: did not cancel "));
        let said: BTreeSet<u32> = said.map(|number| number.parse().unwrap()).collect();
        assert_eq!(said, not_cancelled);
    });
}

#[test]
fn failing_task_gives_its_error_twice() {
    run("failing_task", &[], |lines| {
        let expected = [
            "main: starting",
            "5: starting",
            "main: error: the task failed: the value 5 is no good",
            "main: saw error \"the value 5 is no good\" when asking for the result",
        ];
        assert_eq!(lines, expected);
    });
}

#[test]
fn context_manager_ends_when_everything_has_run() {
    run("context_manager", &[], |lines| {
        assert_eq!((lines[0], lines[5]), ("main: starting", "main: done"));
        let ran: BTreeSet<&str> = lines[1..5].iter().copied().collect();
        assert_eq!(ran, BTreeSet::from(["1", "2", "3", "4"]));
    });
}

#[test]
fn deadlock_ends_with_an_error_that_names_both_tasks() {
    run("deadlock", &[], |lines| {
        let [first, second] = lines else {
            panic!("two lines")
        };
        // Whichever noticed: the other one has got its error from it.
        assert_eq!(first, second);
        let error = first.strip_prefix("no answer: deadlock, ").expect(first);
        assert!(says_who_waits_for_whom(error), "{error}");
    });
}

/// Whether each of the two tasks waits for the other one: on a thread of its own, or begun on top of it by the
/// thread that waits for it, because a worker that has taken a task and not begun it is not free.
fn says_who_waits_for_whom(error: &str) -> bool {
    let waits = error.trim_start_matches("this wait could never have ended: ");
    let waits: Vec<(&str, &str)> = waits
        .split("; ")
        .filter_map(|wait| wait.split_once(" waits for "))
        .collect();
    let is = |text: &str, task: &str| text.starts_with(&format!("task deadlock::{task} "));
    let circle = |one: &str, other: &str| {
        let awaits = |waiting: &str, awaited: &str| {
            let mut waits = waits.iter();
            waits.any(|(who, whom)| {
                !who.contains(", on top of ") && is(who, waiting) && is(whom, awaited)
            })
        };
        let awaits_what_is_below = || {
            let mut waits = waits.iter();
            waits.any(|(who, whom)| {
                let stack = who.split_once(", on top of ");
                stack.is_some_and(|(top, below)| is(top, one) && is(below, other))
                    && is(whom, other)
            })
        };
        awaits(one, other) && awaits(other, one) || awaits_what_is_below()
    };
    circle("task_a", "task_b") || circle("task_b", "task_a")
}

#[test]
fn both_forms_of_the_deadlock_are_known_and_no_other() {
    let (a, b) = (
        "task deadlock::task_a (future at 0x1)",
        "task deadlock::task_b (future at 0x2)",
    );
    for circle in [
        format!("{a} waits for {b}; {b} waits for {a}; don't"),
        format!("{b}, on top of {a} waits for {a}; don't"),
    ] {
        assert!(says_who_waits_for_whom(&circle), "{circle}");
    }
    for other in [
        format!("{a} waits for {b}; don't"),
        format!("{a} waits for {a}; {b} waits for {b}; don't"),
        format!("{b}, on top of {a} waits for {b}; don't"),
    ] {
        assert!(!says_who_waits_for_whom(&other), "{other}");
    }
}
