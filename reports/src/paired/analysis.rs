//! From the record to verdicts.

use std::collections::BTreeMap;

use super::between::between;
use super::calibrator::mood;
use super::disturbed::{Disturbance, Disturbed, disturbances};
use super::family::{Corrected, corrected};
use super::grain::{Grain, grains};
use super::latency::{Tail, tails};
use super::order::CellOrder;
use super::queued::{Queued, queued};
use super::scaling::{Scaling, scalings};
use super::series::{SideBySide, side_by_side};
use super::stated::settled;
use super::{Cell, Declared, Observation, PairedRun, Purpose};
use crate::statistics::{Bootstrap, Modes, VarianceSplit, median, serial_fraction};
use crate::{Doubt, Effect, Pair, Ratio, Settled, Terms, Verdict, detectable, judge};

/// What a paired run shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// How far apart a thing is from itself, as a factor; `None` without a control.
    pub floor: Option<f64>,
    /// The margin that counted.
    pub margin: f64,
    /// The comparisons: controls, then the confirmatory ones, then the others.
    pub compared: Vec<Compared>,
    /// Comparisons of backends that were set against the same loop, and not against each other: all exploratory.
    pub between: Vec<Compared>,
    /// What each cell took, in the record's order.
    pub cells: Vec<CellSummary>,
    /// What the data say of the sentences that were to be settled.
    pub statements: Vec<Settled>,
    /// From which length of its tasks each backend pays, where that was measured.
    pub grains: Vec<Grain>,
    /// How many visits something disturbed.
    pub disturbed: Disturbed,
    /// What queued tasks cost, by backend, where that was measured.
    pub queued: Vec<Queued>,
    /// How backends do on more and more workers, where that was measured.
    pub scalings: Vec<Scaling>,
    /// What the cells of other figures take, one beside the other.
    pub side_by_side: Vec<SideBySide>,
    /// How long tasks wait at a fixed offered load, by backend, where that was measured.
    pub tails: Vec<Tail>,
    /// In how many launches anything was measured.
    pub launches: usize,
    /// What was measured that the cells do not name, and how loud the machine was, a sentence each.
    pub notes: Vec<String>,
    /// What the run was to have and has not, a sentence each.
    pub gaps: Vec<String>,
}

/// A comparison with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The cell that is judged.
    pub own: Cell,
    /// The cell it is set against.
    pub reference: Cell,
    /// What it is for.
    pub purpose: Purpose,
    /// What the times say; `None` if there are none, or if an answer was wrong.
    pub effect: Option<Effect>,
    /// The p as its family has it.
    pub corrected: Corrected,
    /// Karp and Flatt's serial fraction, where a backend is set against itself with one worker.
    pub serial_fraction: Option<f64>,
    /// What may be said.
    pub verdict: Verdict,
    /// The smallest factor, by which it takes longer or less long, that would have been found in 80 of 100 such runs; `None`
    /// if none could be, however large.
    pub detectable: Option<f64>,
    /// How much of the variance of the log ratios is between launches, and how much between the blocks of one; `None` if
    /// neither was repeated.
    pub variance: Option<VarianceSplit>,
    /// What it would be without the disturbed visits; `None` if there were none.
    pub undisturbed: Option<Undisturbed>,
}

/// What a comparison would be without the disturbed visits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Undisturbed {
    /// The ratio; `None` if nothing is left.
    pub ratio: Option<Ratio>,
    /// What could be said.
    pub verdict: Verdict,
}

/// What a cell took.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSummary {
    /// The cell.
    pub cell: Cell,
    /// Whether an answer was wrong: then nothing else counts.
    pub is_void: bool,
    /// The median over launches of the launches' medians, of one run, in nanoseconds; `None` if it was not measured.
    pub median_ns: Option<f64>,
    /// CPU time of one run, own and of children, in nanoseconds, on average.
    pub cpu_ns: f64,
    /// Switches that a thread did not want, of one run, on average.
    pub involuntary_switches: f64,
    /// Pages that a run found in memory and had not yet, on average; `None` if the record does not know.
    pub minor_faults: Option<f64>,
    /// Pages that had to be fetched from a disk, of one run, likewise.
    pub major_faults: Option<f64>,
    /// How long something in the machine waited for a processor, in nanoseconds, of one run, likewise.
    pub cpu_pressure_ns: Option<f64>,
    /// Whether its times depend on when they were measured; `None` if that can't be told.
    pub order: Option<CellOrder>,
    /// The two groups of its times, by the visits; `None` of fewer than sixty.
    pub modes: Option<Modes>,
    /// How many visits something disturbed.
    pub disturbed: usize,
    /// How many visits there were.
    pub visits: usize,
}

impl Compared {
    /// Whether the verdict rests on disturbed visits: without them it would be another one.
    #[must_use]
    pub fn is_swayed(&self) -> bool {
        let without = self.undisturbed.map(|it| it.verdict.words());
        without.is_some_and(|words| words != self.verdict.words())
    }
}

