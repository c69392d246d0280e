//! The figures of a paired run as they stand in `results.json`. Nothing reads them back.

use serde::Serialize;

use crate::paired::{
    Cell, Figure, Growth, Queued, Scaling, ScalingPoint, SideBySide, Spread, Tail,
};
use crate::{Estimate, Ratio};

/// What queued tasks cost on a backend.
#[derive(Serialize)]
pub(super) struct QueuedRecord<'a> {
    backend: &'a str,
    workers: u32,
    points: Vec<QueuedPoint>,
    fixed_ns: Option<Estimate>,
    marginal_ns: Option<Estimate>,
    growth: Option<Ratio>,
    growth_from: Option<u64>,
    growth_to: Option<u64>,
    verdict: Option<&'static str>,
}

#[derive(Serialize)]
struct QueuedPoint {
    tasks: u64,
    one: Estimate,
}

impl<'a> QueuedRecord<'a> {
    pub(super) fn of(queued: &'a Queued) -> Self {
        let growth: Option<&Growth> = queued.growth.as_ref();
        let points = queued.points.iter();
        Self {
            backend: &queued.backend,
            workers: queued.workers,
            points: points
                .map(|&(tasks, one)| QueuedPoint { tasks, one })
                .collect(),
            fixed_ns: queued.costs.map(|it| it.fixed),
            marginal_ns: queued.costs.map(|it| it.marginal),
            growth: growth.map(|it| it.effect.ratio),
            growth_from: growth.map(|it| it.few),
            growth_to: growth.map(|it| it.many),
            verdict: growth.map(|it| it.verdict.words()),
        }
    }
}

/// A backend on more and more workers.
#[derive(Serialize)]
pub(super) struct ScalingRecord<'a> {
    is_weak: bool,
    backend: &'a str,
    points: Vec<ScalingPointRecord>,
    law: Option<LawRecord>,
}

/// The Universal Scalability Law.
#[derive(Serialize)]
struct LawRecord {
    contention: Ratio,
    coherency: Ratio,
    peak: Option<f64>,
}

#[derive(Serialize)]
struct ScalingPointRecord {
    workers: u32,
    time: Estimate,
    efficiency: Option<Ratio>,
    serial_fraction: Option<f64>,
}

impl<'a> ScalingRecord<'a> {
    pub(super) fn of(scaling: &'a Scaling) -> Self {
        let record = |point: &ScalingPoint| ScalingPointRecord {
            workers: point.workers,
            time: point.time,
            efficiency: point.efficiency,
            serial_fraction: point.serial_fraction,
        };
        Self {
            is_weak: scaling.is_weak,
            backend: &scaling.backend,
            points: scaling.points.iter().map(record).collect(),
            law: scaling.law.map(|law| LawRecord {
                contention: law.contention,
                coherency: law.coherency,
                peak: law.peak.map(|it| it.point),
            }),
        }
    }
}

/// What the cells of a figure take, one beside the other.
#[derive(Serialize)]
pub(super) struct SideBySideRecord<'a> {
    figure: Figure,
    workload: &'a str,
    rows: Vec<SideBySideRow<'a>>,
}

#[derive(Serialize)]
struct SideBySideRow<'a> {
    cell: &'a Cell,
    one: Estimate,
}

impl<'a> SideBySideRecord<'a> {
    pub(super) fn of(it: &'a SideBySide) -> Self {
        let rows = it.rows.iter();
        Self {
            figure: it.figure,
            workload: &it.workload,
            rows: rows
                .map(|(cell, one)| SideBySideRow { cell, one: *one })
                .collect(),
        }
    }
}

/// How long tasks wait on a backend.
#[derive(Serialize)]
pub(super) struct LatencyRecord<'a> {
    backend: &'a str,
    workers: u32,
    launches: usize,
    tasks: usize,
    per_second: f64,
    load: f64,
    late_ns: f64,
    is_void: bool,
    latency: Vec<PercentileRecord>,
    latency_longest_ns: Option<f64>,
    service: Vec<PercentileRecord>,
    service_longest_ns: Option<f64>,
}

/// A percentile; without numbers where too few tasks lie beyond it.
#[derive(Serialize)]
struct PercentileRecord {
    share: f64,
    point_ns: Option<f64>,
    low_ns: Option<f64>,
    high_ns: Option<f64>,
    beyond: Option<usize>,
}

impl<'a> LatencyRecord<'a> {
    pub(super) fn of(tail: &'a Tail) -> Self {
        Self {
            backend: &tail.backend,
            workers: tail.workers,
            launches: tail.launches,
            tasks: tail.latency.count(),
            per_second: tail.per_second,
            load: tail.load,
            late_ns: tail.late_ns,
            is_void: tail.is_void,
            latency: percentiles(&tail.latency),
            latency_longest_ns: tail.latency.longest(),
            service: percentiles(&tail.service),
            service_longest_ns: tail.service.longest(),
        }
    }
}

fn percentiles(spread: &Spread) -> Vec<PercentileRecord> {
    let record = |share| {
        let told = spread.percentile(share);
        PercentileRecord {
            share,
            point_ns: told.map(|it| it.point),
            low_ns: told.map(|it| it.interval.low),
            high_ns: told.map(|it| it.interval.high),
            beyond: told.map(|it| it.beyond),
        }
    };
    Tail::SHARES.into_iter().map(record).collect()
}
