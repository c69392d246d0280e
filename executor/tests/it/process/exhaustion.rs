//! What happens when the system has no more to give: an error on the futures, or a pool that works;
//! never a wait without end.
//!
//! Each scenario has a process of its own, whose limits it lowers; workers inherit them. What there
//! is no scenario for: memory itself, for a Rust program without memory ends.

use std::env;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use executor::{Executor, Future, ProcessPoolExecutor, Shutdown, SubmitError, TaskError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::alone::{Footprint, alone, alone_as, alone_with, threads};

const LIMIT: Duration = Duration::from_secs(120);

/// More than what travels by the socket.
const LARGE: usize = 100_000;

fn lower(resource: Resource, current: u64) {
    let limit = Rlimit {
        current: Some(current),
        ..getrlimit(resource)
    };
    setrlimit(resource, limit).expect("a lower limit");
}

fn this_binary() -> PathBuf {
    // A process from which `/proc` is hidden can't tell, and need not.
    env::current_exe().unwrap_or_default()
}

/// How a pool fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fared {
    /// All tasks ran.
    Well,
    /// It works, but some tasks failed.
    Partly,
    /// It could not be built, or is broken.
    Badly,
}

/// Has a pool of three do what it can with small and large tasks; ends in any case.
fn use_a_pool() -> Fared {
    let Ok(pool) = ProcessPoolExecutor::new(3) else {
        return Fared::Badly;
    };
    let small: Vec<_> = (0..6_u32)
        .map(|n| pool.submit(|n: u32| n + 1, (n,)).map_err(SubmitError::from))
        .collect();
    let large: Vec<_> = (0..3_u8)
        .map(|n| {
            pool.submit(|bytes: Vec<u8>| bytes, (vec![n; LARGE],))
                .map_err(SubmitError::from)
        })
        .collect();
    let mut failed = 0;
    for (n, future) in (0..).zip(small) {
        failed += u32::from(!is_right(future, |result| *result == n + 1));
    }
    for (n, future) in (0..).zip(large) {
        let is_so = |bytes: &Vec<u8>| *bytes == vec![n; LARGE];
        failed += u32::from(!is_right(future, is_so));
    }
    let is_broken = matches!(
        pool.submit(|| (), ()).map_err(SubmitError::from),
        Err(SubmitError::Broken(_))
    );
    pool.shutdown(Shutdown::wait());
    match (is_broken, failed) {
        (true, _) => Fared::Badly,
        (false, 0) => Fared::Well,
        (false, _) => Fared::Partly,
    }
}

