//! Says which cell hangs: whoever has started this process only hears that it is silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often it looks: a thousandth of a thousandth of what it costs to look.
const LOOK: Duration = Duration::from_secs(1);

/// The highest value, which no turn has.
const STOP: u64 = u64::MAX;

/// A thread that sees whether anything goes on.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// How many turns there were, and in the low half the cell of this one.
    turn: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Starts the thread. It calls `on_hang`, once, with the cell whose turn has lasted `limit`.
    pub(super) fn start(limit: Duration, on_hang: impl FnOnce(usize) + Send + 'static) -> Watchdog {
        let turn = Arc::new(AtomicU64::new(0));
        let watched = Arc::clone(&turn);
        let thread = thread::spawn(move || {
            if let Some(cell) = hung(&watched, limit) {
                on_hang(cell);
            }
        });
        Watchdog {
            turn,
            thread: Some(thread),
        }
    }

    /// It is the cell's turn.
    pub(super) fn turn_of(&self, cell: usize) {
        // ORDERING: Relaxed, only the number matters.
        let turns = self.turn.load(Ordering::Relaxed) >> 32;
        self.turn
            .store((turns + 1) << 32 | cell as u64, Ordering::Relaxed);
    }
}

/// Looks until a turn has lasted too long, and says whose it was; `None` if told to stop.
fn hung(turn: &AtomicU64, limit: Duration) -> Option<usize> {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        thread::park_timeout(LOOK.min(limit));
        // ORDERING: Relaxed, only the number matters.
        match turn.load(Ordering::Relaxed) {
            STOP => return None,
            // Nobody's turn yet.
            0 => since = Instant::now(),
            now if now != last => (last, since) = (now, Instant::now()),
            now if since.elapsed() >= limit => return Some((now & 0xffff_ffff) as usize),
            _ => {}
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // ORDERING: Relaxed, only the number matters.
        self.turn.store(STOP, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It may have panicked in `on_hang`, which has said so.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_cell_that_hangs_is_named() {
        let (hung, is_hung) = channel();
        let watchdog = Watchdog::start(Duration::from_millis(5), move |cell| {
            hung.send(cell).expect("it is waited for");
        });
        watchdog.turn_of(3);
        watchdog.turn_of(7);
        // The turn never ends.
        assert_eq!(is_hung.recv(), Ok(7));
    }

    #[test]
    fn a_launch_that_is_over_does_not_hang() {
        let watchdog = Watchdog::start(Duration::from_secs(3_600), |cell| panic!("cell {cell}"));
        watchdog.turn_of(1);
        let (start, thread) = (Instant::now(), watchdog.turn.clone());
        drop(watchdog);
        assert_eq!(thread.load(Ordering::Relaxed), STOP);
        // Dropping has joined the thread, long before the limit.
        assert!(start.elapsed() < Duration::from_secs(3_600));
    }
}
