//! An executor chosen at run time, and a reference to one, do what the executor does.

use executor::{AnyExecutor, Executor, MapOptions, Shutdown, SubmitError};

use crate::backends::{Backend, on_every_executor};

on_every_executor!(
    any_executor_passes_everything_on,
    a_reference_passes_everything_on,
);

fn any_executor_passes_everything_on<B: Backend>()
where
    AnyExecutor: From<B::Pool>,
{
    passes_everything_on(AnyExecutor::from(B::pool(3)));
}

fn a_reference_passes_everything_on<B: Backend>() {
    let pool = B::pool(3);
    passes_everything_on(&pool);
    assert!(matches!(
        pool.submit(|| 1, ()).map_err(SubmitError::from),
        Err(SubmitError::ShutDown)
    ));
}

fn passes_everything_on(pool: impl Executor) {
    assert_eq!(pool.max_workers(), 3);
    let future = pool.submit(|n: u32| n + 1, (41,)).unwrap();
    assert_eq!(*future.result().unwrap(), 42);
    let squares: Vec<u32> = pool
        .map(|n: u32| n * n, 1..=3)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(squares, [1, 4, 9]);
    assert!(pool.try_submit(|| 1, ()).is_ok());
    let sums = pool
        .starmap(|a: u32, b: u32| a + b, [(1, 2), (3, 4)])
        .unwrap();
    assert_eq!(sums.collect::<Result<Vec<_>, _>>().unwrap(), [3, 7]);
    let options = MapOptions::new().automatic_chunksize().buffersize(2);
    let squares = pool.map_with(|n: u32| n * n, 1.., options).unwrap();
    let squares: Result<Vec<u32>, _> = squares.take(3).collect();
    assert_eq!(squares.unwrap(), [1, 4, 9]);
    pool.shutdown(Shutdown::wait().cancel_pending());
    assert!(pool.counters().finished >= 4);
    assert!(matches!(
        pool.submit(|| 1, ()).map_err(SubmitError::from),
        Err(SubmitError::ShutDown)
    ));
}
