//! Calls: what can't be encoded, what panics, what is large; each fails for itself alone.

use std::collections::HashMap;
use std::thread;

use executor::manager::QueueProxy;
use executor::{Manager, ManagerError, fallible};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::census::await_objects;
use super::sleepers::{Sleepers, announce};
use crate::watchdog::watch;

/// How a value misbehaves when it is encoded or decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Fine,
    RefusesToGo,
    PanicsToGo,
    RefusesToArrive,
    PanicsToArrive,
}

impl Serialize for Mood {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Mood::RefusesToGo => Err(S::Error::custom("it refuses to go")),
            Mood::PanicsToGo => panic!("it panics to go"),
            other => serializer.serialize_u8(*other as u8),
        }
    }
}

impl<'de> Deserialize<'de> for Mood {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Mood, D::Error> {
        match u8::deserialize(deserializer)? {
            0 => Ok(Mood::Fine),
            3 => Err(D::Error::custom("it refuses to arrive")),
            _ => panic!("it panics to arrive"),
        }
    }
}

#[track_caller]
fn assert_encode<T: std::fmt::Debug>(outcome: Result<T, ManagerError>) {
    assert!(
        matches!(outcome, Err(ManagerError::Encode(_))),
        "{outcome:?}"
    );
}

#[track_caller]
fn assert_decode<T: std::fmt::Debug>(outcome: Result<T, ManagerError>) {
    assert!(
        matches!(outcome, Err(ManagerError::Decode(_))),
        "{outcome:?}"
    );
}

#[test]
fn an_argument_that_cannot_be_encoded_costs_one_call_and_no_lock() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, list) = (manager.lock().unwrap(), manager.list(Vec::new()).unwrap());
        let held = lock.acquire().unwrap();
        for mood in [Mood::RefusesToGo, Mood::PanicsToGo] {
            assert_encode(list.push(mood));
            assert_encode(manager.value(mood));
        }
        assert_eq!(list.len(), Ok(0));
        list.push(Mood::Fine).unwrap();
        assert_eq!(list.value().unwrap(), [Mood::Fine]);
        held.release().unwrap();
    });
}

#[test]
fn an_argument_that_cannot_be_decoded_costs_one_call_and_no_lock() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, list) = (manager.lock().unwrap(), manager.list(Vec::new()).unwrap());
        let held = lock.acquire().unwrap();
        for mood in [Mood::RefusesToArrive, Mood::PanicsToArrive] {
            assert_decode(list.push(mood));
            assert_decode(manager.value(mood));
        }
        assert_eq!(list.len(), Ok(0));
        list.push(Mood::Fine).unwrap();
        held.release().unwrap();
    });
}

#[test]
fn a_result_that_cannot_travel_costs_one_call_and_poisons_nothing() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, value) = (manager.lock().unwrap(), manager.value(0_u32).unwrap());
        let held = lock.acquire().unwrap();
        let refuses = |value: &mut u32| {
            *value += 1;
            Mood::RefusesToGo
        };
        assert_encode(value.call(refuses, ()));
        assert_encode(value.call(|_: &mut u32| Mood::PanicsToGo, ()));
        assert_decode(value.call(|_: &mut u32| Mood::RefusesToArrive, ()));
        assert_decode(value.call(|_: &mut u32| Mood::PanicsToArrive, ()));
        assert_eq!(
            value.value(),
            Ok(1),
            "the call was done, only its result is lost"
        );
        held.release().unwrap();
    });
}

/// A value whose encoding asks the manager.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
struct Nosy(QueueProxy<u8>);

impl Serialize for Nosy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.put(1).map_err(S::Error::custom)?;
        self.0.serialize(serializer)
    }
}

#[test]
fn an_argument_whose_encoding_asks_the_manager_costs_no_lock() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, queue) = (manager.lock().unwrap(), manager.queue(0).unwrap());
        let list = manager.list(Vec::new()).unwrap();
        for count in 1..4 {
            let held = lock.acquire().unwrap();
            list.push(Nosy(queue.clone())).unwrap();
            assert_eq!(queue.len(), Ok(count));
            held.release().unwrap();
        }
        assert_eq!(lock.locked(), Ok(false));
    });
}

fn break_off(list: &mut Vec<u8>) {
    list.push(1);
    panic!("half changed");
}

#[test]
fn a_call_that_panics_poisons_its_object_until_somebody_has_looked_at_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let list = manager.list(Vec::new()).unwrap();
        let other = manager.list(vec![7_u8]).unwrap();
        let Err(ManagerError::Panicked(panic)) = list.call(break_off, ()) else {
            panic!("it does not say that it panicked");
        };
        assert!(panic.contains("half changed"), "{panic}");
        assert!(panic.contains("calls.rs"), "{panic}");
        let elsewhere = list.clone();
        let seen = thread::spawn(move || elsewhere.value()).join().unwrap();
        assert_eq!(seen, Err(ManagerError::Poisoned(panic.clone())));
        assert_eq!(list.push(2), Err(ManagerError::Poisoned(panic)));
        assert_eq!(other.value().unwrap(), [7]);
        list.clear_poison().unwrap();
        assert_eq!(list.value().unwrap(), [1]);
    });
}

