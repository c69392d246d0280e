//! How much a lane checked, read from what it printed: pure functions of the text.
//!
//! Each says what is missing if the text does not say it. None takes a part for the whole: a model that is expected and did
//! not say anything is an error.

use std::collections::BTreeMap;

use crate::lane::Form;

const MODELS: &str = include_str!("../../models.tsv");
const POOLS: &str = include_str!("../../../executor/conformance/pools.md");

/// How many of the mutants that something is to catch have to be caught, in thousandths.
const LEAST_SHARE: u64 = 950;

/// Whether it is a model that only the long form runs, by how its name begins.
fn is_long(model: &str) -> bool {
    ["long ", "triple "].iter().any(|it| model.starts_with(it))
}

/// How much was checked, and how far that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) bound: Option<String>,
    pub(crate) exhaustive: bool,
    pub(crate) seed: Option<u64>,
    /// Why the lane has failed by these numbers, even if its command ended well.
    pub(crate) shortfall: Option<String>,
}

impl Tally {
    fn of(count: u64) -> Self {
        Self {
            count,
            bound: None,
            exhaustive: false,
            seed: None,
            shortfall: None,
        }
    }
}

/// The tests that passed, over all test binaries.
pub(crate) fn tests(output: &str, _: Form) -> Result<Tally, String> {
    let lines = output
        .lines()
        .filter_map(|line| line.strip_prefix("test result: "));
    let mut passed = 0;
    let mut any = false;
    for line in lines {
        let (verdict, rest) = line.split_once(". ").ok_or_else(|| unclear(line))?;
        if verdict != "ok" {
            return Err(format!("a test binary says {verdict}"));
        }
        passed += leading(rest, " passed").ok_or_else(|| unclear(line))?;
        any = true;
    }
    match any {
        true => Ok(Tally::of(passed)),
        false => Err("no line with a test result".to_owned()),
    }
}

/// The cases of the contract suite's table.
pub(crate) fn contract(output: &str, _: Form) -> Result<Tally, String> {
    let mut lines = output.lines();
    let line = lines
        .find(|line| line.contains(" of them missing or failed somewhere"))
        .ok_or("no last line of the table")?;
    let (cases, rest) = line.split_once(" cases, ").ok_or_else(|| unclear(line))?;
    match leading(rest, " of them") {
        Some(0) => Ok(Tally::of(cases.parse().map_err(|_| unclear(line))?)),
        _ => Err(unclear(line)),
    }
}

/// The scenarios on each pool of the committed table: `pool | rayon 1.12 | 31 scenarios | 15 passed, …`. That each came to
/// what the table says is for the tests to say.
pub(crate) fn pools(output: &str, form: Form) -> Result<Tally, String> {
    tests(output, form)?;
    let mut table = POOLS.lines().filter(|line| line.starts_with('|'));
    let heading = table.next().ok_or("the table of pools is empty")?;
    let names = heading.trim_matches('|').split('|').skip(2).map(str::trim);
    // The first line is the rule under the heading.
    let scenarios = table.skip(1).count() as u64;
    let mut cases = 0;
    let mut said = Vec::new();
    for name in names {
        let start = format!("pool | {name} | ");
        let mut lines = output.lines();
        let line = lines.find_map(|line| line.strip_prefix(&start));
        let line = line.ok_or_else(|| format!("the pool {name} said nothing"))?;
        let (count, rest) = line.split_once(" | ").ok_or_else(|| unclear(line))?;
        if leading(count, " scenarios") != Some(scenarios) {
            return Err(format!("{name} had {count}, and the table has {scenarios}"));
        }
        cases += scenarios;
        said.push(format!("{name}: {rest}"));
    }
    Ok(Tally {
        bound: Some(said.join("; ")),
        ..Tally::of(cases)
    })
}

