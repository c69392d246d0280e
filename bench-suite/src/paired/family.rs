//! The cells of a run and what is compared, as they are declared, before anything is measured or even started.

use std::fmt;
use std::time::{Duration, Instant};

use reports::paired::{Cell, Declared, Figure, Purpose, Series, Stated};

/// What a run has to say when it can't go on.
pub type AnyError = Box<dyn std::error::Error>;

/// A cell that has been started, and warmed by one run.
pub struct Started {
    visit: Box<dyn FnMut(u64) -> Visited>,
    /// The processes that work for it, apart from this one.
    pub processes: Vec<u32>,
}

/// What came of some runs.
#[derive(Debug)]
pub struct Visited {
    /// How long they took: the answers are checked outside.
    pub time: Duration,
    /// What was wrong with the first answer that was.
    pub wrong: Option<String>,
}

/// Starts a cell: its pool, its counter.
type Start = Box<dyn Fn() -> Result<Started, AnyError>>;

/// Cells with what starts them, and the comparisons.
#[derive(Default)]
pub struct Family {
    cells: Vec<Cell>,
    starts: Vec<Start>,
    series: Vec<Series>,
    comparisons: Vec<Declared>,
    statements: Vec<Stated>,
    notes: Vec<String>,
}

impl Started {
    /// A cell whose runs are calls of `run`, each checked by `check`, which says what is wrong. Nothing is run yet.
    pub fn new<T>(
        mut run: impl FnMut() -> Result<T, AnyError> + 'static,
        check: impl Fn(&T) -> Result<(), String> + 'static,
    ) -> Started {
        Started::with_input(|| (), move |()| run(), check)
    }

    /// As [`new`](Started::new), for runs that consume an input. To make it, and to drop the answer, is outside the timed
    /// part too.
    pub fn with_input<I, T>(
        input: impl Fn() -> I + 'static,
        mut run: impl FnMut(I) -> Result<T, AnyError> + 'static,
        check: impl Fn(&T) -> Result<(), String> + 'static,
    ) -> Started {
        Started {
            visit: Box::new(move |runs| {
                let mut visited = Visited {
                    time: Duration::ZERO,
                    wrong: None,
                };
                for _ in 0..runs {
                    let input = std::hint::black_box(input());
                    let start = Instant::now();
                    let answer = std::hint::black_box(run(input));
                    visited.time += start.elapsed();
                    let checked = answer
                        .map_err(|error| error.to_string())
                        .and_then(|it| check(&it));
                    visited.wrong = visited.wrong.or(checked.err());
                }
                visited
            }),
            processes: Vec::new(),
        }
    }

    /// A cell that is told how many runs to do, and takes the time and checks the answers itself.
    pub fn by_itself(visit: impl FnMut(u64) -> Visited + 'static) -> Started {
        Started {
            visit: Box::new(visit),
            processes: Vec::new(),
        }
    }

    /// Says which processes work for it.
    #[must_use]
    pub fn in_processes(self, processes: Vec<u32>) -> Started {
        Started { processes, ..self }
    }

    /// Does so many runs.
    pub fn visit(&mut self, runs: u64) -> Visited {
        (self.visit)(runs)
    }
}

impl Family {
    /// A block and its mirror.
    const EXPLORED_BLOCKS: u32 = 2;

    /// Adds a cell; its place in the list.
    pub fn add(
        &mut self,
        cell: Cell,
        start: impl Fn() -> Result<Started, AnyError> + 'static,
    ) -> usize {
        self.cells.push(cell);
        self.starts.push(Box::new(start));
        self.cells.len() - 1
    }

    /// In how many of so many blocks a cell is visited: in all of them if something is to be confirmed of it; otherwise in
    /// the first and its mirror, since what is explored is told from the launches, and its time is better spent on more
    /// cells.
    #[must_use]
    pub fn blocks_of(&self, cell: usize, blocks: u32) -> u32 {
        let is_confirmed = |it: &Declared| {
            it.purpose != Purpose::Exploratory && [it.own, it.reference].contains(&cell)
        };
        match self.comparisons.iter().any(is_confirmed) {
            true => blocks,
            false => blocks.min(Family::EXPLORED_BLOCKS),
        }
    }

    /// Declares that a figure shows these together, in this order.
    pub fn show(&mut self, figure: Figure, cells: Vec<usize>) {
        self.series.push(Series { figure, cells });
    }

    /// What the figures show together.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Declares a comparison of two cells.
    pub fn compare(&mut self, own: usize, reference: usize, purpose: Purpose) {
        self.comparisons.push(Declared {
            own,
            reference,
            purpose,
        });
    }

    /// Declares a sentence, which is that `own` takes more than `times` as long as the reference.
    pub fn state(&mut self, text: &str, own: usize, reference: usize, times: f64) {
        self.statements.push(Stated {
            text: text.to_owned(),
            own,
            reference,
            times,
        });
    }

    /// The sentences.
    #[must_use]
    pub fn statements(&self) -> &[Stated] {
        &self.statements
    }

    /// The cells as the record names them.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The comparisons.
    #[must_use]
    pub fn comparisons(&self) -> &[Declared] {
        &self.comparisons
    }

    /// Adds a sentence about what the cells do not name.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What the cells do not name, a sentence each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Starts a cell.
    ///
    /// # Errors
    ///
    /// Why it can't be measured here.
    pub fn start(&self, cell: usize) -> Result<Started, AnyError> {
        (self.starts[cell])()
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family")
            .field("cells", &self.cells)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started")
            .field("processes", &self.processes)
            .finish_non_exhaustive()
    }
}

/// A check for answers that must be equal to the one that is right.
pub fn equals<T: PartialEq + fmt::Debug>(expected: T) -> impl Fn(&T) -> Result<(), String> {
    move |answer| match *answer == expected {
        true => Ok(()),
        false => Err(format!(
            "the answer is {answer:?} and should be {expected:?}"
        )),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell as Counter;
    use std::rc::Rc;

    use super::*;

    /// A cell with a label of its own.
    pub(in crate::paired) fn cell(number: u64) -> Cell {
        Cell {
            workload: format!("workload {number}"),
            backend: "nobody".to_owned(),
            way: None,
            workers: None,
            size: 1,
            tasks: None,
        }
    }

    #[test]
    fn a_visit_has_as_many_runs_as_it_is_told() {
        let count = Rc::new(Counter::new(0));
        let counted = Rc::clone(&count);
        let run = move || {
            counted.set(counted.get() + 1);
            Ok(7)
        };
        let mut started = Started::new(run, equals(7));
        assert_eq!(started.visit(5).wrong, None);
        assert_eq!(count.get(), 5);
    }

    #[test]
    fn the_first_wrong_answer_is_told() {
        let mut answers = [7, 8, 9].into_iter();
        let mut started = Started::new(move || Ok(answers.next().unwrap_or(7)), equals(7));
        let wrong = started.visit(4).wrong;
        assert_eq!(wrong.as_deref(), Some("the answer is 8 and should be 7"));
    }

    #[test]
    fn a_run_that_fails_gives_a_wrong_answer() {
        let mut started = Started::new(|| Err::<u32, _>("it broke".into()), equals(7));
        assert_eq!(started.visit(1).wrong.as_deref(), Some("it broke"));
    }
}
