//! What a reader is told to take: the answer with its numbers, and that there is none where the data are missing.

use reports::paired::{Cell, Declared, Observation, PairedRun, Purpose};
use reports::statistics::Generator;
use reports::{Report, markdown, page};

use crate::html::Element;
use crate::paired;

/// A cell with two workers, or the loop that has none, and how long it takes by a millisecond.
pub(crate) type Timed<'a> = (&'a str, &'a str, Option<&'a str>, f64);

/// A run of such cells; the comparisons name their places.
pub(crate) fn run_of(
    launches: u32,
    timed: &[Timed],
    comparisons: &[(usize, usize, Purpose)],
) -> PairedRun {
    let template = paired::run(1, [1.0; 4]);
    let row = template.observations.rows().next().unwrap();
    let cell = |(workload, backend, way, _): &Timed| Cell {
        workload: (*workload).to_owned(),
        backend: (*backend).to_owned(),
        way: way.map(str::to_owned),
        workers: (*backend != "sequential").then_some(2),
        size: 1_000,
        tasks: None,
    };
    let mut run = PairedRun {
        launches,
        cells: timed.iter().map(cell).collect(),
        runs: vec![4; timed.len()],
        comparisons: comparisons
            .iter()
            .map(|&(own, reference, purpose)| Declared {
                own,
                reference,
                purpose,
            })
            .collect(),
        observations: Default::default(),
        ..template
    };
    let mut generator = Generator::new(3);
    for (launch, block) in (0..launches).flat_map(|launch| (0..2).map(move |it| (launch, it))) {
        for (cell, (.., factor)) in timed.iter().enumerate() {
            let wobble = 1.0 + 0.02 * (generator.unit() - 0.5);
            run.observations.push(Observation {
                launch,
                block,
                cell,
                wall_ns: (4e6 * factor * wobble) as u64,
                ..row
            });
        }
    }
    run.validate().unwrap();
    run
}

/// Pi on a loop and three backends.
fn computing(launches: u32, [threads, processes, rayon]: [f64; 3]) -> PairedRun {
    let cells = [
        ("pi", "sequential", None, 2.0),
        ("pi", "threads", None, threads),
        ("pi", "processes", None, processes),
        ("pi", "rayon", None, rayon),
    ];
    let comparisons = [1, 2, 3].map(|own| (own, 0, Purpose::Confirmatory));
    run_of(launches, &cells, &comparisons)
}

fn report(run: PairedRun) -> Report {
    Report::new(Vec::new(), None).with_run(run)
}

/// What the page says about something, and the Markdown with it.
fn said(report: &Report, about: &str) -> String {
    let html = page::render(report);
    let root = Element::parse(&html);
    let answers = root.named("section")[0];
    let lead = format!("{about}: ");
    let mut items = answers.named("li").into_iter().map(Element::text);
    let item = items.find(|text| text.starts_with(&lead)).expect(about);
    let same = markdown(report).replace('\\', "");
    assert!(same.contains(&format!("* {item}\n")), "{item}\n{same}");
    item.replace('\u{a0}', " ")
}

#[test]
fn the_backend_that_beats_the_others_is_named_with_ratio_and_interval() {
    let report = report(computing(8, [1.2, 1.4, 1.0]));
    let said = said(&report, "CPU-bound work (pi)");
    assert!(said.contains("Take rayon (2 workers): faster"), "{said}");
    for (lead, ratio) in [
        ("rayon (2 workers) ", 1.0 / 2.0),
        ("threads (2 workers) ", 1.2 / 2.0),
        ("rayon by threads ", 1.0 / 1.2),
        ("rayon by processes ", 1.0 / 1.4),
    ] {
        let mut places = said.match_indices(lead).map(|it| &said[it.0..]);
        let numbers = places.find_map(|it| it.strip_prefix(lead)?.split_once("×)"));
        let (numbers, verdict) = numbers.expect(lead);
        let numbers: Vec<f64> = numbers
            .split(['×', ' ', '(', '–'])
            .filter_map(|it| it.parse().ok())
            .collect();
        let [point, low, high] = numbers[..] else {
            panic!("{lead}: {said}")
        };
        assert!((point / ratio - 1.0).abs() < 0.02, "{lead}: {said}");
        assert!(low <= point && point <= high);
        assert!(verdict.starts_with(", faster"), "{lead}: {said}");
    }
    assert!(said.contains("Some of this is explored"), "{said}");
}

#[test]
fn backends_that_none_beats_are_all_named() {
    let said = said(
        &report(computing(8, [1.0, 1.5, 1.001])),
        "CPU-bound work (pi)",
    );
    assert!(
        said.contains("Take any of threads (2 workers) and rayon (2 workers): each is faster"),
        "{said}"
    );
    assert!(said.contains("processes by threads 1.50×"), "{said}");
}

