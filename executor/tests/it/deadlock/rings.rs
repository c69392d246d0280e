//! Tasks that wait for each other, or for themselves.

use std::sync::mpsc::{Receiver, channel};

use executor::{Future, TaskError};

use super::{Local, Outcome, deadlock, on_threads_and_rayon, waiter};

on_threads_and_rayon!(
    a_task_that_waits_for_itself_is_told,
    of_two_tasks_that_wait_for_each_other_one_is_told,
    of_three_tasks_in_a_ring_one_is_told,
    of_five_tasks_in_a_ring_one_is_told,
    a_ring_over_workers_that_are_left_over_is_seen,
    who_hangs_on_a_ring_gets_on_with_it,
    a_fallible_task_is_called_by_its_own_name,
);

/// A ring of so many tasks, each waiting for the next one's future.
fn ring<P: Local>(pool: &P, size: usize) -> Vec<Future<Outcome>> {
    let (futures, tells): (Vec<_>, Vec<_>) = (0..size).map(|_| waiter(pool)).unzip();
    for (place, tell) in tells.iter().enumerate() {
        let next = futures[(place + 1) % size].clone();
        tell.send(next).expect("the task listens");
    }
    futures
}

/// Fails unless exactly one task of a ring was told, and the others went on from there.
fn assert_one_was_told(futures: &[Future<Outcome>]) {
    let outcomes: Vec<&Outcome> = futures.iter().map(|it| it.result().unwrap()).collect();
    let told: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.is_err())
        .map(|outcome| deadlock(outcome))
        .collect();
    assert_eq!(told.len(), 1, "{outcomes:?}");
    for future in futures {
        let address = format!("{future:?}");
        let address = address.split(' ').nth(2).unwrap();
        assert!(told[0].contains(address), "no {address} in {}", told[0]);
    }
    let mut numbers: Vec<u32> = outcomes
        .iter()
        .filter_map(|it| it.as_ref().ok().copied())
        .collect();
    numbers.sort_unstable();
    let expected: Vec<u32> = (0..futures.len() as u32 - 1).collect();
    assert_eq!(numbers, expected);
}

fn a_task_that_waits_for_itself_is_told<P: Local>() {
    assert_one_was_told(&ring(&*P::pool(1), 1));
}

fn of_two_tasks_that_wait_for_each_other_one_is_told<P: Local>() {
    assert_one_was_told(&ring(&*P::pool(2), 2));
}

fn of_three_tasks_in_a_ring_one_is_told<P: Local>() {
    assert_one_was_told(&ring(&*P::pool(3), 3));
}

fn of_five_tasks_in_a_ring_one_is_told<P: Local>() {
    assert_one_was_told(&ring(&*P::pool(5), 5));
}

fn a_ring_over_workers_that_are_left_over_is_seen<P: Local>() {
    assert_one_was_told(&ring(&*P::pool(4), 3));
}

fn who_hangs_on_a_ring_gets_on_with_it<P: Local>() {
    let pool = P::pool(4);
    let futures = ring(&*pool, 2);
    let (first, tell) = waiter(&*pool);
    tell.send(futures[0].clone()).unwrap();
    let (second, tell) = waiter(&*pool);
    tell.send(first.clone()).unwrap();
    assert_one_was_told(&futures);
    for future in [first, second] {
        assert!(future.result().unwrap().is_ok(), "it is in no circle");
    }
}

fn ask(told: Receiver<Future<u32>>) -> Result<u32, TaskError> {
    let own = told.recv().expect("the scenario sends it");
    Ok(*own.result()?)
}

fn a_fallible_task_is_called_by_its_own_name<P: Local>() {
    let pool = P::pool(1);
    let (tell, told) = channel();
    let own = pool.go_fallible(ask, told);
    tell.send(own.clone()).unwrap();
    let Err(TaskError::Deadlock(deadlock)) = own.into_result() else {
        panic!("it can't have ended")
    };
    let name = std::any::type_name_of_val(&ask);
    assert!(
        deadlock
            .to_string()
            .contains(&format!("task {name} (future")),
        "{deadlock}"
    );
}
