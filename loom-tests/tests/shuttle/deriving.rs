//! Futures that are derived from others, in chains, while others cancel.

use crate::base::{Future, TaskError, ThreadPoolExecutor, collect};
use crate::harness::{join, reach, scenario, thread};
use crate::payload::{Payload, callback};
use crate::runs::Runs;
use crate::sync::Arc;

/// The future with one added, and one more.
fn chain(source: &Future<Payload>) -> Future<Payload> {
    let add = |outcome: Result<&Payload, TaskError>| Ok(Payload::new(outcome?.value() + 1));
    source.then(add).then(add)
}

#[test]
fn chains_of_a_pool_end_as_their_sources_do() {
    scenario(
        "derived_chains",
        "four chains of two over the tasks of a pool, collected and called back, end with their values, or cancelled by one of two threads",
        &["all ended", "one was cancelled"],
        || {
            const TASKS: usize = 4;
            let pool = ThreadPoolExecutor::new(2).unwrap();
            let runs = Runs::of(TASKS);
            let sources: Arc<[_]> = (0..TASKS).map(|n| runs.submit(&pool, n)).collect();
            let chains: Arc<[_]> = sources.iter().map(chain).collect();
            let all = collect(chains.iter().cloned());
            all.add_done_callback(callback(|_| ()));
            let cancellers = [Arc::clone(&sources), Arc::clone(&chains)].map(|futures| {
                thread(move || {
                    for future in &futures[1..3] {
                        future.add_done_callback(callback(|_| ()));
                    }
                    futures[2].cancel();
                })
            });
            let outcome = all
                .result()
                .map(|values| values.iter().map(Payload::value).collect::<Vec<_>>());
            match outcome {
                Ok(values) => {
                    assert_eq!(values, [2, 3, 4, 5]);
                    reach("all ended");
                }
                Err(error) => {
                    assert!(matches!(error, TaskError::Cancelled), "{error}");
                    reach("one was cancelled");
                }
            }
            join(cancellers);
            for (n, source) in sources.iter().enumerate() {
                runs.check(n, source);
            }
            for (n, chain) in chains.iter().enumerate() {
                match chain.result() {
                    Ok(payload) => assert_eq!(payload.value(), crate::runs::number(n) + 2),
                    Err(error) => assert!(matches!(error, TaskError::Cancelled), "{error}"),
                }
            }
            drop((all, chains, sources));
            pool.shut_down(true, false);
        },
    );
}
