//! What is to be done when a future has ended: wakers, callbacks, and what they bring about in turn.
//!
//! A callback of ours may end another future, whose callbacks may end a third: [`then`] makes such
//! chains, and they may be long. So a callback does not run what it brings about. It puts it on a
//! list, and whoever ended the first future goes through the list, on a stack that stays flat.
//!
//! [`then`]: crate::Future::then

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::liveness;
use crate::sync::bug;

/// Something that is to be done because a future has ended.
pub(crate) trait Consequence {
    /// Does it. No lock is held, and it does not panic.
    fn happen(self: Box<Self>, aftermath: &mut Aftermath);

    /// Where the cells are of the derived futures that it may end.
    fn derives(&self) -> Vec<usize> {
        Vec::new()
    }
}

/// What is still to be done, in its order; but first of all what was held is let go of. A scope waits for that, and
/// a callback may wait for what lies behind the scope.
#[must_use = "somebody has to run it"]
pub(crate) struct Aftermath(Option<Rc<ToDo>>);

/// The list, which the thread that goes through it can look at from inside a step: others may wait for what it
/// has still to do.
pub(crate) struct ToDo(RefCell<Steps>);

#[derive(Default)]
struct Steps {
    releases: VecDeque<Box<dyn Consequence>>,
    others: VecDeque<Box<dyn Consequence>>,
    /// What the step that is off the list derives, but for callbacks of it that have returned.
    in_hand: VecDeque<usize>,
}

impl ToDo {
    /// Where the cells are of the derived futures that are still to be ended; one of several futures is there for
    /// each of those whose callback is on the list.
    pub(super) fn derives(&self) -> Vec<usize> {
        let steps = self.0.borrow();
        let on_list = steps.releases.iter().chain(&steps.others);
        let in_hand = steps.in_hand.iter().copied();
        in_hand.chain(on_list.flat_map(|it| it.derives())).collect()
    }

    fn next(&self) -> Option<Box<dyn Consequence>> {
        let mut steps = self.0.borrow_mut();
        let release = steps.releases.pop_front();
        let next = release.or_else(|| steps.others.pop_front());
        steps.in_hand = next.iter().flat_map(|it| it.derives()).collect();
        next
    }
}

impl Aftermath {
    /// One of nothing, which costs nothing.
    pub(crate) fn new() -> Aftermath {
        Aftermath(None)
    }

    fn with<R>(&mut self, change: impl FnOnce(&mut Steps) -> R) -> R {
        let list = &mut self.0;
        let list = list.get_or_insert_with(|| Rc::new(ToDo(RefCell::default())));
        change(&mut list.0.borrow_mut())
    }

    pub(crate) fn push(&mut self, consequence: Box<dyn Consequence>) {
        self.with(|steps| steps.others.push_back(consequence));
    }

    /// Has something be let go of, before anything else is done.
    pub(crate) fn push_release(&mut self, release: Box<dyn Consequence>) {
        self.with(|steps| steps.releases.push_back(release));
    }

    /// A callback of the step that is off the list has returned, which could end a derived future.
    pub(super) fn callback_has_returned(&mut self) {
        self.with(|steps| steps.in_hand.pop_front());
    }

    /// Goes through the list, to which each step may add.
    pub(crate) fn run(self) {
        self.run_after(|| {});
    }

    /// Does something else of the user's before, to which the list lies behind.
    pub(super) fn run_after(mut self, first: impl FnOnce()) {
        let Some(list) = self.0.clone() else {
            return first();
        };
        let _noted = liveness::going_through(&list);
        first();
        while let Some(consequence) = list.next() {
            consequence.happen(&mut self);
            if bug!(LeavesTheListEarly) {
                break;
            }
        }
    }
}
