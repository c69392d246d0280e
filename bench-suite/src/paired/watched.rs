//! A launch that is watched from outside: what it says is read, and if it says nothing for too long it is ended.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::message::Message;

/// Why a launch gave less than it was to.
#[derive(Debug)]
pub(super) enum Failure {
    /// The system did not start it.
    NotStarted(io::Error),
    /// It died, or gave up.
    Died(ExitStatus),
    /// It hung, and was killed.
    Silent(Duration),
    /// It said what nobody understands, and was killed.
    Garbled(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotStarted(error) => write!(f, "it could not be started: {error}"),
            Failure::Died(status) => write!(f, "it died: {status}"),
            Failure::Silent(limit) => {
                write!(f, "it hung, and was killed after {limit:?} of silence")
            }
            Failure::Garbled(reason) => write!(f, "it said what can't be read: {reason}"),
        }
    }
}

/// Starts a launch and passes on what it says, until it has ended.
///
/// # Errors
///
/// It did not end well. Whatever it said before was passed on, and its process is gone.
pub(super) fn watch(
    mut command: Command,
    silence: Duration,
    mut on_message: impl FnMut(Message),
) -> Result<(), Failure> {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = Ended(child.map_err(Failure::NotStarted)?);
    let lines = lines(child.0.stdout.take().expect("it is piped"));
    loop {
        match lines.recv_timeout(silence) {
            Ok(line) => on_message(Message::from_json(&line).map_err(Failure::Garbled)?),
            Err(RecvTimeoutError::Timeout) => return Err(child.failure(silence)),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    match child.wait(silence) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Failure::Died(status)),
        None => Err(Failure::Silent(silence)),
    }
}

/// The lines, as they come. The thread ends when nobody has the other end of the pipe.
fn lines(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            // What can't be read ends it; and so does that nobody listens.
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// A child that does not outlive this.
struct Ended(Child);

impl Ended {
    /// Why it is silent: its own workers may have its pipe still, when it has died.
    fn failure(&mut self, silence: Duration) -> Failure {
        match self.0.try_wait() {
            Ok(Some(status)) => Failure::Died(status),
            _ => Failure::Silent(silence),
        }
    }

    /// Waits for its end, so long at most.
    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            if start.elapsed() >= limit {
                return None;
            }
            // It has closed its output, and so is about to end.
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // Nothing happens to one that has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const HUNG: &str = r#"{"Hung":{"cell":3}}"#;

    /// What a shell says, and how it ended.
    fn watched(script: &str, silence: Duration) -> (Vec<Message>, Result<(), Failure>) {
        let mut messages = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let ended = watch(command, silence, |message| messages.push(message));
        (messages, ended)
    }

    #[test]
    fn what_a_launch_says_is_passed_on() {
        let (messages, ended) = watched(&format!("echo '{HUNG}'; echo '{HUNG}'"), LONG);
        assert_eq!(messages, [3, 3].map(|cell| Message::Hung { cell }));
        assert!(ended.is_ok(), "{ended:?}");
    }

    #[test]
    fn a_launch_that_dies_keeps_what_it_said() {
        let (messages, ended) = watched(&format!("echo '{HUNG}'; kill -9 $$"), LONG);
        assert_eq!(messages.len(), 1);
        let message = ended.expect_err("it died").to_string();
        assert!(message.starts_with("it died: signal: 9"), "{message}");
        let (_, ended) = watched("exit 7", LONG);
        assert_eq!(
            ended.expect_err("it died").to_string(),
            "it died: exit status: 7"
        );
    }

    #[test]
    fn a_launch_that_hangs_is_ended() {
        let script = format!("echo '{HUNG}'; exec sleep 1000");
        let (messages, ended) = watched(&script, Duration::from_secs(3));
        assert_eq!(messages.len(), 1);
        assert!(matches!(ended, Err(Failure::Silent(_))), "{ended:?}");
        // It has closed its output, and goes on.
        let (_, ended) = watched("exec sleep 1000 >&-", Duration::from_millis(20));
        assert!(matches!(ended, Err(Failure::Silent(_))), "{ended:?}");
    }

    #[test]
    fn a_launch_whose_workers_outlive_it_has_died() {
        let script = "sleep 10 & kill -9 $$";
        let (_, ended) = watched(script, Duration::from_secs(3));
        assert!(matches!(ended, Err(Failure::Died(_))), "{ended:?}");
    }

    #[test]
    fn what_can_not_be_read_is_an_error() {
        let (_, ended) = watched("echo '{'; exec sleep 1000", LONG);
        assert!(matches!(ended, Err(Failure::Garbled(_))), "{ended:?}");
    }

    #[test]
    fn what_can_not_be_started_is_an_error() {
        let ended = watch(Command::new("/no/such/program"), LONG, |_| ());
        assert!(matches!(ended, Err(Failure::NotStarted(_))), "{ended:?}");
    }
}
