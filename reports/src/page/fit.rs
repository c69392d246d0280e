//! How much of its longest tables the page can show without growing beyond the size that it may have.

use crate::number::counted;

/// So many bytes a page may have: it is mailed, and opened on telephones.
pub(super) const MOST_BYTES: usize = 500_000;

/// How many rows the tables that can grow with the run may have. What every reader came for, the verdicts of the run, is
/// never left out, nor is anything that is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowLimit(Option<usize>);

impl RowLimit {
    /// All rows.
    pub(super) const NONE: Self = Self(None);

    /// What is tried, one after another. With fewer rows than the last has nobody would see what the table is about.
    const TRIED: [Self; 8] = [
        Self::NONE,
        Self(Some(100)),
        Self(Some(70)),
        Self(Some(50)),
        Self(Some(40)),
        Self(Some(30)),
        Self(Some(20)),
        Self(Some(10)),
    ];

    /// The page with the most rows that has [`MOST_BYTES`] at most. If none has, the one with the fewest rows: what makes
    /// that large is not in these tables.
    pub(super) fn fitted(draw: impl Fn(Self) -> String) -> String {
        let mut page = String::new();
        for limit in Self::TRIED {
            page = draw(limit);
            if page.len() <= MOST_BYTES {
                break;
            }
        }
        page
    }

    /// This many, or fewer if the limit is lower.
    pub(super) fn of(self, most: usize) -> usize {
        self.0.map_or(most, |limit| limit.min(most))
    }

    /// The rows that are shown, in their order. Those that are `urgent` come before the others, if not all can be shown.
    pub(super) fn shown<T>(self, rows: &[T], urgent: impl Fn(&T) -> bool) -> Vec<&T> {
        let (first, others): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|&place| urgent(&rows[place]));
        let places = first.into_iter().chain(others);
        let mut places: Vec<usize> = places.take(self.of(rows.len())).collect();
        places.sort_unstable();
        places.into_iter().map(|place| &rows[place]).collect()
    }

    /// What the caption of a table says of the rows that are left out; nothing if all are shown.
    pub(super) fn said(self, rows: usize, chosen: &str) -> String {
        let shown = self.of(rows);
        match shown < rows {
            true => format!(
                " Shown are {shown} of {}: {chosen}. The others are in results.json.",
                counted(rows, "row", "rows")
            ),
            false => String::new(),
        }
    }

    /// What the head of the page says; nothing if all rows are shown.
    pub(super) fn notice(self) -> Option<String> {
        let limit = self.0?;
        Some(format!(
            "With everything in it this page would have more than {} kB. So what it shows of cells, of blocks and of what has \
             changed since a baseline has {limit} rows at most, and says what it leaves out. All of it is in results.json.",
            MOST_BYTES / 1_000
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_rows_that_fit_are_shown() {
        let page = |fixed: usize, each: usize, rows: usize| {
            RowLimit::fitted(move |limit| "x".repeat(fixed + each * limit.of(rows)))
        };
        assert_eq!(page(100_000, 1_000, 400).len(), 500_000);
        assert_eq!(page(100_000, 1_000, 401).len(), 200_000);
        assert_eq!(page(455_000, 1_000, 401).len(), 495_000);
        // Not in these tables.
        assert_eq!(page(600_000, 1_000, 401).len(), 610_000);
    }

    #[test]
    fn urgent_rows_are_shown_first_and_all_keep_their_order() {
        let rows = [1, 2, 3, 40, 50, 6];
        let shown = |limit| RowLimit(limit).shown(&rows, |row| *row >= 40);
        assert_eq!(shown(None), rows.iter().collect::<Vec<_>>());
        assert_eq!(shown(Some(4)), [&1, &2, &40, &50]);
        assert_eq!(shown(Some(1)), [&40]);
        assert_eq!(RowLimit(Some(6)).said(6, "the first"), "");
        assert_eq!(
            RowLimit(Some(4)).said(6, "the first"),
            " Shown are 4 of 6 rows: the first. The others are in results.json."
        );
        assert_eq!(RowLimit::NONE.notice(), None);
    }
}
