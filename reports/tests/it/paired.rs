//! What comes of the record of a paired run.

use reports::paired::{
    Analysis, Cell, Declared, FailedLaunch, Missing, Observation, PairedRun, Purpose,
    SCHEMA_VERSION, Stated,
};
use reports::statistics::Generator;
use reports::{Doubt, Report, Standing, Verdict, page};
use tempfile::tempdir;

use crate::html::Element;

const BLOCKS: u32 = 6;

/// Pi on two backends, the first of them listed twice and once with one worker; `factors` says how long each takes.
pub(crate) fn run(launches: u32, factors: [f64; 4]) -> PairedRun {
    let cell = |backend: &str, workers| Cell {
        workload: "pi".to_owned(),
        backend: backend.to_owned(),
        way: None,
        workers: Some(workers),
        size: 1_000,
        tasks: None,
    };
    let declared = |own, reference, purpose| Declared {
        own,
        reference,
        purpose,
    };
    let mut run = PairedRun {
        schema_version: SCHEMA_VERSION,
        started_at: 1_000,
        ended_at: Some(1_060),
        seed: 7,
        launches,
        blocks: BLOCKS,
        margin: 1.05,
        cells: vec![
            cell("threads", 2),
            cell("threads", 2),
            cell("processes", 2),
            cell("threads", 1),
        ],
        runs: vec![4; 4],
        missing: Vec::new(),
        notes: Vec::new(),
        statements: Vec::new(),
        failed: Vec::new(),
        comparisons: vec![
            declared(2, 0, Purpose::Confirmatory),
            declared(0, 3, Purpose::Exploratory),
            declared(1, 0, Purpose::Control),
        ],
        series: Vec::new(),
        observations: Default::default(),
        latencies: Vec::new(),
    };
    let mut generator = Generator::new(3);
    for launch in 0..launches {
        for block in 0..BLOCKS {
            for (cell, factor) in factors.into_iter().enumerate() {
                let wobble = 1.0 + 0.02 * (generator.unit() - 0.5);
                run.observations.push(Observation {
                    launch,
                    block,
                    position: cell as u32,
                    cell,
                    runs: 4,
                    wall_ns: (4e6 * factor * wobble) as u64,
                    user_ns: 4_000_000,
                    involuntary_switches: 8,
                    steal_ticks: u64::from(block == 0),
                    calibrator_ns: 1_000 + 10 * u64::from(block % 4),
                    ok: true,
                    ..Observation::default()
                });
            }
        }
    }
    run
}

fn analysed(run: &PairedRun) -> Analysis {
    Analysis::with_draws(run, 500)
}

#[test]
fn controls_come_first_and_are_the_floor_of_the_others() {
    let analysis = analysed(&run(10, [1.0, 1.0, 1.3, 1.9]));
    let purposes: Vec<Purpose> = analysis.compared.iter().map(|it| it.purpose).collect();
    assert_eq!(
        purposes,
        [
            Purpose::Control,
            Purpose::Confirmatory,
            Purpose::Exploratory
        ]
    );
    let verdicts: Vec<Verdict> = analysis.compared.iter().map(|it| it.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Equivalent, Verdict::Slower, Verdict::Faster]
    );
    let floor = analysis.floor.unwrap();
    assert!(floor > 1.0 && floor < 1.02, "{floor}");
    // A control that is a third off: nothing smaller is told from it, and nothing is called the same.
    let analysis = analysed(&run(10, [1.0, 1.35, 1.3, 1.9]));
    assert_eq!(analysis.compared[0].verdict, Verdict::Slower);
    let floor = analysis.floor.unwrap();
    let within_it = Verdict::CannotTell(Doubt::WithinFloor(floor));
    assert_eq!(analysis.compared[1].verdict, within_it);
    assert!(analysis.margin > 1.3);
}

#[test]
fn a_wrong_answer_voids_its_cell_and_what_is_compared_with_it() {
    let mut run = run(10, [1.0, 1.0, 1.3, 1.9]);
    let rows: Vec<Observation> = run.observations.rows().collect();
    run.observations = Default::default();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.ok = number != 2;
        run.observations.push(row);
    }
    let analysis = analysed(&run);
    assert!(analysis.has_wrong_answers() && analysis.cells[2].is_void);
    assert_eq!(
        analysis.compared[1].verdict,
        Verdict::CannotTell(Doubt::WrongAnswer)
    );
    assert_eq!(analysis.compared[1].effect, None);
    assert_eq!(analysis.compared[2].verdict, Verdict::Faster);
    assert!(
        analysis
            .markdown()
            .contains("| void: a wrong answer has voided it |")
    );
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    assert!(html.contains("<strong class=\"slower\">Wrong answers. </strong>"));
    assert!(html.contains("</span>void: wrong answer</span>"));
}

