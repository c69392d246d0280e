//! What is read from outputs as the tools print them, and what is refused.

use super::*;

const TESTS: &str = "\
running 2 tests
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
   Doc-tests executor
test result: ok. 30 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

fn count(tally: Result<Tally, String>) -> u64 {
    tally.unwrap().count
}

#[test]
fn tests_are_summed_over_the_binaries() {
    assert_eq!(count(tests(TESTS, Form::Short)), 42);
    assert!(tests("", Form::Short).is_err());
    let failed = TESTS.replacen("ok. 30", "FAILED. 29", 1);
    assert!(tests(&failed, Form::Short).unwrap_err().contains("FAILED"));
    let odd = TESTS.replacen("30 passed", "many passed", 1);
    assert!(tests(&odd, Form::Short).is_err());
}

#[test]
fn a_table_with_a_missing_case_has_no_count() {
    let line = "192 cases, 0 of them missing or failed somewhere; test result: ok. 500 passed";
    assert_eq!(count(contract(line, Form::Short)), 192);
    let missing = line.replace(", 0 of", ", 1 of");
    assert!(contract(&missing, Form::Short).is_err());
    assert!(contract(TESTS, Form::Short).is_err());
}

/// What a run prints of which every pool of the committed table comes to the same.
fn pools_output() -> String {
    let mut table = POOLS.lines().filter(|line| line.starts_with('|'));
    let heading = table.next().unwrap().trim_matches('|');
    let scenarios = table.count() - 1;
    let names = heading.split('|').skip(2).map(str::trim);
    let lines =
        names.map(|name| format!("pool | {name} | {scenarios} scenarios | 9 passed, 1 hung\n"));
    lines.chain([TESTS.to_owned()]).collect()
}

#[test]
fn what_each_pool_came_to_is_in_the_record() {
    let output = pools_output();
    let tally = pools(&output, Form::Short).unwrap();
    let bound = tally.bound.unwrap();
    assert!(
        bound.contains("; threadpool 1.8: 9 passed, 1 hung; "),
        "{bound}"
    );
    assert_eq!(tally.count % bound.split("; ").count() as u64, 0);
    let silent = output.replace("pool | threadpool", "threadpool");
    assert!(
        pools(&silent, Form::Short)
            .unwrap_err()
            .contains("threadpool 1.8")
    );
    let fewer = output.replacen(" scenarios | ", "0 scenarios | ", 1);
    assert!(
        pools(&fewer, Form::Short)
            .unwrap_err()
            .contains("the table has")
    );
    let failed = output.replace("ok. 30", "FAILED. 29");
    assert!(pools(&failed, Form::Short).is_err());
}

#[test]
fn repeated_scenarios_are_counted_once_for_each_run() {
    let output =
        "running\n\rrun 19 of 20, 8 s\rrun 20 of 20, 9 s\nall 20 runs of 61 tests passed in 9 s\n";
    let tally = deadlocks(output, Form::Short).unwrap();
    assert_eq!(tally.count, 20 * 61);
    assert!(tally.bound.unwrap().starts_with("20 runs of 61 scenarios"));
    assert!(deadlocks("run 7 of 20 failed after 3 s\n", Form::Short).is_err());
    let torn = output.replace("of 61", "of many");
    assert!(deadlocks(&torn, Form::Short).is_err());
}

#[test]
fn the_cases_of_a_property_are_counted_once_whatever_its_branches() {
    let output = format!(
        "---- properties::one stdout ----\n\
         40 of 129 cases reached: anything\n\
         50 of 129 cases reached: the moon\n\n\
         ---- properties::two stdout ----\n\
         48 of 48 cases reached: anything\n{TESTS}"
    );
    let tally = properties(&output, Form::Short).unwrap();
    assert_eq!(tally.count, 129 + 48);
    assert!(!tally.exhaustive && tally.bound.is_some());
    assert!(
        properties(TESTS, Form::Short)
            .unwrap_err()
            .contains("no property")
    );
    let torn = output.replace(TESTS, "");
    assert!(
        properties(&torn, Form::Short).is_err(),
        "the run has not come to its end"
    );
}

/// What a run prints of which all models say what the committed table says.
fn loom_output(form: Form) -> String {
    let line = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, explored, interleavings, seconds, claim] = columns[..] else {
            panic!("{line}")
        };
        format!(
            "loom | {name} | {explored} | {interleavings} interleavings | {seconds} s | {claim}\n"
        )
    };
    let lines = MODELS.lines().skip(1);
    lines
        .filter(|line| form == Form::Long || !is_long(line))
        .map(line)
        .chain([
            "loom | pairs | 36/36 pass\nloom | deadlock | fails as it must | deadlock; threads =\n"
                .to_owned(),
        ])
        .collect()
}

