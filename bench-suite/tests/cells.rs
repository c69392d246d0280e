//! The cells of the paired run, each started and visited: in a process of its own, since other tests measure whether
//! theirs is idle, and with a `main` of its own, since one of the peers starts this program again.

use bench_suite::backend::Backend;
use bench_suite::paired::cells::family;
use bench_suite::peer::interpreters::Interpreter;
use bench_suite::peer::ping_pong::PING_PONG;
use bench_suite::peer::python::PythonError;
use bench_suite::peer::spawn_pool;

/// What the one test here is called.
const NAME: &str = "every_cell_gives_the_right_answer";

fn main() {
    spawn_pool::serve_if_started_to();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|it| it == "--list") {
        println!("{NAME}: test");
        return;
    }
    let filters: Vec<&String> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    if filters.is_empty() || filters.iter().any(|filter| NAME.contains(*filter)) {
        every_cell_gives_the_right_answer();
        println!("test {NAME} ... ok");
    }
}

fn every_cell_gives_the_right_answer() {
    let family = family(&[Interpreter::usual()]);
    for (place, cell) in family.cells().iter().enumerate() {
        let mut started = match family.start(place) {
            Ok(started) => started,
            // There need be no python3.
            Err(error) if error.is::<PythonError>() => continue,
            Err(error) => panic!("{}: {error}", cell.label()),
        };
        assert_eq!(started.visit(2).wrong, None, "{}", cell.label());
        // Where a pool is made for each run, its processes are not known before.
        let lasts =
            cell.backend == Backend::Processes.name() && !cell.workload.starts_with("start");
        let in_processes = lasts || cell.backend.starts_with("CPython");
        assert_eq!(
            !started.processes.is_empty(),
            in_processes || cell.backend == PING_PONG,
            "{}",
            cell.label()
        );
    }
}
