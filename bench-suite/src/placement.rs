//! Which processor a thread runs on, for what depends on it more than on anything else.

use std::fs;
use std::io;

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Two processors that this process may use; `None` if it may use only one.
///
/// # Errors
///
/// Those of the system.
pub fn two_processors() -> io::Result<Option<[usize; 2]>> {
    let allowed = sched_getaffinity(None)?;
    let mut processors = (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor));
    Ok(processors.next().zip(processors.next()).map(Into::into))
}

/// Keeps the calling thread on one processor until it is dropped.
#[derive(Debug)]
pub struct Kept {
    before: CpuSet,
}

/// Keeps the calling thread on `processor`. Threads and processes that it starts are kept there too,
/// and for good.
///
/// # Errors
///
/// Those of the system.
pub fn keep_on(processor: usize) -> io::Result<Kept> {
    let before = sched_getaffinity(None)?;
    sched_setaffinity(None, &only(processor))?;
    Ok(Kept { before })
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The processors may be taken from the process meanwhile; then it is kept on those it has.
        let _ = sched_setaffinity(None, &self.before);
    }
}

/// Puts every thread of a process on `processor`, for good.
///
/// # Errors
///
/// Those of the system.
pub fn put_on(process: u32, processor: usize) -> io::Result<()> {
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let number = thread?.file_name();
        let number = number.to_str().and_then(|number| number.parse().ok());
        let thread = number.and_then(Pid::from_raw);
        sched_setaffinity(thread, &only(processor))?;
    }
    Ok(())
}

fn only(processor: usize) -> CpuSet {
    let mut set = CpuSet::new();
    set.set(processor);
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_kept_for_as_long_as_it_is_said() -> io::Result<()> {
        let allowed = sched_getaffinity(None)?;
        let Some([_, second]) = two_processors()? else {
            return Ok(());
        };
        let kept = keep_on(second)?;
        assert_eq!(sched_getaffinity(None)?, only(second));
        drop(kept);
        assert_eq!(sched_getaffinity(None)?, allowed);
        Ok(())
    }
}
