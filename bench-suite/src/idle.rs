//! What pools cost while they have nothing to do.

use std::thread;
use std::time::Duration;

use executor::Error;
use rustix::time::{ClockId, clock_gettime};

use crate::backend::Backend;
use crate::workload::no_op;

/// CPU time that this process uses in `span` while a pool that has worked stands idle.
///
/// # Errors
///
/// The pool could not be built, or its tasks failed.
pub fn cpu_time(backend: Backend, workers: usize, span: Duration) -> Result<Duration, Error> {
    let pool = backend.pool(workers)?;
    no_op::burst(&pool, 100)?;
    // The workers look around for a moment before they sleep; that belongs to the work.
    thread::sleep(Duration::from_millis(50));
    let before = process_cpu_time();
    thread::sleep(span);
    Ok(process_cpu_time().saturating_sub(before))
}

fn process_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_pools_use_no_cpu_time() -> Result<(), Error> {
        let span = Duration::from_millis(300);
        for backend in Backend::ALL {
            // Other tests of this process may run meanwhile, so one quiet span is enough; a pool
            // that spins has none.
            let mut spent = Vec::new();
            while spent.iter().all(|spent| *spent > span / 20) {
                assert!(
                    spent.len() < 10,
                    "{backend:?} used {spent:?}, each in {span:?}"
                );
                spent.push(cpu_time(backend, 2, span)?);
            }
        }
        Ok(())
    }
}