#[test]
fn none_one_and_two_launches_are_explained() {
    for (launches, says) in [
        (0, "no launch has measured both"),
        (1, "1 launch, and"),
        (2, "2 launches, and"),
    ] {
        let run = run(launches, [1.0, 1.0, 3.0, 1.9]);
        run.validate().unwrap();
        let analysis = analysed(&run);
        assert_eq!(analysis.launches, launches as usize);
        let text = analysis.markdown();
        assert!(text.contains(&format!("can't tell: {says}")), "{text}");
        let html = page::render(&Report::new(Vec::new(), None).with_run(run));
        let explained = html
            .matches(&format!("<span class=\"interval\">{says}"))
            .count();
        assert!(explained >= 3, "{explained}");
        assert!(
            !text.contains("slower") && !text.contains("equivalent |"),
            "{text}"
        );
    }
}

#[test]
fn a_backend_against_itself_with_one_worker_has_a_serial_fraction() {
    let analysis = analysed(&run(10, [1.0, 1.0, 1.3, 1.75]));
    let fractions: Vec<Option<f64>> = analysis
        .compared
        .iter()
        .map(|it| it.serial_fraction)
        .collect();
    assert_eq!(fractions[..2], [None, None]);
    // A speed-up of 1.75 on two workers: a seventh.
    assert!(
        (fractions[2].unwrap() - 1.0 / 7.0).abs() < 0.02,
        "{fractions:?}"
    );
}

#[test]
fn a_cell_is_summed_up_by_its_runs() {
    let analysis = analysed(&run(6, [1.0, 1.0, 1.3, 1.9]));
    let threads = &analysis.cells[0];
    assert_eq!(threads.cell.label(), "pi, threads (2 workers)");
    assert!((threads.median_ns.unwrap() / 1e6 - 1.0).abs() < 0.01);
    assert_eq!((threads.cpu_ns, threads.involuntary_switches), (1e6, 2.0));
    assert_eq!((threads.disturbed, threads.visits), (6, 36));
}

#[test]
fn the_order_of_the_record_changes_no_verdict() {
    let run = run(8, [1.0, 1.0, 1.3, 1.9]);
    let mut reversed = run.clone();
    let rows: Vec<Observation> = run.observations.rows().collect();
    reversed.observations = Default::default();
    for row in rows.into_iter().rev() {
        reversed.observations.push(row);
    }
    assert_eq!(analysed(&run), analysed(&reversed));
}

#[test]
fn the_page_shows_what_the_analysis_says() {
    let place = tempdir().unwrap();
    let environment = place.path().join("environment.json");
    let mut saved = run(8, [1.0, 1.0, 1.3, 1.9]);
    saved.cells[2].backend = "<script>".to_owned();
    saved.save(&place.path().join("paired.json")).unwrap();
    // There is nothing of criterion's.
    let report = Report::read(&place.path().join("none"), &environment).unwrap();
    let html = page::render(&report);
    assert!(html.contains("Paired runs") && !html.contains("<script"));
    let root = Element::parse(&html);
    let analysis = report.paired.unwrap();
    for compared in &analysis.compared {
        let labels = [&compared.own, &compared.reference].map(Cell::label);
        let shown = root.cell(
            "paired-verdicts",
            &labels.each_ref().map(String::as_str),
            "Verdict",
        );
        let word = compared.verdict.words();
        assert!(shown.contains(word), "{labels:?} {word}: {shown}");
        assert!(analysis.markdown().contains(compared.verdict.words()));
    }
    let (_, html) = html.split_once("id=\"paired-verdicts\"").unwrap();
    let control = html.find("control</span>").unwrap();
    assert!(
        control < html.find("pi, &lt;script&gt;").unwrap(),
        "the control is on top"
    );
    saved.observations = Default::default();
    saved.save(&place.path().join("paired.json")).unwrap();
    let report = Report::read(&place.path().join("none"), &environment).unwrap();
    assert!(page::render(&report).contains("no launch has measured both"));
}

#[test]
fn what_a_run_lacks_is_on_the_page() {
    let place = tempdir().unwrap();
    let whole = run(8, [1.0, 1.0, 1.3, 1.9]);
    assert!(whole.gaps().is_empty());
    let mut interrupted = run(3, [1.0, 1.0, 1.3, 1.9]);
    interrupted.ended_at = None;
    interrupted.launches = 10;
    interrupted.failed = vec![FailedLaunch {
        launch: Some(3),
        reason: "it died: signal 9".to_owned(),
    }];
    let missing = |cell| Missing {
        cell,
        reason: "no python3 was found".to_owned(),
    };
    interrupted.missing = vec![missing(0), missing(2)];
    interrupted.notes = vec!["Snake 3.11 is measured too.".to_owned()];
    let says = [
        "Snake 3.11 is measured too.",
        "The run was interrupted: it has 3 of 10 launches.",
        "Launch 4 of 10 has 0 of 6 blocks: it died: signal 9.",
        "Not measured: pi, threads (2 workers); pi, processes (2 workers): no python3 was found.",
    ];
    interrupted.save(&place.path().join("paired.json")).unwrap();
    let environment = place.path().join("environment.json");
    let report = Report::read(&place.path().join("none"), &environment).unwrap();
    let (html, text) = (page::render(&report), report.paired.unwrap().markdown());
    for says in says {
        assert!(html.contains(says), "{says}");
        assert!(text.contains(says), "{text}");
    }
    interrupted.missing = vec![missing(4)];
    assert_eq!(
        interrupted.validate().unwrap_err(),
        "cell 4 is missing, and there are 4"
    );
}

