//! The kinds of executor that are compared.

use executor::{AnyExecutor, BuildError, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};

/// A kind of executor, as the benchmarks name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// `ThreadPoolExecutor`.
    Threads,
    /// `ProcessPoolExecutor`.
    Processes,
    /// `RayonExecutor`.
    Rayon,
}

impl Backend {
    /// All of them.
    pub const ALL: [Backend; 3] = [Backend::Threads, Backend::Processes, Backend::Rayon];

    /// Those whose tasks share memory with the caller.
    pub const SHARING: [Backend; 2] = [Backend::Threads, Backend::Rayon];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Threads => "threads",
            Backend::Processes => "processes",
            Backend::Rayon => "rayon",
        }
    }

    /// A pool of this kind.
    ///
    /// # Errors
    ///
    /// The system refused threads, or what wakes them.
    pub fn pool(self, workers: usize) -> Result<AnyExecutor, BuildError> {
        Ok(match self {
            Backend::Threads => ThreadPoolExecutor::new(workers)?.into(),
            Backend::Processes => ProcessPoolExecutor::new(workers)?.into(),
            Backend::Rayon => RayonExecutor::new(workers)?.into(),
        })
    }
}

/// The worker counts that are measured: alone, the usual two, twice that, and as
/// many as this machine has processors.
pub fn worker_counts() -> Vec<usize> {
    let machine = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut counts = vec![1, 2, 4, machine];
    counts.sort_unstable();
    counts.dedup();
    counts
}
