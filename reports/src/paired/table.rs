//! The verdicts as a table in Markdown, which a terminal shows as well.

use super::said::{costs, could_have_seen, listed, ranked, waits};
use super::{Analysis, Compared, Correction, Purpose};
use crate::Verdict;
use crate::markdown::text;
use crate::number::{factor, factor_interval, significant};
use crate::summary::statement;

impl Analysis {
    /// The verdicts, a line each, controls first, and the reasons of those that can't be told.
    #[must_use]
    pub fn markdown(&self) -> String {
        if self.compared.is_empty() {
            return String::new();
        }
        let head = "| Time of | by that of | Ratio, 95 % interval | p | Verdict |\n|---|---|---|---|---|\n";
        let lines = self.compared.iter().map(line);
        let floor = match self.floor {
            Some(floor) => format!("A thing differs from itself by {} at most;", factor(floor)),
            None => "No control was measured;".to_owned(),
        };
        let launches = match self.launches {
            1 => "1 launch".to_owned(),
            launches => format!("{launches} launches"),
        };
        let settled: String = self.statements.iter().map(statement).collect();
        let more = self
            .notes
            .iter()
            .chain(&self.gaps)
            .map(|gap| format!("{gap}\n"));
        format!(
            "{settled}{head}{}\n{floor} equivalent is within {}. {launches}.{}\n{}{}",
            lines.collect::<String>(),
            factor(self.margin),
            self.families(),
            more.collect::<String>(),
            self.figures(),
        )
    }

    /// What the p are corrected by, and for how many; nothing if none is.
    fn families(&self) -> String {
        let families = [Correction::Holm, Correction::BenjaminiHochberg].map(|by| {
            let mut of = self.compared.iter().map(|it| it.corrected);
            let family = of.find(|it| it.by == Some(by))?.family;
            let which = match by {
                Correction::Holm => "declared",
                Correction::BenjaminiHochberg => "exploratory",
            };
            Some(format!("by {} for the {family} {which}", by.words()))
        });
        let families: Vec<String> = families.into_iter().flatten().collect();
        if families.is_empty() {
            return String::new();
        }
        format!(" p is corrected {}.", listed(&families))
    }

    /// What the figures show, a sentence each.
    fn figures(&self) -> String {
        let costs = self.queued.iter().map(costs);
        let side_by_side = self
            .side_by_side
            .iter()
            .map(|it| format!("{}. {}", it.workload, ranked(it)));
        let said = costs.chain(side_by_side).chain([waits(&self.tails)]);
        let said = said.filter(|it| !it.is_empty());
        let list: String = said.map(|it| format!("* {}\n", text(&it))).collect();
        // A list begins after an empty line.
        if list.is_empty() {
            list
        } else {
            format!("\n{list}")
        }
    }
}

fn line(compared: &Compared) -> String {
    let ratio = compared.effect.map_or_else(
        || "–".to_owned(),
        |effect| {
            let ratio = effect.ratio;
            format!(
                "{} ({})",
                factor(ratio.point),
                factor_interval(ratio.low, ratio.high)
            )
        },
    );
    format!(
        "| {} | {} | {ratio} | {} | {} |\n",
        text(&compared.own.label()),
        text(&compared.reference.label()),
        significant(compared.corrected.p),
        words(compared)
    )
}

/// The verdict with its reason, and what it is worth.
fn words(compared: &Compared) -> String {
    let verdict = match compared.verdict {
        Verdict::CannotTell(doubt) => {
            let seen = could_have_seen(compared);
            let seen = seen.map_or_else(String::new, |seen| format!("; {seen}"));
            format!("{}: {doubt}{seen}", compared.verdict.words())
        }
        verdict => verdict.words().to_owned(),
    };
    match compared.purpose {
        Purpose::Control => format!("{verdict} (control)"),
        Purpose::Confirmatory => verdict,
        Purpose::Exploratory => format!("{verdict} (exploratory)"),
    }
}
