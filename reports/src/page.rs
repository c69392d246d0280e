//! The page: a pure function from a report to one HTML file that loads nothing.

mod against;
mod answers;
mod claims;
mod costs;
mod counter;
mod environment;
mod evidence;
mod figure;
mod fit;
mod forest;
mod latency;
mod matrix;
mod method;
mod mood;
mod paired;
mod plot;
mod scaling;
mod statistics;
mod table;
mod text;
mod tutorial;
mod variance;
mod verdict;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::agreement::{REGIMES, contradictions};
use crate::{Report, Variant, Workload, palette, results};
use fit::RowLimit;
use text::Ids;

const TITLE: &str = "Performance report";

/// The page as HTML. The same report gives the same bytes; no clock, no machine and no file is asked.
///
/// Names from the data are escaped, and characters that would hide or reorder text are spelled out. A page that would have
/// more than 500 kB has fewer rows in its longest tables, and says so.
#[must_use]
pub fn render(report: &Report) -> String {
    let digest = results_digest(report);
    let report = &text::visible_report(report);
    RowLimit::fitted(|limit| draw(report, &digest, limit))
}

fn draw(report: &Report, digest: &str, limit: RowLimit) -> String {
    let ids = Ids::new(report);
    let style = palette::css() + include_str!("page/style.css");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (TITLE) }
                style { (PreEscaped(&style)) }
            }
            body {
                a.skip href="#main" { "Skip to the answers" }
                (header(report, digest, limit))
                (navigation(report, &ids))
                main id="main" {
                    (answers::section(report, &ids))
                    (matrix::section(report, &ids))
                    (environment::section(report))
                    (paired::section(report, limit))
                    (scaling::section(report))
                    (costs::section(report))
                    (latency::section(report))
                    (against::section(report, limit))
                    (counter::section(report))
                    @for (index, workload) in report.workloads.iter().enumerate() {
                        (workload_section(report, workload, index, &ids))
                    }
                    (tutorial::section(report))
                    (mood::section(report, limit))
                    (evidence::section(report.evidence.as_ref()))
                    (method::section(report))
                    (method::glossary())
                }
                footer { p { "One file without scripts; it loads nothing from anywhere, so it can be kept and mailed as it is." } }
            }
        }
    };
    page.into_string()
}

/// Allows the one style sheet, by its digest, and nothing else.
///
/// A digest rather than `'unsafe-inline'`, so that a name from the data could not style the page even if it escaped.
fn policy(style: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(style));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

/// What tells the `results.json` that belongs to this page.
fn results_digest(report: &Report) -> String {
    let digest = Sha256::digest(results::to_json(report));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(report: &Report, digest: &str, limit: RowLimit) -> Markup {
    let rows = report.rows().count();
    html! {
        header {
            h1 { (TITLE) }
            p.lead {
                "The same work, run in different ways: one step after another, on threads, in processes, on other pools. "
                "For each workload this page shows how long one run took, how sure that is, and how it compares with doing "
                "the work sequentially and with the best way measured. A difference that the measurements do not support is "
                "not claimed; it is called level."
            }
            p.meta {
                (rows) " measurements, " (report.workloads.len()) (plural(report.workloads.len(), " workload", " workloads"))
                @if let Some(run) = &report.environment { ", measured " (environment::when(run)) } "."
            }
            p.meta {
                "The same is beside this page in files whose names end in " code { "results.json" } ", "
                @if report.run.is_some() { code { "observations.csv" } ", " }
                code { "summary.md" } ". The SHA-256 digest of the first: " code.digest { (digest) } "."
            }
            @if let Some(notice) = limit.notice() { p.notice { (notice) } }
        }
    }
}

fn navigation(report: &Report, ids: &Ids) -> Markup {
    html! {
        nav aria-label="Sections" {
            ul {
                li { a href="#answers" { "Answers" } }
                @if matrix::is_known(report) { li { a href="#matrix" { (matrix::HEADING) } } }
                li { a href="#environment" { "Environment" } }
                @if report.paired.is_some() { li { a href="#paired-runs" { (paired::HEADING) } } }
                @if scaling::is_known(report) { li { a href="#scaling" { (scaling::HEADING) } } }
                @if costs::is_known(report) { li { a href="#costs" { (costs::HEADING) } } }
                @if latency::is_known(report) { li { a href="#latency" { (latency::HEADING) } } }
                @if report.against.is_some() { li { a href="#against" { (against::HEADING) } } }
                @if report.counted.is_some() { li { a href="#shared-counter" { (counter::HEADING) } } }
                @for (index, workload) in report.workloads.iter().enumerate() {
                    li { a href=(format!("#{}", ids.workload(index))) { (workload.name) } }
                }
                li { a href="#tutorial-claims" { (tutorial::HEADING) } }
                @if mood::is_known(report) { li { a href="#mood" { (mood::HEADING) } } }
                li { a href="#correctness-evidence" { (evidence::HEADING) } }
                li { a href="#method" { "Method" } }
                li { a href="#glossary" { "Glossary" } }
            }
            (themes())
        }
    }
}

/// The switch between themes; the style does it, so it can't be remembered without a script.
fn themes() -> Markup {
    html! {
        fieldset.themes {
            legend { "Theme" }
            label { input type="radio" name="theme" id="theme-auto" checked="checked"; " the system's" }
            label { input type="radio" name="theme" id="theme-light"; " light" }
            label { input type="radio" name="theme" id="theme-dark"; " dark" }
        }
    }
}

fn workload_section(report: &Report, workload: &Workload, index: usize, ids: &Ids) -> Markup {
    let id = ids.workload(index);
    let heading = format!("{id}-heading");
    html! {
        section id=(id) aria-labelledby=(heading) {
            h2 id=(heading) { (workload.name) }
            @for (place, variant) in workload.variants.iter().enumerate() {
                (variant_section(report, workload, variant, ids.variant(index, place)))
            }
        }
    }
}

fn variant_section(report: &Report, workload: &Workload, variant: &Variant, id: &str) -> Markup {
    let name = text::full_name(workload, variant);
    html! {
        div.variant id=(id) {
            @if let Some(name) = &variant.name { h3 { (text::variant_name(name)) } }
            (figure::figure(report, variant, id, &name))
            @for it in contradictions(report) {
                @if (&it.workload, &it.variant) == (&workload.name, &variant.name) {
                    p.notice { strong { "Another regime. " } (it.says) " " (REGIMES) }
                }
            }
            (table::table(variant, id, &name))
        }
    }
}

fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
