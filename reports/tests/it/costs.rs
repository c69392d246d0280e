//! What tasks and pools cost, how backends scale and how long tasks wait: from a record whose truth is known to the page.

use reports::paired::{Analysis, Cell, Figure, Latency, Observation, PairedRun, Series};
use reports::statistics::Generator;
use reports::{Report, Verdict, page, results};

use crate::data::environment;
use crate::html::Element;
use crate::{schema, twins};

const LAUNCHES: u32 = 8;
const BLOCKS: u32 = 2;

/// A cell and what one run of it takes, in nanoseconds.
type Timed = (Cell, f64);

fn cell(workload: &str, backend: &str, workers: u32, size: u64) -> Cell {
    Cell {
        workload: workload.to_owned(),
        backend: backend.to_owned(),
        way: None,
        workers: Some(workers),
        size,
        tasks: None,
    }
}

/// 50 µs to queue any and 300 ns for each task, of which the last number's cost `growth` times as much.
fn queued(growth: f64) -> Vec<Timed> {
    let counts = [100, 1_000, 10_000, 100_000, 1_000_000];
    let timed = counts.map(|count| {
        let each = if count == 1_000_000 { growth } else { 1.0 };
        let time = 5e4 + 300.0 * each * count as f64;
        (cell("queued tasks", "threads", 2, count), time)
    });
    timed.to_vec()
}

/// A tenth of the work is serial; for each worker the same work costs a tenth more with each one.
fn scaling(is_weak: bool) -> Vec<Timed> {
    let timed = [1, 2, 3, 4].map(|workers| {
        let many = f64::from(workers);
        let time = match is_weak {
            false => 1e6 * (0.1 + 0.9 / many),
            true => 5e5 * (1.0 + 0.1 * (many - 1.0)),
        };
        (cell("pi", "threads", workers, 1 + u64::from(is_weak)), time)
    });
    timed.to_vec()
}

fn start_up(backends: [(&str, f64); 2]) -> Vec<Timed> {
    let timed = backends.map(|(backend, time)| (cell("start of a pool", backend, 2, 1), time));
    timed.to_vec()
}

fn peers() -> Vec<Timed> {
    let timed = [("processes", 9e5), ("procspawn", 4e6), ("bare socket", 6e5)];
    let timed = timed.map(|(backend, time)| (cell("round trips", backend, 1, 100), time));
    timed.to_vec()
}

/// A run of such series, each time off by a per cent at most.
fn run_of(series: &[(Figure, Vec<Timed>)]) -> PairedRun {
    let mut run = crate::paired::run(LAUNCHES, [1.0, 1.0, 1.3, 1.9]);
    let mut generator = Generator::new(5);
    for (figure, timed) in series {
        let first = run.cells.len();
        for (place, (cell, time_ns)) in timed.iter().enumerate() {
            run.cells.push(cell.clone());
            run.runs.push(1);
            for (launch, block) in
                (0..LAUNCHES).flat_map(|launch| (0..BLOCKS).map(move |it| (launch, it)))
            {
                let wobble = 1.0 + 0.02 * (generator.unit() - 0.5);
                let row = run.observations.rows().next().expect("there is one");
                run.observations.push(Observation {
                    launch,
                    block,
                    cell: first + place,
                    runs: 1,
                    wall_ns: (time_ns * wobble) as u64,
                    ..row
                });
            }
        }
        run.series.push(Series {
            figure: *figure,
            cells: (first..run.cells.len()).collect(),
        });
    }
    run
}

/// What launches have seen of waits: so many tasks each, of 200 µs by themselves, a hundredth of which wait for 5 ms.
fn latencies(tasks: u64) -> Vec<Latency> {
    let of = |launch, backend: &str, way: u64| Latency {
        launch,
        backend: backend.to_owned(),
        workers: 2,
        per_second: 4_000.0,
        latency_ns: (0..tasks)
            .map(|task| 210_000 + way + task + if task % 100 == 0 { 5_000_000 } else { 0 })
            .collect(),
        service_ns: (0..tasks).map(|task| 200_000 + task % 100).collect(),
        late_ns: 900,
        ok: true,
    };
    let launches = 0..LAUNCHES;
    launches
        .flat_map(|launch| [of(launch, "threads", 0), of(launch, "processes", 30_000)])
        .collect()
}

