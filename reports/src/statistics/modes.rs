//! Whether times fall into two groups: a program that is fast or slow, and seldom in between.
//!
//! Of such times a median tells one group, or neither, and which one may change from run to run.

use super::median;

/// Of fewer values it can't be told.
const LEAST: usize = 60;

/// The excess mass of a second interval, times the root of how many values there are, that one in a hundred samples of a
/// uniform distribution has. Of all distributions with one mode that is the hardest one to tell from two; the tests
/// simulate it.
const CRITICAL: f64 = 1.12;

/// Modes of which one takes so many times as long as the other are worth a word. Nearer ones are what launches differ by.
const APART: f64 = 1.25;

/// The lengths that mass is weighed against: so many, each so many times the one before.
const STEPS: i32 = 100;
const STEP: f64 = 1.1;

/// Times in two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Modes {
    /// The excess mass: the share of the times that two intervals hold beyond what one does, less what their lengths
    /// cost, at the cost for which that is the most.
    pub excess: f64,
    /// The shorter times.
    pub low: Mode,
    /// The longer times.
    pub high: Mode,
    is_marked: bool,
}

/// One of the groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// The median of its times.
    pub median: f64,
    /// Its share of all times.
    pub share: f64,
}

impl Modes {
    /// Divides times, in any unit, in two by the place where their logarithms are the most divided; `None` if they are
    /// fewer than sixty, all the same, or no times.
    ///
    /// The excess mass for two intervals against one is that of Müller and Sawitzki (1991), which is twice the dip of
    /// Hartigan and Hartigan (1985).
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::Modes;
    ///
    /// let one: Vec<f64> = (0..90).map(|n| 3.0 + 0.01 * f64::from(n)).collect();
    /// assert!(!Modes::of(&one).unwrap().is_marked());
    ///
    /// let two: Vec<f64> = one.iter().enumerate().map(|(n, t)| if n % 3 == 0 { 4.0 * t } else { *t }).collect();
    /// let two = Modes::of(&two).unwrap();
    /// assert!(two.is_marked() && (two.high.share - 1.0 / 3.0).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn of(times: &[f64]) -> Option<Self> {
        let are_times = times.iter().all(|time| time.is_finite() && *time > 0.0);
        if times.len() < LEAST || !are_times {
            return None;
        }
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let logs: Vec<f64> = times.iter().map(|time| time.ln()).collect();
        let Divided { excess, at } = divided(&logs)?;
        let all = times.len() as f64;
        let (low, high) = times.split_at_mut(at);
        let mode = |part: &mut [f64]| {
            Some(Mode {
                median: median(part)?,
                share: part.len() as f64 / all,
            })
        };
        let (low, high) = (mode(low)?, mode(high)?);
        Some(Self {
            excess,
            low,
            high,
            is_marked: excess * all.sqrt() > CRITICAL && high.median / low.median >= APART,
        })
    }

    /// Whether they are two groups by more than chance would have it, and far enough from each other to matter.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.is_marked
    }
}

/// The most that a second interval gains, and how many values lie before the gap between the two.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Divided {
    excess: f64,
    at: usize,
}

/// An interval, or two of them, by what they hold less what they cost.
#[derive(Clone, Copy)]
struct Held {
    worth: f64,
    /// The place of the last value of the first interval and that of the first one of the second, which is the same if
    /// there is one interval only.
    gap: (usize, usize),
}

/// Where two intervals gain the most over one, for values in ascending order; `None` if they are all the same.
fn divided(values: &[f64]) -> Option<Divided> {
    let [first, .., last] = values else {
        return None;
    };
    let range = last - first;
    let costs = (0..STEPS).map(|step| 0.5 * STEP.powi(step) / range);
    let gains = costs.map(|cost| gain(values, cost));
    let best = gains.max_by(|one, other| one.excess.total_cmp(&other.excess));
    best.filter(|_| range > 0.0)
}

