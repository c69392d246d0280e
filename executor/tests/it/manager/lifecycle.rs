//! The manager's process: where it can be reached, whom it ends with, and what it survives.

use std::fs;
use std::path::{Path, PathBuf};

use executor::manager::{Address, ListProxy};
use executor::{Manager, ManagerError};

use super::census::await_clients;
use crate::alone::alone;
use crate::gate::{Gate, pass};
use crate::process::deaths::{await_end, exists, kill};
use crate::process::program::{Program, await_ends, gate, observe};
use crate::process::system::{Fork, exit_code, fork, leave, survive_interrupts, wait_to_be_killed};
use crate::watchdog::watch;

/// A path that no other test has.
fn path(name: &str) -> PathBuf {
    let name = format!("executor-manager-{name}-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    drop(fs::remove_file(&path));
    path
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of the tests' own").to_owned()
}

fn start_at(address: &str) -> Result<Manager, ManagerError> {
    Manager::builder().address(address).authkey("key").start()
}

#[test]
fn an_address_can_be_used_again_at_once() {
    watch(|| {
        let path = path("again");
        let name = format!("@executor-tests-again-{}", std::process::id());
        for address in [text(&path), name] {
            for _ in 0..3 {
                let manager = start_at(&address).unwrap();
                assert_eq!(*manager.address(), Address::from(&*address));
                assert_eq!(manager.value(1_u8).unwrap().value(), Ok(1));
                manager.shutdown().unwrap();
            }
            // Killed, it leaves a socket file behind.
            let manager = start_at(&address).unwrap();
            let pid = manager.pid().unwrap();
            kill(pid, "-KILL");
            drop(manager);
            await_end(pid);
            drop(start_at(&address).unwrap());
        }
        assert!(!path.exists(), "who ends in order leaves no file");
    });
}

#[test]
fn an_address_that_somebody_has_is_refused_and_stays_theirs() {
    watch(|| {
        let path = path("taken");
        let name = format!("@executor-tests-taken-{}", std::process::id());
        for address in [text(&path), name] {
            let manager = start_at(&address).unwrap();
            let refused = start_at(&address);
            let Err(ManagerError::System(why)) = refused else {
                panic!("{refused:?}");
            };
            assert!(why.contains(&address), "{why}");
            let client = Manager::connect(&*address, "key").unwrap();
            assert_eq!(client.object_count(), Ok(0));
            drop(manager);
        }
    });
}

#[test]
fn a_file_that_is_no_socket_is_not_removed() {
    watch(|| {
        let path = path("file");
        fs::write(&path, "dear diary").unwrap();
        assert!(matches!(
            start_at(&text(&path)),
            Err(ManagerError::System(_))
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "dear diary");
        fs::remove_file(&path).unwrap();
        let nowhere = start_at("/nowhere/at/all");
        assert!(matches!(nowhere, Err(ManagerError::System(_))));
    });
}

#[test]
fn proxies_of_a_manager_that_is_gone_do_not_reach_its_successor() {
    watch(|| {
        let address = format!("@executor-tests-successor-{}", std::process::id());
        let first = start_at(&address).unwrap();
        let old = first.list(vec![1_u8]).unwrap();
        drop(first);
        let second = start_at(&address).unwrap();
        let new = second.list(vec![2_u8]).unwrap();
        assert_ne!(old, new);
        assert!(matches!(old.value(), Err(ManagerError::Gone(_))));
        assert!(matches!(old.push(3), Err(ManagerError::Gone(_))));
        assert_eq!(new.value().unwrap(), [2]);
        let holder = second.list(vec![old]).unwrap();
        let old = holder.get(0).unwrap();
        assert!(matches!(old.value(), Err(ManagerError::Gone(_))));
    });
}

#[test]
fn who_connects_again_keeps_its_locks() {
    watch(|| {
        let manager = Manager::builder().authkey("key").start().unwrap();
        let lock = manager.lock().unwrap();
        for _ in 0..3 {
            let held = lock.acquire().unwrap();
            let client = Manager::connect(manager.address().clone(), "key").unwrap();
            assert_eq!(client.object_count(), Ok(1));
            held.release().unwrap();
        }
        await_clients(manager.pid().unwrap(), 1);
    });
}

#[test]
fn who_has_only_connected_shuts_nothing_down() {
    watch(|| {
        let manager = Manager::builder().authkey("key").start().unwrap();
        let client = Manager::connect(manager.address().clone(), "key").unwrap();
        assert_eq!(client.shutdown(), Err(ManagerError::NotTheOwner));
        assert_eq!(client.pid(), None);
        let list = client.list(vec![1_u8]).unwrap();
        drop(client);
        assert_eq!(list.value().unwrap(), [1]);
    });
}

/// Says which process does what, in one piece.
fn say(what: &str, pid: u32) {
    println!("{what} {pid}");
}

fn manage_until_killed() {
    let builder = Manager::builder().address(gate()).authkey("key");
    let manager = builder.start().unwrap();
    say("manages", manager.pid().unwrap());
    wait_to_be_killed();
}

fn kill_the_owner(program: Program, address: &str) {
    let mut program = program.with_gate(address).start();
    let manager = program.await_pid("manages");
    let client = Manager::connect(address, "key").unwrap();
    let list = client.list(vec![1_u8]).unwrap();
    program.kill();
    await_ends(&[manager], "its owner");
    assert!(matches!(list.value(), Err(ManagerError::Gone(_))));
    drop(start_at(address).unwrap());
}

#[test]
fn a_manager_ends_with_its_owner_that_is_killed_and_its_name_is_free() {
    observe(manage_until_killed, |program| {
        kill_the_owner(
            program,
            &format!("@executor-tests-orphan-{}", std::process::id()),
        );
    });
}

#[test]
fn a_manager_ends_with_its_owner_that_is_killed_and_its_path_can_be_used() {
    observe(manage_until_killed, |program| {
        kill_the_owner(program, &text(&path("orphan")));
    });
}

#[test]
fn a_manager_ends_with_its_owner_although_a_forked_copy_of_it_lives_on() {
    observe(
        || {
            let manager = Manager::start().unwrap();
            say("manages", manager.pid().unwrap());
            pass(gate());
            if let Fork::Copy = fork() {
                say("copied", std::process::id());
            }
            wait_to_be_killed();
        },
        |program| {
            let gate = Gate::new();
            let mut program = program.with_gate(&gate.key()).start();
            let manager = program.await_pid("manages");
            gate.open();
            program.await_pid("copied");
            program.kill();
            await_ends(&[manager], "its owner");
        },
    );
}

#[test]
fn ctrl_c_ends_no_manager() {
    observe(
        || {
            survive_interrupts();
            let manager = Manager::start().unwrap();
            let list = manager.list(vec![1_u8]).unwrap();
            say("manages", manager.pid().unwrap());
            pass(gate());
            assert_eq!(list.value().unwrap(), [1]);
        },
        |program| {
            let mut gate = Gate::new();
            let mut program = program.with_gate(&gate.key()).start();
            let manager = program.await_pid("manages");
            gate.await_arrivals(1);
            program.interrupt();
            assert!(exists(manager));
            gate.open();
            let (status, _) = program.end();
            assert!(status.success(), "{status}");
            await_ends(&[manager], "its owner");
        },
    );
}

#[test]
fn a_forked_copy_that_drops_its_manager_ends_nothing() {
    alone(|| {
        let manager = Manager::start().unwrap();
        let list: ListProxy<u8> = manager.list(vec![1]).unwrap();
        let held = manager.lock().unwrap();
        let guard = held.acquire().unwrap();
        match fork() {
            Fork::Copy => {
                // On a connection of its own.
                let is_right = list.value().is_ok_and(|list| list == [1]);
                list.push(2).unwrap();
                drop(guard);
                drop((list, manager));
                leave(if is_right { 7 } else { 8 })
            }
            Fork::Original(copy) => assert_eq!(exit_code(copy), Some(7)),
        }
        assert_eq!(list.value().unwrap(), [1, 2]);
        assert_eq!(held.locked(), Ok(true), "it is not the copy's to release");
        guard.release().unwrap();
        manager.shutdown().unwrap();
    });
}

#[test]
fn who_is_shut_down_leaves_the_address_of_a_successor_alone() {
    watch(|| {
        let path = path("successor");
        let first = start_at(&text(&path)).unwrap();
        fs::remove_file(&path).unwrap();
        let second = start_at(&text(&path)).unwrap();
        first.shutdown().unwrap();
        let client = Manager::connect(&*text(&path), "key").unwrap();
        assert_eq!(client.object_count(), Ok(0));
        second.shutdown().unwrap();
        assert!(!path.exists());
    });
}
