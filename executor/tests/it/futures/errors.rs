//! What errors say.

use std::error::Error as _;
use std::fmt::{Debug, Display};
use std::io;
use std::sync::Arc;

use executor::{
    BuildError, Deadlock, DeadlockedWait, Failure, SubmitError, TaskError, ThreadPoolExecutor,
};

fn assert_debug_is_display<E: Debug + Display>(error: &E) {
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(!error.to_string().is_empty());
}

#[test]
fn an_unwrap_prints_what_an_error_says() {
    assert_debug_is_display(&TaskError::Cancelled);
    assert_debug_is_display(&TaskError::PoolBroken(Arc::from("no database")));
    assert_debug_is_display(&SubmitError::ShutDown);
    assert_debug_is_display(&ThreadPoolExecutor::new(0).unwrap_err());
}

#[test]
fn what_the_system_has_refused_is_a_source() {
    let refused = BuildError::System {
        wanted: "a thread",
        source: io::Error::from(io::ErrorKind::OutOfMemory),
    };
    let source = refused.source().expect("the system's answer");
    assert!(source.downcast_ref::<io::Error>().is_some());
    assert!(ThreadPoolExecutor::new(0).unwrap_err().source().is_none());
}

#[test]
fn a_failure_names_the_type_of_an_error_unless_it_is_made_for_texts() {
    let failure = |type_name: &str| Failure {
        type_name: type_name.to_owned(),
        message: "no such file".to_owned(),
    };
    for text in [
        "alloc::string::String",
        "&str",
        "alloc::boxed::Box<dyn core::error::Error>",
    ] {
        assert_eq!(failure(text).to_string(), "no such file");
    }
    let named = failure("std::io::error::Error").to_string();
    assert_eq!(named, "no such file (std::io::error::Error)");
}

#[test]
fn a_deadlock_is_told_wait_by_wait_and_a_long_one_is_cut() {
    let wait = |place: usize| DeadlockedWait {
        task: format!("task {place}"),
        waits_for: format!("task {}", place + 1),
    };
    let told = |waits: usize| {
        let waits = (0..waits).map(wait).collect();
        Deadlock { waits }.to_string()
    };
    assert_eq!(told(2), "task 0 waits for task 1; task 1 waits for task 2");
    let cut = told(10);
    assert!(
        cut.ends_with("task 7 waits for task 8; and 2 more wait in the same way"),
        "{cut}"
    );
}
