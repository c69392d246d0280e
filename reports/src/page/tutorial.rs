//! What the tutorials claim, and what was measured or checked of it.

use maud::{Markup, html};

use super::text::visible;
use crate::number::factor;
use crate::tutorial::{Answer, Tested, words};
use crate::{Report, Standing};

pub(super) const HEADING: &str = "What the tutorials claim";

pub(super) fn section(report: &Report) -> Markup {
    let answers = report.tutorial();
    html! {
        section id="tutorial-claims" aria-labelledby="tutorial-claims-heading" {
            h2 id="tutorial-claims-heading" { (HEADING) }
            p { (finding(&answers)) }
            (table(&answers))
        }
    }
}

/// `Of 11 claims 8 hold, 0 are refuted, 1 can't be told and 2 were not measured.`
fn finding(answers: &[Answer]) -> String {
    let count = |standing| {
        answers
            .iter()
            .filter(|it| it.standing() == standing)
            .count()
    };
    let [hold, refuted, open, missing] = [
        Standing::Confirmed,
        Standing::Refuted,
        Standing::NotConfirmed,
        Standing::NotMeasured,
    ]
    .map(count);
    format!(
        "Of {} claims that tutorials on Python's concurrent.futures make, {hold} hold, {refuted} are refuted, {open} \
         can't be told and {missing} were not measured.",
        answers.len()
    )
}

fn table(answers: &[Answer]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="tutorial-claims-table" {
            table.claims.tutorial {
                caption id="tutorial-claims-table" {
                    span {
                        "A claim holds, or is refuted, only if a whole 95 % interval lies on one side of what it says, of six "
                        "launches at least; or if tests that are named show it, and their lanes have found nothing. A column that was "
                        "not measured decides nothing, and C2 is said of CPython alone."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Claim" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "On CPython" }
                        th scope="col" { "In Rust" }
                    }
                }
                tbody { @for answer in answers { (row(answer)) } }
            }
        }
    }
}

fn row(answer: &Answer) -> Markup {
    html! {
        tr {
            th scope="row" { (answer.claim.number) ": " (answer.claim.text) "." }
            td { (verdict(answer.standing())) }
            td { (tested(&answer.on_cpython)) }
            td { (tested(&answer.in_rust)) }
        }
    }
}

fn tested(tested: &Tested) -> Markup {
    html! {
        (verdict(tested.standing))
        @if let Some(ratio) = tested.ratio { " " (factor(ratio.point)) }
        span.interval {
            (visible(&tested.says))
            @if let Some(command) = tested.command { " To have it: " code { (command) } "." }
        }
    }
}

fn verdict(standing: Standing) -> Markup {
    let (shape, words) = words(standing);
    let class = match standing {
        Standing::Confirmed => "faster",
        Standing::Refuted => "slower",
        Standing::NotConfirmed | Standing::NotMeasured => "level",
    };
    html! { span class=(format!("verdict {class}")) { span aria-hidden="true" { (shape) " " } (words) } }
}
