//! Sleeping on a word: nobody sleeps past what it waits for, and who dies asleep takes nothing along.
//!
//! The words lie in memory that processes share; here the processes are threads. One that is killed is a
//! thread that ends without what it should do next.

use crate::counter::Plain;
use crate::harness::{Bound, Child, join, model, must_fail, reach, thread};
use crate::protocol::{condition, event, semaphore};
use crate::sync::{self, Arc, Mutex, UnsafeCell};
use crate::word::{Deadline, Word};

pub(crate) const CHILDREN: &[Child] = &[
    ("W1 event_set_in_two_steps", event_set_in_two_steps),
    ("W5 release_wakes_one", release_wakes_one),
    ("W7 announced_too_late", announced_too_late),
];

/// A word, and something that one thread writes for the others without any synchronisation.
struct Place {
    word: Word,
    data: Plain,
}

fn place(word: u32) -> Arc<Place> {
    Arc::new(Place {
        word: Word::new(word),
        data: Plain(UnsafeCell::new(0)),
    })
}

/// A thread of the model with a place, or with whatever else is shared.
fn with<S: Send + Sync + 'static>(
    shared: &Arc<S>,
    main: impl FnOnce(&S) + Send + 'static,
) -> sync::thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread(move || main(&shared))
}

/// Two wait for an event that is set in this way.
fn wait_against_set(set: fn(&Word)) {
    let place = place(0);
    let waiters = [0, 1].map(|_| {
        with(&place, |place| {
            if event::is_set(&place.word) {
                reach("was set");
            }
            assert!(event::wait(&place.word, None));
            assert_eq!(place.data.get(), 1);
        })
    });
    place.data.set(1);
    set(&place.word);
    join(waiters);
    reach(if sync::sleeps() > 0 { "slept" } else { "awake" });
}

#[test]
fn event_set_vs_wait() {
    model(
        "W1 event_set_vs_wait",
        "two who wait for an event end when it is set, and see what came before",
        Bound::Preemptions(3),
        &["was set", "slept", "awake"],
        || wait_against_set(event::set),
    );
}

/// The seeded mistake: a set that looks whether somebody waits and then writes.
fn event_set_in_two_steps() {
    model(
        "W1 event_set_in_two_steps",
        "must fail: between the look and the write somebody may begin to wait",
        Bound::Preemptions(3),
        &["was set", "slept", "awake"],
        || {
            wait_against_set(|word| {
                let before = word.load();
                word.store(made_by(event::set));
                if before != 0 {
                    word.wake_all();
                }
            });
        },
    );
}

/// What an operation makes of a fresh word.
fn made_by(operation: impl FnOnce(&Word)) -> u32 {
    let word = Word::new(0);
    operation(&word);
    word.load()
}

#[test]
fn an_event_set_in_two_steps_is_reported() {
    must_fail("W1 event_set_in_two_steps", "deadlock; threads =");
}

#[test]
fn event_pulse() {
    model(
        "W2 event_pulse",
        "an event that is set and cleared at once wakes whoever waited before",
        Bound::Exhaustive,
        &["waited before", "came later"],
        || {
            let place = place(0);
            let waiter = with(&place, |place| assert!(event::wait(&place.word, None)));
            let is_awaited = place.word.load() != 0;
            event::set(&place.word);
            if is_awaited {
                event::clear(&place.word);
                reach("waited before");
            } else {
                reach("came later");
            }
            join([waiter]);
            assert_eq!(event::is_set(&place.word), !is_awaited);
        },
    );
}

#[test]
fn event_timeout_vs_set() {
    model(
        "W3 event_timeout",
        "a timed wait for an event that is set for good ends, in time or not; if it says in time, it sees \
         what came before",
        Bound::Exhaustive,
        &["in time", "too late"],
        || {
            let place = place(0);
            let waiter = with(&place, |place| {
                if event::wait(&place.word, Deadline::some()) {
                    assert_eq!(place.data.get(), 1);
                    reach("in time");
                } else {
                    reach("too late");
                }
            });
            place.data.set(1);
            event::set(&place.word);
            join([waiter]);
            assert!(event::wait(&place.word, Deadline::some()));
        },
    );
}

