//! Values that must be dropped exactly once and callbacks that must be called exactly once, counted.

use std::cell::Cell;

use crate::base::Future;
use crate::sync;

std::thread_local! {
    static PAYLOADS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    static CALLBACKS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn make(count: &'static std::thread::LocalKey<Cell<(usize, usize)>>) {
    let (made, gone) = count.get();
    count.set((made + 1, gone));
}

fn go(count: &'static std::thread::LocalKey<Cell<(usize, usize)>>) {
    let (made, gone) = count.get();
    count.set((made, gone + 1));
}

/// Forgets the execution before, which may have failed.
pub(crate) fn start_execution() {
    PAYLOADS.set((0, 0));
    CALLBACKS.set((0, 0));
}

/// All threads of the execution have ended: nothing may be left.
pub(crate) fn check_balances() {
    let (made, gone) = PAYLOADS.get();
    assert_eq!(made, gone, "payloads made and dropped");
    let (added, called) = CALLBACKS.get();
    assert_eq!(added, called, "callbacks added and called");
    assert_eq!(sync::cells(), 0, "cells left behind");
}

/// A value that must be dropped exactly once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Payload(i32);

impl Payload {
    pub(crate) fn new(value: i32) -> Payload {
        make(&PAYLOADS);
        Payload(value)
    }

    pub(crate) fn value(&self) -> i32 {
        assert_ne!(self.0, i32::MIN, "a payload is read after it was dropped");
        self.0
    }
}

impl Clone for Payload {
    fn clone(&self) -> Payload {
        Payload::new(self.value())
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        assert_ne!(self.0, i32::MIN, "a payload is dropped twice");
        self.0 = i32::MIN;
        go(&PAYLOADS);
    }
}

/// A callback that must be called before the execution ends. That it is called at most once is in its type.
pub(crate) fn callback<T>(
    call: impl FnOnce(&Future<T>) + Send + 'static,
) -> impl FnOnce(&Future<T>) + Send + 'static {
    make(&CALLBACKS);
    move |future: &Future<T>| {
        assert!(future.done(), "a callback is called before the end");
        go(&CALLBACKS);
        call(future);
    }
}
