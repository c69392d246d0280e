//! The cells of the paired run, each started and visited: in a process of its own, since other tests measure whether
//! theirs is idle.

use bench_suite::backend::Backend;
use bench_suite::paired::cells::family;
use bench_suite::peer::python::PythonError;

#[test]
fn every_cell_gives_the_right_answer() {
    let family = family();
    for (place, cell) in family.cells().iter().enumerate() {
        let mut started = match family.start(place) {
            Ok(started) => started,
            // There need be no python3.
            Err(error) if error.is::<PythonError>() => continue,
            Err(error) => panic!("{}: {error}", cell.label()),
        };
        assert_eq!(started.visit(2).wrong, None, "{}", cell.label());
        let in_processes = cell.backend == Backend::Processes.name();
        let in_processes = in_processes || cell.backend.starts_with("CPython");
        assert_eq!(
            !started.processes.is_empty(),
            in_processes,
            "{}",
            cell.label()
        );
    }
}
