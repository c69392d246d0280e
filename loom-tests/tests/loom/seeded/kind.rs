//! How a model fails, told by the text of its first panic.

/// How a model is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nobody can go on.
    Deadlock,
    /// Two accesses that nothing orders, one of them a write.
    Race,
    /// A cell is left.
    Leak,
    /// An interleaving does not end.
    NoEnd,
    /// Threads that should meet do not.
    Alone,
    /// An assertion, of the model or of the code, that says this.
    Assertion(&'static str),
}

impl Kind {
    /// Whether a model that wrote this failed in this way.
    pub(super) fn is_told_by(self, first_panic: &str) -> bool {
        let phrase = match self {
            Kind::Deadlock => "deadlock; threads =",
            Kind::Race => "Causality violation",
            Kind::Leak => "Allocation leaked",
            Kind::NoEnd => "exceeded maximum number of branches",
            Kind::Alone => "a single interleaving: nothing in it is shared",
            Kind::Assertion(phrase) => phrase,
        };
        first_panic.contains(phrase)
    }

    pub(super) fn text(self) -> String {
        match self {
            Kind::Deadlock => "deadlock".to_owned(),
            Kind::Race => "race".to_owned(),
            Kind::Leak => "leaked cell".to_owned(),
            Kind::NoEnd => "no end".to_owned(),
            Kind::Alone => "a single interleaving".to_owned(),
            Kind::Assertion(phrase) => format!("assertion: \"{phrase}\""),
        }
    }
}