/// Whether a future left what it should; fails if it left anything but an error that says why.
fn is_right<T>(future: Result<Future<T>, SubmitError>, is_so: impl Fn(&T) -> bool) -> bool {
    match future.as_ref().map(Future::result) {
        Ok(Ok(result)) => {
            assert!(is_so(result), "a wrong result");
            true
        }
        Ok(Err(TaskError::PoolBroken(_) | TaskError::WorkerDied(_))) => false,
        Ok(Err(TaskError::Decode(why))) if why.contains("no descriptor left") => false,
        Err(SubmitError::Broken(_)) => false,
        Ok(Err(error)) => panic!("{error}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn without_descriptors_futures_fail_or_the_pool_works() {
    alone_with(&[], LIMIT, || {
        let all = getrlimit(Resource::Nofile).current.expect("a limit");
        let before = Footprint::after(|| assert_eq!(use_a_pool(), Fared::Well));
        let file = fs::File::open("/dev/null").expect("a descriptor");
        let first_free = file.as_raw_fd() as u64;
        drop(file);
        let mut fared = Vec::new();
        for room in (0..24).chain([32, 64]) {
            println!("room for {room}");
            lower(Resource::Nofile, first_free + room);
            let how = use_a_pool();
            lower(Resource::Nofile, all);
            before.assert_restored();
            fared.push(how);
        }
        println!("{fared:?}");
        assert_eq!(fared.first(), Some(&Fared::Badly));
        assert_eq!(fared.last(), Some(&Fared::Well));
    });
}

#[test]
fn a_pool_that_loses_its_descriptors_while_it_works_fails_futures_or_works() {
    alone(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        assert_eq!(*pool.submit(|| 1, ()).unwrap().result().unwrap(), 1);
        let all = getrlimit(Resource::Nofile).current.expect("a limit");
        lower(Resource::Nofile, 0);
        let large: Vec<_> = (0..8_u8)
            .map(|n| {
                pool.submit(|bytes: Vec<u8>| bytes.len(), (vec![n; LARGE],))
                    .map_err(SubmitError::from)
            })
            .collect();
        for future in large {
            is_right(future, |length| *length == LARGE);
        }
        // The outcome comes with a descriptor that there is no room for.
        let future = pool.submit(|| vec![1_u8; LARGE], ());
        let Err(TaskError::Decode(why)) = future.as_ref().unwrap().result() else {
            panic!("{future:?}")
        };
        assert!(why.contains("no descriptor left"), "{why}");
        // That is no fault of the worker's.
        assert_eq!(pool.counters().replaced, 0);
        lower(Resource::Nofile, all);
        pool.shutdown(Shutdown::wait());
    });
}

#[test]
fn without_processes_futures_fail_or_the_pool_works() {
    let mut command = Command::new("/proc/self/exe");
    let is_root = rustix::process::getuid().is_root();
    if is_root {
        // Of whom nobody else has processes: they count by user, and not at all for root.
        command.uid(50_000 + std::process::id() % 10_000);
        command.gid(50_000);
    }
    alone_as(command, LIMIT, || {
        let before = Footprint::after(|| assert_eq!(use_a_pool(), Fared::Well));
        let mut fared = Vec::new();
        // The pool has two threads, and each worker too.
        for room in 0..12 {
            println!("room for {room}");
            lower(Resource::Nproc, threads() as u64 + room);
            fared.push(use_a_pool());
            before.assert_restored();
        }
        println!("{fared:?}");
        assert_eq!(fared.first(), Some(&Fared::Badly));
        assert_eq!(fared.last(), Some(&Fared::Well));
    });
}

#[test]
fn without_shared_memory_the_pool_is_broken_and_says_why() {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    alone_as(said_of(command), LIMIT, || {
        lower(Resource::Fsize, 0);
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let future = pool.submit(|| 1, ()).unwrap();
        let Err(TaskError::PoolBroken(cause)) = future.result() else {
            panic!("{future:?}")
        };
        assert!(cause.contains("could not be started"), "{cause}");
        pool.shutdown(Shutdown::wait());
    });
}

/// A command that runs this binary.
fn said_of(mut command: Command) -> Command {
    command.arg(this_binary());
    command
}

#[test]
fn a_program_that_was_deleted_has_workers_all_the_same() {
    let here = this_binary();
    let link = here.with_extension(format!("link-{}", std::process::id()));
    drop(fs::remove_file(&link));
    fs::hard_link(&here, &link).expect("another name for this binary");
    alone_as(Command::new(&link), LIMIT, || {
        fs::remove_file(this_binary()).expect("the other name");
        assert_eq!(use_a_pool(), Fared::Well);
    });
}

/// A process from which `/proc` is hidden, which takes root and a kernel that lets it.
fn without_proc(what: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    let hide = "mount -t tmpfs none /proc && exec \"$@\"";
    command.args(["--mount", "sh", "-c", hide, "sh"]).args(what);
    command
}

#[test]
fn without_a_program_to_start_the_pool_is_broken_and_says_why() {
    let works = without_proc(&["true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("skipped: /proc can't be hidden here");
        return;
    }
    alone_as(said_of(without_proc(&[])), LIMIT, || {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let futures: Vec<_> = (0..4_u32)
            .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
            .collect();
        for future in futures {
            let Err(TaskError::PoolBroken(cause)) = future.result() else {
                panic!("{future:?}")
            };
            assert!(cause.contains("could not be started"), "{cause}");
        }
        assert!(matches!(
            pool.submit(|| 1, ()).map_err(SubmitError::from),
            Err(SubmitError::Broken(_))
        ));
    });
}