#[test]
fn units_are_handed_over() {
    model(
        "W4 units_are_handed_over",
        "two who acquire and release the one unit end, and are never inside together",
        Bound::Exhaustive,
        &["slept", "awake"],
        || {
            let place = place(semaphore::with_units(1));
            let enter = |place: &Place| {
                assert!(semaphore::acquire(&place.word, None));
                place.data.set(place.data.get() + 1);
                assert!(semaphore::release(&place.word, 1, 1));
            };
            let other = with(&place, enter);
            enter(&place);
            join([other]);
            assert_eq!(place.data.get(), 2);
            assert_eq!(semaphore::units(&place.word), 1);
            assert!(!semaphore::release(&place.word, 1, 1));
            reach(if sync::sleeps() > 0 { "slept" } else { "awake" });
        },
    );
}

/// Two wait for a unit, one of them is killed when it wakes, and a unit is released in this way.
fn release_against_killed_waiter(release: fn(&Word)) {
    let place = place(0);
    let killed = with(&place, |place| {
        // As far as `acquire` comes before it has the unit.
        if place.word.compare_exchange(0, AWAITED) {
            reach("is killed asleep, or on waking");
        }
        place.word.wait(AWAITED, None);
    });
    let lives = with(&place, |place| {
        assert!(semaphore::acquire(&place.word, None));
    });
    release(&place.word);
    join([lives]);
    assert_eq!(semaphore::units(&place.word), 0);
    // Over with the model: the one that was killed in its sleep sleeps on otherwise.
    place.word.store(u32::MAX);
    place.word.wake_all();
    join([killed]);
}

/// The word of a semaphore without units that somebody waits for.
const AWAITED: u32 = 1;

#[test]
fn release_vs_killed_waiter() {
    model(
        "W5 release_vs_killed_waiter",
        "of two who wait for a unit one may be killed when it wakes, and the other has the unit",
        Bound::Preemptions(3),
        &["is killed asleep, or on waking"],
        || {
            release_against_killed_waiter(|word| assert!(semaphore::release(word, 1, 1)));
        },
    );
}

/// The seeded mistake: a release that wakes as many as it releases units.
fn release_wakes_one() {
    model(
        "W5 release_wakes_one",
        "must fail: the one that is woken may be the one that is killed",
        Bound::Preemptions(3),
        &["is killed asleep, or on waking"],
        || {
            release_against_killed_waiter(|word| {
                let mut before = word.load();
                while !word.compare_exchange(before, semaphore::with_units(1)) {
                    before = word.load();
                }
                if before == AWAITED {
                    word.wake(1);
                }
            });
        },
    );
}

#[test]
fn a_release_that_wakes_one_is_reported() {
    must_fail("W5 release_wakes_one", "deadlock; threads =");
}

#[test]
fn units_of_one_release() {
    model(
        "W5b units_of_one_release",
        "two who wait for a unit both have one when two are released at once",
        Bound::Preemptions(3),
        &["slept", "awake"],
        || {
            let place = place(0);
            let waiters = [0, 1].map(|_| {
                with(&place, |place| {
                    assert!(semaphore::acquire(&place.word, None))
                })
            });
            assert!(semaphore::release(&place.word, 2, 2));
            join(waiters);
            assert_eq!(semaphore::units(&place.word), 0);
            reach(if sync::sleeps() > 0 { "slept" } else { "awake" });
        },
    );
}

