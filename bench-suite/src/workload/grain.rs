//! Equal tasks of a given length: what is measured is from which length on it pays to have them done by others.

use std::hint::black_box;

use executor::{Error, Executor};

use super::pi;

/// So many tasks of so many terms of pi each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    /// Terms of a task.
    pub terms: u64,
    /// How many tasks.
    pub tasks: u64,
}

impl Grain {
    /// From about a microsecond to about a hundred milliseconds a task, and as many of them as take some milliseconds.
    pub const ALL: [Grain; 6] = [
        Grain {
            terms: 1_000,
            tasks: 1_000,
        },
        Grain {
            terms: 10_000,
            tasks: 200,
        },
        Grain {
            terms: 100_000,
            tasks: 40,
        },
        Grain {
            terms: 1_000_000,
            tasks: 8,
        },
        Grain {
            terms: 10_000_000,
            tasks: 2,
        },
        Grain {
            terms: 100_000_000,
            tasks: 2,
        },
    ];
}

/// The task.
pub fn task(terms: u64) -> f64 {
    pi::partial(1, terms)
}

/// The sum of all tasks' results.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on(executor: &impl Executor, grain: Grain) -> Result<f64, Error> {
    let tasks: Vec<_> = (0..grain.tasks)
        .map(|_| executor.submit(task, (grain.terms,)))
        .collect::<Result<_, _>>()?;
    let mut sum = 0.0;
    for task in tasks {
        sum += task.result()?;
    }
    Ok(sum)
}

/// The same by a loop, to the bit.
pub fn sequential(grain: Grain) -> f64 {
    // Told to do it anew each time, and not once for all.
    let results = (0..grain.tasks).map(|_| task(black_box(grain.terms)));
    // From zero, as `on` does: a sum of floats begins with minus zero.
    results.fold(0.0, |sum, result| sum + result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn all_backends_give_the_loops_sum() -> Result<(), Error> {
        let grain = Grain {
            terms: 1_000,
            tasks: 7,
        };
        for backend in Backend::ALL {
            assert_eq!(
                on(&backend.pool(2)?, grain)?.to_bits(),
                sequential(grain).to_bits()
            );
        }
        Ok(())
    }
}
