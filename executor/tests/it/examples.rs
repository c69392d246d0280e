//! The programs in `examples/`, run as their users run them, and what they print.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::watchdog::watch;

/// The folder of the examples as they are now.
///
/// `cargo test` has built them before it runs this; but it has not if it was asked for this test
/// binary alone.
fn examples() -> &'static Path {
    static EXAMPLES: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let binary = env::current_exe().expect("the path of this binary");
        // <target>/<profile>/deps/<binary>
        let profile = binary.ancestors().nth(2).expect("a folder of cargo's");
        let name = match profile.file_name().and_then(|name| name.to_str()) {
            Some("debug") => "dev",
            Some(other) => other,
            None => panic!("{profile:?} has no name"),
        };
        let built = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
            // The same packages as `cargo test` in the workspace, so that nothing is built twice.
            .args(["build", "--quiet", "--workspace", "--examples"])
            .args(["--profile", name, "--target-dir"])
            .arg(profile.parent().expect("a folder of cargo's"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .status();
        assert!(built.is_ok_and(|status| status.success()), "no examples");
        profile.join("examples")
    })
}

/// Runs an example, passes on what it says, and gives the lines that it printed to `check`.
fn run(
    name: &'static str,
    arguments: &'static [&'static str],
    check: impl FnOnce(&[&str]) + Send + 'static,
) {
    // Outside the watchdog's time, because it may have to build.
    let program = examples().join(name);
    watch(move || {
        let output = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
            .output()
            .expect("an example that was built");
        let said = String::from_utf8(output.stdout).expect("text");
        let complained = String::from_utf8_lossy(&output.stderr);
        println!("{said}\n{complained}");
        assert!(output.status.success(), "{}", output.status);
        assert_eq!(complained, "");
        check(&said.lines().collect::<Vec<_>>());
    });
}

#[test]
fn pi_has_seven_digits_on_every_executor() {
    const ARGUMENTS: [&[&str]; 3] = [&["threads"], &["processes"], &["rayon"]];
    for arguments in ARGUMENTS {
        run("pi", arguments, |lines| {
            let [line] = lines else { panic!("one line") };
            assert!(line.starts_with("3.141592"), "{line}");
            assert!(line.contains(&format!(" on two workers ({}), ", arguments[0])));
            assert!(line.ends_with('s'), "{line}: no time");
        });
    }
}

/// The lines of a program that make a pool of this kind.
fn lines_that_make<'s>(source: &'s str, pool: &str) -> Vec<&'s str> {
    let lines = source.lines();
    lines.filter(|line| line.contains(pool)).collect()
}

#[test]
fn threads_become_processes_by_one_line() {
    for source in [
        include_str!("../../examples/pi.rs"),
        include_str!("../../examples/pages.rs"),
    ] {
        let threads = lines_that_make(source, "ThreadPoolExecutor::new(");
        let processes = lines_that_make(source, "ProcessPoolExecutor::new(");
        let ([threads], [processes]) = (&threads[..], &processes[..]) else {
            panic!("{threads:?} and {processes:?}");
        };
        let changed = threads
            .replace("ThreadPool", "ProcessPool")
            .replace("\"threads\"", "\"processes\"");
        assert_eq!(changed, **processes);
    }
}

#[test]
fn pages_shows_the_beginnings_of_two_pages() {
    const ARGUMENTS: [&[&str]; 2] = [&["threads"], &["processes"]];
    for arguments in ARGUMENTS {
        run("pages", arguments, |lines| {
            let [first, second, time] = lines else {
                panic!("three lines")
            };
            assert_eq!(*first, "<html><head><title>Future");
            assert_eq!(*second, "<html><head><title>Index<");
            assert!(time.starts_with(&format!("two pages on two workers ({}), ", arguments[0])));
        });
    }
}

