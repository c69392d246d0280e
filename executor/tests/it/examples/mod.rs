//! The programs in `examples/`, run as their users run them, and what they print.

mod downloads;
mod futures;

use std::collections::{BTreeMap, BTreeSet};
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

/// The one line of a program that makes a pool of this kind, without what makes it.
fn line_that_makes(source: &str, pool: &str, name: &str) -> String {
    let lines: Vec<&str> = source.lines().filter(|line| line.contains(pool)).collect();
    let [line] = lines[..] else {
        panic!("{name} has not one line that makes a {pool}: {lines:?}");
    };
    let (before, rest) = line.split_once(pool).expect("it was found there");
    let (_arguments, after) = rest.split_once(")?").expect("it is passed on with `?`");
    format!("{before}{after}")
}

/// The examples, each by its path below their folder, and what stands there.
fn sources() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(&folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let paths = names.map(|name| match name.ends_with(".rs") {
        true => name,
        false => format!("{name}/main.rs"),
    });
    paths
        .filter_map(|path| Some((path.clone(), fs::read_to_string(folder.join(path)).ok()?)))
        .collect()
}

#[test]
fn threads_become_processes_by_one_line() {
    const POOLS: [&str; 2] = ["ThreadPoolExecutor::", "ProcessPoolExecutor::"];
    let mut with_both = 0;
    for (name, source) in sources() {
        if POOLS.iter().all(|pool| source.contains(pool)) {
            let [threads, processes] = POOLS.map(|pool| line_that_makes(&source, pool, &name));
            assert_eq!(threads.replace("threads", "processes"), processes);
            with_both += 1;
        }
    }
    assert!(with_both >= 5, "{with_both}");
}

#[test]
fn every_example_is_told_of_in_the_list_and_every_one_in_the_list_is_there() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/README.md");
    let list = fs::read_to_string(list).unwrap();
    let named: BTreeSet<&str> = list
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(path, _)| path))
        .filter(|path| !path.starts_with('.') && !path.starts_with("web/"))
        .collect();
    assert_eq!(named, sources().keys().map(String::as_str).collect());
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