#[test]
fn nothing_is_to_be_taken_that_is_not_shown_to_be_faster() {
    for run in [computing(8, [2.5, 2.5, 2.5]), computing(4, [1.0, 1.0, 1.0])] {
        let said = said(&report(run), "CPU-bound work (pi)");
        assert!(said.contains("No backend is shown to be faster"), "{said}");
        assert!(!said.contains("Take"), "{said}");
    }
}

#[test]
fn what_waits_is_told_to_be_exploratory_and_what_it_lacks_is_named() {
    let cells = [
        ("downloads", "sequential", None, 20.0),
        ("downloads", "threads", None, 1.0),
        ("downloads", "processes", None, 1.2),
    ];
    let comparisons = [1, 2].map(|own| (own, 0, Purpose::Exploratory));
    let report = report(run_of(8, &cells, &comparisons));
    let waits = said(&report, "I/O-bound work (downloads)");
    assert!(waits.contains("Take threads (2 workers)"), "{waits}");
    assert!(
        waits.contains("This is explored and not confirmed"),
        "{waits}"
    );
    assert!(waits.contains("Not measured: rayon."), "{waits}");
    let computes = said(&report, "CPU-bound work (pi)");
    assert!(computes.contains("Nothing can be told"), "{computes}");
}

/// Counters on threads and processes, and in a manager.
fn counting(shared: f64) -> PairedRun {
    let cells = [
        ("counter", "threads", Some("mutex"), 3.0),
        ("counter", "threads", Some("atomic"), 1.0),
        ("counter", "processes", Some("shared-memory lock"), shared),
        (
            "short counter",
            "processes",
            Some("shared-memory lock"),
            1.0,
        ),
        (
            "short counter",
            "processes",
            Some("manager value and lock"),
            200.0,
        ),
        (
            "short counter",
            "processes",
            Some("manager value, by call"),
            25.0,
        ),
    ];
    let comparisons = [
        (1, 0, Purpose::Exploratory),
        (2, 0, Purpose::Confirmatory),
        (4, 3, Purpose::Confirmatory),
        (5, 4, Purpose::Confirmatory),
    ];
    run_of(8, &cells, &comparisons)
}

#[test]
fn what_sharing_costs_follows_the_verdicts() {
    let costly = said(&report(counting(6.0)), "Shared state (a counter)");
    assert!(costly.contains("Take an atomic where"), "{costly}");
    assert!(
        costly.contains("processes share costs more") && costly.contains("2.00× ("),
        "{costly}"
    );
    let level = said(&report(counting(3.0)), "Shared state (a counter)");
    assert!(!level.contains("costs more"), "{level}");
    assert!(level.contains("is not shown of every counter"), "{level}");
}

#[test]
fn a_manager_is_told_as_a_ratio_and_as_the_time_of_an_increment() {
    let said = said(&report(counting(6.0)), "A manager");
    for part in [
        "in shared memory: processes (2 workers) ",
        ", slower.",
        "An increment takes 200 µs there and 1.0",
        "value and set_value: processes (2 workers) 0.12",
        ", faster.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_length_from_which_processes_pay_has_its_interval_or_its_bound() {
    let said = said(&report(paired::grain_run()), "Length of a task");
    assert!(said.contains("processes (2 workers) from "), "{said}");
    assert!(
        said.contains("nine tenths of the ideal speed from more than 100 µs on"),
        "{said}"
    );
    assert!(
        said.contains("threads (2 workers) from less than 1.00 µs on"),
        "{said}"
    );
    assert!(said.contains("Not measured: rayon."), "{said}");
}

#[test]
fn processes_are_set_beside_threads_at_each_length_the_shortest_first() {
    let mut run = paired::grain_run();
    for lengths in 0..3 {
        // The loop, processes and threads.
        let [loops, processes, threads] = [0, 1, 2].map(|place| 3 * lengths + place);
        run.comparisons
            .extend([threads, processes].map(|own| Declared {
                own,
                reference: loops,
                purpose: Purpose::Exploratory,
            }));
    }
    let said = said(&report(run), "Length of a task");
    let (_, beside) = said
        .split_once("Time on processes by that on threads: ")
        .expect(&said);
    let lengths: Vec<&str> = beside.split("; ").collect();
    for (told, begins) in
        lengths
            .iter()
            .zip(["at 1.00 µs 20.8×", "at 10.0 µs 3.33×", "at 100 µs 1.24×"])
    {
        assert!(told.starts_with(begins), "{told}");
        assert!(told.contains("), slower"), "{told}");
    }
    assert!(beside.contains("This is explored"), "{beside}");
}

#[test]
fn without_data_each_answer_says_so() {
    let none = Report::new(Vec::new(), None);
    let other = report(paired::run(8, [1.0, 1.0, 1.3, 1.9]));
    for about in [
        "CPU-bound work (pi)",
        "I/O-bound work (downloads)",
        "Shared state (a counter)",
        "Length of a task",
        "A manager",
    ] {
        for report in [&none, &other] {
            let said = said(report, about);
            assert!(
                said.contains("Nothing can be told: no paired run has "),
                "{said}"
            );
        }
    }
}
