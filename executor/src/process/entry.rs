//! Before `main`: if this process was started as a worker or as a manager, become one.
//!
//! The parent starts it with the name of its [`Role`] as its argument 0 and one end of a socket pair
//! as its standard input, and nothing else: no environment variable, which a task's own children
//! would inherit, and no argument, which a test harness would read. A process that is called so
//! but does not find its parent at the other end ends with a message, and never runs `main`.

#![expect(
    unsafe_code,
    reason = "a constructor is called by the C runtime, with C's arguments"
)]

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::io;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Pid, PidfdFlags, geteuid, getppid, pidfd_open};

use super::transport::WorkerChannel;
use super::worker;

/// What a process is started as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Runs the tasks of a process pool.
    Worker,
    /// Holds the objects of a manager.
    #[cfg(feature = "manager")]
    Manager,
}

impl Role {
    const ALL: &[Role] = &[
        Role::Worker,
        #[cfg(feature = "manager")]
        Role::Manager,
    ];

    /// What such a process is called: its argument 0, and what `ps` and `top` show.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Role::Worker => c"executor-worker",
            #[cfg(feature = "manager")]
            Role::Manager => c"executor-manager",
        }
    }

    /// The same as an argument.
    pub(crate) fn argument_0(self) -> &'static OsStr {
        OsStr::from_bytes(self.name().to_bytes())
    }

    /// Who starts it.
    fn starter(self) -> &'static str {
        match self {
            Role::Worker => "the worker processes of a process pool, which starts them itself",
            #[cfg(feature = "manager")]
            Role::Manager => "the process of a manager, which starts it itself",
        }
    }
}

/// The exit code of a process that was called by a role's name and could not take it on.
pub(crate) const EXIT_REFUSED: i32 = 71;

type Constructor = extern "C" fn(c_int, *const *const c_char, *const *const c_char);

/// Our place in the list of what runs before `main`. Not from a crate, because a worker must know
/// where in the list it is, to run what comes after.
#[used]
#[unsafe(link_section = ".init_array")]
static CONSTRUCTOR: Constructor = before_main;

static HAS_RUN: AtomicBool = AtomicBool::new(false);

/// Whether the constructor ran when this process started; without it a worker would run `main`.
///
/// Refers to the constructor, so that a program that has a process pool also has the constructor.
pub(crate) fn has_run() -> io::Result<()> {
    std::hint::black_box(&raw const CONSTRUCTOR);
    // ORDERING: Relaxed, it was written before there were threads.
    if HAS_RUN.load(Ordering::Relaxed) {
        Ok(())
    } else {
        Err(io::Error::other(
            "it did not run (was the program linked without its constructors?)",
        ))
    }
}

extern "C" fn before_main(
    count: c_int,
    arguments: *const *const c_char,
    environment: *const *const c_char,
) {
    // ORDERING: Relaxed; see `has_run`.
    HAS_RUN.store(true, Ordering::Relaxed);
    if count < 1 {
        return;
    }
    // SAFETY: there is at least one argument, and the C runtime's list is as long as it says.
    let argument_0 = unsafe { *arguments };
    if argument_0.is_null() {
        return;
    }
    // SAFETY: the C runtime's arguments are C strings that live as long as the process.
    let argument_0 = unsafe { CStr::from_ptr(argument_0) };
    let Some(role) = Role::ALL.iter().find(|role| role.name() == argument_0) else {
        return;
    };
    let start = prepare(*role).unwrap_or_else(|why| refuse(*role, &why));
    match role {
        Role::Worker => {
            let channel = WorkerChannel::new(start.socket);
            let connection = worker::greet(channel).unwrap_or_else(|why| refuse(*role, &why));
            run_other_constructors(count, arguments, environment);
            worker::serve(connection, start.parent)
        }
        #[cfg(feature = "manager")]
        Role::Manager => {
            run_other_constructors(count, arguments, environment);
            crate::manager::serve(start.socket, start.parent)
        }
    }
}

fn refuse(role: Role, why: &str) -> ! {
    let name = role.name().to_string_lossy();
    eprintln!("{name}: {why}; this name is for {}", role.starter());
    std::process::exit(EXIT_REFUSED);
}

