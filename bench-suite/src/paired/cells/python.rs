//! The same workloads on CPython, in the same blocks: what the tutorials claim is claimed of it. Where there is no
//! `python3`, these cells are missing and the rest is measured.

use reports::paired::{Cell, Figure, Purpose};

use super::{all_processors, download, on_backend, payload, pi, sequential, start_up};
use crate::backend::Backend;
use crate::paired::family::{AnyError, Family, Started, Visited};
use crate::peer::python::Python;
use crate::workload::counter::{EXPECTED, TASKS};
use crate::workload::download::{PAGES, expected as expected_pages};
use crate::workload::pi as series;

/// How the script calls its workloads.
const MANAGER: &str = "manager";
const COUNTER: &str = "counter";

/// On threads and on processes, and against each other; pi on threads against ours.
pub(super) fn declare(family: &mut Family, ours: pi::Places) {
    let explore = Purpose::Exploratory;
    let many = all_processors();
    let [threads, processes] = [Backend::Threads, Backend::Processes].map(|backend| {
        let cell = python(on_backend(pi::NAME, backend, None, many, pi::TERMS));
        let expected = series::expected(pi::TERMS, many.into());
        add(
            family,
            cell,
            "pi",
            backend.name(),
            || Ok(pi::TERMS),
            expected,
        )
    });
    // The interpreter's lock: threads take as long as one, and processes half of it.
    family.compare(threads, processes, explore);
    let claim = "On CPython pi on threads takes more than twice as long as on processes";
    family.state(claim, threads, processes, 2.0);
    family.compare(threads, ours.threads, explore);
    family.compare(processes, ours.processes, explore);

    let counter = |backend, way, workload, size| {
        python(on_backend(workload, backend, Some(way), TASKS as u32, size))
    };
    let lock = counter(Backend::Threads, "mutex", COUNTER, EXPECTED);
    add(
        family,
        lock,
        COUNTER,
        "threads",
        || Ok(EXPECTED),
        EXPECTED as f64,
    );
    let few = TASKS * super::counter::FEW;
    let [_, short] = [("counter", EXPECTED), ("short counter", few)].map(|(workload, size)| {
        let cell = counter(Backend::Processes, "shared-memory lock", workload, size);
        add(
            family,
            cell,
            COUNTER,
            "processes",
            move || Ok(size),
            size as f64,
        )
    });
    let book = counter(
        Backend::Processes,
        "manager value and lock",
        "short counter",
        few,
    );
    let book = add(
        family,
        book,
        MANAGER,
        "processes",
        move || Ok(few),
        few as f64,
    );
    family.compare(book, short, explore);
    let claim = "On CPython a counter that a manager holds takes more than ten times as long as one in \
                 shared memory";
    family.state(claim, book, short, 10.0);

    let sum = expected_pages().into_iter().sum::<u64>() as f64;
    let port = || Ok(u64::from(download::port()?));
    let pages = u64::from(PAGES);
    let one_by_one = python(sequential(download::NAME, pages));
    let one_by_one = add(family, one_by_one, "downloads", "sequential", port, sum);
    let at_once = on_backend(download::NAME, Backend::Threads, None, PAGES.into(), pages);
    let at_once = add(family, python(at_once), "downloads", "threads", port, sum);
    family.compare(at_once, one_by_one, explore);
    let claim = "On CPython threads download pages in less time than one after another, in spite of \
                 the interpreter's lock";
    family.state(claim, one_by_one, at_once, 1.0);

    let [byte, mebibyte] = [payload::BYTE, payload::MEBIBYTE].map(|size| {
        let (name, size) = payload::SIZES[size];
        let size = size as u64;
        let cell = python(on_backend(
            payload::NAME,
            Backend::Processes,
            Some(name),
            payload::WORKERS,
            size,
        ));
        add(
            family,
            cell,
            "bytes",
            "processes",
            move || Ok(size),
            size as f64,
        )
    });
    let claim = "On CPython arguments of processes are pickled and sent through a pipe, which costs: a \
                 mebibyte takes longer than a byte";
    family.state(claim, mebibyte, byte, 1.0);

    let starts = [Backend::Threads, Backend::Processes].map(|backend| {
        let cell = python(on_backend(
            start_up::NAME,
            backend,
            None,
            start_up::WORKERS,
            1,
        ));
        add(family, cell, "start", backend.name(), || Ok(1), 1.0)
    });
    family.show(Figure::StartUp, starts.to_vec());
}

/// The cell of this kind on CPython.
fn python(cell: Cell) -> Cell {
    Cell {
        backend: format!("CPython {}", cell.backend),
        ..cell
    }
}

/// Adds a cell whose runs must all give `expected`.
fn add(
    family: &mut Family,
    cell: Cell,
    workload: &'static str,
    backend: &'static str,
    size: impl Fn() -> Result<u64, AnyError> + 'static,
    expected: f64,
) -> usize {
    let workers = cell.workers.unwrap_or(1).to_string();
    family.add(cell, move || {
        let mut python = Python::start(&[workload, backend, &workers, &size()?.to_string()])?;
        let processes = python.processes().to_vec();
        let started = Started::by_itself(move |runs| visited(&mut python, runs, expected));
        Ok(started.in_processes(processes))
    })
}

/// It takes the time itself: to be told and to tell is no part of the work.
fn visited(python: &mut Python, runs: u64, expected: f64) -> Visited {
    match python.run(runs) {
        Ok(run) => {
            let wrong = run
                .answers
                .iter()
                .find(|answer| answer.to_bits() != expected.to_bits());
            let wrong =
                wrong.map(|wrong| format!("the answer is {wrong} and should be {expected}"));
            let all = run.answers.len() as u64 == runs;
            let few = (!all).then(|| "not all runs have an answer".to_owned());
            Visited {
                time: run.time(),
                wrong: wrong.or(few),
            }
        }
        Err(error) => Visited {
            time: std::time::Duration::ZERO,
            wrong: Some(error.to_string()),
        },
    }
}
