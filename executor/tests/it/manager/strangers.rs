//! Others who connect: those who may, those who may not, and those who behave badly.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use executor::manager::{Address, AuthKey, QueueProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor};

use super::census::await_clients;
use super::sleepers::{Sleepers, announce};
use crate::alone::{alone, alone_as};
use crate::process::deaths::kill;
use crate::process::system::{Fork, become_user, exit_code, fork, is_root, leave};
use crate::watchdog::watch;

const LIMIT: Duration = Duration::from_secs(60);

/// Where the process of a scenario that is another program's finds the manager.
const ADDRESS: &str = "EXECUTOR_TESTS_MANAGER";

fn is_refused<T>(outcome: Result<T, ManagerError>) -> bool {
    matches!(outcome, Err(ManagerError::Refused(_)))
}

fn open_sesame() -> Manager {
    Manager::builder().authkey("open sesame").start().unwrap()
}

#[test]
fn who_has_the_key_is_let_in_and_nobody_else() {
    watch(|| {
        for key in ["open sesame", "", "\0"] {
            let manager = Manager::builder().authkey(key).start().unwrap();
            assert_eq!(manager.authkey().as_bytes(), key.as_bytes());
            let address = || manager.address().clone();
            for wrong in ["", "open", "open sesame!", "Open sesame", "\0", "\0\0"] {
                let is_wrong = wrong != key;
                assert_eq!(is_refused(Manager::connect(address(), wrong)), is_wrong);
            }
            let long = AuthKey::from(vec![b'x'; 1_000]);
            assert!(is_refused(Manager::connect(address(), long)));
            let longer = Manager::connect(address(), vec![b'x'; 2_000]);
            assert!(matches!(longer, Err(ManagerError::InvalidArgument(_))));
            assert!(Manager::connect(address(), key).is_ok());
        }
        let manager = Manager::start().unwrap();
        assert!(is_refused(Manager::connect(manager.address().clone(), "")));
        let key = manager.authkey().clone();
        assert!(!format!("{manager:?} {key:?}").contains(&format!("{:?}", key.as_bytes())));
        assert!(Manager::connect(manager.address().clone(), key).is_ok());
    });
}

/// The manager at the address in the environment; none in the process that starts it.
fn manager_of_another() -> Option<Result<Manager, ManagerError>> {
    let address = env::var(ADDRESS).ok()?;
    Some(Manager::connect(Address::from(address), "open sesame"))
}

#[test]
fn an_unrelated_process_of_the_same_program_is_let_in() {
    let manager = env::var_os(ADDRESS).is_none().then(open_sesame);
    let orders = manager.as_ref().map(|manager| {
        let orders: QueueProxy<String> = manager.queue(0).unwrap();
        manager.publish("orders", &orders).unwrap();
        orders
    });
    let mut command = Command::new(env::current_exe().unwrap());
    if let Some(manager) = &manager {
        command.env(ADDRESS, manager.address().to_string());
    }
    alone_as(command, LIMIT, || {
        let manager = manager_of_another().unwrap().unwrap();
        let orders: QueueProxy<String> = manager.find("orders").unwrap();
        orders.put("tea".to_owned()).unwrap();
        let mine = manager.list(vec![1_u8]).unwrap();
        manager.publish("mine", &mine).unwrap();
    });
    if let (Some(manager), Some(orders)) = (manager, orders) {
        assert_eq!(orders.try_get().unwrap(), "tea");
        let theirs = manager.find::<Vec<u8>>("mine").unwrap();
        assert_eq!(theirs.value().unwrap(), [1]);
    }
}

#[test]
fn another_executable_is_refused() {
    let manager = env::var_os(ADDRESS).is_none().then(open_sesame);
    let copy = env::temp_dir().join(format!("executor-tests-copy-{}", std::process::id()));
    let mut command = Command::new(&copy);
    if let Some(manager) = &manager {
        // Not by this process: what it has open to write, another test's child has for a moment, too,
        // and then it can't be run.
        let paths = [env::current_exe().unwrap(), copy.clone()];
        assert!(Command::new("cp").args(paths).status().unwrap().success());
        command.env(ADDRESS, manager.address().to_string());
    }
    alone_as(command, LIMIT, || {
        let Some(Err(ManagerError::Refused(why))) = manager_of_another() else {
            panic!("it is not refused");
        };
        assert!(why.contains("another executable"), "{why}");
    });
    if manager.is_some() {
        fs::remove_file(&copy).unwrap();
    }
}

fn abstract_socket(address: &Address) -> UnixStream {
    let name = address.to_string();
    let address = SocketAddr::from_abstract_name(name.trim_start_matches('@')).unwrap();
    UnixStream::connect_addr(&address).expect("the manager listens")
}

/// Nobody's user, as most systems number it.
const NOBODY: u32 = 65_534;

