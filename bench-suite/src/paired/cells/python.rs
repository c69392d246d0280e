//! The same workloads on CPython, in the same blocks: what the tutorials claim is claimed of it. Where there is no such
//! program, these cells are missing and the rest is measured.

use reports::paired::{Cell, Figure, Purpose};

use super::{all_processors, download, on_backend, payload, pi, sequential, start_up};
use crate::backend::Backend;
use crate::paired::family::{AnyError, Family, Started, Visited};
use crate::peer::interpreters::Interpreter;
use crate::peer::python::Python;
use crate::workload::counter::{EXPECTED, TASKS};
use crate::workload::download::{PAGES, expected as expected_pages};
use crate::workload::pi as series;

/// How the script calls its workloads.
const MANAGER: &str = "manager";
const COUNTER: &str = "counter";

/// The first is what the claims are tested on and compared with ours; the others are compared with it.
pub(super) fn declare(family: &mut Family, pythons: &[Interpreter], ours: pi::Places) {
    let Some((first, others)) = pythons.split_first() else {
        return;
    };
    let first = Version::add(family, first);
    first.compare_with_ours(family, ours);
    first.state_claims(family);
    family.show(Figure::StartUp, first.starts.to_vec());
    for other in others {
        let other = Version::add(family, other);
        other.compare_threads_with_processes(family);
        other.compare_with(family, &first);
    }
}

/// The cells of one version.
struct Version {
    pi: [usize; 2],
    locked: usize,
    /// The short counter, in shared memory and held by a manager.
    short: [usize; 2],
    /// One by one, and at once on threads.
    downloads: [usize; 2],
    /// A byte and a mebibyte.
    payload: [usize; 2],
    starts: [usize; 2],
}

impl Version {
    /// On threads and on processes; the downloads one after another, too.
    fn add(family: &mut Family, python: &Interpreter) -> Version {
        let mut on = On { family, python };
        let many = all_processors();
        let pools = [Backend::Threads, Backend::Processes];
        let pi = pools.map(|backend| {
            let cell = on_backend(pi::NAME, backend, None, many, pi::TERMS);
            let expected = series::expected(pi::TERMS, many.into());
            on.add(cell, "pi", || Ok(pi::TERMS), expected)
        });
        let counter = |backend, way, workload, size| {
            on_backend(workload, backend, Some(way), TASKS as u32, size)
        };
        let lock = counter(Backend::Threads, "mutex", COUNTER, EXPECTED);
        let locked = on.add(lock, COUNTER, || Ok(EXPECTED), EXPECTED as f64);
        let few = TASKS * super::counter::FEW;
        let [_, shared] =
            [("counter", EXPECTED), ("short counter", few)].map(|(workload, size)| {
                let cell = counter(Backend::Processes, "shared-memory lock", workload, size);
                on.add(cell, COUNTER, move || Ok(size), size as f64)
            });
        let held = counter(
            Backend::Processes,
            "manager value and lock",
            "short counter",
            few,
        );
        let held = on.add(held, MANAGER, move || Ok(few), few as f64);

        let sum = expected_pages().into_iter().sum::<u64>() as f64;
        let port = || Ok(u64::from(download::port()?));
        let pages = u64::from(PAGES);
        let one_by_one = sequential(download::NAME, pages);
        let one_by_one = on.add(one_by_one, "downloads", port, sum);
        let at_once = on_backend(download::NAME, Backend::Threads, None, PAGES.into(), pages);
        let at_once = on.add(at_once, "downloads", port, sum);

        let payload = [payload::BYTE, payload::MEBIBYTE].map(|size| {
            let (name, size) = payload::SIZES[size];
            let (way, size) = (Some(name), size as u64);
            let processes = Backend::Processes;
            let cell = on_backend(payload::NAME, processes, way, payload::WORKERS, size);
            on.add(cell, "bytes", move || Ok(size), size as f64)
        });
        let starts = pools.map(|backend| {
            let cell = on_backend(start_up::NAME, backend, None, start_up::WORKERS, 1);
            on.add(cell, "start", || Ok(1), 1.0)
        });
        Version {
            pi,
            locked,
            short: [shared, held],
            downloads: [one_by_one, at_once],
            payload,
            starts,
        }
    }

    /// The interpreter's lock: threads take as long as one, and processes half of it.
    fn compare_threads_with_processes(&self, family: &mut Family) {
        let [threads, processes] = self.pi;
        family.compare(threads, processes, Purpose::Exploratory);
    }

    fn compare_with_ours(&self, family: &mut Family, ours: pi::Places) {
        self.compare_threads_with_processes(family);
        let [threads, processes] = self.pi;
        family.compare(threads, ours.threads, Purpose::Exploratory);
        family.compare(processes, ours.processes, Purpose::Exploratory);
    }

    fn state_claims(&self, family: &mut Family) {
        let [threads, processes] = self.pi;
        let claim = "On CPython pi on threads takes more than twice as long as on processes";
        family.state(claim, threads, processes, 2.0);
        let [shared, held] = self.short;
        family.compare(held, shared, Purpose::Exploratory);
        let claim = "On CPython a counter that a manager holds takes more than ten times as long as one in \
                     shared memory";
        family.state(claim, held, shared, 10.0);
        let [one_by_one, at_once] = self.downloads;
        family.compare(at_once, one_by_one, Purpose::Exploratory);
        let claim = "On CPython threads download pages in less time than one after another, in spite of \
                     the interpreter's lock";
        family.state(claim, one_by_one, at_once, 1.0);
        let [byte, mebibyte] = self.payload;
        let claim = "On CPython arguments of processes are pickled and sent through a pipe, which costs: a \
                     mebibyte takes longer than a byte";
        family.state(claim, mebibyte, byte, 1.0);
    }

    /// Where versions are known to differ: the loop, and the locks of threads, processes and managers.
    fn compare_with(&self, family: &mut Family, first: &Version) {
        let own = [self.pi, [self.locked, self.short[1]]].concat();
        let reference = [first.pi, [first.locked, first.short[1]]].concat();
        for (own, reference) in own.into_iter().zip(reference) {
            family.compare(own, reference, Purpose::Exploratory);
        }
    }
}

/// Adds the cells of one version.
struct On<'a> {
    family: &'a mut Family,
    python: &'a Interpreter,
}

impl On<'_> {
    /// Adds a cell of this kind whose runs must all give `expected`.
    fn add(
        &mut self,
        cell: Cell,
        workload: &'static str,
        size: impl Fn() -> Result<u64, AnyError> + 'static,
        expected: f64,
    ) -> usize {
        let Interpreter { program, name } = self.python.clone();
        let workers = cell.workers.unwrap_or(1).to_string();
        let backend = cell.backend.clone();
        let cell = Cell {
            backend: format!("{name} {backend}"),
            ..cell
        };
        self.family.add(cell, move || {
            let arguments = [workload, &backend, &workers, &size()?.to_string()];
            let mut python = Python::start(&program, &arguments)?;
            let processes = python.processes().to_vec();
            let started = Started::by_itself(move |runs| visited(&mut python, runs, expected));
            Ok(started.in_processes(processes))
        })
    }
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
