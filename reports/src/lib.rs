//! Turns measurements into one self-contained HTML page.
//!
//! The way through the crate, in order:
//!
//! 1. [`criterion::read`] turns criterion's files into plain [`Measurement`]s. Nothing else here knows those files.
//! 2. [`Environment`] says on which machine, when and how they were made, and what the bench states beside them: figures
//!    to reach, and what a shared counter showed.
//! 3. [`Report::new`] sorts the measurements into workloads and variants and compares them. A difference that the
//!    intervals do not support is called level, and too few samples are called that.
//! 4. [`page::render`] writes the page: pure, the same report gives the same bytes. So do its twins for programs and
//!    people, [`results`], [`csv`] and [`markdown()`]. [`summary`] writes the figures that
//!    were to be reached as lines for a terminal, [`verdicts`] the verdicts, and [`Conclusion`] is what they come to.
//!
//! [`write_page`] does it from files to file; the `reports` command does that and more, by options.
//!
//! ```
//! use reports::{Estimate, Measurement, Parameter, Report, page};
//!
//! let measurement = |backend: &str, parameter, median_ns: f64| Measurement {
//!     workload: "pi".into(),
//!     variant: Some("one part per worker".into()),
//!     backend: backend.into(),
//!     parameter,
//!     elements: None,
//!     samples_ns: vec![median_ns; 10],
//!     median: Estimate { point_ns: median_ns, low_ns: 0.99 * median_ns, high_ns: 1.01 * median_ns, level: 0.95 },
//!     measured_at: None,
//! };
//! let report = Report::new(
//!     vec![
//!         measurement("sequential", Parameter::None, 13.0e6),
//!         measurement("threads", Parameter::Workers(2), 6.5e6),
//!     ],
//!     None,
//! );
//! let html = page::render(&report);
//! assert!(html.contains("threads (2 workers) is the fastest: 6.50\u{a0}ms; it is 2.00× (1.96–2.04×) as fast as sequential"));
//! ```
#![forbid(unsafe_code)]

pub mod criterion;
pub mod csv;
pub mod evidence;
pub mod page;
pub mod paired;
pub mod results;
pub mod statistics;
pub mod tutorial;

mod advice;
mod against;
mod agreement;
mod baseline;
mod chart;
mod claim;
mod comparison;
mod conclusion;
mod count;
mod counted;
mod effect;
mod environment;
mod error;
mod finding;
mod grade;
mod judged;
mod locations;
mod markdown;
mod measurement;
mod mood;
mod number;
mod pair;
mod palette;
mod report;
mod statement;
mod summary;
mod terminal;
mod verdict;
mod visible;
mod warning;
mod write;

pub use against::{Against, Difference, Shift};
pub use baseline::{Baseline, Baselines};
pub use claim::{Claim, Reach, RowName};
pub use comparison::{Comparison, MIN_SAMPLES, Ratio, RowVerdict};
pub use conclusion::Conclusion;
pub use count::{Count, Counts};
pub use counted::{Counted, CountedRow};
pub use effect::Effect;
pub use environment::{Environment, Fact, LoadAverage};
pub use error::Error;
pub use grade::Grade;
pub use judged::{Judged, Outcome};
pub use locations::Locations;
pub use markdown::markdown;
pub use measurement::{Estimate, Measurement, Parameter};
pub use pair::Pair;
pub use report::{Report, Row, Variant, Workload};
pub use statement::{Evidence, Settled, Standing, Statement};
pub use summary::summary;
pub use terminal::{changes, listed, verdicts};
pub use verdict::{Doubt, LEAST_LAUNCHES, Terms, Verdict, detectable, judge};
pub use warning::Warning;
pub use write::{Twins, write_page};
