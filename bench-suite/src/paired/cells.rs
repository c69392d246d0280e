//! What is measured side by side, and what is compared.

mod counter;
mod download;
mod grain;
mod payload;
mod peers;
mod pi;
mod process_peers;
mod python;
mod queued;
mod start_up;

use std::num::NonZero;
use std::thread::available_parallelism;

use executor::{AnyExecutor, Error};
use reports::paired::Cell;

use super::family::Family;
use crate::backend::Backend;
use crate::peer::interpreters::Interpreter;
use crate::workload::no_op;

/// All of it, declared before anything is measured; on these versions of CPython, too.
#[must_use]
pub fn family(pythons: &[Interpreter]) -> Family {
    let mut family = Family::default();
    let pi = pi::declare(&mut family);
    counter::declare(&mut family);
    grain::declare(&mut family);
    payload::declare(&mut family);
    download::declare(&mut family);
    peers::declare(&mut family);
    process_peers::declare(&mut family);
    queued::declare(&mut family);
    start_up::declare(&mut family);
    python::declare(&mut family, pythons, pi);
    family
}

/// A cell on one of the backends.
fn on_backend(
    workload: &str,
    backend: Backend,
    way: Option<&str>,
    workers: u32,
    size: u64,
) -> Cell {
    Cell {
        workload: workload.to_owned(),
        backend: backend.name().to_owned(),
        way: way.map(str::to_owned),
        workers: Some(workers),
        size,
        tasks: None,
    }
}

/// The sequential loop that the backends are compared with.
fn sequential(workload: &str, size: u64) -> Cell {
    Cell {
        workload: workload.to_owned(),
        backend: "sequential".to_owned(),
        way: None,
        workers: None,
        size,
        tasks: None,
    }
}

/// As many workers as there are processors, and two at least: one would show nothing that the cells with one worker do
/// not.
fn all_processors() -> u32 {
    let processors = available_parallelism().map_or(1, NonZero::get);
    u32::try_from(processors).unwrap_or(u32::MAX).max(2)
}

/// A pool all of whose workers have worked, and the processes among them.
fn warm(backend: Backend, workers: u32) -> Result<(AnyExecutor, Vec<u32>), Error> {
    let pool = backend.pool(workers as usize)?;
    no_op::burst(&pool, 10 * workers as usize)?;
    let processes = match &pool {
        AnyExecutor::Processes(pool) => pool.worker_pids(),
        _ => Vec::new(),
    };
    Ok((pool, processes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use reports::paired::Purpose;

    use super::*;

    /// With two versions of CPython, as the most that a family has is two kinds of them.
    fn family() -> Family {
        let other = Interpreter {
            program: "python3.99".into(),
            name: "CPython 3.99.0".to_owned(),
        };
        super::family(&[Interpreter::usual(), other])
    }

    #[test]
    fn a_second_version_of_cpython_has_the_cells_of_the_first_and_is_compared_with_it() {
        let family = family();
        let of = |version: &str| -> Vec<String> {
            let cells = family.cells().iter();
            let of_it = cells.filter(|cell| match cell.backend.rsplit_once(' ') {
                Some((name, _)) => name == version,
                None => false,
            });
            of_it.map(|it| it.label().replace(version, "")).collect()
        };
        assert!(!of("CPython").is_empty());
        assert_eq!(of("CPython"), of("CPython 3.99.0"));
        let compared = family.comparisons().iter().filter(|it| {
            let is_other = |place: usize| family.cells()[place].backend.contains("3.99.0");
            is_other(it.own) && !is_other(it.reference)
        });
        assert_eq!(compared.count(), 4);
    }

    #[test]
    fn the_family_is_small_enough_to_be_confirmed() {
        let family = family();
        let of = |purpose| {
            family
                .comparisons()
                .iter()
                .filter(|it| it.purpose == purpose)
                .count()
        };
        // With ten launches the first of a dozen can just be; and without a control nothing can.
        assert!(
            (9..=12).contains(&of(Purpose::Confirmatory)),
            "{}",
            of(Purpose::Confirmatory)
        );
        assert!(of(Purpose::Control) >= 1);
    }

    #[test]
    fn only_a_control_is_listed_twice() {
        let family = family();
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, cell) in family.cells().iter().enumerate() {
            places.entry(format!("{cell:?}")).or_default().push(place);
        }
        let twice: Vec<Vec<usize>> = places.into_values().filter(|it| it.len() > 1).collect();
        let controls = family
            .comparisons()
            .iter()
            .filter(|it| it.purpose == Purpose::Control);
        let controls: Vec<Vec<usize>> = controls.map(|it| vec![it.reference, it.own]).collect();
        assert_eq!(twice, controls);
    }

    #[test]
    fn what_is_compared_has_the_same_size() {
        let family = family();
        for compared in family.comparisons() {
            let [own, reference] = [compared.own, compared.reference].map(|it| &family.cells()[it]);
            assert_eq!(
                own.size,
                reference.size,
                "{} {}",
                own.label(),
                reference.label()
            );
            assert_eq!(own.workload, reference.workload);
        }
    }
}