#[test]
fn who_waits_for_an_object_that_is_poisoned_meanwhile_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<u8>(0).unwrap();
        let sleepers = Sleepers::new();
        let (key, waits) = (sleepers.key(), queue.clone());
        let waiter = thread::spawn(move || {
            waits.len().unwrap();
            announce(&key);
            waits.get()
        });
        sleepers.await_one();
        let panics = |_: &mut executor::manager::Queue<u8>| -> () { panic!("no queue") };
        assert!(matches!(
            queue.call(panics, ()),
            Err(ManagerError::Panicked(_))
        ));
        let got = waiter.join().unwrap();
        assert!(matches!(got, Err(ManagerError::Poisoned(_))), "{got:?}");
    });
}

#[test]
fn a_constructor_that_fails_or_panics_leaves_no_object() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let parse = |text: String| text.parse::<u8>();
        let made = manager.object(fallible(parse), ("many".to_owned(),));
        let Err(ManagerError::Failed(why)) = made else {
            panic!("{made:?}");
        };
        assert!(why.contains("invalid digit"), "{why}");
        let made = manager.object(|_: u8| -> u8 { panic!("no such thing") }, (1,));
        let Err(ManagerError::Panicked(why)) = made else {
            panic!("{made:?}");
        };
        assert!(why.contains("no such thing"), "{why}");
        await_objects(&manager, 0);
        let made = manager.object(fallible(parse), ("7".to_owned(),)).unwrap();
        assert_eq!(made.value(), Ok(7));
    });
}

struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("its destructor panics");
    }
}

#[test]
fn an_object_whose_destructor_panics_is_gone_all_the_same() {
    watch(|| {
        let manager = Manager::start().unwrap();
        for _ in 0..3 {
            drop(manager.object(|| Grenade, ()).unwrap());
        }
        await_objects(&manager, 0);
        assert_eq!(manager.value(1_u8).unwrap().value(), Ok(1));
    });
}

#[test]
fn large_arguments_and_results_arrive_whole() {
    watch(|| {
        let manager = Manager::start().unwrap();
        for size in [60_000_usize, 70_000, 300_000, 5_000_000] {
            let text: String = "0123456789".repeat(size / 10);
            let value = manager.value(text.clone()).unwrap();
            assert_eq!(value.value().unwrap(), text);
            let numbers: Vec<u64> = (0..size as u64).collect();
            let list = manager.list(numbers.clone()).unwrap();
            assert_eq!(list.value().unwrap(), numbers);
        }
    });
}

#[test]
fn a_large_item_arrives_at_who_waited_for_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<String>(0).unwrap();
        for size in [1_000, 60_000, 70_000, 300_000, 5_000_000] {
            let sleepers = Sleepers::new();
            let (key, waits) = (sleepers.key(), queue.clone());
            let waiter = thread::spawn(move || {
                waits.len().unwrap();
                announce(&key);
                waits.get()
            });
            sleepers.await_one();
            let item = "x".repeat(size);
            queue.put(item.clone()).unwrap();
            assert!(waiter.join().unwrap().unwrap() == item, "{size}");
        }
    });
}

#[test]
fn what_is_longer_than_a_frame_costs_one_call() {
    watch(|| {
        let refused = Manager::builder().frame_limit(1_000).start();
        assert!(matches!(refused, Err(ManagerError::InvalidArgument(_))));
        let manager = Manager::builder().frame_limit(64 << 10).start().unwrap();
        let list = manager.list(vec![0_u8; 40_000]).unwrap();
        assert_encode(list.extend(vec![1; 70_000]));
        assert_eq!(list.len(), Ok(40_000), "nothing has happened");
        list.extend(vec![1; 40_000]).unwrap();
        assert_encode(list.value());
        assert_eq!(list.len(), Ok(80_000));
    });
}

#[test]
fn more_proxies_than_a_message_can_carry_cost_one_call() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let dict = manager.dict(HashMap::new()).unwrap();
        for n in 0..300_u32 {
            dict.insert(n, manager.value(n).unwrap()).unwrap();
        }
        assert_eq!(manager.object_count(), Ok(301));
        assert_encode(dict.value());
        assert_eq!(dict.get(299).unwrap().value(), Ok(299));
        dict.clear().unwrap();
        await_objects(&manager, 1);
    });
}
