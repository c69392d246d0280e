//! The page itself: self-contained, well formed, accessible, deterministic, true to its numbers.

use std::collections::BTreeSet;

use base64::Engine;
use reports::{Report, page};
use sha2::{Digest, Sha256};

use crate::data::{environment, fixture_measurements, measured, pages, varied_report};
use crate::html::Element;

#[test]
fn the_same_data_give_the_same_bytes_in_whatever_order_they_come() {
    let measurements = fixture_measurements();
    let page_of = |measurements| page::render(&Report::new(measurements, Some(environment())));
    let first = page_of(measurements.clone());
    assert_eq!(first, page_of(measurements.clone()));
    for shift in 1..measurements.len() {
        let mut shuffled = measurements.clone();
        shuffled.rotate_left(shift);
        shuffled.swap(0, shift);
        assert_eq!(first, page_of(shuffled));
    }
}

#[test]
fn nothing_is_fetched_and_the_policy_forbids_it() {
    for html in pages() {
        for remote in [
            "http:",
            "https:",
            "//",
            "url(",
            "@import",
            "src=",
            "<script",
            "<link",
            "<img",
            "javascript:",
        ] {
            assert!(!html.contains(remote), "{remote}");
        }
        let root = Element::parse(&html);
        for element in root.all() {
            for (name, value) in element.attributes() {
                assert!(!name.starts_with("on") && name != "style", "{name}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
            }
        }
    }
}

#[test]
fn the_policy_allows_exactly_the_style_on_the_page() {
    for html in pages() {
        let root = Element::parse(&html);
        let metas = root.named("meta");
        let is_policy =
            |meta: &&&Element| meta.attribute("http-equiv") == Some("Content-Security-Policy");
        let policy = metas
            .iter()
            .find(is_policy)
            .expect("a policy")
            .attribute("content")
            .unwrap();
        let (_, after) = html.split_once("<style>").unwrap();
        let (style, after) = after.split_once("</style>").unwrap();
        assert!(!after.contains("<style"));
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(
            policy.contains(&format!("style-src 'sha256-{digest}';")),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"));
    }
}

#[test]
fn ids_are_unique_and_every_reference_meets_one() {
    for html in pages() {
        let root = Element::parse(&html);
        let mut ids = BTreeSet::new();
        for element in root.all() {
            if let Some(id) = element.attribute("id") {
                assert!(!id.is_empty() && !id.contains(' '));
                assert!(ids.insert(id), "{id} twice");
            }
        }
        for element in root.all() {
            let references = element
                .attribute("aria-labelledby")
                .unwrap_or("")
                .split_whitespace();
            for id in references.chain(element.attribute("href").map(|href| &href[1..])) {
                assert!(ids.contains(id), "{id} is nowhere");
            }
        }
    }
}

#[test]
fn headings_descend_one_level_at_a_time() {
    for html in pages() {
        let root = Element::parse(&html);
        let levels: Vec<u32> = root
            .all()
            .iter()
            .filter_map(|element| element.name.strip_prefix('h')?.parse().ok())
            .collect();
        assert_eq!(levels[0], 1);
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{levels:?}"
        );
    }
}

#[test]
fn tables_have_captions_scopes_and_a_labelled_region_to_scroll_in() {
    for html in pages() {
        let root = Element::parse(&html);
        let regions: Vec<_> = root
            .all()
            .into_iter()
            .filter(|e| {
                e.attribute("role") == Some("region") && e.attribute("tabindex") == Some("0")
            })
            .collect();
        let tables = root.named("table");
        assert_eq!(regions.len(), tables.len());
        assert!(regions.iter().all(|region| region.children.len() == 1));
        for (region, table) in regions.iter().zip(tables) {
            assert!(std::ptr::eq(&region.children[0], table));
            let caption = &table.children[0];
            assert_eq!(caption.name, "caption");
            assert_eq!(region.attribute("aria-labelledby"), caption.attribute("id"));
            assert!(
                table
                    .named("th")
                    .iter()
                    .all(|th| th.attribute("scope").is_some())
            );
            let columns = table.named("tr")[0].children.len();
            assert!(
                table
                    .named("tr")
                    .iter()
                    .all(|tr| tr.children.len() == columns)
            );
        }
    }
}

#[test]
fn numbers_have_at_most_three_significant_digits() {
    for html in pages() {
        let root = Element::parse(&html);
        let cells = root.named("td").into_iter().map(Element::text);
        let captions = root.named("figcaption").into_iter().map(Element::text);
        let fractions = cells.chain(captions).flat_map(|text| {
            let split = text
                .split(|c: char| !(c.is_ascii_digit() || c == '.'))
                .map(str::to_owned);
            split.collect::<Vec<_>>()
        });
        for number in fractions.filter(|text| text.trim_matches('.').contains('.')) {
            let digits = number.trim_matches('.').replace('.', "");
            assert!(digits.trim_start_matches('0').len() <= 3, "{number}");
        }
    }
}

#[test]
fn names_cannot_escape_or_disguise_themselves() {
    const HOSTILE: &str = "</title><script>alert(\"1\")</script>&amp;'\u{202e}gpj\u{0}";
    let mut report = varied_report();
    let mut environment = environment();
    environment.cpu = HOSTILE.to_owned();
    environment.command = HOSTILE.to_owned();
    let group = format!("{HOSTILE}/{HOSTILE}");
    let mut all: Vec<_> = report.rows().map(|row| row.measurement.clone()).collect();
    all.push(measured(&group, HOSTILE, 2, 1e6));
    all.push(measured(&group, "threads", 2, 2e6));
    report = Report::new(all, Some(environment));
    let html = page::render(&report);
    let root = Element::parse(&html);
    assert!(root.named("script").is_empty());
    assert!(!html.contains("<script") && !html.contains("alert(\"1\")"));
    assert!(!html.contains('\u{202e}') && !html.contains('\u{0}'));
    let shown = "</title><script>alert(\"1\")</script>&amp;'⟨U+202E⟩gpj⟨U+0000⟩";
    let heading = shown.split_once('/').unwrap().0;
    assert!(
        root.named("h2").iter().any(|h2| h2.text() == heading),
        "the first segment names the workload"
    );
    assert!(root.named("dd").iter().any(|dd| dd.text() == shown));
    assert!(root.named("th").iter().any(|th| th.text() == shown));
}

#[test]
fn workloads_that_share_a_name_with_a_section_or_with_each_other_keep_apart() {
    let groups = [
        "method", "answers", "a b/x", "a-b/x", "A B/x", "a b/x--y", "main",
    ];
    let rows = groups
        .map(|group| measured(group, "threads", 2, 1e6))
        .to_vec();
    let root = page::render(&Report::new(rows, None));
    let root = Element::parse(&root);
    let ids: Vec<_> = root
        .all()
        .into_iter()
        .filter_map(|e| e.attribute("id"))
        .collect();
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
}

#[test]
fn sections_and_rows_are_in_the_promised_order() {
    let root = page::render(&varied_report());
    let root = Element::parse(&root);
    let headings: Vec<String> = root.named("h2").into_iter().map(Element::text).collect();
    let expected = [
        "Answers",
        "Environment",
        "pi",
        "overhead",
        "alone",
        "What the tutorials claim",
        "Correctness evidence",
        "Method",
        "Glossary",
    ];
    assert_eq!(headings, expected);
    let table = root.named("table")[0];
    let labels: Vec<String> = table
        .named("th")
        .into_iter()
        .skip(6)
        .map(Element::text)
        .collect();
    let expected = [
        "sequential",
        "threads (1 worker)",
        "threads (2 workers)",
        "threads (4 workers)",
    ];
    assert_eq!(labels[..4], expected);
    assert_eq!(labels[4], "processes (1 worker)");
    assert_eq!(labels[10], "rayon par_iter (1 worker)");
}

#[test]
fn a_run_that_was_not_recorded_is_called_that() {
    let html = page::render(&Report::new(fixture_measurements(), None));
    assert!(html.contains("Not recorded."));
    let html = page::render(&Report::new(fixture_measurements(), Some(environment())));
    assert!(!html.contains("Not recorded."));
    for fact in [
        "Example 3000",
        "4 logical, 2 available",
        "8.00\u{a0}GiB",
        "1970-01-01 00:16:40 UTC, in 2\u{a0}min 5\u{a0}s",
    ] {
        assert!(html.contains(fact), "{fact}");
    }
}

#[test]
fn elements_are_timed_and_named() {
    let html = page::render(&varied_report());
    assert!(html.contains("One run is 100000 tasks."));
    assert!(html.contains("<th class=\"n\" scope=\"col\">Per task</th>"));
    assert!(html.contains("<td class=\"n\">200\u{a0}ns</td>"));
}

#[test]
fn a_large_run_stays_under_half_a_megabyte() {
    let mut all = Vec::new();
    for variant in 0..16 {
        let group = format!("pi/{variant}0000000 terms/one part per worker");
        all.push(measured(&group, "sequential", 0, 1e7));
        for backend in [
            "threads",
            "processes",
            "rayon",
            "rayon par_iter",
            "crossbeam-channel pool",
        ] {
            all.extend(
                [1, 2, 4]
                    .map(|workers| measured(&group, backend, workers, 1e7 / f64::from(workers))),
            );
        }
    }
    let html = page::render(&Report::new(all, Some(environment())));
    assert!(html.len() < 500_000, "{} bytes", html.len());
}

#[test]
fn no_measurement_still_makes_a_page() {
    let html = page::render(&Report::new(Vec::new(), None));
    Element::parse(&html);
    assert!(html.contains("0 measurements"));
}

/// `scripts/browser` opens them; for whoever does not ask for them, nothing is written.
#[test]
fn pages_are_left_for_a_browser() {
    let Some(folder) = std::env::var_os("REPORTS_PAGES") else {
        return;
    };
    for (number, html) in pages().iter().enumerate() {
        let page = std::path::Path::new(&folder).join(format!("{number}.html"));
        std::fs::write(page, html).unwrap();
    }
}
