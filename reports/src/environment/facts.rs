//! What else about a machine can move a time: read from files that anybody may read, and from the environment of the
//! process. Where a fact can't be read it is not known; nothing is guessed from that.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Environment variables that change what is measured.
const VARIABLES: [&str; 3] = ["RUSTFLAGS", "RAYON_NUM_THREADS", "RUST_MIN_STACK"];

/// Files by which containers are known.
const CONTAINERS: [&str; 2] = [".dockerenv", "run/.containerenv"];

/// A fact with its name, both in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What is so; `None` if that can't be read.
    pub value: Option<String>,
}

impl Fact {
    /// What is so, in words.
    pub(crate) fn said(&self) -> String {
        self.value.clone().unwrap_or_else(|| "not known".to_owned())
    }
}

/// The facts of this machine and this process.
pub(super) fn facts() -> Vec<Fact> {
    of(Path::new("/"), |name| env::var(name).ok())
}

/// The facts of a machine whose files begin at `root`.
fn of(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Vec<Fact> {
    let read = |path: &str| {
        let text = fs::read_to_string(root.join(path)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let on = |text: String| if text == "0" { "off" } else { "on" }.to_owned();
    let build = match cfg!(debug_assertions) {
        true => "with debug assertions",
        false => "without debug assertions",
    };
    let machine = [
        (
            "Physical cores",
            physical_cores(root).map(|it| it.to_string()),
        ),
        (
            "Simultaneous multithreading",
            read("sys/devices/system/cpu/smt/active").map(on),
        ),
        (
            "Frequency governor",
            read("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        ),
        (
            "Frequency boost",
            read("sys/devices/system/cpu/cpufreq/boost").map(on),
        ),
        (
            "Virtual machine",
            read("proc/cpuinfo").and_then(|text| is_virtual(&text)),
        ),
        ("Container", container(root)),
        (
            "Clock source",
            read("sys/devices/system/clocksource/clocksource0/current_clocksource"),
        ),
        (
            "Transparent huge pages",
            read("sys/kernel/mm/transparent_hugepage/enabled").and_then(|text| chosen(&text)),
        ),
        (
            "Randomised addresses",
            read("proc/sys/kernel/randomize_va_space").and_then(|text| randomised(&text)),
        ),
        ("Build", Some(build.to_owned())),
    ];
    let variables = VARIABLES.map(|name| {
        let value = variable(name).unwrap_or_else(|| "not set".to_owned());
        (name, Some(value))
    });
    let all = machine.into_iter().chain(variables);
    all.map(|(name, value)| Fact {
        name: name.to_owned(),
        value,
    })
    .collect()
}

/// Cores that differ in package or number; `None` if any processor does not tell both.
fn physical_cores(root: &Path) -> Option<usize> {
    let mut cores = BTreeSet::new();
    for entry in fs::read_dir(root.join("sys/devices/system/cpu")).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("cpu"));
        let topology = entry.path().join("topology");
        // A processor that is offline has none.
        if number.is_some_and(|it| it.parse::<u32>().is_ok()) && topology.is_dir() {
            let read = |file| fs::read_to_string(topology.join(file)).ok();
            cores.insert((read("physical_package_id")?, read("core_id")?));
        }
    }
    Some(cores.len()).filter(|count| *count > 0)
}

/// By the flag that hypervisors set; `None` where the processor has no flags.
fn is_virtual(cpuinfo: &str) -> Option<String> {
    let flags = cpuinfo.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "flags").then_some(value)
    })?;
    let words = match flags.split_whitespace().any(|flag| flag == "hypervisor") {
        true => "yes, by the processor's flags",
        false => "no sign of one",
    };
    Some(words.to_owned())
}

/// That nothing shows a container is no proof that there is none.
fn container(root: &Path) -> Option<String> {
    let signs = CONTAINERS.iter().find(|file| root.join(file).exists());
    let words = signs.map_or_else(
        || "no sign of one".to_owned(),
        |file| format!("yes, by /{file}"),
    );
    Some(words)
}

/// The word in brackets: `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    Some(rest.split_once(']')?.0.to_owned())
}

fn randomised(text: &str) -> Option<String> {
    let words = match text {
        "0" => "off",
        "1" => "on, but for the heap",
        "2" => "on",
        _ => return None,
    };
    Some(words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'f>(facts: &'f [Fact], name: &str) -> Option<&'f str> {
        let fact = facts.iter().find(|fact| fact.name == name);
        fact.expect(name).value.as_deref()
    }

    fn no_variable(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn what_can_t_be_read_is_not_known() {
        let place = tempfile::tempdir().expect("a directory");
        let facts = of(place.path(), no_variable);
        let known: Vec<&str> = facts
            .iter()
            .filter(|fact| fact.value.is_some())
            .map(|fact| fact.name.as_str())
            .collect();
        assert_eq!(
            known,
            [
                "Container",
                "Build",
                "RUSTFLAGS",
                "RAYON_NUM_THREADS",
                "RUST_MIN_STACK"
            ]
        );
        assert_eq!(value(&facts, "RUSTFLAGS"), Some("not set"));
    }

    #[test]
    fn facts_are_read_from_where_the_kernel_has_them() {
        let place = tempfile::tempdir().expect("a directory");
        let cpu = "sys/devices/system/cpu";
        let siblings = [("cpu0", "0"), ("cpu1", "0"), ("cpu2", "1")];
        let topology = siblings.iter().flat_map(|(name, core)| {
            let of =
                |file, value: &str| (format!("{cpu}/{name}/topology/{file}"), value.to_owned());
            [of("core_id", core), of("physical_package_id", "0")]
        });
        let others = [
            ("sys/devices/system/cpu/smt/active", "1\n"),
            (
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                "powersave\n",
            ),
            (
                "sys/kernel/mm/transparent_hugepage/enabled",
                "always [madvise] never\n",
            ),
            ("proc/sys/kernel/randomize_va_space", "2\n"),
            (
                "proc/cpuinfo",
                "processor\t: 0\nflags\t\t: fpu hypervisor sse2\n",
            ),
            (".dockerenv", ""),
        ];
        let others = others.map(|(path, text)| (path.to_owned(), text.to_owned()));
        for (path, text) in topology.chain(others) {
            let path = place.path().join(path);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let facts = of(place.path(), |name| {
            (name == "RUSTFLAGS").then(|| "-C opt-level=3".to_owned())
        });
        for (name, expected) in [
            ("Physical cores", "2"),
            ("Simultaneous multithreading", "on"),
            ("Frequency governor", "powersave"),
            ("Virtual machine", "yes, by the processor's flags"),
            ("Container", "yes, by /.dockerenv"),
            ("Transparent huge pages", "madvise"),
            ("Randomised addresses", "on"),
            ("RUSTFLAGS", "-C opt-level=3"),
        ] {
            assert_eq!(value(&facts, name), Some(expected), "{name}");
        }
        assert_eq!(value(&facts, "Clock source"), None);
    }

    #[test]
    fn a_processor_with_flags_and_without_that_one_shows_no_sign() {
        assert_eq!(
            is_virtual("flags : fpu\n").as_deref(),
            Some("no sign of one")
        );
        assert_eq!(is_virtual("Features : fp asimd\n"), None);
    }
}