/// The runs of all tests of deadlocks: `all 20 runs of 61 tests passed in 30 s`.
pub(crate) fn deadlocks(output: &str, _: Form) -> Result<Tally, String> {
    let mut lines = output.lines().rev();
    let line = lines.find(|line| line.starts_with("all ") && line.contains(" runs of "));
    let line = line.ok_or("no line with the number of runs")?;
    let words: Vec<&str> = line.split(' ').collect();
    let ["all", runs, "runs", "of", tests, "tests", "passed", ..] = words[..] else {
        return Err(unclear(line));
    };
    let number = |word: &str| word.parse::<u64>().map_err(|_| unclear(line));
    Ok(Tally {
        bound: Some(format!(
            "{runs} runs of {tests} scenarios, with one core kept busy"
        )),
        ..Tally::of(number(runs)? * number(tests)?)
    })
}

/// The cases of the properties.
pub(crate) fn properties(output: &str, form: Form) -> Result<Tally, String> {
    let bound = match form {
        Form::Short => {
            "128 random cases a property or more, 48 where a case builds pools, 64 of pi on every executor"
        }
        Form::Long => {
            "4096 random cases a property, 512 where a case builds pools or a worker dies"
        }
    };
    cases(output, bound)
}

/// The cases of the properties about what is forged.
pub(crate) fn forged(output: &str, form: Form) -> Result<Tally, String> {
    let bound = match form {
        Form::Short => "256 random inputs a property, 128 of requests",
        Form::Long => "65536 random inputs a property",
    };
    cases(output, bound)
}

/// The sum of the cases that each test says: `13 of 128 cases reached: …`, once for each of its branches.
fn cases(output: &str, bound: &str) -> Result<Tally, String> {
    tests(output, Form::Short)?;
    let mut cases = BTreeMap::new();
    let mut test = "";
    for line in output.lines() {
        let heading = line.strip_prefix("---- ");
        if let Some(name) = heading.and_then(|line| line.strip_suffix(" stdout ----")) {
            test = name;
        }
        let said = line
            .split_once(" cases reached: ")
            .and_then(|(counts, _)| counts.split_once(" of "));
        if let Some((_, total)) = said {
            cases.insert(test, total.parse::<u64>().map_err(|_| unclear(line))?);
        }
    }
    match cases.is_empty() {
        true => Err("no property says how many cases it had".to_owned()),
        false => Ok(Tally {
            bound: Some(bound.to_owned()),
            ..Tally::of(cases.values().sum())
        }),
    }
}

/// The interleavings of all models, each of which has a line in the committed table.
pub(crate) fn loom(output: &str, form: Form) -> Result<Tally, String> {
    let mut said = BTreeMap::new();
    for line in output
        .lines()
        .filter_map(|line| line.strip_prefix("loom | "))
    {
        let columns: Vec<&str> = line.split(" | ").collect();
        if let [name, explored, interleavings, _, _] = columns[..] {
            let count = leading(interleavings, " interleavings").ok_or_else(|| unclear(line))?;
            said.insert(name, (explored, count));
        }
    }
    let names = MODELS
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next());
    let expected: Vec<&str> = names
        .filter(|name| form == Form::Long || !is_long(name))
        .collect();
    let silent: Vec<&str> = expected
        .iter()
        .copied()
        .filter(|name| !said.contains_key(name))
        .collect();
    if let Some(first) = silent.first() {
        let (count, all) = (silent.len(), expected.len());
        return Err(format!(
            "{count} of {all} models said nothing, {first} among them"
        ));
    }
    let models = expected.iter().map(|name| said[name]);
    let to_the_end = models
        .clone()
        .filter(|(explored, _)| *explored == "exhaustive")
        .count();
    let all = expected.len();
    Ok(Tally {
        bound: (to_the_end < all).then(|| {
            let rest = all - to_the_end;
            format!("{to_the_end} of {all} models to the end, {rest} up to a bound of preemptions")
        }),
        exhaustive: to_the_end == all,
        ..Tally::of(models.map(|(_, count)| count).sum())
    })
}

