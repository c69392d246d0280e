//! A manager that may have no more descriptors.

use std::process::Command;
use std::thread;

use executor::{Manager, ManagerError};

use crate::watchdog::watch;

#[test]
fn a_new_client_of_a_manager_without_descriptors_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let pid = manager.pid().unwrap().to_string();
        let mut limit = Command::new("prlimit");
        limit.args(["--pid", &pid, "--nofile=40:40"]);
        assert!(limit.status().unwrap().success());
        let mut objects = Vec::new();
        let error = loop {
            match manager.value(2_u8) {
                Ok(object) => objects.push(object),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, ManagerError::System(_)), "{error}");
        // An object takes two descriptors for a moment; this may be one more.
        let news: Vec<_> = (0..3)
            .map(|_| {
                let value = value.clone();
                thread::spawn(move || (value.value(), thread::park_timeout(SHORT)).0)
            })
            .collect();
        let outcomes: Vec<_> = news.into_iter().map(|it| it.join().unwrap()).collect();
        let told = |it: &&Result<u8, _>| matches!(it, Err(ManagerError::System(_)));
        assert!(outcomes.iter().filter(told).count() >= 1, "{outcomes:?}");
        assert_eq!(value.value(), Ok(1));
        objects.clear();
        let again = value.clone();
        super::census::await_objects(&manager, 1);
        assert_eq!(thread::spawn(move || again.value()).join().unwrap(), Ok(1));
    });
}

/// Long enough for others to come meanwhile.
const SHORT: std::time::Duration = std::time::Duration::from_secs(1);