#[test]
fn another_user_is_refused_by_either_side() {
    if !is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    alone(|| {
        let manager = open_sesame();
        let address = manager.address().clone();
        match fork() {
            Fork::Copy => {
                become_user(NOBODY);
                // As one who does not care whose the manager is.
                let mut answer = Vec::new();
                let mut socket = abstract_socket(&address);
                let read = socket.read_to_end(&mut answer);
                let is_told = String::from_utf8_lossy(&answer).contains("you are user 65534");
                let is_refused = is_refused(Manager::connect(address, "open sesame"));
                leave(i32::from(read.is_ok() && is_told && is_refused))
            }
            Fork::Original(copy) => assert_eq!(exit_code(copy), Some(1)),
        }
        assert_eq!(manager.object_count(), Ok(0));
    });
}

#[test]
fn garbage_ends_its_own_connection_and_nothing_else() {
    watch(|| {
        let manager = open_sesame();
        let pid = manager.pid().unwrap();
        let list = manager.list(vec![1_u8]).unwrap();
        let mut number = 1_u32;
        let mut random = |length: usize| -> Vec<u8> {
            let next = |_| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (number >> 24) as u8
            };
            (0..length).map(next).collect()
        };
        let magic = b"exec".to_vec();
        let mut garbage = vec![
            vec![0; 24],
            vec![0xff; 24],
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        ];
        for length in [24, 25, 100, 5_000, 200_000] {
            garbage.push(random(length));
            garbage.push([magic.clone(), random(length)].concat());
        }
        for kind in 0..16_u32 {
            // A header of the right form: kind, number, length, and too much or too little behind.
            for length in [0_u64, 5, 1 << 40] {
                let mut frame = magic.clone();
                frame.extend(kind.to_le_bytes());
                frame.extend(u64::MAX.to_le_bytes());
                frame.extend(length.to_le_bytes());
                frame.extend(random(30));
                garbage.push(frame);
            }
        }
        for bytes in garbage {
            let mut socket = abstract_socket(manager.address());
            // It may be closed before all is written.
            drop(socket.write_all(&bytes));
            drop(socket.shutdown(std::net::Shutdown::Write));
            drop(socket.read_to_end(&mut Vec::new()));
            assert_eq!(list.len(), Ok(1));
        }
        await_clients(pid, 1);
        assert_eq!(list.value().unwrap(), [1]);
    });
}

#[test]
fn who_says_nothing_or_half_of_it_keeps_nobody_waiting() {
    watch(|| {
        let manager = open_sesame();
        let pid = manager.pid().unwrap();
        let silent: Vec<_> = (0..20_u8)
            .map(|n| {
                let mut socket = abstract_socket(manager.address());
                socket
                    .write_all(&b"exec\x0d\0\0\0"[..usize::from(n) % 8])
                    .unwrap();
                socket
            })
            .collect();
        let list = manager.list(vec![1_u8]).unwrap();
        let client = Manager::connect(manager.address().clone(), "open sesame").unwrap();
        client.list(vec![2_u8]).unwrap().push(3).unwrap();
        assert_eq!(list.value().unwrap(), [1]);
        drop(silent);
        await_clients(pid, 1);
    });
}

#[test]
fn who_says_nothing_for_long_is_put_out() {
    watch(|| {
        let manager = open_sesame();
        let mut socket = abstract_socket(manager.address());
        // An end, or an error: it has been put out.
        drop(socket.read(&mut [0]));
        assert_eq!(manager.object_count(), Ok(0));
    });
}

#[test]
fn a_client_that_is_stopped_keeps_nobody_waiting_and_goes_on_later() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<String>(0).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let sleepers = Sleepers::new();
        let get = |queue: QueueProxy<String>, sleepers: String| {
            queue.len().unwrap();
            announce(&sleepers);
            queue.get().unwrap().len()
        };
        let task = pool.submit(get, (queue.clone(), sleepers.key())).unwrap();
        let worker = sleepers.await_one();
        super::census::await_idle(manager.pid().unwrap());
        kill(worker, "-STOP");
        queue.put("x".repeat(1_000_000)).unwrap();
        queue.put("y".to_owned()).unwrap();
        assert_eq!(queue.get().unwrap(), "y");
        kill(worker, "-CONT");
        assert_eq!(task.into_result().unwrap(), 1_000_000);
    });
}

#[test]
fn two_hundred_clients_are_served_together() {
    watch(|| {
        const CLIENTS: u32 = 200;
        let manager = open_sesame();
        let pid = manager.pid().unwrap();
        let (barrier, sum) = (
            manager.barrier(CLIENTS).unwrap(),
            manager.value(0_u32).unwrap(),
        );
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (barrier, sum) = (barrier.clone(), sum.clone());
                thread::spawn(move || {
                    barrier.wait().unwrap();
                    sum.call(|sum: &mut u32| *sum += 1, ()).unwrap();
                })
            })
            .collect();
        for client in clients {
            client.join().unwrap();
        }
        assert_eq!(sum.value(), Ok(CLIENTS));
        await_clients(pid, 1);
    });
}
