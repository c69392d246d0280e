//! What the page has because of a paired run and its baseline, and how a reader finds the way through it.

use std::path::Path;

use reports::{Report, Verdict, page, results};

use crate::data::{environment, pages, varied_report};
use crate::html::Element;

#[test]
fn every_section_is_in_the_navigation_and_the_skip_link_leads_past_it() {
    for html in pages() {
        let root = Element::parse(&html);
        let sections = root.named("section").into_iter();
        let ids: Vec<_> = sections.map(|it| it.attribute("id").unwrap()).collect();
        let links = root.named("nav")[0].named("a").into_iter();
        let links: Vec<_> = links
            .map(|it| &it.attribute("href").unwrap()[1..])
            .collect();
        assert_eq!(links, ids);
        let skip = root.named("a")[0];
        assert_eq!(skip.attribute("href"), Some("#main"));
        assert_eq!(root.named("main")[0].attribute("id"), Some("main"));
    }
}

#[test]
fn each_statistic_is_told_in_two_sentences_where_it_is_shown() {
    let pages = pages();
    let told = |html: &str| {
        let root = Element::parse(html);
        let sections = root.named("section").into_iter();
        let mut sections = sections.filter(|it| it.attribute("id") == Some("method"));
        let facts = sections
            .next()
            .unwrap()
            .named("dd")
            .into_iter()
            .map(Element::text);
        facts.collect::<Vec<_>>()
    };
    assert!(
        told(&pages[0]).is_empty(),
        "without a paired run there are none"
    );
    let told = told(&pages[pages.len() - 1]);
    assert!(told.len() > 10);
    for text in told {
        assert_eq!(
            text.matches(['.', ';']).filter(|it| *it == ".").count(),
            2,
            "{text}"
        );
    }
}

#[test]
fn each_theme_can_be_chosen_and_paper_is_light() {
    for html in pages() {
        let root = Element::parse(&html);
        let themes: Vec<_> = root
            .named("input")
            .into_iter()
            .filter_map(|it| it.attribute("id"))
            .collect();
        assert_eq!(themes, ["theme-auto", "theme-light", "theme-dark"]);
        for theme in ["light", "dark"] {
            assert!(
                html.contains("@media screen{")
                    && html.contains(&format!("#theme-{theme}:checked"))
            );
        }
        let (_, style) = html.split_once("<style>").unwrap();
        let dark = style.find("prefers-color-scheme:dark").unwrap();
        assert!(
            style[..dark].ends_with("@media screen and ("),
            "on paper nothing is dark"
        );
    }
}

#[test]
fn the_answers_begin_with_what_the_paired_run_comes_to() {
    let html = page::render(&pages_report());
    let root = Element::parse(&html);
    let answers = root.named("section")[0].text().replace('\u{a0}', " ");
    assert!(answers.contains("Conclusion: fine"), "{answers}");
    assert!(answers.contains("Grade A"));
    assert!(
        answers.contains("pi, processes (2 workers): ▼ slower, 1.30× ("),
        "{answers}"
    );
}

fn pages_report() -> Report {
    varied_report().with_run(crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]))
}

#[test]
fn hostile_names_in_a_paired_run_and_its_baseline_are_only_names() {
    const HOSTILE: &str = "<img src=x>&\"'\u{202e}";
    let mut run = crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    for cell in &mut run.cells {
        cell.workload = HOSTILE.to_owned();
        cell.way = Some(HOSTILE.to_owned());
    }
    let report = Report::new(Vec::new(), Some(environment())).with_run(run);
    let then = report.clone();
    let html = page::render(&report.with_baseline(HOSTILE, &then));
    Element::parse(&html);
    assert!(!html.contains("<img") && !html.contains('\u{202e}'));
    assert!(html.contains("&lt;img src=x&gt;&amp;&quot;'⟨U+202E⟩"));
}

#[test]
fn a_full_paired_run_with_its_baseline_stays_under_half_a_megabyte() {
    let mut run = crate::paired::run(10, [1.0, 1.0, 1.3, 1.9]);
    let rows: Vec<_> = run.observations.rows().collect();
    run.blocks = 12;
    let (cells, comparisons) = (run.cells.clone(), run.comparisons.clone());
    for copy in 1..8 {
        run.cells.extend(cells.iter().cloned().map(|mut cell| {
            cell.workload = format!("workload number {copy}");
            cell
        }));
        run.comparisons
            .extend(comparisons.iter().map(|it| reports::paired::Declared {
                own: it.own + 4 * copy,
                reference: it.reference + 4 * copy,
                ..*it
            }));
    }
    run.observations = Default::default();
    for half in 0..2 {
        for copy in 0..8 {
            for row in &rows {
                run.observations.push(reports::paired::Observation {
                    block: row.block + 6 * half,
                    cell: row.cell + 4 * copy,
                    ..*row
                });
            }
        }
    }
    let report = varied_report().with_run(run);
    let then = report.clone();
    let html = page::render(&report.with_baseline("then", &then));
    assert!(html.len() < 500_000, "{} bytes", html.len());
    println!("{} bytes", html.len());
}

/// The committed full run against itself; its page would otherwise be larger than a page may be.
#[test]
fn the_sample_with_a_baseline_leaves_rows_out_and_says_so() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample");
    let now = results::read(&sample.join("results.json")).unwrap();
    let whole = page::render(&now);
    assert!(!whole.contains("Shown are") && !whole.contains("With everything in it"));
    let mut report = now.clone().with_baseline("then", &now);
    let mut against = report.against.take().unwrap();
    // The least grave of all has become slower.
    let slower = against.shifts.len() - 1;
    against.shifts[slower].verdict = Verdict::Slower;
    against.shifts[slower].label = "the slower one".to_owned();
    let labels: Vec<_> = against.shifts.iter().map(|it| it.label.clone()).collect();
    let rows = [
        against.shifts.len(),
        report.paired.as_ref().unwrap().cells.len(),
    ];
    against.new.clone_from(&labels);
    report.against = Some(against);

    let html = page::render(&report);
    assert!(html.len() <= 500_000, "{} bytes", html.len());
    assert!(
        html.len() > 400_000,
        "more could be shown: {} bytes",
        html.len()
    );
    let root = Element::parse(&html);
    let notice = root.named("header")[0].text();
    let (_, rest) = notice.split_once("since a baseline has ").unwrap();
    let limit: usize = rest.split(' ').next().unwrap().parse().unwrap();
    let table = |id: &str| {
        let mut tables = root.named("table").into_iter();
        tables
            .find(|it| it.named("caption")[0].attribute("id") == Some(id))
            .unwrap()
    };
    for (id, all) in ["against-table", "paired-cells"].into_iter().zip(rows) {
        let shown = table(id).named("tbody")[0].named("tr").len();
        assert_eq!(shown, limit, "{id}");
        let caption = table(id).named("caption")[0].text();
        assert!(
            caption.contains(&format!("Shown are {limit} of {all} rows: ")),
            "{caption}"
        );
    }
    let last = table("against-table").named("tr").pop().unwrap().text();
    assert!(last.contains("the slower one"), "{last}");
    assert!(html.contains(&format!("; and {} more.", labels.len() - limit)));
    let verdicts = table("paired-verdicts").named("tbody")[0].named("tr").len();
    assert_eq!(verdicts, report.paired.as_ref().unwrap().compared.len());
    println!("{} bytes with {limit} rows", html.len());
}