#[test]
fn pages_are_asked_of_the_server_that_is_named() {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    let program = examples().join("pages");
    watch(move || {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/base", server.local_addr().unwrap());
        let pages = Command::new(program)
            .args(["processes", &base])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut asked = BTreeSet::new();
        for _ in 0..2 {
            let (mut connection, _) = server.accept().unwrap();
            let mut request = [0; 20];
            connection.read_exact(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request).into_owned();
            let path = request.split(' ').nth(1).unwrap().to_owned();
            let length = path.len();
            let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{path}");
            connection.write_all(reply.as_bytes()).unwrap();
            asked.insert(path);
        }
        let output = pages.wait_with_output().unwrap();
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("/base/\n/base/index.html"));
    });
}

#[test]
fn flags_saves_twenty_flags_in_order() {
    const ARGUMENTS: [&[&str]; 3] = [&["one-by-one"], &["threads"], &["processes"]];
    for arguments in ARGUMENTS {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flags");
        drop(fs::remove_dir_all(&folder));
        run("flags", arguments, move |lines| {
            let [countries, count] = lines else {
                panic!("two lines")
            };
            let countries: Vec<&str> = countries.split(' ').collect();
            assert!(countries.is_sorted());
            assert!(count.starts_with("20 flags in "), "{count}");
            let flags: BTreeSet<String> = countries
                .iter()
                .map(|country| fs::read_to_string(folder.join(format!("{country}.svg"))).unwrap())
                .collect();
            assert_eq!(flags.len(), 20, "each is another one");
            assert!(flags.iter().all(|flag| flag.starts_with("<svg ")));
        });
    }
}

#[test]
fn worker_pids_names_at_most_two_processes() {
    run("worker_pids", &[], |lines| {
        let numbers = lines.iter().map(|line| line.split(' ').nth(1).unwrap());
        assert!(numbers.eq((1..=10).rev().map(|number| number.to_string())));
        let pids: BTreeSet<u32> = lines
            .iter()
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!((1..=2).contains(&pids.len()), "{pids:?}");
    });
}

#[test]
fn killed_worker_loses_the_task_that_ran_and_all_of_a_strict_pool() {
    run("killed_worker", &[], |lines| {
        let (lenient, strict) = lines.split_at(5);
        let pid_of = |line: &str| line.rsplit(' ').next().unwrap().parse::<u32>().unwrap();
        let [_, killed, lost, waiting, next] = lenient else {
            panic!("five lines")
        };
        let cause = |pid: u32| format!("process {pid} was killed by signal 9");
        assert!(lost.starts_with("the task that ran: "), "{lost}");
        assert!(lost.contains(&cause(pid_of(killed))), "{lost}");
        assert!(waiting.starts_with("the task that waited ran in process "));
        assert_ne!(pid_of(waiting), pid_of(killed));
        assert_eq!(pid_of(next), pid_of(waiting));

        let [_, killed, lost, waiting, next] = strict else {
            panic!("five lines")
        };
        assert!(lost.starts_with("the task that ran: "), "{lost}");
        assert!(lost.contains(&cause(pid_of(killed))), "{lost}");
        assert!(waiting.starts_with("the task that waited: "), "{waiting}");
        assert!(next.starts_with("the next one: "), "{next}");
    });
}

#[test]
fn a_shared_counter_shows_every_increment() {
    run("counter_shared", &[], |lines| {
        let [line] = lines else { panic!("one line") };
        assert!(line.starts_with("20000 after "), "{line}");
    });
}

#[test]
fn a_manager_s_counter_shows_every_increment_made_under_its_lock() {
    run("counter_manager", &["locked"], |lines| {
        let [line] = lines else { panic!("one line") };
        assert!(line.starts_with("20000 after "), "{line}");
        assert!(!line.contains("lost"), "{line}");
    });
}

#[test]
fn a_manager_s_counter_loses_updates_without_its_lock() {
    run("counter_manager", &["unlocked"], |lines| {
        let [line] = lines else { panic!("one line") };
        let value: u64 = line.split(' ').next().unwrap().parse().unwrap();
        assert!((1..20_000).contains(&value), "{line}");
        let lost = format!(": {} updates were lost", 20_000 - value);
        assert!(line.ends_with(&lost), "{line}");
    });
}