#[test]
fn every_model_of_the_table_has_to_speak() {
    let short = loom(&loom_output(Form::Short), Form::Short).unwrap();
    let long = loom(&loom_output(Form::Long), Form::Long).unwrap();
    assert!(0 < short.count && short.count < long.count);
    let missing = loom(&loom_output(Form::Short), Form::Long).unwrap_err();
    assert!(
        missing.contains("39 of") && missing.contains("long "),
        "{missing}"
    );
    let silent = loom_output(Form::Short).replace("loom | L1 ", "loom | ");
    assert!(loom(&silent, Form::Short).unwrap_err().contains("L1 "));
    let torn = loom_output(Form::Short).replace(" interleavings |", " |");
    assert!(loom(&torn, Form::Short).is_err());
}

#[test]
fn models_with_a_bound_are_not_called_exhaustive() {
    let tally = loom(&loom_output(Form::Short), Form::Short).unwrap();
    assert!(!tally.exhaustive);
    let bound = tally.bound.unwrap();
    let to_the_end = MODELS
        .lines()
        .filter(|line| line.contains("\texhaustive\t"))
        .count();
    assert!(bound.starts_with(&format!("{to_the_end} of ")), "{bound}");
}

#[test]
fn a_matrix_with_a_bug_that_was_not_found_has_no_count() {
    let line = "36 of 36 bugs found as expected, 170 runs, 60 s\n";
    assert_eq!(count(kill_matrix(line, Form::Short)), 36);
    let missed = line.replacen("36", "35", 1);
    assert!(
        kill_matrix(&missed, Form::Short)
            .unwrap_err()
            .contains("only 35 of 36")
    );
    assert!(kill_matrix("", Form::Short).is_err());
}

#[test]
fn schedules_of_scenarios_and_programs_are_summed() {
    let output = format!(
        "seed 20\n\
         shuttle | storm | random | 200 schedules | 0.10 s | a claim\n\
         shuttle | storm | pct(3) | 200 schedules | 0.10 s | a claim\n\
         shuttle | deadlock | fails as it must | deadlock! blocked tasks\n\
         shuttle | programs | random | 32 programs, 1600 histories, 900 of them with operations that overlap | 1 s | it\n\
         {TESTS}"
    );
    let tally = shuttle(&output, Form::Short).unwrap();
    assert_eq!((tally.count, tally.seed), (2000, Some(20)));
    assert!(shuttle(&output.replace("seed 20", "seed"), Form::Short).is_err());
    assert!(shuttle(&output.replace("| programs", "| others"), Form::Short).is_err());
}

const MUTANTS: &str =
    "mutants: 63 tried, 58 caught, 1 timed out, 3 survived with a reason, 1 survived, of 943\n";

#[test]
fn what_came_of_the_mutants_is_in_the_record_with_the_share_and_the_seed() {
    let tally = mutants(&format!("seed 20\n{MUTANTS}"), Form::Short).unwrap();
    assert_eq!(
        (tally.count, tally.seed, tally.shortfall),
        (63, Some(20), None)
    );
    assert_eq!(
        tally.bound.unwrap(),
        "63 of 943, as many as the time allowed: 58 caught, which is 96.6 % of those to be caught, 1 timed out, \
         3 survived with a reason, 1 survived"
    );
    assert_eq!(mutants(MUTANTS, Form::Short).unwrap().seed, None);
}

#[test]
fn all_mutants_that_compile_are_not_called_exhaustive() {
    let all = MUTANTS.replace("of 943", "of 63");
    let tally = mutants(&all, Form::Long).unwrap();
    assert!(!tally.exhaustive);
    assert!(tally.bound.unwrap().starts_with("all 63 that compile: "));
}

#[test]
fn a_share_of_mutants_under_95_percent_is_a_shortfall() {
    let with = |numbers: &str| {
        let line = format!("mutants: 1000 tried, {numbers}, of 1000");
        mutants(&line, Form::Long).unwrap().shortfall
    };
    let level = "760 caught, 40 timed out, 200 survived with a reason, 0 survived";
    assert_eq!(with(level), None, "95 % to the mutant");
    let below = "759 caught, 41 timed out, 200 survived with a reason, 0 survived";
    assert!(with(below).unwrap().starts_with("94.8 % of"));
}

#[test]
fn numbers_of_mutants_that_do_not_add_up_are_refused() {
    assert!(mutants("error: no cargo-mutants", Form::Long).is_err());
    let refused = |from, to| mutants(&MUTANTS.replacen(from, to, 1), Form::Long).is_err();
    assert!(refused("58 caught", "57 caught"));
    assert!(refused(", 1 timed out", ""));
    assert!(refused("of 943", "of 62"));
    let nothing =
        "mutants: 3 tried, 0 caught, 0 timed out, 3 survived with a reason, 0 survived, of 9";
    assert!(
        mutants(nothing, Form::Long)
            .unwrap_err()
            .contains("none was tried")
    );
}
