//! Processes beside what else there is: procspawn's pool, and a bare socket between two processes.

use reports::paired::{Figure, Purpose};

use super::peers::{Rhythm, named, own};
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::peer::ping_pong::{PING_PONG, PingPong};
use crate::peer::spawn_pool::{SPAWN_POOL, SpawnPool};

/// There and back, one after another: a worker alone, where nothing but the way counts.
const ROUND_TRIPS: Rhythm = Rhythm {
    name: "one task in a process at a time",
    workers: 1,
    at_once: 1,
    times: 100,
};

/// Many at once, between two workers of which somebody must choose.
const BURST: Rhythm = Rhythm {
    name: "burst of tasks in processes",
    workers: 2,
    at_once: 1_000,
    times: 1,
};

/// Ours against each.
pub(super) fn declare(family: &mut Family) {
    let trips = own(family, Backend::Processes, ROUND_TRIPS);
    let others = [
        procspawn(family, ROUND_TRIPS),
        ping_pong(family, ROUND_TRIPS),
    ];
    show(family, trips, &others);
    let burst = own(family, Backend::Processes, BURST);
    let spawned = procspawn(family, BURST);
    show(family, burst, &[spawned]);
}

fn show(family: &mut Family, ours: usize, others: &[usize]) {
    for &other in others {
        family.compare(ours, other, Purpose::Exploratory);
    }
    family.show(Figure::Peers, [&[ours], others].concat());
}

fn procspawn(family: &mut Family, rhythm: Rhythm) -> usize {
    let cell = named(SPAWN_POOL, Some(rhythm.workers), rhythm);
    family.add(cell, move || {
        let pool = SpawnPool::new(rhythm.workers as usize);
        let run = move || rhythm.sums(|tasks| Ok(pool.sum(tasks)));
        Ok(Started::new(run, equals(rhythm.expected())))
    })
}

/// What the system needs for a message and its echo, when there is nothing in between: no tasks, so no sum of theirs.
fn ping_pong(family: &mut Family, rhythm: Rhythm) -> usize {
    family.add(named(PING_PONG, None, rhythm), move || {
        let peer = PingPong::start();
        let process = peer.pid();
        let run = move || {
            let echoes = (0..rhythm.size()).filter(|_| {
                // Another message than the last, so that an old echo would show.
                let message = peer.next_message();
                peer.round_trip(&message) == message
            });
            Ok(echoes.count() as u64)
        };
        let started = Started::new(run, equals(rhythm.size()));
        Ok(started.in_processes(vec![process]))
    })
}
