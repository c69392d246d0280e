//! How long the rest takes.

use std::time::Duration;

/// An estimate, by the launches that are over; before there are any, by the pilot's.
pub(super) fn time_left(
    done: u32,
    launches: u32,
    elapsed: Duration,
    pilots_launch: Duration,
) -> Duration {
    let one = elapsed.checked_div(done).unwrap_or(pilots_launch);
    one * launches.saturating_sub(done)
}

/// The time in words, no more exact than an estimate is.
pub(super) fn about(time: Duration) -> String {
    match time.as_secs_f64() {
        ..1.5 => "about a second".to_owned(),
        seconds @ ..90.0 => format!("about {seconds:.0} s"),
        seconds => format!("about {:.0} min", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_replaces_the_pilots_estimate() {
        let seconds = Duration::from_secs;
        assert_eq!(time_left(0, 10, seconds(0), seconds(3)), seconds(30));
        assert_eq!(time_left(2, 10, seconds(8), seconds(3)), seconds(32));
        assert_eq!(time_left(10, 10, seconds(40), seconds(3)), seconds(0));
    }

    #[test]
    fn an_estimate_is_said_in_round_numbers() {
        let about = |seconds| about(Duration::from_secs_f64(seconds));
        assert_eq!(about(0.4), "about a second");
        assert_eq!(about(31.4), "about 31 s");
        assert_eq!(about(170.0), "about 3 min");
    }
}
