//! Claims: of the worker that is to run a task and the pool that wants it back, one has it.
//!
//! The word lies in memory that two processes share; here the worker and the pool's threads are
//! threads. Its operations are the same.

use crate::claim::{claim, is_claimed, offer, revoke};
use crate::counter::Plain;
use crate::harness::{Bound, Child, join, model, must_fail, reach, thread};
use crate::sync::{Arc, AtomicU32, Ordering, UnsafeCell};

pub(crate) const CHILDREN: &[Child] = &[("C1 claim_in_two_steps", claim_in_two_steps)];

/// A task's number, and that of the next task with the same word.
const FORMER: u32 = 3;
const NEXT: u32 = FORMER + 256;

/// The word, and something that one side writes for the other without any synchronisation.
struct Place {
    word: AtomicU32,
    data: Plain,
}

/// A task that was offered.
fn offered() -> Arc<Place> {
    let place = Arc::new(Place {
        word: AtomicU32::new(0),
        data: Plain(UnsafeCell::new(0)),
    });
    offer(&place.word, FORMER);
    place
}

/// The worker, with this way to claim, against a pool that takes the task back.
fn claim_against_revoke(claim: fn(&AtomicU32, u32) -> bool) {
    let place = offered();
    let worker = {
        let place = Arc::clone(&place);
        thread(move || {
            if claim(&place.word, FORMER) {
                place.data.set(1);
            }
        })
    };
    let revoked = revoke(&place.word, FORMER);
    if revoked {
        place.data.set(2);
    }
    join([worker]);
    let who = if revoked { 2 } else { 1 };
    assert_eq!(place.data.get(), who, "both have the task, or nobody");
    assert_eq!(is_claimed(&place.word, FORMER), !revoked);
    reach(if revoked { "revoked" } else { "claimed" });
}

#[test]
fn claim_vs_revoke() {
    model(
        "C1 claim_vs_revoke",
        "of a claim and a revocation exactly one wins, and a task is said to be claimed accordingly",
        Bound::Exhaustive,
        &["claimed", "revoked"],
        || claim_against_revoke(claim),
    );
}

/// The seeded mistake: a claim that looks and then writes.
fn claim_in_two_steps() {
    model(
        "C1 claim_in_two_steps",
        "must fail: between the look and the write the task may be revoked",
        Bound::Exhaustive,
        &["claimed", "revoked"],
        || {
            claim_against_revoke(|word, number| {
                let is_offered = word.load(Ordering::Acquire) == made_by(offer, number);
                if is_offered {
                    let claimed = made_by(|word, number| assert!(claim(word, number)), number);
                    word.store(claimed, Ordering::Release);
                }
                is_offered
            });
        },
    );
}

/// The word that an operation leaves where a task was offered.
fn made_by(operation: impl Fn(&AtomicU32, u32), number: u32) -> u32 {
    let word = AtomicU32::new(0);
    offer(&word, number);
    operation(&word, number);
    word.load(Ordering::Relaxed)
}

#[test]
fn a_claim_in_two_steps_is_reported() {
    must_fail("C1 claim_in_two_steps", "Causality violation");
}

#[test]
fn claim_vs_two_revocations() {
    model(
        "C2 claim_vs_two_revocations",
        "of a claim, a cancel and a take-back for an idle worker exactly one wins",
        Bound::Exhaustive,
        &["claimed", "cancelled", "taken back"],
        || {
            let place = offered();
            let wins = Arc::new(AtomicU32::new(0));
            let taker = |take: fn(&AtomicU32, u32) -> bool, outcome| {
                let (place, wins) = (Arc::clone(&place), Arc::clone(&wins));
                move || {
                    if take(&place.word, FORMER) {
                        // ORDERING: Relaxed, read after the join; the data may not race even so.
                        wins.fetch_add(1, Ordering::Relaxed);
                        place.data.set(1);
                        reach(outcome);
                    }
                }
            };
            let worker = thread(taker(claim, "claimed"));
            let canceller = thread(taker(revoke, "cancelled"));
            taker(revoke, "taken back")();
            join([worker, canceller]);
            assert_eq!(wins.load(Ordering::Relaxed), 1);
        },
    );
}