/// Tasks of 1, 10 and 100 µs by a loop; on two workers each costs 12 µs more than half of itself on processes, and a
/// tenth of a microsecond on threads.
pub(crate) fn grain_run() -> PairedRun {
    let mut run = run(0, [1.0; 4]);
    let cell = |backend: &str, workers, terms: u64| Cell {
        workload: "equal tasks".to_owned(),
        backend: backend.to_owned(),
        way: Some(format!("{terms} terms")),
        workers,
        size: 10 * terms,
        tasks: Some(10),
    };
    run.comparisons.clear();
    run.cells = Vec::new();
    let mut times = Vec::new();
    for (terms, task_ns) in [(100_000, 100_000), (1_000, 1_000), (10_000, 10_000)] {
        run.cells.push(cell("sequential", None, terms));
        run.cells.push(cell("processes", Some(2), terms));
        run.cells.push(cell("threads", Some(2), terms));
        let on_two = |overhead| 10 * (task_ns / 2 + overhead);
        times.extend([10 * task_ns, on_two(12_000), on_two(100)]);
    }
    run.runs.clear();
    run.launches = 6;
    for launch in 0..6 {
        for (cell, wall_ns) in times.iter().copied().enumerate() {
            let template = self::run(1, [1.0; 4]).observations.rows().next().unwrap();
            run.observations.push(Observation {
                launch,
                block: 0,
                cell,
                runs: 1,
                wall_ns,
                ..template
            });
        }
    }
    run.validate().unwrap();
    run
}

#[test]
fn the_length_from_which_a_backend_pays_is_found() {
    let run = grain_run();
    let grains = analysed(&run).grains;
    let [processes, threads] = &grains[..] else {
        panic!("{grains:?}")
    };
    let lengths: Vec<f64> = processes.points.iter().map(|point| point.task_ns).collect();
    assert_eq!(lengths, [1e3, 1e4, 1e5]);
    for point in &processes.points {
        assert!((point.overhead_ns - 12e3).abs() < 1e-6, "{point:?}");
    }
    // Half of the ideal is at 24 µs; the interpolation has only 10 and 100 µs to find it by.
    let pays = processes.pays;
    assert!((15e3..35e3).contains(&pays.at), "{pays:?}");
    assert_eq!((pays.low, pays.high), (pays.at, pays.at));
    // At 100 µs it has 50 of 62: never nine tenths.
    assert_eq!(processes.is_efficient.at, f64::INFINITY);
    // A microsecond on threads is 1 of 1.2 ideals, and ten are 10 of 10.2.
    assert_eq!(threads.pays.at, 0.0);
    assert!((1e3..1e4).contains(&threads.is_efficient.at), "{threads:?}");
    let place = tempdir().unwrap();
    run.save(&place.path().join("paired.json")).unwrap();
    let report = Report::read(&place.path().join("none"), &place.path().join("e.json")).unwrap();
    assert!(page::render(&report).contains("more than 100\u{a0}µs"));
}

#[test]
fn a_statement_is_settled_by_the_whole_interval_of_enough_launches() {
    let settled = |launches, times: f64| {
        let mut run = run(launches, [1.0, 1.0, 3.0, 1.9]);
        run.statements = vec![Stated {
            text: "Processes are slower".to_owned(),
            own: 2,
            reference: 0,
            times,
        }];
        run.validate().unwrap();
        let mut analysis = analysed(&run);
        assert!(analysis.markdown().contains("Processes are slower"));
        analysis.statements.remove(0)
    };
    assert_eq!(settled(6, 2.0).standing, Standing::Confirmed);
    assert_eq!(settled(6, 4.0).standing, Standing::Refuted);
    assert_eq!(settled(6, 3.0).standing, Standing::NotConfirmed);
    assert_eq!(settled(5, 2.0).standing, Standing::NotConfirmed);
    assert_eq!(settled(0, 2.0).standing, Standing::NotMeasured);
    let numbers = settled(6, 2.0).numbers;
    assert!(
        numbers.starts_with("pi, processes (2 workers) takes 3.0"),
        "{numbers}"
    );
    assert!(
        numbers.ends_with("the time of pi, threads (2 workers); 6 launches."),
        "{numbers}"
    );
}
