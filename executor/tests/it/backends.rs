//! The executors under test, and the macro that runs a scenario on each.

use executor::{BuildError, Executor, Future, Map, SubmitError, ThreadPoolExecutor};

/// A kind of executor.
pub(crate) trait Backend: 'static {
    type Pool: Executor + Send + Sync + 'static;

    fn build(workers: usize) -> Result<Self::Pool, BuildError>;

    /// With as many workers as it has by default.
    fn build_default() -> Result<Self::Pool, BuildError>;

    /// With a queue in which at most so many tasks wait.
    fn build_bounded(workers: usize, limit: usize) -> Result<Self::Pool, BuildError>;

    fn pool(workers: usize) -> Self::Pool {
        Self::build(workers).expect("a pool can be built")
    }
}

pub(crate) struct Threads;

impl Backend for Threads {
    type Pool = ThreadPoolExecutor;

    fn build(workers: usize) -> Result<ThreadPoolExecutor, BuildError> {
        ThreadPoolExecutor::new(workers)
    }

    fn build_default() -> Result<ThreadPoolExecutor, BuildError> {
        ThreadPoolExecutor::builder().build()
    }

    fn build_bounded(workers: usize, limit: usize) -> Result<Self::Pool, BuildError> {
        let builder = ThreadPoolExecutor::builder().max_workers(workers);
        builder.queue_limit(limit).build()
    }
}

#[cfg(feature = "rayon")]
pub(crate) struct Rayon;

#[cfg(feature = "rayon")]
impl Backend for Rayon {
    type Pool = executor::RayonExecutor;

    fn build(workers: usize) -> Result<executor::RayonExecutor, BuildError> {
        executor::RayonExecutor::new(workers)
    }

    fn build_default() -> Result<executor::RayonExecutor, BuildError> {
        executor::RayonExecutor::builder().build()
    }

    fn build_bounded(workers: usize, limit: usize) -> Result<Self::Pool, BuildError> {
        let builder = executor::RayonExecutor::builder().max_workers(workers);
        builder.queue_limit(limit).build()
    }
}

#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) struct Processes;

#[cfg(all(feature = "process", target_os = "linux"))]
impl Backend for Processes {
    type Pool = executor::ProcessPoolExecutor;

    fn build(workers: usize) -> Result<executor::ProcessPoolExecutor, BuildError> {
        executor::ProcessPoolExecutor::new(workers)
    }

    fn build_default() -> Result<executor::ProcessPoolExecutor, BuildError> {
        executor::ProcessPoolExecutor::builder().build()
    }

    fn build_bounded(workers: usize, limit: usize) -> Result<Self::Pool, BuildError> {
        let builder = executor::ProcessPoolExecutor::builder().max_workers(workers);
        builder.queue_limit(limit).build()
    }
}

/// An executor of this process, which takes closures that capture.
pub(crate) trait Closures: Executor {
    fn accept<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Future<T>, SubmitError>;

    fn run<T: Send + 'static>(&self, task: impl FnOnce() -> T + Send + 'static) -> Future<T> {
        self.accept(task).expect("the pool takes the task")
    }

    fn map_by<Item: Send + 'static, T: Send + 'static>(
        &self,
        task: impl Fn(Item) -> T + Clone + Send + 'static,
        items: impl IntoIterator<Item = Item>,
    ) -> Result<Map<T>, SubmitError>;
}

macro_rules! takes_closures {
    ($Pool:ty) => {
        impl Closures for $Pool {
            fn accept<T: Send + 'static>(
                &self,
                task: impl FnOnce() -> T + Send + 'static,
            ) -> Result<Future<T>, SubmitError> {
                Ok(self.submit(task, ())?)
            }

            fn map_by<Item: Send + 'static, T: Send + 'static>(
                &self,
                task: impl Fn(Item) -> T + Clone + Send + 'static,
                items: impl IntoIterator<Item = Item>,
            ) -> Result<Map<T>, SubmitError> {
                self.map(task, items)
            }
        }
    };
}

takes_closures!(ThreadPoolExecutor);
#[cfg(feature = "rayon")]
takes_closures!(executor::RayonExecutor);

/// Makes a test of each scenario, a `fn scenario<B: Backend>()`, on each executor.
macro_rules! on_every_executor {
    ($($scenario:ident),+ $(,)?) => {
        $crate::backends::on_executor!(threads, Threads, $($scenario),+);
        #[cfg(feature = "rayon")]
        $crate::backends::on_executor!(rayon, Rayon, $($scenario),+);
        #[cfg(all(feature = "process", target_os = "linux"))]
        $crate::backends::on_executor!(processes, Processes, $($scenario),+);
    };
}

/// As `on_every_executor`, but not where workers are other processes.
macro_rules! on_executors_of_this_process {
    ($($scenario:ident),+ $(,)?) => {
        mod here {
            use super::{$($scenario),+};
            $crate::backends::on_executor!(threads, Threads, $($scenario),+);
            #[cfg(feature = "rayon")]
            $crate::backends::on_executor!(rayon, Rayon, $($scenario),+);
        }
    };
}

/// Makes a test of each scenario on one executor, in a module of the executor's name.
macro_rules! on_executor {
    ($module:ident, $backend:ident, $($scenario:ident),+) => {
        mod $module {
            $(
                #[test]
                fn $scenario() {
                    $crate::watchdog::watch(super::$scenario::<$crate::backends::$backend>);
                }
            )+
        }
    };
}

/// The name of each executor, with a generic function of the given type for it.
macro_rules! every_executor {
    ($function:ident as $signature:ty) => {
        [
            (
                "threads",
                $function::<$crate::backends::Threads> as $signature,
            ),
            #[cfg(feature = "rayon")]
            ("rayon", $function::<$crate::backends::Rayon>),
            #[cfg(all(feature = "process", target_os = "linux"))]
            ("processes", $function::<$crate::backends::Processes>),
        ]
    };
}

pub(crate) use {every_executor, on_every_executor, on_executor, on_executors_of_this_process};