#[test]
fn loser_sees_winner() {
    model(
        "C3 loser_sees_winner",
        "whoever loses the task finds what the winner wrote before",
        Bound::Exhaustive,
        &["the worker lost", "the pool lost"],
        || {
            let place = offered();
            let notes = Arc::new([0, 0].map(|zero| Plain(UnsafeCell::new(zero))));
            let worker = {
                let (place, notes) = (Arc::clone(&place), Arc::clone(&notes));
                thread(move || {
                    notes[0].set(1);
                    if !claim(&place.word, FORMER) {
                        assert_eq!(notes[1].get(), 2);
                        reach("the worker lost");
                    }
                })
            };
            notes[1].set(2);
            if !revoke(&place.word, FORMER) {
                assert_eq!(notes[0].get(), 1);
                reach("the pool lost");
            }
            join([worker]);
        },
    );
}

#[test]
fn claimed_stays_claimed() {
    model(
        "C4 claimed_stays_claimed",
        "once a claim is won nobody is told otherwise, and whoever is told finds what came before",
        Bound::Exhaustive,
        &["not yet", "in between", "claimed"],
        || {
            let place = offered();
            let won = Arc::new(AtomicU32::new(0));
            let worker = {
                let (place, won) = (Arc::clone(&place), Arc::clone(&won));
                thread(move || {
                    place.data.set(1);
                    assert!(claim(&place.word, FORMER));
                    // ORDERING: Release, pairs with the Acquire below.
                    won.store(1, Ordering::Release);
                })
            };
            // ORDERING: Acquire, pairs with the Release above.
            let was_won = won.load(Ordering::Acquire) == 1;
            let first = is_claimed(&place.word, FORMER);
            let second = is_claimed(&place.word, FORMER);
            assert!(first >= was_won, "the claim was won before the question");
            assert!(second >= first, "a claim is forgotten");
            if second {
                assert_eq!(place.data.get(), 1);
            }
            reach(match (first, second) {
                (false, false) => "not yet",
                (false, true) => "in between",
                (true, _) => "claimed",
            });
            join([worker]);
        },
    );
}

#[test]
fn former_task_decides_nothing() {
    model(
        "C5 former_task_decides_nothing",
        "a late claim or revocation of the task that had the word before leaves the next task alone",
        Bound::Exhaustive,
        &["the next is not offered yet", "the next is claimed"],
        || {
            let place = offered();
            assert!(claim(&place.word, FORMER));
            let late = {
                let place = Arc::clone(&place);
                thread(move || {
                    assert!(!revoke(&place.word, FORMER), "a claimed task is revoked");
                    assert!(!claim(&place.word, FORMER), "a task is claimed twice");
                })
            };
            let worker = {
                let place = Arc::clone(&place);
                thread(move || {
                    if claim(&place.word, NEXT) {
                        // What the pool wrote before the offer comes with it.
                        assert_eq!(place.data.get(), 1);
                        place.data.set(2);
                        reach("the next is claimed");
                    } else {
                        reach("the next is not offered yet");
                    }
                })
            };
            place.data.set(1);
            offer(&place.word, NEXT);
            join([late, worker]);
            let was_left = claim(&place.word, NEXT);
            assert_eq!(was_left, place.data.get() == 1, "the next task is lost");
        },
    );
}

#[test]
fn word_overwritten() {
    model(
        "C6 word_overwritten",
        "a task whose word a worker overwrote counts as claimed and can't be taken back",
        Bound::Exhaustive,
        &[],
        || {
            for written in [0, u32::MAX, NEXT, made_by(|_, _| (), NEXT)] {
                let place = offered();
                // ORDERING: Relaxed, there is one thread.
                place.word.store(written, Ordering::Relaxed);
                assert!(is_claimed(&place.word, FORMER));
                assert!(!revoke(&place.word, FORMER));
            }
        },
    );
}
