//! A task that does nothing: what is measured is the cost of having it done by somebody else.

use executor::{Error, Executor};

use crate::peer::channel_pool::ChannelPool;

/// How many tasks are submitted at once on executors of this process.
pub const BURST: usize = 100_000;

/// How many tasks are submitted at once where every one crosses to another process and back.
pub const PROCESS_BURST: usize = 5_000;

/// The task.
pub fn no_op() {}

/// Submits a task and waits for it.
///
/// # Errors
///
/// It was not accepted or failed.
pub fn one(executor: &impl Executor) -> Result<(), Error> {
    executor.submit(no_op, ())?.result()?;
    Ok(())
}

/// Submits `tasks` tasks, then waits for each; how many have run.
///
/// # Errors
///
/// One was not accepted or failed.
pub fn burst(executor: &impl Executor, tasks: usize) -> Result<usize, Error> {
    let futures: Vec<_> = (0..tasks)
        .map(|_| executor.submit(no_op, ()))
        .collect::<Result<_, _>>()?;
    for future in &futures {
        future.result()?;
    }
    Ok(futures.len())
}

/// As [`one`], on the peer.
pub fn one_on_peer(peer: &ChannelPool) {
    peer.submit(no_op).recv().expect("the peer answers");
}

/// As [`burst`], on the peer.
pub fn burst_on_peer(peer: &ChannelPool, tasks: usize) -> usize {
    let answers: Vec<_> = (0..tasks).map(|_| peer.submit(no_op)).collect();
    let count = answers.len();
    for answer in answers {
        answer.recv().expect("the peer answers");
    }
    count
}
