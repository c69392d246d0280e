//! Asks the machine. Every question may fail alone; the answer is then `unknown` or `None`.

use std::env;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use super::facts::facts;
use super::{Environment, LoadAverage};

pub(super) fn environment(command: String) -> Environment {
    let known = |piece: Option<String>| piece.unwrap_or_else(|| "unknown".to_owned());
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let processors = cpu_fields();
    Environment {
        cpu: known(processors.first().cloned()),
        logical_cores: Some(processors.len()).filter(|&count| count > 0),
        available_cores: std::thread::available_parallelism().ok().map(Into::into),
        memory_bytes: memory_bytes(),
        kernel: known(kernel()),
        os: known(os()),
        toolchain: known(output(&rustc, &["-V"])),
        revision: known(output("git", &["rev-parse", "--short=12", "HEAD"])),
        // No answer at all means no repository; an empty answer means nothing differs.
        dirty: answer("git", &["status", "--porcelain"]).map(|changes| !changes.trim().is_empty()),
        command,
        started_at: now(),
        ended_at: None,
        load_at_start: load_average(),
        load_at_end: None,
        facts: facts(),
        claims: Vec::new(),
        counts: None,
        behaviours: None,
    }
}

pub(super) fn now() -> u64 {
    // A clock before 1970 is wrong anyway; zero then says "unknown" as well as any number.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

pub(super) fn load_average() -> Option<LoadAverage> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let mut fields = text.split_whitespace().map(|field| field.parse().ok());
    Some(LoadAverage {
        one: fields.next()??,
        five: fields.next()??,
        fifteen: fields.next()??,
    })
}

/// The model of each processor. Architectures that name no model still list the processors.
fn cpu_fields() -> Vec<String> {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<_> = fields(&text, "model name").collect();
    match models.is_empty() {
        false => models,
        true => fields(&text, "processor")
            .map(|_| "unknown".to_owned())
            .collect(),
    }
}

fn memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = fields(&text, "MemTotal").next()?;
    let number: u64 = kibibytes.split_whitespace().next()?.parse().ok()?;
    number.checked_mul(1024)
}

fn kernel() -> Option<String> {
    let read = |name| fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok();
    let (name, release) = (read("ostype")?, read("osrelease")?);
    Some(format!("{} {}", name.trim(), release.trim()))
}

fn os() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok();
    let name = text.as_deref().and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(line.trim_matches('"').to_owned())
    });
    name.or_else(|| Some(env::consts::OS.to_owned()))
}

/// The values of the lines `key : value`.
fn fields<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = String> + 'a {
    text.lines().filter_map(move |line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let text = answer(program, arguments)?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        // Asking must not change the repository: without this, `status` refreshes the index under a lock.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_no_answer() {
        assert_eq!(output("no-such-program-anywhere", &["-V"]), None);
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "model name\t: A\nmodel name two: B\nmodel name : C\n";
        assert_eq!(fields(text, "model name").collect::<Vec<_>>(), ["A", "C"]);
    }
}
