//! Downloads from a server on the loopback that takes its time.

use std::io;
use std::sync::OnceLock;

use reports::paired::Purpose;

use super::{on_backend, sequential, warm};
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::workload::download::{self, PAGES};

pub(super) const NAME: &str = "downloads";

/// As many as there are pages, so that all of them wait at the same time.
const WORKERS: u32 = PAGES as u32;

/// Each backend against one page after the other.
pub(super) fn declare(family: &mut Family) {
    let size = u64::from(PAGES);
    let one_by_one = family.add(sequential(NAME, size), || {
        let port = port()?;
        Ok(Started::new(
            move || Ok(download::sequential(port)?),
            equals(download::expected()),
        ))
    });
    for backend in Backend::ALL {
        let cell = on_backend(NAME, backend, None, WORKERS, size);
        let own = family.add(cell, move || {
            let (port, (pool, processes)) = (port()?, warm(backend, WORKERS)?);
            let run = move || Ok(download::on(&pool, port)?);
            Ok(Started::new(run, equals(download::expected())).in_processes(processes))
        });
        family.compare(own, one_by_one, Purpose::Exploratory);
        if backend == Backend::Threads {
            let claim = "Threads download pages in less time than one after another";
            family.state(claim, one_by_one, own, 1.0);
        }
    }
}

/// The port of the one server of this launch.
pub(super) fn port() -> io::Result<u16> {
    static PORT: OnceLock<u16> = OnceLock::new();
    match PORT.get() {
        Some(port) => Ok(*port),
        None => {
            let port = download::serve()?;
            Ok(*PORT.get_or_init(|| port))
        }
    }
}
