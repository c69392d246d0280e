//! What came of all scenarios on a pool, and the committed table of pools.

use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

use crate::scenario::Verdict;

/// Makes a run write what came of it into the table, instead of comparing the two.
const RENEW: &str = "CONFORMANCE_RENEW";

/// What came of all scenarios on one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    verdicts: Vec<(&'static str, &'static str, Verdict)>,
}

impl Row {
    pub(crate) fn new(
        verdicts: impl Iterator<Item = ((&'static str, &'static str), Verdict)>,
    ) -> Self {
        let verdicts = verdicts.map(|((group, name), verdict)| (group, name, verdict));
        Self {
            verdicts: verdicts.collect(),
        }
    }

    /// The scenarios that were not passed, with what came of them.
    pub fn not_passed(&self) -> impl Iterator<Item = (&'static str, &Verdict)> {
        let verdicts = self.verdicts.iter();
        verdicts.filter_map(|(_, name, verdict)| {
            (*verdict != Verdict::Passed).then_some((*name, verdict))
        })
    }

    /// How many scenarios there are, and how many came to what: `31 scenarios | 18 passed, 6 lacking, 7 hung`.
    pub fn summary(&self) -> String {
        let count = |is: fn(&Verdict) -> bool| {
            let verdicts = self.verdicts.iter();
            verdicts.filter(|(_, _, verdict)| is(verdict)).count()
        };
        let kinds = [
            (count(|it| matches!(it, Verdict::Passed)), "passed"),
            (count(|it| matches!(it, Verdict::Lacks(_))), "lacking"),
            (count(|it| matches!(it, Verdict::Failed(_))), "failed"),
            (count(|it| matches!(it, Verdict::Aborted)), "aborted"),
            (count(|it| matches!(it, Verdict::Hung)), "hung"),
        ];
        let some = kinds.iter().filter(|(number, _)| *number > 0);
        let some: Vec<String> = some
            .map(|(number, kind)| format!("{number} {kind}"))
            .collect();
        format!("{} scenarios | {}", self.verdicts.len(), some.join(", "))
    }

    /// Compares with the column of `pool` in the table at `path`; with `CONFORMANCE_RENEW` set, writes that column.
    ///
    /// A pool is held to what the table says also where that is a failure: one that has become better has to be written
    /// down as that.
    ///
    /// # Errors
    ///
    /// What differs, in words; or that the table can't be read or written.
    pub fn hold_to(&self, path: &Path, pool: &str) -> Result<(), String> {
        let of_file = |error| format!("{}: {error}", path.display());
        if std::env::var_os(RENEW).is_some() {
            let mut table = Table::parse(&fs::read_to_string(path).unwrap_or_default())?;
            table.set(pool, self);
            return fs::write(path, table.render()).map_err(of_file);
        }
        let table = Table::parse(&fs::read_to_string(path).map_err(of_file)?)?;
        let mut differences = String::new();
        for (name, was, verdict) in table.compare(pool, self) {
            writeln!(
                differences,
                "{name}: the table says {was}, and now it is {verdict:?}"
            )
            .expect("a string takes everything");
        }
        match differences.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{pool}\n{differences}With {RENEW}=1 a run writes the table"
            )),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, name, verdict) in &self.verdicts {
            let reason = match verdict {
                Verdict::Failed(reason) => format!(": {reason}"),
                _ => String::new(),
            };
            writeln!(f, "{group:<11} {name:<56} {verdict}{reason}")?;
        }
        Ok(())
    }
}

const TITLE: &str =
    "# Scenarios by pools\n\nWritten by a run; the README says how, and what the words mean.\n\n";

/// The committed table: scenarios down, pools across.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    pools: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq)]
struct Line {
    group: String,
    name: String,
    /// One for each pool; empty for one that was not asked.
    cells: Vec<String>,
}

impl Table {
    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().filter(|line| line.starts_with('|'));
        let Some(heading) = lines.next() else {
            return Ok(Self::default());
        };
        let pools = cells(heading)
            .skip(2)
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let mut table = Self {
            pools,
            lines: Vec::new(),
        };
        // The second line is the rule under the heading.
        for line in lines.skip(1) {
            let mut all = cells(line).map(str::to_owned);
            let (Some(group), Some(name)) = (all.next(), all.next()) else {
                return Err(format!("no line of a table: {line}"));
            };
            let cells: Vec<String> = all.collect();
            if cells.len() != table.pools.len() {
                return Err(format!("another number of cells than of pools: {line}"));
            }
            table.lines.push(Line { group, name, cells });
        }
        Ok(table)
    }

    fn render(&self) -> String {
        let mut text = TITLE.to_owned();
        let mut line = |cells: &[&str]| {
            writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes everything");
        };
        let pools = self.pools.iter().map(String::as_str);
        line(
            &["", "scenario"]
                .into_iter()
                .chain(pools)
                .collect::<Vec<_>>(),
        );
        line(&vec!["---"; self.pools.len() + 2]);
        for Line { group, name, cells } in &self.lines {
            let cells = cells.iter().map(String::as_str);
            line(
                &[group.as_str(), name]
                    .into_iter()
                    .chain(cells)
                    .collect::<Vec<_>>(),
            );
        }
        text
    }

    /// Writes a pool's column. Scenarios that are no more go, new ones come, in the order of the run.
    fn set(&mut self, pool: &str, row: &Row) {
        let place = self.pools.iter().position(|it| it == pool);
        let place = place.unwrap_or_else(|| {
            self.pools.push(pool.to_owned());
            self.lines
                .iter_mut()
                .for_each(|line| line.cells.push(String::new()));
            self.pools.len() - 1
        });
        let mut former = std::mem::take(&mut self.lines);
        for (group, name, verdict) in &row.verdicts {
            let was = former.iter().position(|line| line.name == *name);
            let mut cells = was.map_or_else(
                || vec![String::new(); self.pools.len()],
                |place| former.remove(place).cells,
            );
            cells[place] = verdict.to_string();
            let (group, name) = ((*group).to_owned(), (*name).to_owned());
            self.lines.push(Line { group, name, cells });
        }
    }

    /// What differs: the scenario, what the table says, and what came of it now.
    fn compare<'t>(
        &'t self,
        pool: &str,
        row: &'t Row,
    ) -> Vec<(&'t str, &'t str, Option<&'t Verdict>)> {
        let place = self.pools.iter().position(|it| it == pool);
        let said = |name: &str| {
            let line = self.lines.iter().find(|line| line.name == name)?;
            line.cells.get(place?).map(String::as_str)
        };
        let mut differences = Vec::new();
        for (_, name, verdict) in &row.verdicts {
            let said = said(name).unwrap_or("");
            if said != verdict.to_string() {
                differences.push((*name, said, Some(verdict)));
            }
        }
        for line in &self.lines {
            if !row.verdicts.iter().any(|(_, name, _)| *name == line.name) {
                differences.push((&line.name, "something", None));
            }
        }
        differences
    }
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim().trim_matches('|').split('|').map(str::trim)
}

#[cfg(test)]
mod tests;
