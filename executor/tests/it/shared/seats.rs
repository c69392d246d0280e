//! Where threads of any process say who they are, so that a scenario can see them sleep.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;

use executor::shared::AtomicArray;

/// The number that a thread sits down with.
pub(super) type Seats = AtomicArray<u32>;

pub(super) fn seats(count: usize) -> Seats {
    AtomicArray::zeroed(count).expect("shared memory for seats")
}

/// Says that this thread has the seat.
pub(super) fn sit(seats: &Seats, seat: u32) {
    let link = fs::read_link("/proc/thread-self").expect("this thread in /proc");
    let number = link.file_name().and_then(|name| name.to_str());
    let number = number.and_then(|name| name.parse().ok());
    // ORDERING: Relaxed, here and below: nothing else is told by it.
    seats[seat as usize].store(number.expect("a thread's number"), Ordering::Relaxed);
}

/// Whether a thread sits there that sleeps on a word of memory.
fn sleeps(seats: &Seats, seat: usize) -> bool {
    match seats[seat].load(Ordering::Relaxed) {
        0 => false,
        number => fs::read_to_string(format!("/proc/{number}/syscall"))
            .is_ok_and(|call| call.starts_with(&format!("{} ", libc::SYS_futex))),
    }
}

/// Waits until a thread sits on each seat and sleeps on a word of memory.
///
/// Of those who take a lock first: it must be free by then, so that they sleep on nothing else.
pub(super) fn await_all_asleep(seats: &Seats) {
    for seat in 0..seats.len() {
        while !sleeps(seats, seat) {
            thread::yield_now();
        }
    }
}

/// How many threads sit and sleep on a word of memory.
pub(super) fn asleep(seats: &Seats) -> usize {
    (0..seats.len()).filter(|seat| sleeps(seats, *seat)).count()
}

/// How many threads sit.
pub(super) fn seated(seats: &Seats) -> usize {
    seats
        .iter()
        .filter(|seat| seat.load(Ordering::Relaxed) != 0)
        .count()
}

/// Leaves the seat.
pub(super) fn stand_up(seats: &Seats, seat: u32) {
    seats[seat as usize].store(0, Ordering::Relaxed);
}
