//! Names from the data, made safe to show and to link to.

use std::collections::BTreeSet;

use crate::number::grouped;
use crate::paired::Cell;
pub(super) use crate::visible::visible;
use crate::{
    Against, Counted, Environment, Measurement, Parameter, Report, RowName, Variant, Workload,
};

/// `pi, 10 000 000 terms, 64 parts`.
pub(super) fn full_name(workload: &Workload, variant: &Variant) -> String {
    match &variant.name {
        Some(name) => format!("{}, {}", workload.name, variant_name(name)),
        None => workload.name.clone(),
    }
}

/// The segments of a variant's name as a list, its long numbers in groups of three digits.
pub(super) fn variant_name(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let length = number.bytes().take_while(u8::is_ascii_digit).count();
        shown.push_str(before);
        shown.push_str(&grouped(&number[..length]));
        rest = &number[length..];
    }
    shown.push_str(rest);
    shown.replace('/', ", ")
}

/// The report with every text from outside made visible.
pub(super) fn visible_report(report: &Report) -> Report {
    let mut report = report.clone();
    if let Some(environment) = &mut report.environment {
        visible_environment(environment);
    }
    for name in &mut report.backends {
        *name = visible(name);
    }
    for cell in report
        .paired
        .iter_mut()
        .flat_map(|paired| &mut paired.cells)
    {
        visible_cell(&mut cell.cell);
    }
    for compared in report
        .paired
        .iter_mut()
        .flat_map(|paired| paired.compared.iter_mut().chain(&mut paired.between))
    {
        visible_cell(&mut compared.own);
        visible_cell(&mut compared.reference);
    }
    if let Some(against) = &mut report.against {
        visible_against(against);
    }
    for judged in &mut report.claims {
        judged.claim.figure = visible(&judged.claim.figure);
        if let Some(reference) = &mut judged.claim.reference {
            visible_row(reference);
        }
    }
    if let Some(counted) = &mut report.counted {
        visible_counted(counted);
    }
    for workload in &mut report.workloads {
        workload.name = visible(&workload.name);
        for variant in &mut workload.variants {
            variant.name = variant.name.as_deref().map(visible);
            for row in &mut variant.rows {
                visible_measurement(&mut row.measurement);
            }
        }
    }
    report
}

fn visible_against(against: &mut Against) {
    let Against {
        name,
        differences,
        shifts,
        gone,
        new,
        ..
    } = against;
    let differences = differences
        .iter_mut()
        .flat_map(|it| [&mut it.fact, &mut it.then, &mut it.now]);
    let labels = shifts.iter_mut().map(|shift| &mut shift.label);
    for text in differences
        .chain(labels)
        .chain(gone)
        .chain(new)
        .chain([name])
    {
        *text = visible(text);
    }
}

fn visible_cell(cell: &mut Cell) {
    for text in [&mut cell.workload, &mut cell.backend]
        .into_iter()
        .chain(&mut cell.way)
    {
        *text = visible(text);
    }
}

fn visible_counted(counted: &mut Counted) {
    visible_row(&mut counted.reference);
    for row in &mut counted.rows {
        visible_row(&mut row.count.row);
    }
    for statement in &mut counted.statements {
        statement.text = visible(&statement.text);
        statement.numbers = visible(&statement.numbers);
    }
}

fn visible_row(row: &mut RowName) {
    row.backend = visible(&row.backend);
    if let Parameter::Other(text) = &mut row.parameter {
        *text = visible(text);
    }
}

fn visible_measurement(measurement: &mut Measurement) {
    measurement.workload = visible(&measurement.workload);
    measurement.variant = measurement.variant.as_deref().map(visible);
    measurement.backend = visible(&measurement.backend);
    if let Parameter::Other(text) = &mut measurement.parameter {
        *text = visible(text);
    }
}

fn visible_environment(environment: &mut Environment) {
    for text in [
        &mut environment.cpu,
        &mut environment.kernel,
        &mut environment.os,
        &mut environment.toolchain,
        &mut environment.revision,
        &mut environment.command,
    ] {
        *text = visible(text);
    }
    for fact in &mut environment.facts {
        fact.name = visible(&fact.name);
        fact.value = fact.value.as_deref().map(visible);
    }
}

/// The address of every workload and variant within the page, each used once.
pub(super) struct Ids {
    workloads: Vec<(String, Vec<String>)>,
}

impl Ids {
    pub(super) fn new(report: &Report) -> Self {
        let mut taken = BTreeSet::new();
        let workloads = report.workloads.iter().map(|workload| {
            // The prefix keeps a workload called `method` away from the page's own sections.
            let id = unique(&mut taken, format!("w-{}", slug(&workload.name)));
            let variants = workload.variants.iter().map(|variant| {
                let name = variant.name.as_deref().unwrap_or("only");
                unique(&mut taken, format!("{id}--{}", slug(name)))
            });
            let variants = variants.collect();
            (id, variants)
        });
        Self {
            workloads: workloads.collect(),
        }
    }

    pub(super) fn workload(&self, index: usize) -> &str {
        &self.workloads[index].0
    }

    pub(super) fn variant(&self, workload: usize, index: usize) -> &str {
        &self.workloads[workload].1[index]
    }
}

/// Letters and digits in lower case, everything else one hyphen.
fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

fn unique(taken: &mut BTreeSet<String>, wanted: String) -> String {
    // A dot cannot come out of `slug`, so a number after it meets no other name.
    let numbered = (2..).map(|number| format!("{wanted}.{number}"));
    let id = std::iter::once(wanted.clone())
        .chain(numbered)
        .find(|id| !taken.contains(id))
        .unwrap_or(wanted);
    taken.insert(id.clone());
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_in_names_are_grouped() {
        assert_eq!(
            variant_name("10000000 terms/64 parts"),
            "10\u{202f}000\u{202f}000 terms, 64 parts"
        );
        assert_eq!(variant_name("burst of 100000"), "burst of 100\u{202f}000");
        assert_eq!(variant_name("2000 ü x1y22"), "2000 ü x1y22");
    }

    #[test]
    fn names_that_slug_alike_get_ids_of_their_own() {
        let mut taken = BTreeSet::new();
        let ids = ["w-a", "w-a", "w-a"].map(|id| unique(&mut taken, id.to_owned()));
        assert_eq!(ids, ["w-a", "w-a.2", "w-a.3"]);
        assert_eq!(slug("1/2 Terms <&>"), "1-2-terms");
    }
}
