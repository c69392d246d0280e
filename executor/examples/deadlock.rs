//! Two tasks on two threads, each waiting for the other one's future: neither could ever end, and the
//! one that would be the last to wait is told so, with the names of both.
//!
//! `cargo run --release --example deadlock`

use std::sync::OnceLock;

use executor::{Future, ReturnWhen, TaskError, ThreadPoolExecutor, wait};

type Answer = Result<u32, TaskError>;

static FIRST: OnceLock<Future<Answer>> = OnceLock::new();
static SECOND: OnceLock<Future<Answer>> = OnceLock::new();

fn task_a() -> Answer {
    // Waits until there is a second future, and then for its result.
    SECOND.wait().result()?.clone()
}

fn task_b() -> Answer {
    FIRST.wait().result()?.clone()
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(2)?;
    let first = pool.submit(task_a, ())?;
    let second = pool.submit(task_b, ())?;
    let futures = [FIRST.get_or_init(|| first), SECOND.get_or_init(|| second)];
    wait(futures, ReturnWhen::AllCompleted);
    for future in futures {
        match future.result()? {
            Ok(answer) => println!("an answer: {answer}"),
            Err(error) => println!("no answer: {error}"),
        }
    }
    Ok(())
}
