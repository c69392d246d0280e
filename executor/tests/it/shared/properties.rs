//! Random counts, and random lives of shared objects, compared with plain ones.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use executor::shared::{Array, Atomic, Value};
use executor::{Executor, Future, LockProblem, ProcessPoolExecutor, fallible};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use proptest::{prop_assert, prop_assert_eq};

use crate::alone::{Footprint, alone_with};
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass};
use crate::properties::vacuity::Property;
use crate::watchdog;

on_every_executor!(a_count_is_the_sum_of_what_was_added_and_never_falls);

static COUNTS: Property = Property::new(
    "counts",
    &["several writers", "read in between", "nothing is added"],
);

/// Adds each step to both, after it has passed the gate, if there is one. Under the lock, with pauses: a lock that
/// lets others in would lose what they add, or let them see the one half without the other.
fn add(
    steps: Vec<u32>,
    gate: Option<String>,
    atomic: Atomic<u64>,
    locked: Value<[u64; 2]>,
) -> Result<(), LockProblem> {
    if let Some(gate) = gate {
        pass(gate);
    }
    for step in steps {
        // ORDERING: Relaxed, here and below: the end of a task orders what it did before.
        atomic.fetch_add(step.into(), Relaxed);
        let mut halves = locked.lock()?;
        let sum = halves[0] + u64::from(step);
        for half in &mut *halves {
            give_way();
            *half = sum;
        }
    }
    Ok(())
}

/// Most likely long enough for others to come in, if they can.
fn give_way() {
    (0..10).for_each(|_| thread::yield_now());
}

fn a_count_is_the_sum_of_what_was_added_and_never_falls<B: Backend>() {
    let pool = B::pool(3);
    let step = prop_oneof![1 => 0..1_u32, 3 => any::<u32>()];
    let writers = vec((vec(step, 0..8), any::<bool>()), 1..8);
    COUNTS.check(writers, |case, writers| {
        let (atomic, locked) = (Atomic::new(0_u64).unwrap(), Value::new([0; 2]).unwrap());
        let gate = Gate::new();
        // Those that are held come last, so that they leave the others a worker.
        let (free, held): (Vec<_>, Vec<_>) = writers.into_iter().partition(|it| !it.1);
        let sum = |writers: &[(Vec<u32>, bool)]| -> u64 {
            let steps = writers.iter().flat_map(|it| &it.0);
            steps.map(|step| u64::from(*step)).sum()
        };
        let submit = |(steps, is_held): &(Vec<u32>, bool)| {
            let gate = is_held.then(|| gate.key());
            let args = (steps.clone(), gate, atomic.clone(), locked.clone());
            pool.submit(fallible(add), args).expect("accepted")
        };
        let futures: Vec<_> = free.iter().chain(&held).map(submit).collect();
        let (mut before, mut added) = ([0; 2], 0);
        let mut look = |at_least: u64, at_most: u64| -> TestCaseResult {
            let [first, second] = locked.get().unwrap();
            prop_assert_eq!(first, second);
            let now = [atomic.load(Relaxed), first];
            for (now, before) in now.into_iter().zip(before) {
                prop_assert!(before.max(at_least) <= now && now <= at_most);
            }
            before = now;
            Ok(())
        };
        let (of_free, all) = (sum(&free), sum(&free) + sum(&held));
        for (writer, future) in free.iter().zip(&futures) {
            future.result().expect("added");
            added += sum(std::slice::from_ref(writer));
            look(added, of_free)?;
        }
        case.reached_if(0 < of_free && of_free < all, "read in between");
        gate.open();
        // While they add, so that a look that did not take the lock would see the one half alone.
        while !futures.iter().all(Future::done) {
            look(of_free, all)?;
        }
        for future in &futures {
            future.result().expect("added");
        }
        look(all, all)?;
        case.reached_if(futures.len() > 1, "several writers");
        case.reached_if(
            free.iter()
                .chain(&held)
                .any(|it| sum(std::slice::from_ref(it)) == 0),
            "nothing is added",
        );
        Ok(())
    });
}

