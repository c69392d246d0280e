//! The verdict: what launches allow to be said of two times. One function decides, and whoever shows a verdict, on
//! the page or on a terminal, asks it.

use std::fmt;

use crate::Effect;
use crate::number::{counted, factor, significant};
use crate::statistics::{Hurdles, Side, is_equivalent, smallest_detectable};

/// With fewer launches no difference can be significant at five per cent, however large: the smallest p that n of them
/// can reach is 2^(1-n), 0.031 with six and 0.063 with five.
pub const LEAST_LAUNCHES: usize = 6;

/// The chance of a false alarm that is accepted.
pub(crate) const ALPHA: f64 = 0.05;

/// What a ratio is judged by beside its own numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Up to which factor two times are the same for practical purposes.
    pub margin: f64,
    /// How far apart a thing is from itself in this run, as a factor; 1 if there was no control.
    pub floor: f64,
    /// The effect's p, corrected for the comparisons that are judged together.
    pub corrected_p: f64,
    /// How many of those make a difference harder to reach whatever they show: all that are confirmed together, this one
    /// among them; 1 of what is explored.
    pub compared: usize,
}

impl Terms {
    /// The margin unless somebody says otherwise: five per cent.
    pub const MARGIN: f64 = 1.05;

    /// On a machine on which a thing differs from itself by more than that, nothing is called equivalent: two times
    /// that are so far apart are not the same for any purpose, and a margin that asks for less can't be held.
    pub const WIDEST: f64 = 1.25;

    /// The margin that counts: what can't be told from nothing is no margin.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin.max(self.floor)
    }
}

/// What may be said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It takes less time than the reference.
    Faster,
    /// It takes more time.
    Slower,
    /// The two take the same time within the margin: a difference that matters is ruled out.
    Equivalent,
    /// The data show neither.
    CannotTell(Doubt),
}

/// Why nothing can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doubt {
    /// A wrong answer has voided the cell or its reference.
    WrongAnswer,
    /// There is no launch in which both were measured.
    NotMeasured,
    /// There are fewer than [`LEAST_LAUNCHES`] launches.
    TooFewLaunches {
        /// How many launches there are.
        launches: usize,
        /// The smallest p that they can reach.
        smallest_p: f64,
    },
    /// So many launches can't reach what so many comparisons require.
    OutOfReach {
        /// How many launches there are.
        launches: usize,
        /// The smallest p that they can reach.
        smallest_p: f64,
        /// How many comparisons are confirmed together.
        compared: usize,
    },
    /// The launches do not agree on a direction.
    NotSignificant,
    /// They would agree well enough, were this the only comparison.
    NotAmongSoMany {
        /// The p by itself.
        p: f64,
        /// The p as it is corrected for the others.
        corrected_p: f64,
    },
    /// There is a difference, no larger than this factor, by which a thing differs from itself.
    WithinFloor(f64),
}

/// Judges an effect: the one place where that is done.
///
/// Equivalence comes first, so that a difference too small to matter is not called one because it is certain. A
/// difference needs the corrected p, the whole interval, and a ratio beyond the floor.
///
/// # Example
///
/// ```
/// use reports::statistics::Bootstrap;
/// use reports::{Effect, Pair, Terms, Verdict, judge};
///
/// let launch = |wobble: f64| vec![Pair { own_ns: 50.0 + wobble, reference_ns: 100.0 }; 4];
/// let launches: Vec<_> = (0..10).map(|number| launch(f64::from(number))).collect();
/// let effect = Effect::of(&launches, Bootstrap { draws: 1000, seed: 1 });
/// let p = effect.as_ref().map_or(1.0, |effect| effect.p);
/// let terms = Terms { margin: Terms::MARGIN, floor: 1.02, corrected_p: p, compared: 1 };
/// assert_eq!(judge(effect.as_ref(), &terms), Verdict::Faster);
/// ```
#[must_use]
pub fn judge(effect: Option<&Effect>, terms: &Terms) -> Verdict {
    let Some(effect) = effect else {
        return Verdict::CannotTell(Doubt::NotMeasured);
    };
    let Effect {
        launches,
        smallest_p,
        ..
    } = *effect;
    let compared = terms.compared.max(1);
    if launches < LEAST_LAUNCHES {
        return Verdict::CannotTell(Doubt::TooFewLaunches {
            launches,
            smallest_p,
        });
    }
    if is_equivalent(effect.ninety, terms.margin()) {
        return if terms.floor <= Terms::WIDEST.max(terms.margin) {
            Verdict::Equivalent
        } else {
            Verdict::CannotTell(Doubt::WithinFloor(terms.floor))
        };
    }
    if smallest_p * compared as f64 > ALPHA {
        return Verdict::CannotTell(Doubt::OutOfReach {
            launches,
            smallest_p,
            compared,
        });
    }
    let difference = match effect.ratio.interval().side(1.0) {
        Side::AtMost => Verdict::Faster,
        Side::Above => Verdict::Slower,
        Side::Both => return Verdict::CannotTell(Doubt::NotSignificant),
    };
    let size = effect.ratio.point.max(1.0 / effect.ratio.point);
    if effect.p > ALPHA {
        Verdict::CannotTell(Doubt::NotSignificant)
    } else if terms.corrected_p > ALPHA {
        Verdict::CannotTell(Doubt::NotAmongSoMany {
            p: effect.p,
            corrected_p: terms.corrected_p,
        })
    } else if size <= terms.floor {
        Verdict::CannotTell(Doubt::WithinFloor(terms.floor))
    } else {
        difference
    }
}

