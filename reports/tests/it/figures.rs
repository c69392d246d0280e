//! Figures: the same numbers in drawing, text and table, and drawings that stay in their box.

use reports::{Report, page};

use crate::data::{measured, pages};
use crate::html::Element;

#[test]
fn figures_tell_the_same_in_drawing_text_and_table() {
    for html in pages() {
        let root = Element::parse(&html);
        let figures = root.named("figure");
        assert!(!figures.is_empty());
        for figure in figures {
            let caption = figure.named("figcaption")[0].text();
            let data = figure.named("table")[0];
            let rows: Vec<Vec<String>> = data.named("tbody")[0]
                .named("tr")
                .iter()
                .map(|tr| tr.children.iter().map(Element::text).collect())
                .collect();
            let drawings = figure.named("svg");
            assert_eq!(drawings.len(), 2, "wide and narrow");
            for drawing in drawings {
                assert_eq!(drawing.attribute("role"), Some("img"));
                assert_eq!(drawing.children[0].name, "title");
                assert!(!drawing.children[0].text().is_empty());
                assert_eq!(drawing.children[1].name, "desc");
                assert_eq!(drawing.children[1].text(), caption);
                let labelled: Vec<_> = drawing.children[..2]
                    .iter()
                    .map(|e| e.attribute("id").unwrap())
                    .collect();
                assert_eq!(
                    drawing.attribute("aria-labelledby"),
                    Some(labelled.join(" ").as_str())
                );
                assert_eq!(
                    mark_numbers(drawing),
                    table_numbers(&rows, data),
                    "{}",
                    figure.text()
                );
            }
        }
    }
}

#[test]
fn a_chart_repeats_no_colour_for_what_other_workloads_ran_on() {
    let mut all = Vec::new();
    for backend in ["threads", "processes", "rayon", "rayon par_iter"] {
        for workers in [1, 2, 4] {
            all.push(measured("pi/1000 terms", backend, workers, 13e6));
        }
    }
    for place in 0..12 {
        all.push(measured("overhead/burst", &format!("pool {place}"), 2, 2e7));
    }
    let html = page::render(&Report::new(all, None));
    let root = Element::parse(&html);
    let of_pi = root.named("figure")[0].named("svg")[0];
    let groups = of_pi.named("g");
    let mut colours: Vec<_> = groups.iter().filter_map(|g| g.attribute("class")).collect();
    colours.sort_unstable();
    colours.dedup();
    assert_eq!(colours, ["s1", "s2", "s3", "s4"]);
}

/// Label, median and both ends of each mark, in nanoseconds, from the marks' own texts.
fn mark_numbers(drawing: &Element) -> Vec<(String, [f64; 3])> {
    let texts = drawing
        .named("title")
        .into_iter()
        .skip(1)
        .map(Element::text);
    let mut marks: Vec<_> = texts
        .map(|text| {
            let (label, numbers) = text.split_once(": ").unwrap();
            let numbers = numbers.trim_end_matches(')');
            let (median, interval) = numbers.split_once(" (").unwrap();
            let (low, high) = interval.split_once('–').unwrap();
            let unit = high.split_once('\u{a0}').unwrap().1;
            let low = nanoseconds(&format!("{low}\u{a0}{unit}"));
            (
                label.to_owned(),
                [nanoseconds(median), low, nanoseconds(high)],
            )
        })
        .collect();
    marks.sort_by(|a, b| a.0.cmp(&b.0));
    marks
        .into_iter()
        .map(|(label, numbers)| (label, numbers.map(three_digits)))
        .collect()
}

fn table_numbers(rows: &[Vec<String>], table: &Element) -> Vec<(String, [f64; 3])> {
    let caption = table.named("caption")[0].text();
    let unit = caption.trim_end_matches('.').rsplit(' ').next().unwrap();
    let mut numbers: Vec<_> = rows
        .iter()
        .map(|row| {
            let values = [1, 2, 3].map(|i| nanoseconds(&format!("{}\u{a0}{unit}", row[i])));
            (row[0].clone(), values.map(three_digits))
        })
        .collect();
    numbers.sort_by(|a, b| a.0.cmp(&b.0));
    numbers
}

fn nanoseconds(time: &str) -> f64 {
    let (number, unit) = time.split_once('\u{a0}').unwrap();
    let factor = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        other => panic!("unit {other:?} in {time:?}"),
    };
    number.parse::<f64>().unwrap() * factor
}

/// Rounds away what conversion between units left.
fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap()
}

#[test]
fn drawings_stay_inside_their_box_and_hold_no_broken_number() {
    for html in pages() {
        let root = Element::parse(&html);
        for drawing in root.named("svg") {
            let view = drawing.attribute("viewBox").unwrap();
            let size: Vec<f64> = view.split(' ').map(|n| n.parse().unwrap()).collect();
            for element in drawing.all() {
                for (name, value) in element.attributes() {
                    let limit = match name {
                        "x" | "x1" | "x2" | "cx" => size[2],
                        "y" | "y1" | "y2" | "cy" => size[3],
                        _ => continue,
                    };
                    let value: f64 = value.parse().unwrap();
                    assert!((0.0..=limit).contains(&value), "{name}={value} in {view}");
                }
            }
        }
        assert!(!html.contains("NaN") && !html.contains("inf\"") && !html.contains("inf "));
    }
}
