//! Tasks that give back their number: the least that shows that each of them was done once.

use executor::{Error, Executor};

/// The task.
pub fn number(number: u64) -> u64 {
    number
}

/// Submits a task for each number from one to `tasks`, then waits for each; the sum of what they give back.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn sum(executor: &impl Executor, tasks: u64) -> Result<u64, Error> {
    let tasks: Vec<_> = (1..=tasks)
        .map(|task| executor.submit(number, (task,)))
        .collect::<Result<_, _>>()?;
    let mut sum = 0;
    for task in tasks {
        sum += task.result()?;
    }
    Ok(sum)
}
