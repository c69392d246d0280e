//! The table again and again, in random order; see `scripts/soak`.

use std::env;
use std::time::{Duration, Instant};

use super::alone::alone_with;
use super::case::run_all;
use super::table::all;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a number"))
    })
}

/// The next of a sequence of numbers that are as good as random (splitmix64).
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *seed;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[test]
#[ignore = "takes as long as EXECUTOR_SOAK_MINUTES says"]
fn the_table_in_random_order() {
    let time = Duration::from_secs(60 * number("EXECUTOR_SOAK_MINUTES", 1));
    let mut seed = number("EXECUTOR_SOAK_SEED", 0);
    alone_with(&[], time + Duration::from_secs(120), || {
        let (cases, start) = (all(), Instant::now());
        run_all(std::iter::from_fn(|| {
            let goes_on = start.elapsed() < time;
            goes_on.then(|| &cases[next(&mut seed) as usize % cases.len()])
        }));
    });
}
