//! A map over many small items: what is measured is the cost of handing them out and collecting what
//! they leave.

use executor::{Error, Executor, MapOptions};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// How many items: enough that nothing counts but what each costs.
pub const ITEMS: u64 = 1_000_000;

/// The task of an item: a few multiplications, which nobody would submit one by one.
pub fn mix(item: u64) -> u64 {
    let item = (item ^ (item >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let item = (item ^ (item >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    item ^ (item >> 31)
}

/// How many items are in flight: as many as stay in the cache of the core that draws them.
const BUFFERSIZE: usize = 160_000;

/// The results in order, in chunks as an executor makes them by itself.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on(executor: &impl Executor) -> Result<Vec<u64>, Error> {
    let options = MapOptions::new()
        .automatic_chunksize()
        .buffersize(BUFFERSIZE);
    let results = executor.map_with(mix, 0..ITEMS, options)?;
    Ok(results.collect_values()?)
}

/// The same by a loop.
pub fn sequential() -> Vec<u64> {
    (0..ITEMS).map(mix).collect()
}

/// The same by a parallel iterator of rayon's, on the pool that this is called on.
pub fn par_iter() -> Vec<u64> {
    (0..ITEMS).into_par_iter().map(mix).collect()
}

/// Whether these are the results, told by their number and their sum.
pub fn is_right(results: &[u64]) -> bool {
    let sum = |sum: u64, result: u64| sum.wrapping_add(result);
    results.len() as u64 == ITEMS
        && results.iter().copied().fold(0, sum) == (0..ITEMS).map(mix).fold(0, sum)
}
