//! What is left in those who have asked a manager that has ended.

use std::fs;
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::manager::{Manager, ValueProxy};
use crate::process::faults::alone::alone;

#[test]
fn no_thread_collects_connections_to_managers_that_have_ended() {
    alone(|| {
        let (ask, asked) = sync_channel::<ValueProxy<u8>>(0);
        let (tell, told) = sync_channel(0);
        let other = thread::spawn(move || {
            for value in asked {
                let said = value.value();
                drop(value);
                tell.send(said).unwrap();
            }
        });
        let round = || {
            let manager = Manager::start().unwrap();
            let value = manager.value(7).unwrap();
            ask.send(value).unwrap();
            assert_eq!(told.recv().unwrap(), Ok(7));
            drop(manager);
            fs::read_dir("/proc/self/fd").unwrap().count()
        };
        let counts = [(); 5].map(|()| round());
        // The other thread's last connection is closed when it opens the next.
        assert_eq!(counts, [counts[0]; 5]);
        drop(ask);
        other.join().unwrap();
    });
}
