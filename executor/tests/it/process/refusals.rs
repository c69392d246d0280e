//! Starts as a worker that are confused or hostile: they end with a message, and never run `main`.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::program::observe;
use super::system::close;
use crate::watchdog::watch;

/// The exit code of a process that is called a worker and can't become one.
const REFUSED: i32 = 71;

/// A user and a group that nobody here is: those of `nobody` on most systems.
const STRANGER: u32 = 65_534;

/// A start of an executable of ours under a worker's name. It would list tests if it ran `main`.
fn worker_of(executable: impl AsRef<Path>) -> Command {
    let mut command = Command::new(executable.as_ref());
    command.arg0("executor-worker").arg("--list");
    command
}

/// Starts this executable under a worker's name.
fn called_a_worker(stdin: impl Into<Stdio>) -> Output {
    worker_of("/proc/self/exe").stdin(stdin).output().unwrap()
}

fn assert_refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(REFUSED), "{said}");
    assert!(said.contains(why), "{said}");
    assert!(output.stdout.is_empty(), "it ran main");
}

/// The end that a worker is given of a socket whose other end has nothing more to say.
fn silent_socket() -> OwnedFd {
    let (_ours, theirs) = UnixStream::pair().unwrap();
    theirs.into()
}

#[test]
fn main_would_be_noticed() {
    let output = worker_of("/proc/self/exe").arg0("no-worker").output();
    let output = output.unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
}

#[test]
fn the_name_of_a_worker_without_a_socket_is_refused() {
    watch(|| assert_refused(&called_a_worker(Stdio::null()), "not a socket of a parent"));
}

#[test]
fn the_name_of_a_worker_without_an_input_is_refused() {
    observe(
        || {
            close(0);
            assert_refused(
                &called_a_worker(Stdio::inherit()),
                "not a socket of a parent",
            );
        },
        |program| drop(program.run(Stdio::null())),
    );
}

#[test]
fn a_greeting_that_is_none_is_refused() {
    watch(|| {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.write_all(&[7; 100]).unwrap();
        assert_refused(&called_a_worker(OwnedFd::from(theirs)), "greeting");
    });
}

#[test]
fn a_parent_that_says_nothing_is_refused() {
    watch(|| assert_refused(&called_a_worker(silent_socket()), "said nothing"));
}

#[test]
fn a_socket_that_leads_to_another_process_is_refused() {
    observe(
        || assert_refused(&called_a_worker(Stdio::inherit()), "not to the parent"),
        // The grandparent has made the pair, so the peer is not the parent.
        |program| drop(program.run(silent_socket())),
    );
}

/// A copy of an executable, in a folder that everybody may enter.
struct Copy {
    folder: PathBuf,
    path: PathBuf,
}

impl Copy {
    fn of(executable: &Path, purpose: &str) -> Copy {
        let name = format!("executor-{purpose}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let path = folder.join(executable.file_name().unwrap());
        // By another process: a descriptor for writing would be in what other tests start at this
        // moment, and what somebody writes can't be run.
        let copied = Command::new("cp").arg(executable).arg(&path).status();
        assert!(copied.is_ok_and(|status| status.success()));
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        Copy { folder, path }
    }

    /// Gives whoever runs it the rights of a group that is not theirs.
    fn give_rights_of_a_group(&self) {
        chown(&self.path, None, Some(STRANGER)).unwrap();
        // Afterwards, because a new owner takes such rights away.
        fs::set_permissions(&self.path, Permissions::from_mode(0o2755)).unwrap();
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Whether the tests run as root; says so if not.
fn am_root(what_for: &str) -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        println!("SKIPPED: only root can {what_for}");
    }
    root
}

#[test]
fn a_socket_of_another_user_is_refused() {
    watch(|| {
        if !am_root("start a process as somebody else") {
            return;
        }
        let copy = Copy::of(&std::env::current_exe().unwrap(), "stranger");
        let output = worker_of(&copy.path)
            .uid(STRANGER)
            .gid(STRANGER)
            .stdin(silent_socket())
            .output()
            .unwrap();
        assert_refused(&output, "leads to user 0");
    });
}

/// Whether a file's rights are given to who runs it, where copies are made; says so if not. (They
/// are not on a file system that is mounted `nosuid`.)
fn rights_are_given() -> bool {
    let id = Copy::of(Path::new("/usr/bin/id"), "id");
    id.give_rights_of_a_group();
    let output = Command::new(&id.path).arg("-g").output().unwrap();
    let given = output.stdout == format!("{STRANGER}\n").into_bytes();
    if !given {
        println!("SKIPPED: {:?} gives nobody a file's rights", id.folder);
    }
    given
}

#[test]
fn an_executable_with_rights_that_its_caller_does_not_have_is_refused() {
    watch(|| {
        if !am_root("give a file the rights of another group") || !rights_are_given() {
            return;
        }
        // All else is as it should be: the user, the parent, the socket.
        let copy = Copy::of(&std::env::current_exe().unwrap(), "rights");
        copy.give_rights_of_a_group();
        let output = worker_of(&copy.path)
            .stdin(silent_socket())
            .output()
            .unwrap();
        assert_refused(&output, "rights that its caller does not have");
    });
}