impl CellSummary {
    /// Whether its times depend on when they were measured, by more than chance would have it.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        self.order.is_some_and(|order| order.is_marked())
    }

    /// Its two groups of times if it has two, by more than chance would have it.
    #[must_use]
    pub fn several_modes(&self) -> Option<Modes> {
        self.modes.filter(Modes::is_marked)
    }
}

impl Analysis {
    /// Analyses a run, by as many draws as the page has; the seed is the record's.
    #[must_use]
    pub fn new(run: &PairedRun) -> Self {
        Self::with_draws(run, Bootstrap::DRAWS)
    }

    /// Analyses a run by so many draws.
    #[must_use]
    pub fn with_draws(run: &PairedRun, draws: usize) -> Self {
        let rows: Vec<Observation> = run.observations.rows().collect();
        let bootstrap = Bootstrap {
            draws,
            seed: run.seed,
        };
        let disturbances = disturbances(&rows);
        let (floor, mut compared) = compare(run, &rows, bootstrap);
        if let Some(calm) = undisturbed(&rows, &disturbances) {
            let (_, calm) = compare(run, &calm, bootstrap);
            for (own, calm) in compared.iter_mut().zip(calm) {
                own.undisturbed = Some(Undisturbed {
                    ratio: calm.effect.map(|effect| effect.ratio),
                    verdict: calm.verdict,
                });
            }
        }
        let between = compared.split_off(run.comparisons.len());
        let of_all = Terms {
            margin: run.margin,
            floor: floor.unwrap_or(1.0),
            corrected_p: 1.0,
            compared: 1,
        };
        let mut launches: Vec<u32> = rows.iter().map(|row| row.launch).collect();
        launches.sort_unstable();
        launches.dedup();
        Self {
            floor,
            margin: run.margin.max(floor.unwrap_or(1.0)),
            compared,
            between,
            cells: (0..run.cells.len())
                .map(|cell| summary(run, &rows, &disturbances, cell))
                .collect(),
            statements: settled(run, &rows, bootstrap),
            grains: grains(run, &rows, bootstrap),
            disturbed: Disturbed::count(&disturbances),
            queued: queued(run, &rows, of_all, bootstrap),
            scalings: scalings(run, &rows, bootstrap),
            side_by_side: side_by_side(run, &rows, bootstrap),
            tails: tails(&run.latencies),
            launches: launches.len(),
            notes: run.notes.iter().cloned().chain(mood(&rows)).collect(),
            gaps: run.gaps(),
        }
    }

    /// Whether any answer was wrong.
    #[must_use]
    pub fn has_wrong_answers(&self) -> bool {
        self.cells.iter().any(|cell| cell.is_void)
    }
}

/// The floor and the comparisons of some visits: the declared ones by their purpose, then those [`between`] backends.
fn compare(
    run: &PairedRun,
    rows: &[Observation],
    bootstrap: Bootstrap,
) -> (Option<f64>, Vec<Compared>) {
    let is_void = |cell| is_void(rows, cell);
    let effect = |declared: &Declared| effect(rows, declared.own, declared.reference, bootstrap);
    let mut declared = run.comparisons.clone();
    declared.sort_by_key(|declared| declared.purpose as u8);
    declared.extend(between(run));
    let effects: Vec<Option<Effect>> = declared.iter().map(effect).collect();
    let with = || declared.iter().zip(&effects);

    let controls = with().filter(|(it, _)| it.purpose == Purpose::Control);
    let floors = controls.filter_map(|(_, effect)| Some(effect.as_ref()?.floor()));
    let floor = floors.reduce(f64::max);
    let tested = with().map(|(it, effect)| (it.purpose, effect.map_or(1.0, |effect| effect.p)));
    let corrected = corrected(&tested.collect::<Vec<_>>());
    let compared = with()
        .zip(corrected)
        .map(|((declared, effect), corrected)| {
            let terms = Terms {
                margin: run.margin,
                // A control is no floor for itself.
                floor: floor
                    .filter(|_| declared.purpose != Purpose::Control)
                    .unwrap_or(1.0),
                corrected_p: corrected.p,
                compared: corrected.least_factor(),
            };
            let (own, reference) = (&run.cells[declared.own], &run.cells[declared.reference]);
            let verdict = match is_void(declared.own) || is_void(declared.reference) {
                true => Verdict::CannotTell(Doubt::WrongAnswer),
                false => judge(effect.as_ref(), &terms),
            };
            Compared {
                own: own.clone(),
                reference: reference.clone(),
                purpose: declared.purpose,
                effect: *effect,
                corrected,
                serial_fraction: effect.and_then(|effect| serial(own, reference, effect)),
                verdict,
                detectable: effect.and_then(|it| detectable(&it, corrected.needed, terms.floor)),
                variance: effect.and_then(|_| variance(rows, declared)),
                undisturbed: None,
            }
        });
    let compared = compared.collect();
    (floor, compared)
}

