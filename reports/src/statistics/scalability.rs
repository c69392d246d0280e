//! The Universal Scalability Law: what keeps workers from being as fast as they are many.

/// With fewer worker counts than that nothing is fitted: three numbers go through three points whatever they are.
pub const LEAST_COUNTS: usize = 6;

/// What the law says of times on more and more workers that share the work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalability {
    /// The share of the work that waits for others, as in Amdahl's law.
    pub contention: f64,
    /// What each pair of workers costs to keep agreed.
    pub coherency: f64,
    /// What one worker would take, by the law.
    pub one_worker: f64,
}

impl Scalability {
    /// The law through these worker counts and times, its errors least relative to the times: T(n) = T₁ (1/n + σ (1 − 1/n)
    /// + κ (n − 1)), which is linear in T₁, σT₁ and κT₁. `None` with fewer than [`LEAST_COUNTS`] counts, or if no law fits.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::Scalability;
    ///
    /// let time = |n: f64| 100.0 * (1.0 / n + 0.05 * (1.0 - 1.0 / n));
    /// let points: Vec<(f64, f64)> = (1..=8).map(f64::from).map(|n| (n, time(n))).collect();
    /// let law = Scalability::of(&points).expect("eight counts");
    /// assert!((law.contention - 0.05).abs() < 1e-9 && law.coherency.abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < LEAST_COUNTS || points.iter().any(|(n, t)| *n < 1.0 || *t <= 0.0) {
            return None;
        }
        // The normal equations, each point's divided by its time.
        let mut equations = [[0.0; 4]; 3];
        for &(workers, time) in points {
            let terms = [1.0 / workers, 1.0 - 1.0 / workers, workers - 1.0].map(|it| it / time);
            for (equation, of) in equations.iter_mut().zip(terms) {
                for (sum, term) in equation.iter_mut().zip(terms.into_iter().chain([1.0])) {
                    *sum += of * term;
                }
            }
        }
        let [one_worker, contention, coherency] = solved(equations)?;
        let law = Self {
            contention: contention / one_worker,
            coherency: coherency / one_worker,
            one_worker,
        };
        (one_worker > 0.0 && law.contention.is_finite() && law.coherency.is_finite()).then_some(law)
    }

    /// Beyond how many workers it becomes slower; `None` if it never does.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        (self.coherency > 0.0 && self.contention < 1.0)
            .then(|| ((1.0 - self.contention) / self.coherency).sqrt())
    }
}

/// Three linear equations, by Gauss and Jordan with the largest pivot; `None` if they do not decide.
fn solved(mut equations: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for column in 0..3 {
        let largest = (column..3).max_by(|&a, &b| {
            equations[a][column]
                .abs()
                .total_cmp(&equations[b][column].abs())
        })?;
        equations.swap(column, largest);
        let pivot = equations[column];
        if pivot[column] == 0.0 || !pivot[column].is_finite() {
            return None;
        }
        for (row, equation) in equations.iter_mut().enumerate() {
            let by = match row == column {
                true => 1.0 - 1.0 / pivot[column],
                false => equation[column] / pivot[column],
            };
            for (own, of_pivot) in equation.iter_mut().zip(pivot) {
                *own -= by * of_pivot;
            }
        }
    }
    Some(equations.map(|equation| equation[3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(contention: f64, coherency: f64) -> Vec<(f64, f64)> {
        let time = |n: f64| 7e6 * (1.0 / n + contention * (1.0 - 1.0 / n) + coherency * (n - 1.0));
        [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
            .map(|n| (n, time(n)))
            .to_vec()
    }

    #[test]
    fn it_finds_the_law_that_made_the_times() {
        for (contention, coherency) in [(0.0, 0.0), (0.1, 0.0), (0.03, 0.002), (0.5, 0.01)] {
            let found = Scalability::of(&law(contention, coherency)).expect("six counts");
            assert!((found.contention - contention).abs() < 1e-9, "{found:?}");
            assert!((found.coherency - coherency).abs() < 1e-9, "{found:?}");
            assert!((found.one_worker / 7e6 - 1.0).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn the_peak_is_where_one_more_worker_is_of_no_use() {
        // By hand: √(0.96 / 0.0006) = 40.
        let found = Scalability::of(&law(0.04, 0.0006)).expect("six counts");
        let peak = found.peak().expect("it becomes slower");
        assert!((peak - 40.0).abs() < 1e-6, "{peak}");
        let amdahl = Scalability {
            contention: 0.1,
            coherency: 0.0,
            one_worker: 1.0,
        };
        assert_eq!(amdahl.peak(), None);
    }

    #[test]
    fn few_counts_and_one_count_many_times_have_no_law() {
        assert_eq!(Scalability::of(&law(0.1, 0.0)[..5]), None);
        assert_eq!(Scalability::of(&[(1.0, 5.0); 6]), None);
        assert_eq!(Scalability::of(&[(2.0, 0.0); 6]), None);
    }
}
