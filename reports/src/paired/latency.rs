//! From submit to result at a fixed offered load: what was seen, and its percentiles.
//!
//! The load is open: tasks are due when a schedule says so, whether or not the ones before are done. A wait is counted
//! from when its task was due. Were it counted from when the task was submitted, a stall would hide all the waits that it
//! has caused, because during it nothing is submitted.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::statistics::Percentile;

/// What one launch has seen of one backend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The launch.
    pub launch: u32,
    /// The backend.
    pub backend: String,
    /// With how many workers.
    pub workers: u32,
    /// How many tasks a second were due, on average.
    pub per_second: f64,
    /// Of each task, from when it was due to when its result was there.
    pub latency_ns: Vec<u64>,
    /// Of each task, how long it ran by itself.
    pub service_ns: Vec<u64>,
    /// By how much tasks were submitted later than they were due: the median. It is part of the latency.
    pub late_ns: u64,
    /// Whether every answer was right.
    pub ok: bool,
}

/// The waits of a backend, those of all launches together: a mean of percentiles is no percentile.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// The backend.
    pub backend: String,
    /// With how many workers.
    pub workers: u32,
    /// In how many launches.
    pub launches: usize,
    /// How many tasks a second were due.
    pub per_second: f64,
    /// Which share of the workers' time the tasks would take by themselves.
    pub load: f64,
    /// From due to result.
    pub latency: Spread,
    /// How long the tasks ran by themselves: what is longer in the latency is waiting and the way.
    pub service: Spread,
    /// By how much tasks were submitted later than they were due: the largest median of a launch, in nanoseconds.
    pub late_ns: f64,
    /// Whether an answer was wrong: then nothing else counts.
    pub is_void: bool,
}

/// Times, sorted, in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread(Vec<f64>);

impl Latency {
    /// Says what is wrong with it, if anything is.
    pub(super) fn validate(&self, launches: u32) -> Result<(), String> {
        let (backend, launch) = (&self.backend, self.launch);
        let (latencies, services) = (self.latency_ns.len(), self.service_ns.len());
        if launch >= launches {
            return Err(format!(
                "a latency is of launch {launch}, and there are {launches}"
            ));
        }
        if latencies != services {
            return Err(format!(
                "launch {launch} has {latencies} latencies and {services} services of {backend}"
            ));
        }
        if !(self.per_second.is_finite() && self.per_second > 0.0) {
            return Err(format!(
                "launch {launch} has {} tasks a second due on {backend}",
                self.per_second
            ));
        }
        Ok(())
    }
}

/// The waits of each backend, in the record's order.
pub(super) fn tails(latencies: &[Latency]) -> Vec<Tail> {
    let mut tails: Vec<(&str, u32)> = Vec::new();
    for seen in latencies {
        let named = (seen.backend.as_str(), seen.workers);
        if !tails.contains(&named) {
            tails.push(named);
        }
    }
    let of = |named| {
        let seen = latencies.iter();
        let seen: Vec<&Latency> = seen
            .filter(|it| (it.backend.as_str(), it.workers) == named)
            .collect();
        Tail::of(&seen)
    };
    tails.into_iter().filter_map(of).collect()
}

impl Tail {
    /// The percentiles that are told, as shares.
    pub const SHARES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

    /// Of one backend; `None` if nothing was seen.
    fn of(seen: &[&Latency]) -> Option<Self> {
        let first = seen.first()?;
        let launches: BTreeSet<u32> = seen.iter().map(|it| it.launch).collect();
        let service = Spread::of(seen.iter().flat_map(|it| &it.service_ns));
        let mean_ns = service.mean()?;
        Some(Self {
            backend: first.backend.clone(),
            workers: first.workers,
            launches: launches.len(),
            per_second: first.per_second,
            load: first.per_second * mean_ns / 1e9 / f64::from(first.workers.max(1)),
            latency: Spread::of(seen.iter().flat_map(|it| &it.latency_ns)),
            service,
            late_ns: seen.iter().map(|it| it.late_ns).max().unwrap_or(0) as f64,
            is_void: seen.iter().any(|it| !it.ok),
        })
    }
}