/// What is done with the arrays that there are, the one meant being told by an index.
#[derive(Clone, Debug)]
enum Step {
    Create(Vec<u8>),
    Clone(Index),
    Write(Index, Index, u8),
    /// A worker writes, and gives what it was given back.
    Send(Index, Index, u8),
    Drop(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        2 => vec(any::<u8>(), 1..9000).prop_map(Step::Create),
        3 => index().prop_map(Step::Clone),
        2 => (index(), index(), any::<u8>()).prop_map(|(a, b, c)| Step::Write(a, b, c)),
        3 => (index(), index(), any::<u8>()).prop_map(|(a, b, c)| Step::Send(a, b, c)),
        3 => index().prop_map(Step::Drop),
    ]
}

fn write(array: Array<u8>, place: usize, byte: u8) -> Result<Array<u8>, LockProblem> {
    array.lock()?[place] = byte;
    Ok(array)
}

/// The arrays by the numbers of what they share, and what each number has as a plain vector.
#[derive(Default)]
struct World {
    arrays: Vec<(usize, Array<u8>)>,
    model: BTreeMap<usize, Vec<u8>>,
    made: usize,
}

impl World {
    fn step(&mut self, pool: &ProcessPoolExecutor, step: &Step) {
        let count = self.arrays.len();
        match step {
            Step::Create(bytes) => {
                let array = Array::from_slice(bytes).unwrap();
                self.arrays.push((self.made, array));
                self.model.insert(self.made, bytes.clone());
                self.made += 1;
            }
            _ if count == 0 => {}
            Step::Clone(index) => self.arrays.push(self.arrays[index.index(count)].clone()),
            Step::Write(index, place, byte) => {
                let (number, array) = &self.arrays[index.index(count)];
                let place = place.index(array.len());
                write(array.clone(), place, *byte).unwrap();
                self.model.get_mut(number).expect("it is there")[place] = *byte;
            }
            Step::Send(index, place, byte) => {
                let (number, array) = self.arrays.swap_remove(index.index(count));
                let place = place.index(array.len());
                let sent = pool.submit(fallible(write), (array, place, *byte));
                let array = sent.unwrap().into_result().unwrap();
                self.model.get_mut(&number).expect("it is there")[place] = *byte;
                self.arrays.push((number, array));
            }
            Step::Drop(index) => {
                let (number, array) = self.arrays.swap_remove(index.index(count));
                drop(array);
                if self.arrays.iter().all(|(other, _)| *other != number) {
                    self.model.remove(&number);
                }
            }
        }
    }

    fn compare(&self) -> TestCaseResult {
        for (number, array) in &self.arrays {
            prop_assert_eq!(&array.lock().unwrap()[..], &self.model[number][..]);
        }
        for (one, array) in &self.arrays {
            let equal = self.arrays.iter().filter(|(_, other)| array == other);
            let same = self.arrays.iter().filter(|(other, _)| one == other);
            prop_assert_eq!(equal.count(), same.count());
        }
        prop_assert_eq!(mapped(), self.model.len());
        Ok(())
    }
}

/// What a process has of shared objects: how many are in its memory, and how many descriptors it has.
fn held() -> (usize, usize) {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().count();
    (mapped(), descriptors)
}

/// How many shared objects this process has in its memory.
fn mapped() -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.matches("executor-shared").count()
}

static LIVES: Property = Property::new(
    "lives",
    &[
        "sent while others have it",
        "sent by the last one",
        "gone in between",
    ],
);

#[test]
fn any_lives_of_shared_objects_are_those_of_plain_ones_and_leave_nothing() {
    alone_with(&[], watchdog::limit(), || {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let held_there = || pool.submit(held, ()).unwrap().into_result().unwrap();
        let before_there = held_there();
        let before = Footprint::now();
        LIVES.check(vec(step(), 1..24), |case, steps| {
            let mut world = World::default();
            for step in &steps {
                if let (Step::Send(index, ..), false) = (step, world.arrays.is_empty()) {
                    let number = world.arrays[index.index(world.arrays.len())].0;
                    let others = world.arrays.iter().filter(|it| it.0 == number).count() - 1;
                    case.reached_if(others > 0, "sent while others have it");
                    case.reached_if(others == 0, "sent by the last one");
                }
                world.step(&pool, step);
                world.compare()?;
            }
            case.reached_if(world.model.len() < world.made, "gone in between");
            // The worker has given back all that it was sent.
            prop_assert_eq!(held_there(), before_there);
            Ok(())
        });
        before.assert_restored();
        assert_eq!(mapped(), 0);
    });
}
