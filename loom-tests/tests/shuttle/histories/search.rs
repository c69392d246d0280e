//! Wing and Gong's search: is there an order of these steps that agrees with their times and with the reference model?

use std::collections::BTreeSet;

use super::record::Entry;
use super::reference::Reference;

/// Whether some order explains the history.
///
/// A history is linearisable if the steps of each object are, so each future is searched by itself, with all that was
/// seen of it; and the pool, with the steps that are the queue's concern.
pub(super) fn is_linearisable(history: &[Entry], workers: usize) -> bool {
    let mut numbers: Vec<_> = history.iter().filter_map(|it| it.step.future()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut futures = numbers.into_iter().map(|number| {
        let of_it = |it: &&Entry| it.step.future() == Some(number) && !it.step.is_refusal();
        history.iter().filter(of_it).copied().collect::<Vec<_>>()
    });
    let of_pool = history.iter().filter(|it| it.step.concerns_queue(workers));
    let pool: Vec<_> = of_pool.copied().collect();
    futures.all(|steps| some_order(&steps, workers)) && some_order(&pool, workers)
}

/// Whether there is an order of these.
fn some_order(history: &[Entry], workers: usize) -> bool {
    assert!(
        history.len() <= 128,
        "a history is longer than a set of its steps"
    );
    let mut search = Search {
        history,
        dead: BTreeSet::new(),
    };
    search.goes_on(0, &Reference::new(workers))
}

/// A search that meets more is no answer; ours meet some dozens.
const MOST_DEAD_ENDS: usize = 20_000;

struct Search<'h> {
    history: &'h [Entry],
    /// From where there was no way on: the steps taken, and what they had led to.
    dead: BTreeSet<(u128, Reference)>,
}

impl Search<'_> {
    /// Whether the steps that are not `taken` can follow.
    fn goes_on(&mut self, taken: u128, now: &Reference) -> bool {
        let left = |n: &usize| taken & (1 << n) == 0;
        let steps: Vec<usize> = (0..self.history.len()).filter(left).collect();
        // Whatever began after another has ended comes later.
        let Some(first_end) = steps.iter().map(|&n| self.history[n].responded).min() else {
            return true;
        };
        if self.dead.contains(&(taken, now.clone())) {
            return false;
        }
        let may_be_next = |&n: &usize| self.history[n].invoked <= first_end;
        let steps: Vec<usize> = steps.into_iter().filter(may_be_next).collect();
        // What changes nothing for others may as well come now, if it can: no need to try it later.
        for &n in &steps {
            let step = self.history[n].step;
            if let [next] = &now.after(step)[..]
                && (next == now || step.is_of_callback())
            {
                return self.goes_on(taken | 1 << n, next);
            }
        }
        for n in steps {
            for next in now.after(self.history[n].step) {
                if self.goes_on(taken | 1 << n, &next) {
                    return true;
                }
            }
        }
        assert!(
            self.dead.len() < MOST_DEAD_ENDS,
            "the search takes too long: {:?}",
            self.history
        );
        self.dead.insert((taken, now.clone()));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Step;
    use super::{Entry, is_linearisable};
    use crate::base::State;

    /// Steps with their moments, on a pool of one worker.
    fn explained(steps: &[(usize, usize, Step)]) -> bool {
        let entry = |&(invoked, responded, step)| Entry {
            invoked,
            responded,
            thread: None,
            step,
        };
        is_linearisable(&steps.iter().map(entry).collect::<Vec<_>>(), 1)
    }

    #[test]
    fn a_look_may_come_before_or_after_what_it_overlaps() {
        for state in [State::Pending, State::Cancelled] {
            assert!(explained(&[
                (1, 4, Step::Cancel(0, true)),
                (2, 3, Step::See(0, state)),
            ]));
        }
    }

    #[test]
    fn a_stale_look_is_not_explained() {
        assert!(!explained(&[
            (1, 2, Step::Cancel(0, true)),
            (3, 4, Step::See(0, State::Pending)),
        ]));
    }

    #[test]
    fn a_cancel_that_says_yes_of_what_ran_is_not_explained() {
        assert!(!explained(&[
            (1, 6, Step::Cancel(0, true)),
            (2, 3, Step::Start(0)),
            (4, 5, Step::Publish(0)),
        ]));
    }

    #[test]
    fn two_looks_in_the_wrong_order_are_not_explained() {
        let cancel = (1, 8, Step::Cancel(0, true));
        let [cancelled, pending] = [State::Cancelled, State::Pending].map(|it| Step::See(0, it));
        assert!(explained(&[cancel, (2, 3, pending), (4, 5, cancelled)]));
        assert!(!explained(&[cancel, (2, 3, cancelled), (4, 5, pending)]));
    }

    #[test]
    fn a_task_that_overtakes_another_on_one_worker_is_not_explained() {
        let submitted = [(1, 2, Step::Submit(1, true)), (3, 4, Step::Submit(2, true))];
        let [one, two] = [1, 2].map(|n| [Step::Start(n), Step::Publish(n)]);
        for (first, second, is_explained) in [(one, two, true), (two, one, false)] {
            let run = first.into_iter().chain(second);
            let run = run
                .enumerate()
                .map(|(n, step)| (5 + 2 * n, 6 + 2 * n, step));
            let steps: Vec<_> = submitted.into_iter().chain(run).collect();
            assert_eq!(explained(&steps), is_explained, "{steps:?}");
        }
    }

    #[test]
    fn a_shutdown_may_cancel_a_task_whose_submission_it_overlaps() {
        assert!(explained(&[
            (1, 6, Step::Submit(1, true)),
            (2, 3, Step::Close),
            (2, 4, Step::ShutdownMayCancel(1)),
            (7, 8, Step::SeeEnd(1, Some(State::Cancelled))),
        ]));
    }

    #[test]
    fn a_task_that_starts_within_another_on_one_worker_is_not_explained() {
        assert!(!explained(&[
            (1, 2, Step::Submit(1, true)),
            (3, 4, Step::Submit(2, true)),
            (3, 5, Step::Start(2)),
            (1, 7, Step::Start(1)),
            (6, usize::MAX, Step::Publish(2)),
            (8, usize::MAX, Step::Publish(1)),
        ]));
    }

    #[test]
    fn a_task_accepted_after_the_shutdown_is_not_explained() {
        assert!(!explained(&[
            (1, 2, Step::Close),
            (3, 4, Step::Submit(1, true)),
        ]));
    }
}
