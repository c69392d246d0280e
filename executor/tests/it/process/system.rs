//! What the scenarios ask of the system that the standard library does not offer.

#![expect(
    unsafe_code,
    reason = "fork, close and signal have no form in the standard library"
)]

use std::io;
#[cfg(feature = "manager")]
use std::os::fd::AsRawFd;

/// A descriptor that is closed under whoever uses it.
pub(crate) fn close(descriptor: i32) {
    // SAFETY: nothing in the scenarios that call it owns a standard descriptor; whoever uses one
    // finds it closed, which is what they are about, and no memory depends on it.
    let outcome = unsafe { libc::close(descriptor) };
    assert_eq!(outcome, 0, "{}", io::Error::last_os_error());
}

/// Closes the descriptors from this one on, as far as a process of the scenarios has any.
pub(crate) fn close_from(first: i32) {
    for descriptor in first..1024 {
        // SAFETY: its owner finds it closed, which is what the scenario that calls it is about, and
        // no memory depends on it.
        let _ = unsafe { libc::close(descriptor) };
    }
}

/// Which of the two a process is after [`fork`].
pub(crate) enum Fork {
    /// The one that called it, with the pid of the copy.
    Original(u32),
    /// The copy. It has one thread, and locks of the others may be held for good.
    Copy,
}

/// Copies the process.
pub(crate) fn fork() -> Fork {
    // SAFETY: what the copies do until they end takes no lock that another thread could have held:
    // they end, or wait for a signal, or return from a task, where the library sees to their end.
    match unsafe { libc::fork() } {
        0 => Fork::Copy,
        pid => Fork::Original(u32::try_from(pid).expect("a process could be forked")),
    }
}

/// Ends the process at once, with nothing of what the program has registered for its end.
pub(crate) fn leave(code: i32) -> ! {
    // SAFETY: it ends the process, whatever state that is in.
    unsafe { libc::_exit(code) }
}

/// Waits for the end of a child; its exit code, if it ended by itself.
pub(crate) fn exit_code(pid: u32) -> Option<i32> {
    let pid = pid.try_into().expect("a pid");
    let mut status = 0;
    // SAFETY: the status is written to a place of ours.
    while unsafe { libc::waitpid(pid, &raw mut status, 0) } == -1 {
        let error = io::Error::last_os_error();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted, "{error}");
    }
    libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status))
}

/// Kills a child that was forked and waits for its end.
#[cfg(feature = "shared")]
pub(crate) fn kill(pid: u32) {
    let number = pid.try_into().expect("a pid");
    // SAFETY: it is a child of this process that nobody has waited for, so the number is still its own.
    let outcome = unsafe { libc::kill(number, libc::SIGKILL) };
    assert_eq!(outcome, 0, "{}", io::Error::last_os_error());
    assert_eq!(exit_code(pid), None, "it has ended before");
}

/// Stops a child that was forked, and waits until it has stopped.
#[cfg(feature = "shared")]
pub(crate) fn stop(pid: u32) {
    let number = pid.try_into().expect("a pid");
    // SAFETY: as for `kill`.
    let outcome = unsafe { libc::kill(number, libc::SIGSTOP) };
    assert_eq!(outcome, 0, "{}", io::Error::last_os_error());
    let mut status = 0;
    // SAFETY: the status is written to a place of ours; a child that has stopped is not taken away.
    while unsafe { libc::waitpid(number, &raw mut status, libc::WUNTRACED) } == -1 {
        let error = io::Error::last_os_error();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted, "{error}");
    }
    assert!(libc::WIFSTOPPED(status), "it has ended before");
}

/// Waits until a signal ends the process.
pub(crate) fn wait_to_be_killed() -> ! {
    loop {
        // SAFETY: it only waits.
        unsafe { libc::pause() };
    }
}

/// Lets Ctrl-C end this process, also if whoever started the tests ignores it.
pub(crate) fn die_of_interrupts() {
    // SAFETY: the default action installs no code.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
}

/// Lets this process go on after a Ctrl-C.
pub(crate) fn survive_interrupts() {
    extern "C" fn nothing(_signal: libc::c_int) {}
    let handler: extern "C" fn(libc::c_int) = nothing;
    // SAFETY: a handler that does nothing is safe at any moment.
    unsafe { libc::signal(libc::SIGINT, handler as libc::sighandler_t) };
}

/// Lets this process, and those that it starts, ignore a Ctrl-C, as a shell does for what runs in
/// the background.
pub(crate) fn ignore_interrupts() {
    // SAFETY: ignoring a signal installs no code.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
}

/// Makes another user of this process, which must be root.
#[cfg(feature = "manager")]
pub(crate) fn become_user(user: u32) {
    // SAFETY: it changes who the process is, and no memory.
    let outcome = unsafe { libc::setuid(user) };
    assert_eq!(outcome, 0, "{}", io::Error::last_os_error());
}

/// Whether this process is root.
#[cfg(feature = "manager")]
pub(crate) fn is_root() -> bool {
    // SAFETY: it only tells.
    unsafe { libc::geteuid() == 0 }
}

/// Lets a descriptor lead to nothing, under whoever uses it.
#[cfg(feature = "manager")]
pub(crate) fn replace_by_nothing(descriptor: i32) {
    let nothing = std::fs::File::open("/dev/null").expect("nothing to read");
    // SAFETY: the number stays a descriptor, and its owner's; what that finds behind it is what the
    // scenario that calls it is about, and no memory depends on it.
    let outcome = unsafe { libc::dup2(nothing.as_raw_fd(), descriptor) };
    assert_eq!(outcome, descriptor, "{}", io::Error::last_os_error());
}