/// A run with all of it.
pub(crate) fn run() -> PairedRun {
    let mut run = run_of(&[
        (Figure::Queued, queued(1.5)),
        (Figure::StrongScaling, scaling(false)),
        (Figure::WeakScaling, scaling(true)),
        (
            Figure::StartUp,
            start_up([("threads", 6e4), ("processes", 2e6)]),
        ),
        (
            Figure::StartUp,
            start_up([("CPython threads", 3e5), ("CPython processes", 2e7)]),
        ),
        (Figure::Peers, peers()),
    ]);
    run.latencies = latencies(400);
    run
}

fn analysed(run: &PairedRun) -> Analysis {
    run.validate().unwrap();
    Analysis::with_draws(run, 400)
}

#[test]
fn the_fixed_cost_and_that_of_each_task_are_those_that_were_put_in() {
    let analysis = analysed(&run_of(&[(Figure::Queued, queued(1.0))]));
    let costs = analysis.queued[0].costs.unwrap();
    for (estimate, truth) in [(costs.fixed, 5e4), (costs.marginal, 300.0)] {
        assert!(
            (estimate.point_ns / truth - 1.0).abs() < 0.03,
            "{estimate:?}"
        );
        assert!(estimate.low_ns < estimate.high_ns, "{estimate:?}");
    }
    // A task among a hundred carries a hundredth of the fixed cost: 800 ns, of which 300 are its own.
    let (tasks, first) = analysis.queued[0].points[0];
    assert_eq!(tasks, 100);
    assert!((first.point_ns / 800.0 - 1.0).abs() < 0.02, "{first:?}");
}

#[test]
fn growth_is_told_from_none() {
    for (growth, expected) in [(1.5, Verdict::Slower), (1.0, Verdict::Equivalent)] {
        let analysis = analysed(&run_of(&[(Figure::Queued, queued(growth))]));
        let grown = analysis.queued[0].growth.as_ref().unwrap();
        assert_eq!(
            (grown.few, grown.many, grown.verdict),
            (10_000, 1_000_000, expected)
        );
    }
}

#[test]
fn growth_is_told_from_the_numbers_that_were_measured() {
    let mut run = run_of(&[(Figure::Queued, queued(1.5))]);
    let rows: Vec<Observation> = run.observations.rows().collect();
    let last = run.cells.len() - 1;
    run.observations = Default::default();
    for row in rows.into_iter().filter(|row| row.cell != last) {
        run.observations.push(row);
    }
    let analysis = analysed(&run);
    let grown = analysis.queued[0].growth.as_ref().unwrap();
    assert_eq!((grown.few, grown.many), (1_000, 100_000));
}

#[test]
fn one_number_of_tasks_has_neither_a_line_nor_growth() {
    let one = queued(1.0)[..1].to_vec();
    let analysis = analysed(&run_of(&[(Figure::Queued, one)]));
    assert_eq!(analysis.queued[0].points.len(), 1);
    assert!(analysis.queued[0].costs.is_none() && analysis.queued[0].growth.is_none());
}

#[test]
fn strong_and_weak_scaling_have_the_efficiency_that_was_put_in() {
    let analysis = analysed(&run());
    let [strong, weak] = analysis.scalings.as_slice() else {
        panic!("{:?}", analysis.scalings);
    };
    assert!(!strong.is_weak && weak.is_weak);
    for point in &strong.points {
        let many = f64::from(point.workers);
        let expected = 1.0 / (0.1 * many + 0.9);
        let efficiency = point.efficiency.unwrap();
        assert!(
            (efficiency.point / expected - 1.0).abs() < 0.02,
            "{point:?}"
        );
        assert!(efficiency.low <= efficiency.point && efficiency.point <= efficiency.high);
        let serial = point.serial_fraction.map(|it| (it - 0.1).abs() < 0.02);
        assert_eq!(serial, (point.workers > 1).then_some(true), "{point:?}");
    }
    for point in &weak.points {
        let expected = 1.0 / (1.0 + 0.1 * (f64::from(point.workers) - 1.0));
        assert!((point.efficiency.unwrap().point / expected - 1.0).abs() < 0.02);
        assert_eq!(point.serial_fraction, None);
    }
}

