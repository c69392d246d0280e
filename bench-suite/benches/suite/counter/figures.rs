//! The figures that shared memory is to reach, beside its floor in turns.

use std::time::Duration;

use bench_suite::peer::robust_mutex::{ROBUST_MUTEX, RobustMutex};
use bench_suite::workload::counter::shared::{self, SharedCounter};
use bench_suite::workload::counter::{EXPECTED, INCREMENTS};
use executor::ProcessPoolExecutor;
use executor::shared::Value;
use reports::{Claim, Reach, RowName};

use super::{EACH, GROUP, PROCESSES, WORKERS};
use crate::turns::{in_turns, timed};

/// A lock in shared memory, by the time of a whole run.
pub(super) fn shared_memory(span: Duration) -> Claim {
    let (count, peer) = (shared_lock(INCREMENTS), RobustMutex::start());
    Claim {
        figure: "20 000 locked increments by two processes in shared memory".to_owned(),
        group: GROUP.to_owned(),
        row: RowName::by(PROCESSES, Value::NAME),
        reference: Some(RowName::alone(ROBUST_MUTEX)),
        reach: Reach::Run(1.5e6),
        pairs: in_turns(
            span,
            || timed(|| assert_eq!(count(), EXPECTED)),
            || timed(|| assert_eq!(peer.run(EACH), EXPECTED)),
        ),
    }
}

/// Has two warm processes make so many increments each, under a lock in shared memory.
fn shared_lock(increments: u64) -> impl Fn() -> u64 {
    let pool = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
    let counter = Value::zero().expect("the system has memory");
    let count = move || shared::on(&pool, &counter, increments).expect("every task increments");
    count();
    count
}
