//! How long tasks wait for their results at a fixed offered load, backend after backend, when the blocks are over.

use std::io;

use executor::Error;
use reports::paired::Latency;
use reports::statistics::{Generator, median};

use super::Report;
use super::watchdog::Watchdog;
use crate::backend::Backend;
use crate::paired::message::Message;
use crate::workload::open_loop::{PER_SECOND, TERMS, WORKERS, Wait, run, schedule};
use crate::workload::{no_op, pi};

/// The waits of a launch.
pub(super) struct Waits {
    pub(super) launch: u32,
    /// How many tasks on each backend; none measures nothing.
    pub(super) tasks: usize,
    pub(super) seed: u64,
    /// What the watchdog is told, for the first backend; the others follow.
    pub(super) first_turn: usize,
}

impl Waits {
    /// Measures each backend on the same schedule, and reports it. Who is first changes from launch to launch.
    pub(super) fn measure(&self, watchdog: &Watchdog, report: Report<'_>) -> io::Result<()> {
        if self.tasks == 0 {
            return Ok(());
        }
        let mut turns: Vec<(usize, Backend)> = Backend::ALL.into_iter().enumerate().collect();
        let first = self.launch as usize % turns.len();
        turns.rotate_left(first);
        for (turn, backend) in turns {
            watchdog.turn_of(self.first_turn + turn);
            let message = match self.on(backend) {
                Ok(latency) => Message::Waits(Box::new(latency)),
                Err(error) => Message::NoWaits {
                    backend: backend.name().to_owned(),
                    reason: error.to_string(),
                },
            };
            report(&message)?;
        }
        Ok(())
    }

    fn on(&self, backend: Backend) -> Result<Latency, Error> {
        // The launches' numbers are neighbours; once through the generator their seeds are not.
        let seed = Generator::new(self.seed ^ u64::from(self.launch)).next_u64();
        let pool = backend.pool(WORKERS as usize)?;
        no_op::burst(&pool, 10 * WORKERS as usize)?;
        let waits = run(&pool, &schedule(self.tasks, PER_SECOND, seed), TERMS)?;
        Ok(self.latency(backend, &waits))
    }

    fn latency(&self, backend: Backend, waits: &[Wait]) -> Latency {
        let expected = pi::partial(1, TERMS).to_bits();
        let column = |of: fn(&Wait) -> u128| waits.iter().map(|wait| of(wait) as u64).collect();
        let mut late: Vec<f64> = waits
            .iter()
            .map(|wait| wait.late.as_nanos() as f64)
            .collect();
        Latency {
            launch: self.launch,
            backend: backend.name().to_owned(),
            workers: WORKERS,
            per_second: PER_SECOND.into(),
            latency_ns: column(|wait| wait.latency.as_nanos()),
            service_ns: column(|wait| wait.service.as_nanos()),
            late_ns: median(&mut late).unwrap_or(0.0) as u64,
            ok: waits.iter().all(|wait| wait.answer == expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn measured(launch: u32, tasks: usize) -> Vec<Message> {
        let watchdog = Watchdog::start(Duration::from_secs(3_600), |_| ());
        let waits = Waits {
            launch,
            tasks,
            seed: 5,
            first_turn: 70,
        };
        let mut messages = Vec::new();
        let report = &mut |message: &Message| {
            messages.push(message.clone());
            Ok(())
        };
        waits.measure(&watchdog, report).expect("it is heard");
        messages
    }

    #[test]
    fn every_backend_is_measured_and_the_launch_says_who_is_first() {
        for (launch, expected) in [
            (0, ["threads", "processes", "rayon"]),
            (4, ["processes", "rayon", "threads"]),
        ] {
            let backends: Vec<String> = measured(launch, 20)
                .into_iter()
                .map(|message| match message {
                    Message::Waits(seen) => {
                        assert!(seen.ok && seen.launch == launch);
                        assert_eq!((seen.latency_ns.len(), seen.service_ns.len()), (20, 20));
                        seen.backend
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(backends, expected);
        }
    }

    #[test]
    fn without_tasks_nothing_is_measured() {
        assert_eq!(measured(0, 0), []);
    }
}