struct Start {
    socket: OwnedFd,
    /// Becomes readable when the parent ends.
    parent: OwnedFd,
}

fn prepare(role: Role) -> Result<Start, String> {
    // SAFETY: it only looks up a number.
    if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
        return Err("the executable runs with rights that its caller does not have".to_owned());
    }
    occupy_standard_descriptors()?;
    let stdin = rustix::stdio::stdin();
    let peer = rustix::net::sockopt::socket_peercred(stdin)
        .map_err(|error| format!("standard input is not a socket of a parent: {error}"))?;
    if peer.uid != geteuid() {
        return Err(format!("standard input leads to user {}", peer.uid));
    }
    let parent = getppid().ok_or("the parent is gone or out of sight")?;
    if peer.pid != parent {
        return Err(format!(
            "standard input leads to process {}, not to the parent, {parent}",
            Pid::as_raw(Some(peer.pid)),
        ));
    }
    let parent_pidfd = pidfd_open(parent, PidfdFlags::empty())
        .map_err(|error| format!("the parent can't be watched: {error}"))?;
    if getppid() != Some(parent) {
        // It ended in between, and the number may be somebody else's by now.
        return Err("the parent is gone".to_owned());
    }
    let socket = fcntl_dupfd_cloexec(stdin, 3)
        .map_err(|error| format!("the socket can't be moved: {error}"))?;
    rustix::stdio::dup2_stdin(null(OFlags::CLOEXEC)?)
        .map_err(|error| format!("standard input can't be replaced: {error}"))?;
    // The name that `ps` and `top` show; without it the process works as well.
    let _ = rustix::thread::set_name(role.name());
    ignore_signals();
    Ok(Start {
        socket,
        parent: parent_pidfd,
    })
}

/// Puts /dev/null where a standard descriptor is closed, as a Rust program's start does, which a
/// worker does not come to. Otherwise the pool's own descriptors would land there.
fn occupy_standard_descriptors() -> Result<(), String> {
    for descriptor in 0..=2 {
        // SAFETY: it only asks; a descriptor that is not open is an error.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } == -1 {
            // The lowest that is free, which is this one; it stays open for good.
            let _ = null(OFlags::empty())?.into_raw_fd();
        }
    }
    Ok(())
}

fn null(flags: OFlags) -> Result<OwnedFd, String> {
    rustix::fs::open(c"/dev/null", OFlags::RDWR | flags, Mode::empty())
        .map_err(|error| format!("/dev/null can't be opened: {error}"))
}

/// A broken pipe is an error and not a death, as in every Rust program; and what Ctrl-C means, which
/// the terminal tells every process, is for the parent to decide.
fn ignore_signals() {
    extern "C" fn nothing(_signal: c_int) {}
    // SAFETY: ignoring a signal installs no code.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    // Not ignored but handled by doing nothing: what is ignored would be so in the programs that a
    // task starts, too.
    let handler: extern "C" fn(c_int) = nothing;
    // SAFETY: a handler that does nothing is safe at any moment.
    let before = unsafe { libc::signal(libc::SIGINT, handler as libc::sighandler_t) };
    if before == libc::SIG_IGN {
        // So the parent's own children have it; a task's are to have it as well.
        // SAFETY: as above.
        unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
    }
}

/// Runs the constructors that come after ours. A worker never returns to the C runtime that would
/// run them; without this, crates that are linked later would find themselves uninitialised, in
/// workers only.
fn run_other_constructors(
    count: c_int,
    arguments: *const *const c_char,
    environment: *const *const c_char,
) {
    unsafe extern "C" {
        // The linker's mark behind the last constructor.
        static __init_array_end: [Constructor; 0];
    }
    let end = (&raw const __init_array_end).cast::<Option<Constructor>>();
    let mut place = (&raw const CONSTRUCTOR).cast::<Option<Constructor>>();
    loop {
        place = place.wrapping_add(1);
        if place >= end {
            return;
        }
        // SAFETY: the linker lays the constructors side by side, and this one lies before the mark.
        let constructor = unsafe { place.read() };
        if let Some(constructor) = constructor {
            constructor(count, arguments, environment);
        }
    }
}
