//! The `reports` command; its modules are below `command`, and none of them is the library's.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
