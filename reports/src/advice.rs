//! What a reader who knows nothing asks first, answered from the verdicts: which backend for which work, from which
//! length of its tasks, and what a manager costs.
//!
//! The backends, workloads and ways are named here by their names in the record, and nothing else of the bench is known.

use crate::number::{factor, factor_interval, time};
use crate::paired::said::{length, lengths, listed, on};
use crate::paired::{Analysis, Cell, Compared, Crossing, Grain, Purpose};
use crate::{Measurement, Report, Verdict};

/// The backends to choose from.
pub(crate) const BACKENDS: [&str; 3] = ["threads", "processes", "rayon"];

/// The workload that computes, and the one that waits.
const COMPUTES: &str = "pi";
const WAITS: &str = "downloads";

/// What a counter is protected by where it is one number, and what protects anything, in one process and in several.
const ATOMICS: [(&str, &str); 2] = [("atomic", "mutex"), ("shared atomic", "shared-memory lock")];

/// Ways to count in a manager: by its lock, and by one call each.
const BY_LOCK: &str = "manager value and lock";
const BY_CALL: &str = "manager value, by call";

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advice {
    /// What it is about.
    pub(crate) about: &'static str,
    /// The answer, in whole sentences.
    pub(crate) says: String,
}

/// The answers, in the order in which they are asked. One that the data do not give says so.
pub(crate) fn advice(report: &Report) -> Vec<Advice> {
    let paired = report.paired.as_ref();
    let answer = |about, answer: fn(&Analysis) -> Option<String>, lacks: &str| Advice {
        about,
        says: paired
            .and_then(answer)
            .unwrap_or_else(|| format!("Nothing can be told: {lacks}.")),
    };
    vec![
        answer(
            "CPU-bound work (pi)",
            |it| choice(it, COMPUTES),
            "no paired run has set pi on any backend against a loop",
        ),
        answer(
            "I/O-bound work (downloads)",
            |it| choice(it, WAITS),
            "no paired run has set downloads on any backend against one after another",
        ),
        answer(
            "Shared state (a counter)",
            shared,
            "no paired run has set a counter under a lock against another one",
        ),
        answer(
            "Length of a task",
            lengths_that_pay,
            "no paired run has cut the same work into tasks of several lengths",
        ),
        answer(
            "A manager",
            manager,
            "no paired run has set a counter that a manager holds against one in shared memory",
        ),
    ]
}

/// What was compared of our own backends, without the control.
fn compared(analysis: &Analysis) -> impl Iterator<Item = &Compared> {
    let all = analysis.compared.iter().chain(&analysis.between);
    all.filter(|it| it.purpose != Purpose::Control && BACKENDS.contains(&it.own.backend.as_str()))
}

/// Which backend to take for a workload: those that are faster than a loop, and than which none is faster.
fn choice(analysis: &Analysis, workload: &str) -> Option<String> {
    let is_meant = |cell: &Cell| cell.workload == workload && cell.way.is_none();
    let here = || compared(analysis).filter(|it| is_meant(&it.own) && is_meant(&it.reference));
    let is_loop = |cell: &Cell| cell.backend == Measurement::SEQUENTIAL;
    let by_loop: Vec<&Compared> = here().filter(|it| is_loop(&it.reference)).collect();
    if by_loop.is_empty() {
        return None;
    }
    let is_known = |cell: &Cell| by_loop.iter().any(|it| it.own == *cell);
    let between = here().filter(|it| is_known(&it.own) && is_known(&it.reference));
    let between: Vec<&Compared> = between.collect();
    let is_beaten = |cell: &Cell| {
        between.iter().any(|it| match it.verdict {
            Verdict::Slower => it.own == *cell,
            Verdict::Faster => it.reference == *cell,
            Verdict::Equivalent | Verdict::CannotTell(_) => false,
        })
    };
    let gains = by_loop.iter().filter(|it| it.verdict == Verdict::Faster);
    let best = gains.filter(|it| !is_beaten(&it.own));
    let best: Vec<String> = best.map(|it| name(&it.own)).collect();
    let lead = match &best[..] {
        [] => "No backend is shown to be faster than one task after another.".to_owned(),
        [only] => format!(
            "Take {only}: faster than one task after another, and no other is shown to be faster still."
        ),
        [..] => format!(
            "Take any of {}: each is faster than one task after another, and none of them is shown to be slower than another.",
            listed(&best)
        ),
    };
    let missing = BACKENDS
        .iter()
        .filter(|name| by_loop.iter().all(|it| it.own.backend != **name));
    let missing: Vec<String> = missing.map(|name| (*name).to_owned()).collect();
    let sentences = [
        lead,
        told("Time by that of one task after another", &by_loop, |it| {
            name(&it.own)
        }),
        told("By each other", &between, between_backends),
        not_measured(&missing),
        exploratory(by_loop.iter().chain(&between)),
    ];
    Some(joined(&sentences))
}