/// The smallest factor that would have been called a difference in 80 of 100 such runs: by their launches' deviation, by
/// the p that is needed before it is corrected, and by the floor. `None` if nothing could be told, however large.
///
/// It is of what [`judge`] asks of a difference, and not of equivalence: below the margin, a difference may be called that.
#[must_use]
pub fn detectable(effect: &Effect, needed_p: f64, floor: f64) -> Option<f64> {
    let deviation = effect
        .deviation
        .filter(|_| effect.launches >= LEAST_LAUNCHES)?;
    let hurdles = Hurdles {
        p: needed_p,
        level: 1.0 - ALPHA,
        floor: floor.ln(),
    };
    Some(smallest_detectable(deviation, effect.launches, hurdles)?.exp())
}

impl Verdict {
    /// The verdict on what a wrong answer has voided.
    pub const VOID: Self = Self::CannotTell(Doubt::WrongAnswer);

    /// The verdict in two words at most.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Equivalent => "equivalent",
            Self::CannotTell(Doubt::WrongAnswer) => "void",
            Self::CannotTell(_) => "can't tell",
        }
    }

    /// Whether a wrong answer has voided it.
    #[must_use]
    pub fn is_void(self) -> bool {
        self == Self::CannotTell(Doubt::WrongAnswer)
    }

    /// Its shape, for those who don't see colours.
    #[must_use]
    pub fn shape(self) -> &'static str {
        match self {
            Self::Faster => "▲",
            Self::Slower => "▼",
            Self::Equivalent => "=",
            Self::CannotTell(Doubt::WrongAnswer) => "✗",
            Self::CannotTell(_) => "?",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::WrongAnswer => f.write_str("a wrong answer has voided it"),
            Self::NotMeasured => f.write_str("no launch has measured both"),
            Self::TooFewLaunches {
                launches,
                smallest_p,
            } => write!(
                f,
                "{}, and no verdict is given below {LEAST_LAUNCHES}: the smallest p that {} can reach is {}",
                counted(launches, "launch", "launches"),
                if launches == 1 { "one" } else { "they" },
                significant(smallest_p),
            ),
            Self::OutOfReach {
                launches,
                smallest_p,
                compared,
            } => write!(
                f,
                "the smallest p that {launches} launches can reach is {}, and the first of {} needs {}",
                significant(smallest_p),
                counted(compared, "comparison", "comparisons"),
                significant(ALPHA / compared as f64),
            ),
            Self::NotSignificant => f.write_str("the launches do not agree well enough"),
            Self::NotAmongSoMany { p, corrected_p } => write!(
                f,
                "alone its p of {} would do, and for all that are looked at it is {}",
                significant(p),
                significant(corrected_p),
            ),
            Self::WithinFloor(floor) => write!(
                f,
                "the difference is no larger than that of a thing from itself, {}",
                factor(floor)
            ),
        }
    }
}