#[test]
fn units_of_two_releases() {
    model(
        "W6 units_of_two_releases",
        "two releases let two in, whoever of them gives up in between",
        Bound::Preemptions(3),
        &["gave up", "stayed"],
        || {
            let place = place(0);
            let timed = with(&place, |place| {
                if semaphore::acquire(&place.word, Deadline::some()) {
                    reach("stayed");
                } else {
                    reach("gave up");
                }
            });
            let untimed = with(&place, |place| {
                assert!(semaphore::acquire(&place.word, None))
            });
            assert!(semaphore::release(&place.word, 1, 2));
            assert!(semaphore::release(&place.word, 1, 2));
            join([timed, untimed]);
            assert!(semaphore::units(&place.word) <= 1);
        },
    );
}

/// What a lock protects, and the words of its condition.
struct Shelf {
    items: Mutex<u32>,
    sequence: Word,
    sleepers: Word,
}

fn shelf() -> Arc<Shelf> {
    Arc::new(Shelf {
        items: Mutex::new(0),
        sequence: Word::new(0),
        sleepers: Word::new(0),
    })
}

/// Announces itself at the right moment, or too late.
fn consume(shelf: &Shelf, is_late: bool) {
    let mut items = shelf.items.lock();
    while *items == 0 {
        let announce = || condition::announce(&shelf.sequence, &shelf.sleepers);
        let announced = if is_late {
            drop(items);
            announce()
        } else {
            let announced = announce();
            drop(items);
            announced
        };
        condition::sleep(&shelf.sequence, &shelf.sleepers, announced, None);
        items = shelf.items.lock();
    }
    *items -= 1;
}

fn produce(shelf: &Shelf) {
    *shelf.items.lock() += 1;
    condition::notify(&shelf.sequence, &shelf.sleepers, 1);
}

/// Two consumers, and two items that are put there one after the other.
fn consumers_against_notifications(is_late: bool) {
    let shelf = shelf();
    let consumers = [0, 1].map(|_| with(&shelf, move |shelf| consume(shelf, is_late)));
    produce(&shelf);
    produce(&shelf);
    join(consumers);
    assert_eq!((*shelf.items.lock(), shelf.sleepers.load()), (0, 0));
    reach(if sync::sleeps() > 0 { "slept" } else { "awake" });
}

#[test]
fn condition_wait_vs_notify() {
    model(
        "W7 condition_wait_vs_notify",
        "two who wait for an item each end when two come, each notified for one, outside the lock",
        Bound::Preemptions(3),
        &["slept", "awake"],
        || consumers_against_notifications(false),
    );
}

/// The seeded mistake: a sleeper that lets go of the lock before it looks at the sequence.
fn announced_too_late() {
    model(
        "W7 announced_too_late",
        "must fail: the notification may come between the lock's release and the look",
        Bound::Preemptions(3),
        &["slept", "awake"],
        || consumers_against_notifications(true),
    );
}

#[test]
fn a_sleeper_announced_too_late_is_reported() {
    must_fail("W7 announced_too_late", "deadlock; threads =");
}

#[test]
fn condition_timeout_vs_notify() {
    model(
        "W8 condition_timeout",
        "a timed sleep ends, notified or not, and the one beside it has the notification for all",
        Bound::Preemptions(3),
        &["notified", "too late"],
        || {
            let shelf = shelf();
            let timed = with(&shelf, |shelf| {
                let items = shelf.items.lock();
                let announced = condition::announce(&shelf.sequence, &shelf.sleepers);
                drop(items);
                let (sequence, sleepers) = (&shelf.sequence, &shelf.sleepers);
                let notified = condition::sleep(sequence, sleepers, announced, Deadline::some());
                reach(if notified { "notified" } else { "too late" });
            });
            let untimed = with(&shelf, |shelf| consume(shelf, false));
            *shelf.items.lock() = 1;
            condition::notify(&shelf.sequence, &shelf.sleepers, u32::MAX);
            join([timed, untimed]);
            assert_eq!(shelf.sleepers.load(), 0);
        },
    );
}