/// Atomics by locks on the same backend, and both by those of other backends.
fn shared(analysis: &Analysis) -> Option<String> {
    let way = |cell: &Cell, is_atomic: bool| {
        let ways = ATOMICS.map(|(atomic, lock)| if is_atomic { atomic } else { lock });
        cell.way.as_deref().is_some_and(|way| ways.contains(&way))
    };
    let is_same = |it: &Compared| it.own.backend == it.reference.backend;
    let by_lock = compared(analysis).filter(|it| way(&it.own, true) && way(&it.reference, false));
    let by_lock: Vec<&Compared> = by_lock.filter(|it| is_same(it)).collect();
    let are_alike =
        |it: &Compared, is_atomic| way(&it.own, is_atomic) && way(&it.reference, is_atomic);
    let between = compared(analysis).filter(|it| are_alike(it, true) || are_alike(it, false));
    let between: Vec<&Compared> = between.filter(|it| !is_same(it)).collect();
    let processes = between.iter().filter(|it| it.own.backend == "processes");
    let processes: Vec<&&Compared> = processes
        .filter(|it| it.reference.backend == "threads")
        .collect();
    let atomic = match &by_lock[..] {
        [] => "",
        all if all.iter().all(|it| it.verdict == Verdict::Faster) => {
            "Take an atomic where the state is one number, and a lock where it is more."
        }
        [..] => "That an atomic is faster than a lock is not shown on every backend.",
    };
    let apart = match &processes[..] {
        [] => "",
        all if all.iter().all(|it| it.verdict == Verdict::Slower) => {
            "State that processes share costs more than state that threads share."
        }
        [..] => {
            "That processes pay more than threads for what they share is not shown of every counter."
        }
    };
    let sentences = [
        atomic.to_owned(),
        apart.to_owned(),
        told("An atomic by a lock", &by_lock, |it| it.own.backend.clone()),
        told("Backends by each other", &between, |it| {
            let way = it.own.way.iter().map(|way| format!(", {way}"));
            between_backends(it) + &way.collect::<String>()
        }),
        exploratory(by_lock.iter().chain(&between)),
    ];
    let is_known = !(by_lock.is_empty() && between.is_empty());
    is_known.then(|| joined(&sentences))
}

/// From which length of its tasks each backend takes less time than a loop.
fn lengths_that_pay(analysis: &Analysis) -> Option<String> {
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for backend in BACKENDS {
        let grains = analysis.grains.iter().filter(|it| it.backend == backend);
        let told: Vec<String> = grains.map(pays_from).collect();
        if told.is_empty() {
            missing.push(backend.to_owned());
        }
        known.extend(told);
    }
    let pays = format!(
        "A backend takes less time than a loop over the same tasks if they are long enough: {}. The intervals are of 95\u{a0}%.",
        known.join("; ")
    );
    let sentences = [pays, not_measured(&missing), processes_by_threads(analysis)];
    (!known.is_empty()).then(|| joined(&sentences))
}

/// How processes do on tasks of each length beside threads, the shortest first.
fn processes_by_threads(analysis: &Analysis) -> String {
    let task_ns = |cell: &Cell| {
        let is_loop = |it: &Cell| {
            let key = |cell: &Cell| (cell.workload.clone(), cell.size, cell.tasks);
            it.backend == Measurement::SEQUENTIAL && key(it) == key(cell)
        };
        let loops = analysis.cells.iter().find(|it| is_loop(&it.cell));
        loops.and_then(|it| Some(it.median_ns? / cell.tasks?.max(1) as f64))
    };
    let is_meant = |it: &&Compared| {
        (it.own.backend.as_str(), it.reference.backend.as_str()) == ("processes", "threads")
            && task_ns(&it.own).is_some()
    };
    let mut beside: Vec<&Compared> = compared(analysis).filter(is_meant).collect();
    let length_ns = |it: &Compared| task_ns(&it.own).unwrap_or(0.0);
    beside.sort_by(|a, b| length_ns(a).total_cmp(&length_ns(b)));
    let told = told("Time on processes by that on threads", &beside, |it| {
        format!("at {}", time(length_ns(it)))
    });
    joined(&[told, exploratory(beside.iter())])
}

