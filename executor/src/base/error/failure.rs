//! What is known of a task that panicked, failed, or had a worker that died.

use std::fmt;

/// What a panicking task left: its message, and where it panicked.
///
/// ```
/// use executor::{TaskError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// let future = pool.submit(|| -> u32 { panic!("no number") }, ())?;
/// if let Err(TaskError::Panicked(panic)) = future.result() {
///     assert_eq!(panic.message, "no number");
///     println!("{}", panic.place.as_deref().unwrap_or("somewhere"));
/// }
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The panic's message; a fixed text if the payload was no string.
    pub message: String,
    /// File, line and column, if the panic hook that records it was still in place.
    pub place: Option<String>,
    /// The backtrace, if `RUST_BACKTRACE` asked for one.
    pub backtrace: Option<String>,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)?;
        match &self.place {
            Some(place) => write!(f, ", at {place}"),
            None => Ok(()),
        }
    }
}

/// The error that a task returned, as text.
///
/// It is text on every executor, because that is what can cross to another process: a program
/// that inspects it behaves the same on threads and on processes. To get the typed error, don't
/// use [`fallible`](crate::fallible): let the task's value be the `Result` (on processes, if the
/// error is serialisable).
///
/// ```
/// use executor::{TaskError, ThreadPoolExecutor, fallible};
///
/// fn positive(number: i64) -> Result<i64, String> {
///     if number > 0 { Ok(number) } else { Err(format!("{number} is not positive")) }
/// }
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// if let Err(TaskError::Failed(failure)) = pool.submit(fallible(positive), (-1,))?.result() {
///     assert_eq!(failure.message, "-1 is not positive");
/// }
/// // The typed error is the value's, without `fallible`:
/// assert!(pool.submit(positive, (-1,))?.result()?.is_err());
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the error's type.
    pub type_name: String,
    /// The error's `Display`, with its sources.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is made for texts says nothing that the text does not.
        match self.type_name.as_str() {
            "alloc::string::String" | "&str" => f.write_str(&self.message),
            name if name.starts_with("alloc::boxed::Box<dyn ") => f.write_str(&self.message),
            name => write!(f, "{} ({name})", self.message),
        }
    }
}

/// The death of a worker process that had been given a task.
///
/// ```
/// use executor::{WorkerDeath, WorkerExit};
///
/// let death = WorkerDeath { pid: 7, exit: WorkerExit::Signal(9) };
/// assert!(death.to_string().contains("process 7 was killed by signal 9"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerDeath {
    /// Its process id.
    pub pid: u32,
    /// How it ended.
    pub exit: WorkerExit,
}

/// How a worker process ended.
///
/// ```
/// use executor::{ProcessPoolExecutor, TaskError, WorkerExit};
///
/// let pool = ProcessPoolExecutor::new(1)?;
/// let leaving = pool.submit(|| -> u32 { std::process::exit(3) }, ())?;
/// if let Err(TaskError::WorkerDied(death)) = leaving.result() {
///     assert_eq!(death.exit, WorkerExit::Code(3));
/// }
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerExit {
    /// It left with this exit code. Zero is an unexpected death too, if a task was running.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
    /// It closed its channel or broke the protocol, and was killed for it.
    Protocol,
    /// Somebody else reaped it, so the pool can't tell.
    Unknown,
}

impl fmt::Display for WorkerDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkerDeath { pid, exit } = self;
        write!(
            f,
            "worker process {pid} {exit} while it had the task, which may have run in part"
        )
    }
}

impl fmt::Display for WorkerExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorkerExit::Code(code) => write!(f, "exited with code {code}"),
            WorkerExit::Signal(signal) => match signal_name(*signal) {
                Some(name) => write!(f, "was killed by signal {signal} ({name})"),
                None => write!(f, "was killed by signal {signal}"),
            },
            WorkerExit::Protocol => f.write_str("broke the protocol and was killed"),
            WorkerExit::Unknown => f.write_str("ended, nobody knows how,"),
        }
    }
}

/// What the signals are called that kill processes most, and hint at why. The numbers are Linux's.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV, perhaps an overflow of its stack",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}
