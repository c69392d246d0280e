//! A verdict in shape, word and colour, with its reason if nothing can be told.

use maud::{Markup, html};

use crate::Verdict;

pub(super) fn verdict(verdict: Verdict) -> Markup {
    html! {
        (words(verdict))
        @if let Verdict::CannotTell(doubt) = verdict { span.interval { (doubt) } }
    }
}

/// The verdict without its reason.
pub(super) fn words(verdict: Verdict) -> Markup {
    let class = match verdict {
        Verdict::Faster => "faster",
        Verdict::Slower => "slower",
        verdict if verdict.is_void() => "slower",
        Verdict::Equivalent | Verdict::CannotTell(_) => "level",
    };
    html! {
        span class=(format!("verdict {class}")) {
            span aria-hidden="true" { (verdict.shape()) " " } (verdict.words())
        }
    }
}