/// The seeded bugs that were found, which have to be all there are.
pub(crate) fn kill_matrix(output: &str, _: Form) -> Result<Tally, String> {
    let mut lines = output.lines();
    let line = lines
        .find(|line| line.contains(" bugs found as expected"))
        .ok_or("no last line of the matrix")?;
    let words: Vec<&str> = line.split(' ').collect();
    let [found, "of", all, ..] = words[..] else {
        return Err(unclear(line));
    };
    let found_number = found.parse().map_err(|_| unclear(line))?;
    match found == all {
        true => Ok(Tally {
            exhaustive: true,
            ..Tally::of(found_number)
        }),
        false => Err(format!("only {found} of {all} bugs were found")),
    }
}

/// The schedules of all scenarios, and those of the generated programs, each of which is a history.
pub(crate) fn shuttle(output: &str, form: Form) -> Result<Tally, String> {
    tests(output, form)?;
    let mut schedules = 0;
    let mut has_programs = false;
    for line in output
        .lines()
        .filter_map(|line| line.strip_prefix("shuttle | "))
    {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [name, _, amount, ..] = columns[..] else {
            continue;
        };
        let amount = match name {
            "programs" => amount
                .split(", ")
                .nth(1)
                .and_then(|it| leading(it, " histories")),
            _ => leading(amount, " schedules"),
        };
        has_programs |= name == "programs" && amount.is_some();
        schedules += amount.unwrap_or(0);
    }
    if !has_programs {
        return Err("the generated programs said nothing".to_owned());
    }
    Ok(Tally {
        bound: Some("sampled".to_owned()),
        seed: Some(seed(output).ok_or("no line with the seed")?),
        ..Tally::of(schedules)
    })
}

/// The mutants that were tried, and what came of them:
/// `mutants: 63 tried, 55 caught, 1 timed out, 3 survived with a reason, 4 survived, of 943`.
///
/// The share is of those that something is to catch, and one with which tests hang is not caught. All of them are not all
/// there is, as the script leaves out edits that it can't make; so the lane is never exhaustive.
pub(crate) fn mutants(output: &str, _: Form) -> Result<Tally, String> {
    let line = output
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("mutants: "));
    let line = line.ok_or("no line with the numbers of mutants")?;
    let parts: Vec<&str> = line.trim_end().split(", ").collect();
    let [tried, caught, hung, justified, survived, all] = parts[..] else {
        return Err(unclear(line));
    };
    let number = |part, unit| leading(part, unit).ok_or_else(|| unclear(line));
    let (tried, caught) = (number(tried, " tried")?, number(caught, " caught")?);
    let hung = number(hung, " timed out")?;
    let justified = number(justified, " survived with a reason")?;
    let survived = number(survived, " survived")?;
    let all = all.strip_prefix("of ").and_then(|all| all.parse().ok());
    let all: u64 = all.ok_or_else(|| unclear(line))?;
    if caught + hung + justified + survived != tried || tried > all {
        return Err(unclear(line));
    }
    let to_catch = tried - justified;
    // In thousandths, and not rounded up.
    let share = (1000 * caught)
        .checked_div(to_catch)
        .ok_or("none was tried that something is to catch")?;
    let percent = format!("{}.{} %", share / 10, share % 10);
    let how_many = match tried == all {
        true => format!("all {all} that compile"),
        false => format!("{tried} of {all}, as many as the time allowed"),
    };
    Ok(Tally {
        bound: Some(format!(
            "{how_many}: {caught} caught, which is {percent} of those to be caught, {hung} timed out, \
             {justified} survived with a reason, {survived} survived"
        )),
        seed: seed(output),
        shortfall: (share < LEAST_SHARE).then(|| {
            let least = LEAST_SHARE / 10;
            format!("{percent} of the mutants to be caught were, and {least} % is the least")
        }),
        ..Tally::of(tried)
    })
}

/// What a command says it drew from.
fn seed(output: &str) -> Option<u64> {
    output
        .lines()
        .find_map(|line| line.strip_prefix("seed ")?.parse().ok())
}

/// The number at the beginning of a text that goes on with `unit`.
fn leading(text: &str, unit: &str) -> Option<u64> {
    text.split_once(unit)?.0.parse().ok()
}

fn unclear(line: &str) -> String {
    format!("a line is not as expected: {line}")
}

#[cfg(test)]
mod tests;