#[test]
fn series_of_one_workload_stand_in_one_figure() {
    let analysis = analysed(&run());
    let figures: Vec<(Figure, usize)> = analysis
        .side_by_side
        .iter()
        .map(|it| (it.figure, it.rows.len()))
        .collect();
    assert_eq!(figures, [(Figure::StartUp, 4), (Figure::Peers, 3)]);
    // Of a hundred round trips one: 9 µs.
    let (_, first) = &analysis.side_by_side[1].rows[0];
    assert!((first.point_ns / 9e3 - 1.0).abs() < 0.02, "{first:?}");
}

#[test]
fn a_wrong_answer_takes_its_cell_out_of_every_figure() {
    let mut run = run();
    let rows: Vec<Observation> = run.observations.rows().collect();
    run.observations = Default::default();
    for mut row in rows {
        row.ok = row.cell < 4;
        run.observations.push(row);
    }
    let analysis = analysed(&run);
    assert!(analysis.queued.is_empty() && analysis.scalings.is_empty());
    assert!(analysis.side_by_side.is_empty());
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    assert!(!html.contains("id=\"costs\"") && !html.contains("id=\"scaling\""));
}

#[test]
fn a_figure_of_no_cell_of_the_run_is_refused() {
    let mut run = run();
    run.series[0].cells.push(99);
    let reason = run.validate().unwrap_err();
    assert!(
        reason.contains("a figure is to show cell 99, and there are"),
        "{reason}"
    );
    let mut run = self::run();
    run.latencies[3].launch = LAUNCHES;
    assert!(
        run.validate()
            .unwrap_err()
            .contains("a latency is of launch 8")
    );
}