/// The visits that nothing disturbed; `None` if those are all.
fn undisturbed(rows: &[Observation], disturbances: &[Disturbance]) -> Option<Vec<Observation>> {
    let both = rows.iter().zip(disturbances);
    let calm = both.filter(|(_, disturbance)| !disturbance.is_any());
    let calm: Vec<Observation> = calm.map(|(row, _)| *row).collect();
    (calm.len() < rows.len()).then_some(calm)
}

fn variance(rows: &[Observation], declared: &Declared) -> Option<VarianceSplit> {
    let launches = pairs(rows, declared.own, declared.reference).into_values();
    let logs = launches.map(|blocks| {
        let mut logs: Vec<f64> = blocks
            .iter()
            .map(|pair| (pair.own_ns / pair.reference_ns).ln())
            .collect();
        // The order in which the visits stand in the record is to change nothing, not even the last bit.
        logs.sort_unstable_by(f64::total_cmp);
        logs
    });
    VarianceSplit::of(&logs.collect::<Vec<_>>())
}

/// The time of one run.
fn time(row: &Observation) -> f64 {
    row.wall_ns as f64 / row.runs as f64
}

fn is_void(rows: &[Observation], cell: usize) -> bool {
    rows.iter().any(|row| row.cell == cell && !row.ok)
}

/// What the times of two cells say of their ratio; `None` if there are none, or if an answer was wrong.
pub(super) fn effect(
    rows: &[Observation],
    own: usize,
    reference: usize,
    bootstrap: Bootstrap,
) -> Option<Effect> {
    if is_void(rows, own) || is_void(rows, reference) {
        return None;
    }
    let launches: Vec<Vec<Pair>> = pairs(rows, own, reference).into_values().collect();
    Effect::of(&launches, bootstrap)
}

/// The pairs of two cells, launch by launch: what one block measured of both.
pub(super) fn pairs(
    rows: &[Observation],
    own: usize,
    reference: usize,
) -> BTreeMap<u32, Vec<Pair>> {
    let of = |cell| {
        let rows = rows.iter().filter(move |row| row.cell == cell);
        rows.map(|row| ((row.launch, row.block), time(row)))
    };
    let references: BTreeMap<(u32, u32), f64> = of(reference).collect();
    let mut launches: BTreeMap<u32, Vec<Pair>> = BTreeMap::new();
    for (place, own_ns) in of(own) {
        if let Some(&reference_ns) = references.get(&place) {
            launches.entry(place.0).or_default().push(Pair {
                own_ns,
                reference_ns,
            });
        }
    }
    launches
}

/// The serial fraction, if one is the other with one worker.
fn serial(own: &Cell, reference: &Cell, effect: Effect) -> Option<f64> {
    let alone = Cell {
        workers: Some(1),
        ..own.clone()
    };
    (alone == *reference).then(|| serial_fraction(1.0 / effect.ratio.point, own.workers?))?
}

fn summary(
    run: &PairedRun,
    rows: &[Observation],
    disturbances: &[Disturbance],
    cell: usize,
) -> CellSummary {
    let here = || {
        let both = rows.iter().zip(disturbances);
        both.filter(|(row, _)| row.cell == cell)
    };
    let rows: Vec<&Observation> = here().map(|(row, _)| row).collect();
    let mut launches: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for row in &rows {
        launches.entry(row.launch).or_default().push(time(row));
    }
    let mut medians: Vec<f64> = launches
        .values_mut()
        .filter_map(|times| median(times))
        .collect();
    let runs: u64 = rows.iter().map(|row| row.runs).sum();
    let of_one = |column: fn(&Observation) -> u64| {
        let all: u64 = rows.iter().map(|row| column(row)).sum();
        all as f64 / runs.max(1) as f64
    };
    let known_of_one = |column: fn(&Observation) -> Option<u64>| {
        let known = rows.iter().filter_map(|row| Some((column(row)?, row.runs)));
        let (all, runs) = known.fold((0, 0), |(all, runs), (value, of)| (all + value, runs + of));
        (runs > 0).then(|| all as f64 / runs as f64)
    };
    let is_void = rows.iter().any(|row| !row.ok);
    let times: Vec<f64> = rows.iter().map(|row| time(row)).collect();
    CellSummary {
        cell: run.cells[cell].clone(),
        is_void,
        median_ns: median(&mut medians),
        cpu_ns: of_one(|row| {
            row.user_ns + row.system_ns + row.children_user_ns + row.children_system_ns
        }),
        involuntary_switches: of_one(|row| row.involuntary_switches),
        minor_faults: known_of_one(|row| row.minor_faults),
        major_faults: known_of_one(|row| row.major_faults),
        cpu_pressure_ns: known_of_one(|row| row.cpu_pressure_ns),
        order: CellOrder::of(&rows, run.seed),
        modes: Modes::of(&times).filter(|_| !is_void),
        disturbed: here()
            .filter(|(_, disturbance)| disturbance.is_any())
            .count(),
        visits: rows.len(),
    }
}