impl Spread {
    fn of<'a>(times: impl Iterator<Item = &'a u64>) -> Self {
        let mut times: Vec<f64> = times.map(|&time| time as f64).collect();
        times.sort_unstable_by(f64::total_cmp);
        Self(times)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn mean(&self) -> Option<f64> {
        crate::statistics::mean(&self.0)
    }

    /// The percentile at this share; `None` if too few lie beyond it to tell.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<Percentile> {
        Percentile::of(&self.0, share)
    }

    /// The value that this share does not exceed, whatever lies beyond it; `None` of nothing.
    #[must_use]
    pub fn value(&self, share: f64) -> Option<f64> {
        crate::statistics::rank(self.0.len(), share).map(|rank| self.0[rank - 1])
    }

    /// The longest; `None` of nothing.
    #[must_use]
    pub fn longest(&self) -> Option<f64> {
        self.0.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A launch whose tasks waited for `from`, `from` + 1 and so on.
    fn seen(launch: u32, backend: &str, from: u64) -> Latency {
        Latency {
            launch,
            backend: backend.to_owned(),
            workers: 2,
            per_second: 4_000.0,
            latency_ns: (from..from + 1_000).collect(),
            service_ns: vec![200_000; 1_000],
            late_ns: from,
            ok: true,
        }
    }

    #[test]
    fn percentiles_are_of_all_launches_together_and_not_averaged() {
        // One launch in ten is slow: its 99th percentile is no tenth of the whole's.
        let mut all: Vec<Latency> = (0..9)
            .map(|launch| seen(launch, "threads", 1_000))
            .collect();
        all.push(seen(9, "threads", 1_000_000));
        let tails = tails(&all);
        let [tail] = tails.as_slice() else {
            panic!("{tails:?}");
        };
        assert_eq!((tail.launches, tail.latency.count()), (10, 10_000));
        let at = |share| tail.latency.percentile(share).map(|it| it.point);
        assert!(
            at(0.99).is_some_and(|it| it > 1_000_000.0),
            "{:?}",
            at(0.99)
        );
        assert!(at(0.5).is_some_and(|it| it < 2_000.0));
        assert_eq!(tail.late_ns, 1_000_000.0);
    }

    #[test]
    fn the_load_is_what_the_tasks_take_by_themselves() {
        let tails = tails(&[seen(0, "threads", 1)]);
        // 4 000 a second of 200 µs are 0.8 workers, of two.
        assert!((tails[0].load - 0.4).abs() < 1e-12);
    }

    #[test]
    fn backends_stay_apart_and_a_wrong_answer_voids_its_own() {
        let mut wrong = seen(1, "processes", 5);
        wrong.ok = false;
        let tails = tails(&[seen(0, "threads", 1), seen(0, "processes", 5), wrong]);
        let told: Vec<(&str, bool)> = tails
            .iter()
            .map(|it| (it.backend.as_str(), it.is_void))
            .collect();
        assert_eq!(told, [("threads", false), ("processes", true)]);
    }

    #[test]
    fn what_is_wrong_with_a_latency_is_said() {
        let sound = seen(1, "threads", 1);
        assert_eq!(sound.validate(2), Ok(()));
        assert!(
            sound
                .validate(1)
                .is_err_and(|it| it.contains("of launch 1, and there are 1"))
        );
        let short = Latency {
            service_ns: Vec::new(),
            ..sound.clone()
        };
        assert!(
            short
                .validate(2)
                .is_err_and(|it| it.contains("1000 latencies and 0 services"))
        );
        let still = Latency {
            per_second: 0.0,
            ..sound
        };
        assert!(
            still
                .validate(2)
                .is_err_and(|it| it.contains("0 tasks a second"))
        );
    }
}
