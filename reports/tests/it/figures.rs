//! Figures: the same numbers in drawing, text and table, and drawings that stay in their box.

use reports::{Parameter, Report, page};

use crate::data::{measured, pages};
use crate::html::Element;

#[test]
fn a_row_of_no_workers_has_its_place_in_a_chart() {
    for backend in ["threads", "sequential"] {
        let mut none = measured("pi", backend, 1, 100.0);
        none.parameter = Parameter::Workers(0);
        let others = [1, 2].map(|workers| measured("pi", "threads", workers, 90.0));
        let rows = [none].into_iter().chain(others).collect();
        let html = page::render(&Report::new(rows, None));
        assert!(!html.contains("NaN"), "{html}");
    }
}

#[test]
fn figures_tell_the_same_in_drawing_text_and_table() {
    for html in pages() {
        let root = Element::parse(&html);
        let figures = root.named("figure");
        assert!(!figures.is_empty());
        assert_eq!(
            root.named("svg").len(),
            2 * figures.len(),
            "each drawing is in a figure"
        );
        for figure in figures {
            let caption = figure.named("figcaption")[0].text();
            let data = figure.named("table")[0];
            let is = |kind| figure.attribute("class") == Some(kind);
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
                if is("run-order") {
                    assert_marks_are_where_the_rows_say(drawing, &rows);
                    continue;
                }
                if is("grain") {
                    assert_eq!(grain_marks(drawing), grain_cells(data));
                    continue;
                }
                let unit = match is("forest") || is("dumbbell") {
                    true => "×",
                    false => unit_of(data),
                };
                assert_eq!(
                    mark_numbers(drawing),
                    table_numbers(&rows, unit),
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

/// Label, median and both ends of each mark, in nanoseconds or as factors, from the marks' own texts.
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
            let unit = high.split_once('\u{a0}').map_or("×", |(_, unit)| unit);
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

/// The unit that the last word of a table's caption names.
fn unit_of(table: &Element) -> &'static str {
    let caption = table.named("caption")[0].text();
    let last = caption.trim_end_matches('.').rsplit(' ').next().unwrap();
    let unit = ["ns", "µs", "ms", "s"]
        .into_iter()
        .find(|unit| *unit == last);
    unit.unwrap_or_else(|| panic!("no unit in {caption}"))
}

/// The marks of a run's blocks, which have no texts, stand where the rows of the table say: in their order, as crosses or
/// dots, and as high as their times on a logarithmic axis.
fn assert_marks_are_where_the_rows_say(drawing: &Element, rows: &[Vec<String>]) {
    let marks = drawing.named("path").into_iter().flat_map(|path| {
        let is_cross = path.attribute("class") == Some("cross");
        // A cross begins at its corner.
        let aside = if is_cross { 4.0 } else { 0.0 };
        let places = path.attribute("d").unwrap().split('M').skip(1);
        places.map(move |place| {
            let (x, rest) = place.split_once(' ').unwrap();
            let end = rest.find(|it: char| it.is_ascii_lowercase()).unwrap();
            let number = |text: &str| text.parse::<f64>().unwrap() + aside;
            (number(x), number(&rest[..end]), is_cross)
        })
    });
    let mut marks: Vec<(f64, f64, bool)> = marks.collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(marks.len(), rows.len());
    let logs = rows.iter().map(|row| row[2].parse::<f64>().unwrap().ln());
    let logs: Vec<f64> = logs.collect();
    let place = |pick: fn(f64, f64) -> f64| {
        let end = logs.iter().copied().reduce(pick).unwrap();
        logs.iter().position(|it| *it == end).unwrap()
    };
    let (low, high) = (place(f64::min), place(f64::max));
    for ((row, log), (_, y, is_cross)) in rows.iter().zip(&logs).zip(&marks) {
        assert_eq!(*is_cross, row[3] == "disturbed", "{row:?}");
        let part = match low == high {
            true => 0.0,
            false => (log - logs[low]) / (logs[high] - logs[low]),
        };
        let there = marks[low].1 + part * (marks[high].1 - marks[low].1);
        // What the table has in three digits.
        assert!((y - there).abs() <= 1.0, "{row:?}: {y}, not {there}");
    }
}

/// Backend, length of the tasks or what is crossed, and the efficiency or where it is, from the marks' own texts.
fn grain_marks(drawing: &Element) -> Vec<[String; 3]> {
    let texts = drawing.named("title").into_iter().skip(1);
    let marks = texts.map(|title| {
        let text = title.text();
        let part = |text: &str, by: &str| {
            let (before, after) = text.split_once(by)?;
            Some((before.to_owned(), after.to_owned()))
        };
        if let Some((backend, rest)) = part(&text, ", tasks of ") {
            let (length, percent) = part(&rest, ": ").unwrap();
            return [backend, length, percent.replace(" of the ideal", "")];
        }
        let (backend, at) = part(&text, " pays from ")
            .map(|(backend, at)| (backend, ["Pays from".to_owned(), at]))
            .or_else(|| {
                let (backend, at) = part(&text, " has nine tenths of the ideal from ")?;
                Some((backend, ["90 % efficient from".to_owned(), at]))
            })
            .expect(&text);
        let [what, at] = at;
        [backend, what, at]
    });
    let mut marks: Vec<_> = marks.collect();
    marks.sort();
    marks
}

/// The same from the table: a crossing outside of what was measured has no mark.
fn grain_cells(table: &Element) -> Vec<[String; 3]> {
    let heads: Vec<String> = table.named("thead")[0]
        .named("th")
        .into_iter()
        .skip(1)
        .map(Element::text)
        .collect();
    let mut cells = Vec::new();
    for row in table.named("tbody")[0].named("tr") {
        let backend = row.named("th")[0].text();
        let (backend, _) = backend.split_once(" (").unwrap();
        for (head, cell) in heads.iter().zip(row.named("td")) {
            // What the cell says below is not drawn as a text.
            let first: String = cell
                .children
                .iter()
                .filter(|it| it.name.is_empty())
                .map(Element::text)
                .collect();
            if !first.contains("than") {
                cells.push([backend.to_owned(), head.clone(), first]);
            }
        }
    }
    cells.sort();
    cells
}

#[test]
fn changes_since_a_baseline_stand_by_their_severity() {
    let then = Report::new(Vec::new(), None).with_run(crate::paired::run(8, [1.0; 4]));
    // Processes change the most; a thread alone changes by less, and the two twins hardly.
    let now = crate::paired::run(8, [1.0, 1.0, 1.5, 0.8]);
    let now = Report::new(Vec::new(), None)
        .with_run(now)
        .with_baseline("then", &then);
    let html = page::render(&now);
    let root = Element::parse(&html);
    let figures = root.named("figure").into_iter();
    let mut dumbbells = figures.filter(|figure| figure.attribute("class") == Some("dumbbell"));
    let figure = dumbbells.next().expect("there is a dumbbell chart");
    let rows = figure.named("tbody")[0].named("tr");
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.children.iter().map(Element::text).collect())
        .collect();
    let labels: Vec<&str> = cells.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        labels,
        [
            "pi, processes (2 workers)",
            "pi, threads (1 worker)",
            "pi, threads (2 workers)"
        ]
    );
    for row in &cells {
        let ratio: f64 = row[1].parse().unwrap();
        let noise = row[6]
            .trim_matches(['±', '\u{a0}', '%'])
            .parse::<f64>()
            .unwrap()
            / 100.0;
        let severity: f64 = row[7].parse().unwrap();
        // The ratio has three digits, of which those near one say little of its logarithm.
        let [low, high] = [-0.005, 0.005].map(|off| (ratio + off).ln().abs() / noise.ln_1p());
        let both = low.min(high) * 0.98..=low.max(high) * 1.02;
        assert!(
            both.contains(&severity) || (ratio - 1.0).abs() <= 0.005,
            "{row:?}"
        );
    }
    assert!(cells[0][4].starts_with("1.00") && cells[0][5].starts_with("1.5"));
    let drawing = figure.named("svg")[0];
    let marks = drawing.named("g");
    for (group, row) in marks.iter().zip(&cells) {
        let circles = group.named("circle");
        let [then, now] = circles[..] else {
            panic!("{circles:?}")
        };
        assert_eq!(then.attribute("class"), Some("then"));
        let is_right = coordinate(now, "cx") > coordinate(then, "cx");
        assert_eq!(is_right, row[1].parse::<f64>().unwrap() > 1.0, "{row:?}");
    }
    let caption = figure.named("figcaption")[0].text();
    assert!(
        caption.starts_with("Of 3 comparisons 1 became slower and 1 faster."),
        "{caption}"
    );
}

#[test]
fn a_break_even_point_is_marked_where_it_lies_between_two_lengths() {
    let html = page::render(&Report::new(Vec::new(), None).with_run(crate::paired::grain_run()));
    let root = Element::parse(&html);
    let figures = root.named("figure").into_iter();
    let mut grains = figures.filter(|figure| figure.attribute("class") == Some("grain"));
    let figure = grains.next().expect("there is a chart of the grain");
    let drawing = figure.named("svg")[0];
    let line = |group: &Element, class: &str| {
        let lines = group.named("line").into_iter();
        let mut lines = lines.filter(|line| line.attribute("class") == Some(class));
        lines.next().map(|line| coordinate(line, "x1"))
    };
    let crossings: Vec<(String, f64)> = drawing
        .named("g")
        .into_iter()
        .filter(|g| g.attribute("class") == Some("crossing"))
        .map(|g| (g.named("title")[0].text(), line(g, "leader").unwrap()))
        .collect();
    // Threads pay from the shortest on, and processes never have nine tenths: neither has a mark.
    let [(processes, at), (threads, efficient)] = &crossings[..] else {
        panic!("{crossings:?}")
    };
    assert!(processes.starts_with("processes pays from"), "{processes}");
    assert!(threads.starts_with("threads has nine tenths"), "{threads}");
    // Lengths are 1, 10 and 100 µs on a log axis: the marks lie in the right half of it, and in the left.
    let (first, last) = {
        let points = drawing.named("polyline")[0].attribute("points").unwrap();
        let xs: Vec<f64> = points
            .split(' ')
            .map(|point| point.split_once(',').unwrap().0.parse().unwrap())
            .collect();
        (xs[0], xs[2])
    };
    let middle = f64::midpoint(first, last);
    assert!(middle < *at && *at < last, "{at}");
    assert!(first < *efficient && *efficient < middle, "{efficient}");
    let caption = figure.named("figcaption")[0].text();
    assert!(
        caption.contains(
            "threads (2 workers) takes less time than a loop from less than 1.00\u{a0}µs"
        ),
        "{caption}"
    );
}

fn table_numbers(rows: &[Vec<String>], unit: &str) -> Vec<(String, [f64; 3])> {
    // A row without a ratio has no mark.
    let mut numbers: Vec<_> = rows
        .iter()
        .filter(|row| row[1] != "–")
        .map(|row| {
            let values = [1, 2, 3].map(|i| nanoseconds(&format!("{}\u{a0}{unit}", row[i])));
            let label = row[0].trim_end_matches(" control").to_owned();
            (label, values.map(three_digits))
        })
        .collect();
    numbers.sort_by(|a, b| a.0.cmp(&b.0));
    numbers
}

fn nanoseconds(time: &str) -> f64 {
    let (number, unit) = time
        .split_once('\u{a0}')
        .unwrap_or((time.trim_end_matches('×'), "×"));
    let factor = match unit {
        "×" => 1.0,
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

pub(crate) fn coordinate(element: &Element, name: &str) -> f64 {
    element.attribute(name).unwrap().parse().unwrap()
}