#[test]
fn a_record_from_before_these_figures_is_read_and_has_none_of_them() {
    let mut record = serde_json::to_value(crate::paired::run(2, [1.0; 4])).unwrap();
    for name in ["series", "latencies"] {
        record.as_object_mut().unwrap().remove(name).unwrap();
    }
    let run: PairedRun = serde_json::from_value(record).unwrap();
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    for id in ["scaling", "costs", "latency"] {
        assert!(!html.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

fn section(html: &str, id: &str) -> Element {
    let root = Element::parse(html);
    let sections = root.named("section").into_iter();
    let mut sections = sections.filter(|it| it.attribute("id") == Some(id));
    sections.next().expect(id).clone()
}

fn page_of(run: PairedRun) -> String {
    page::render(&Report::new(Vec::new(), Some(environment())).with_run(run))
}

#[test]
fn a_percentile_with_too_few_tasks_beyond_it_is_not_told() {
    // 3 200 tasks: 32 beyond 99 %, and 3 beyond 99.9 %.
    let latency = section(&page_of(run()), "latency");
    let row = latency.named("tbody")[1].named("tr")[0];
    let cells: Vec<String> = row.named("td").into_iter().map(Element::text).collect();
    assert_eq!(cells[3], "too few beyond");
    assert!(cells[0].starts_with("210\u{a0}µs"), "{cells:?}");
    let ticks = |section: &Element| -> Vec<String> {
        let texts = section.named("svg")[0].named("text").into_iter();
        let texts = texts.map(Element::text);
        texts.filter(|text| text.ends_with("\u{a0}%")).collect()
    };
    assert_eq!(ticks(&latency), ["50\u{a0}%", "90\u{a0}%", "99\u{a0}%"]);
    assert!(
        latency
            .text()
            .contains("From 99.9\u{a0}% on fewer than 10 tasks lie beyond")
    );
    // With four times as many it is.
    let mut run = run();
    run.latencies = latencies(1_600);
    let latency = section(&page_of(run), "latency");
    assert_eq!(ticks(&latency).len(), 4);
    assert!(!latency.text().contains("too few beyond"));
}

#[test]
fn each_percentile_says_how_many_tasks_lie_beyond_it() {
    let latency = section(&page_of(run()), "latency");
    let texts = latency.named("svg")[0].named("text").into_iter();
    let texts: Vec<String> = texts.map(Element::text).collect();
    for beyond in ["1600", "320", "32"] {
        assert!(
            texts.iter().any(|text| text == beyond),
            "{beyond}: {texts:?}"
        );
    }
}

#[test]
fn waits_with_a_wrong_answer_are_void() {
    let mut run = run();
    for seen in &mut run.latencies {
        seen.ok = seen.backend != "processes";
    }
    let latency = section(&page_of(run), "latency");
    assert!(latency.text().contains("void: wrong answer"));
    let names: Vec<String> = latency.named("svg")[0]
        .named("title")
        .into_iter()
        .map(Element::text)
        .collect();
    assert!(
        names.iter().all(|name| !name.contains("processes")),
        "{names:?}"
    );
}

#[test]
fn where_workers_are_more_than_cores_the_figure_is_shaded_and_no_serial_fraction_is_told() {
    let scaling = section(&page_of(run()), "scaling");
    for drawing in scaling.named("svg") {
        let text = drawing.text();
        assert!(text.contains("more workers than cores"), "{text}");
        assert_eq!(drawing.named("rect").len(), 1);
    }
    let rows = scaling
        .named("tbody")
        .into_iter()
        .next_back()
        .unwrap()
        .named("tr");
    let serial: Vec<bool> = rows[..4]
        .iter()
        .map(|row| row.named("td").last().unwrap().text() == "–")
        .collect();
    // The environment has two cores.
    assert_eq!(serial, [true, false, true, true]);
    assert!(
        scaling
            .text()
            .contains("4 are too few worker counts to fit")
    );
}

#[test]
fn with_six_worker_counts_the_law_is_fitted() {
    let timed = [1, 2, 3, 4, 5, 6].map(|workers| {
        let many = f64::from(workers);
        (
            cell("pi", "threads", workers, 1),
            1e6 * (0.1 + 0.9 / many + 0.02 * (many - 1.0)),
        )
    });
    let run = run_of(&[(Figure::StrongScaling, timed.to_vec())]);
    let text = section(&page_of(run.clone()), "scaling").text();
    assert!(
        text.contains("a contention of 0.") && text.contains("a coherency of 0.0"),
        "{text}"
    );
    assert!(text.contains("The intervals are of 95\u{a0}%"), "{text}");
    let report = Report::new(Vec::new(), None).with_run(run);
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    assert_eq!(schema::mismatch(&twins::the_schema(), &json), None);
    let contention = &json["scalings"][0]["law"]["contention"];
    let [low, high] = ["low", "high"].map(|end| contention[end].as_f64().unwrap());
    assert!(low < 0.1 && 0.1 < high, "{contention}");
}

#[test]
fn the_twins_have_what_the_page_has() {
    let report = Report::new(Vec::new(), Some(environment())).with_run(run());
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let queued = &json["queued"][0];
    assert_eq!(queued["verdict"], "slower");
    assert!(
        queued["marginal_ns"]["point_ns"]
            .as_f64()
            .is_some_and(|it| it > 290.0)
    );
    assert_eq!(json["scalings"].as_array().unwrap().len(), 2);
    assert_eq!(json["side_by_side"].as_array().unwrap().len(), 2);
    let percentiles = json["latencies"][0]["latency"].as_array().unwrap();
    assert_eq!(percentiles[2]["beyond"], 32);
    assert!(percentiles[3]["point_ns"].is_null());
    let markdown = reports::markdown(&report);
    // Whatever is printed after it begins a line.
    let alone = report.paired.as_ref().map(Analysis::markdown);
    assert!(alone.is_some_and(|it| it.ends_with('\n')));
    for says in [
        "From 10\u{202f}000 tasks to 1\u{202f}000\u{202f}000 the cost of a task grows",
        "Half of the results were there within",
        "When they share the work, threads (2 workers) have",
    ] {
        assert!(markdown.contains(says), "{says}");
    }
}
