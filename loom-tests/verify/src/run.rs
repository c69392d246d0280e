//! Runs a lane, and judges by its exit code and its output what came of it.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use reports::evidence::{Lane as Entry, LaneResult};

use crate::counting::Tally;
use crate::lane::{Form, Lane};

/// What a script exits with that has not run, and says why on its last line.
const NOT_RUN: i32 = 2;
const NOT_RUN_BECAUSE: &str = "not run: ";

/// The command in a process group with a guard, which kills the group when the pipe on its input closes: so nothing
/// goes on if the time is up, or if this process is gone for whatever reason.
const GUARDED: &str = r#"
exec 3<&0
( read -r _ <&3; kill -KILL 0 ) &
guard=$!
bash -c "$1" 3<&- </dev/null
code=$?
kill "$guard"
exit "$code"
"#;

/// The entry of a lane that did not run.
pub(crate) fn not_run(lane: &Lane, form: Form, reason: impl Into<String>) -> Entry {
    Entry {
        lane: lane.name.to_owned(),
        tool: lane.tool.name().to_owned(),
        version: lane.tool.version(),
        command: lane.command(form).to_owned(),
        seed: None,
        count: None,
        counted: lane.counted,
        bound: None,
        exhaustive: false,
        duration_ms: 0,
        result: LaneResult::NotRun,
        reason: Some(reason.into()),
    }
}

/// Where what a lane prints goes to.
pub(crate) fn log(lane: &Lane, logs: &Path) -> PathBuf {
    logs.join(format!("{}.log", lane.name))
}

/// Runs a lane; what it prints goes to a file of its name in `logs`.
pub(crate) fn run(lane: &Lane, form: Form, logs: &Path) -> Entry {
    let log = log(lane, logs);
    let start = Instant::now();
    let end = execute(lane.command(form), lane.limit, &log);
    let elapsed = start.elapsed();
    let output = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let verdict = output.and_then(|output| Ok(judge(&end?, &output, (lane.count)(&output, form))));
    let (result, tally, reason) = verdict.unwrap_or_else(|error| {
        let reason = format!("it could not be run: {error}");
        (LaneResult::Failed, None, Some(reason))
    });
    let mut entry = not_run(lane, form, "");
    entry.result = result;
    entry.reason = reason;
    entry.duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if let Some(tally) = tally {
        entry.count = Some(tally.count);
        entry.bound = tally.bound;
        entry.exhaustive = tally.exhaustive;
        entry.seed = tally.seed;
    }
    entry
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Code(i32),
    Signal,
    /// It was killed after so long.
    TimeUp(Duration),
}

fn execute(command: &str, limit: Duration, log: &Path) -> io::Result<End> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let log = File::create(log)?;
    let mut child = Command::new("bash")
        .args(["-c", GUARDED, "verify", command])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let guard = child.stdin.take();
    let (ended, end) = channel();
    let waiter = thread::spawn(move || {
        let status = child.wait();
        // Nobody listens if the time was up.
        let _ = ended.send(());
        status
    });
    let is_late = end.recv_timeout(limit).is_err();
    drop(guard);
    let status = waiter.join().expect("waiting does not panic")?;
    Ok(match status.code() {
        _ if is_late => End::TimeUp(limit),
        Some(code) => End::Code(code),
        None => End::Signal,
    })
}

type Verdict = (LaneResult, Option<Tally>, Option<String>);

/// What came of a lane. It has passed only if it also said how much it checked.
fn judge(end: &End, output: &str, tally: Result<Tally, String>) -> Verdict {
    let failed = |reason: String| (LaneResult::Failed, None, Some(reason));
    match *end {
        End::Code(0) => match tally {
            Ok(tally) if tally.count == 0 => failed("it has checked nothing".to_owned()),
            Ok(tally) => match tally.shortfall.clone() {
                None => (LaneResult::Passed, Some(tally), None),
                shortfall => (LaneResult::Failed, Some(tally), shortfall),
            },
            Err(reason) => failed(format!("it does not say how much it checked: {reason}")),
        },
        End::Code(NOT_RUN) if let Some(reason) = reason_not_run(output) => {
            (LaneResult::NotRun, None, Some(reason))
        }
        // What it did count stays in the record.
        End::Code(code) => {
            let tally = tally.ok();
            let shortfall = tally.as_ref().and_then(|it| it.shortfall.as_ref());
            let shortfall = shortfall.map_or_else(String::new, |it| format!(": {it}"));
            let reason = format!("exit code {code}{shortfall}");
            (LaneResult::Failed, tally, Some(reason))
        }
        End::Signal => failed("killed by a signal".to_owned()),
        End::TimeUp(limit) => failed(format!("no end after {} s", limit.as_secs())),
    }
}

fn reason_not_run(output: &str) -> Option<String> {
    let last = output.trim_end().lines().last()?;
    let reason = last.strip_prefix(NOT_RUN_BECAUSE)?;
    (!reason.is_empty()).then(|| reason.to_owned())
}
