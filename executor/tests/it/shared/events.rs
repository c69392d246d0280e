//! Events, from threads and processes.

use std::time::{Duration, Instant};

use executor::Executor;
use executor::shared::{Event, Value};

use super::seats::{Seats, await_all_asleep, seats, sit};
use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn wait(event: Event, seats: Seats, seat: u32) {
    sit(&seats, seat);
    if seat == 1 {
        assert!(event.wait_timeout(Duration::from_secs(1000)));
    } else {
        event.wait();
    }
}

fn all_who_wait_are_woken_although_the_event_is_cleared_at_once<B: Backend>() {
    let pool = B::pool(3);
    let event = Event::new().unwrap();
    for _ in 0..3 {
        let seats = seats(3);
        let tasks: Vec<_> = (0..3)
            .map(|seat| {
                let args = (event.clone(), seats.clone(), seat);
                pool.submit(wait, args).unwrap()
            })
            .collect();
        await_all_asleep(&seats);
        event.set();
        event.clear();
        for task in tasks {
            task.into_result().unwrap();
        }
        assert!(!event.is_set());
    }
}

fn what_came_before_the_event_is_seen_after_it<B: Backend>() {
    let pool = B::pool(2);
    let (ping, pong) = (Event::new().unwrap(), Event::new().unwrap());
    let count = Value::new(0_u32).unwrap();
    let answer = |ping: Event, pong: Event, count: Value<u32>| {
        for _ in 0..500 {
            ping.wait();
            ping.clear();
            count.set(count.get().unwrap() + 1).unwrap();
            pong.set();
        }
    };
    let args = (ping.clone(), pong.clone(), count.clone());
    let task = pool.submit(answer, args).unwrap();
    for n in 1..=500 {
        ping.set();
        pong.wait();
        pong.clear();
        assert_eq!(count.get(), Ok(n));
    }
    task.into_result().unwrap();
}

on_every_executor!(
    all_who_wait_are_woken_although_the_event_is_cleared_at_once,
    what_came_before_the_event_is_seen_after_it,
);

#[test]
fn an_event_is_set_until_it_is_cleared() {
    watch(|| {
        let event = Event::new().unwrap();
        assert!(!event.is_set());
        event.clear();
        for time in [0, 30].map(Duration::from_millis) {
            let start = Instant::now();
            assert!(!event.wait_timeout(time));
            assert!(start.elapsed() >= time);
        }
        event.set();
        event.set();
        for time in [Duration::ZERO, Duration::MAX] {
            assert!(event.wait_timeout(time));
        }
        event.wait();
        assert!(event.is_set());
        event.clear();
        assert!(!event.is_set() && !event.wait_timeout(Duration::ZERO));
    });
}