/// What the best two intervals hold beyond the best one, where each costs so much by its length.
fn gain(values: &[f64], cost: f64) -> Divided {
    let one_more = 1.0 / values.len() as f64;
    let nothing = Held {
        worth: f64::NEG_INFINITY,
        gap: (0, 0),
    };
    // The best that ends here, and the best that has ended: of one interval, and of two.
    let (mut open, mut one) = (nothing, nothing);
    let (mut second, mut two) = (nothing, nothing);
    let better = |it: Held, than: Held| if it.worth > than.worth { it } else { than };
    let more = |it: Held, by: f64| Held {
        worth: it.worth + by,
        ..it
    };
    for (place, value) in values.iter().enumerate() {
        let length = place
            .checked_sub(1)
            .map_or(0.0, |last| value - values[last]);
        let begun = more(one, one_more);
        let begun = Held {
            gap: (one.gap.0, place),
            ..begun
        };
        second = better(begun, more(second, one_more - cost * length));
        let begun = Held {
            worth: one_more,
            gap: (place, place),
        };
        let longer = more(open, one_more - cost * length);
        open = Held {
            gap: (place, place),
            ..better(longer, begun)
        };
        one = better(open, one);
        two = better(second, two);
    }
    let (end, beginning) = two.gap;
    let widest = (end + 1..=beginning).max_by(|one, other| {
        let gap = |at: &usize| values[*at] - values[at - 1];
        gap(one).total_cmp(&gap(other))
    });
    Divided {
        excess: two.worth - one.worth,
        at: widest.unwrap_or(beginning),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Generator;
    use super::*;

    #[test]
    fn the_excess_is_that_of_the_definition() {
        // By hand: two intervals hold all for twice the cost, one holds all for eleven times or half for once. The last two
        // are equal where the cost is a twentieth, and there the second interval gains 0.45, more than at any other cost.
        let Divided { excess, at } = divided(&[0.0, 1.0, 10.0, 11.0]).expect("they differ");
        assert!((0.43..=0.45).contains(&excess), "{excess}");
        assert_eq!(at, 2);
        // All values in one place but one, which has an interval of its own.
        let Divided { excess, at } = divided(&[0.0, 0.0, 0.0, 0.0, 9.0]).expect("they differ");
        assert!((excess - 0.2).abs() < 1e-9, "{excess}");
        assert_eq!(at, 4);
    }

    #[test]
    fn of_what_is_too_little_or_no_time_nothing_is_told() {
        let times: Vec<f64> = (1..=60).map(f64::from).collect();
        assert!(Modes::of(&times).is_some());
        assert_eq!(Modes::of(&times[1..]), None);
        assert_eq!(Modes::of(&[2.0; 60]), None);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Modes::of(&[&times[..], &[wrong]].concat()), None, "{wrong}");
        }
    }

    /// How many of a thousand samples of so many logarithms are marked, whatever their modes are apart.
    fn marked(values: usize, log: impl Fn(&mut Generator) -> f64) -> usize {
        let mut generator = Generator::new(7);
        let samples = (0..1_000).map(|_| {
            let times = (0..values).map(|_| log(&mut generator).exp());
            Modes::of(&times.collect::<Vec<f64>>()).expect("they are times")
        });
        samples.filter(Modes::is_marked).count()
    }

    #[test]
    fn one_mode_is_taken_for_two_in_one_sample_of_a_hundred_at_most() {
        for values in [60, 120, 240] {
            let uniform = |generator: &mut Generator| 9.0 * generator.unit();
            let normal = Generator::normal;
            let skewed = |generator: &mut Generator| generator.normal().abs().powi(2);
            for (name, marked) in [
                ("uniform", marked(values, uniform)),
                ("normal", marked(values, normal)),
                ("skewed", marked(values, skewed)),
            ] {
                println!("{marked} of 1000 samples of {values}, {name}");
                assert!(marked <= 17, "{marked} of {values}, {name}");
            }
        }
    }

    #[test]
    fn two_modes_are_found_and_told() {
        // A third of the times are four times as long, and both groups spread by a fifth.
        let log = |generator: &mut Generator| {
            let slow = f64::from(u8::from(generator.below(3) == 0));
            4_f64.ln() * slow + 0.2 * generator.normal()
        };
        let found = marked(120, log);
        assert!(found >= 970, "{found} of 1000");
        let mut generator = Generator::new(3);
        let times: Vec<f64> = (0..300).map(|_| log(&mut generator).exp()).collect();
        let Modes { low, high, .. } = Modes::of(&times).expect("they are times");
        assert!((0.9..1.1).contains(&low.median), "{low:?}");
        assert!((3.6..4.4).contains(&high.median), "{high:?}");
        assert!((0.26..0.4).contains(&high.share), "{high:?}");
        assert!((low.share + high.share - 1.0).abs() < 1e-12);
    }

    #[test]
    fn modes_that_hardly_differ_are_not_worth_a_word() {
        let near = marked(240, |generator| {
            0.1 * generator.below(2) as f64 + 0.005 * generator.normal()
        });
        assert_eq!(near, 0);
    }
}
