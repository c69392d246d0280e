//! Copies of the manager's process: code in a call may fork, and the copy has all descriptors.

use std::fs;
use std::thread;
use std::time::Duration;

use executor::{Manager, ManagerError, Proxy};

use super::census::await_objects;
use crate::process::deaths::kill;
use crate::process::system::{Fork, fork, wait_to_be_killed};
use crate::watchdog::watch;

/// A copy of a manager's process that sleeps; dropped, it is killed.
struct Copy(u32);

impl Copy {
    fn of_the_manager_of(proxy: &Proxy<u8>) -> Result<Copy, ManagerError> {
        let copy = |_: &mut u8| match fork() {
            Fork::Original(copy) => copy,
            Fork::Copy => wait_to_be_killed(),
        };
        proxy.call(copy, ()).map(Copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        kill(self.0, "-KILL");
    }
}

/// How long a process has computed, in hundredths of a second.
fn computed(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    let (_, rest) = stat.rsplit_once(") ").expect("a state behind the name");
    let times = rest.split(' ').skip(11).take(2);
    times.map(|it| it.parse::<u64>().expect("a time")).sum()
}

#[test]
fn a_manager_does_nothing_about_what_only_a_copy_of_it_has() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (gone, stays) = (manager.value(1).unwrap(), manager.value(2).unwrap());
        let copy = Copy::of_the_manager_of(&stays).unwrap();
        drop(gone);
        await_objects(&manager, 1);
        let pid = manager.pid().unwrap();
        let before = computed(pid);
        thread::sleep(Duration::from_millis(500));
        let spent = computed(pid) - before;
        assert!(spent < 20, "it has computed for {spent} of 50 hundredths");
        assert_eq!(stays.value(), Ok(2));
        drop(copy);
    });
}