fn pays_from(grain: &Grain) -> String {
    let of = |crossing: &Crossing| match lengths(grain, crossing) {
        Some(interval) => format!("{} ({interval})", length(grain, crossing.at)),
        None => length(grain, crossing.at),
    };
    format!(
        "{} from {} on, and nine tenths of the ideal speed from {} on",
        on(&grain.backend, grain.workers),
        of(&grain.pays),
        of(&grain.is_efficient),
    )
}

/// What a manager costs, by a lock in shared memory and by way of its use.
fn manager(analysis: &Analysis) -> Option<String> {
    let of = |own: &str, is_reference: fn(&Cell) -> bool| {
        let is_meant =
            move |it: &&Compared| it.own.way.as_deref() == Some(own) && is_reference(&it.reference);
        compared(analysis).find(is_meant)
    };
    let is_shared = |cell: &Cell| {
        ATOMICS
            .iter()
            .any(|(_, lock)| cell.way.as_deref() == Some(*lock))
    };
    let by_shared = of(BY_LOCK, is_shared)?;
    let one = |cell: &Cell| {
        let known = analysis.cells.iter().find(|it| it.cell == *cell)?;
        Some(time(known.median_ns? / cell.size.max(1) as f64))
    };
    let increments = one(&by_shared.own).zip(one(&by_shared.reference));
    let increments = increments.map_or_else(String::new, |(own, reference)| {
        format!("An increment takes {own} there and {reference} here, by the medians.")
    });
    let by_call = of(BY_CALL, |cell| cell.way.as_deref() == Some(BY_LOCK));
    let by_call: Vec<&Compared> = by_call.into_iter().collect();
    let sentences = [
        told(
            "A counter in a manager, by one under a lock in shared memory",
            &[by_shared],
            |it| name(&it.own),
        ),
        increments,
        told(
            "One call for each increment, by the manager's lock, value and set_value",
            &by_call,
            |it| name(&it.own),
        ),
        exploratory([&by_shared].into_iter().chain(&by_call)),
    ];
    Some(joined(&sentences))
}

/// What is told of each comparison: `Time: threads (2 workers) 0.55× (0.54–0.56×), faster.`
fn told(of: &str, compared: &[&Compared], name: impl Fn(&Compared) -> String) -> String {
    let one = |it: &&Compared| {
        let words = it.verdict.words();
        match it.effect {
            Some(effect) => {
                let ratio = effect.ratio;
                let interval = factor_interval(ratio.low, ratio.high);
                format!("{} {} ({interval}), {words}", name(it), factor(ratio.point))
            }
            None => format!("{} {words}", name(it)),
        }
    };
    let all: Vec<String> = compared.iter().map(one).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("{of}: {}.", all.join("; ")),
    }
}

fn between_backends(compared: &Compared) -> String {
    format!("{} by {}", compared.own.backend, compared.reference.backend)
}

fn name(cell: &Cell) -> String {
    match cell.workers {
        Some(workers) => on(&cell.backend, workers),
        None => cell.backend.clone(),
    }
}

fn not_measured(backends: &[String]) -> String {
    match backends {
        [] => String::new(),
        [..] => format!("Not measured: {}.", listed(backends)),
    }
}

/// What verdicts are worth that are not confirmed together.
fn exploratory<'a>(compared: impl Iterator<Item = &'a &'a Compared>) -> String {
    let is_exploratory = |it: &&Compared| it.purpose == Purpose::Exploratory;
    let all: Vec<bool> = compared.map(is_exploratory).collect();
    let words = match (all.contains(&true), all.contains(&false)) {
        (false, _) => "",
        (true, false) => {
            "This is explored and not confirmed; its p are corrected by Benjamini and Hochberg."
        }
        (true, true) => {
            "Some of this is explored and not confirmed; its p are corrected by Benjamini and Hochberg."
        }
    };
    words.to_owned()
}

fn joined(sentences: &[String]) -> String {
    let said: Vec<&str> = sentences
        .iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    said.join(" ")
}
