//! How quiet a run was, in a letter.

use serde::{Deserialize, Serialize};

/// The grade of a paired run: by how much a thing differed from itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// By less than 2 %.
    A,
    /// By less than 5 %.
    B,
    /// By less than 10 %.
    C,
    /// By more.
    D,
}

impl Grade {
    /// The grade of a floor, which is a factor of one or more.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::Grade;
    ///
    /// assert_eq!(Grade::of(1.013), Grade::A);
    /// assert_eq!(Grade::of(1.10), Grade::D);
    /// ```
    #[must_use]
    pub fn of(floor: f64) -> Self {
        match floor {
            ..1.02 => Self::A,
            ..1.05 => Self::B,
            ..1.10 => Self::C,
            _ => Self::D,
        }
    }

    /// The letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::D => 'D',
        }
    }
}
