//! What Ctrl-C leaves: the page of what has been measured until then.

use std::process;

use reports::{Environment, Locations};

use crate::report;

/// What a shell calls the end by SIGINT.
const INTERRUPTED: i32 = 130;

/// From here on Ctrl-C writes the page of what there is, with the record of the run as it was at its beginning, and ends the
/// process.
pub(crate) fn leave_a_page(environment: &Environment, places: &Locations) {
    let (environment, places) = (environment.clone(), places.clone());
    let handler = move || {
        eprintln!("\nInterrupted: the page will have what has been measured so far.");
        match report(&environment, &places) {
            Ok(_) => println!("Report: {}", places.page.display()),
            Err(error) => eprintln!("error: {error}"),
        }
        process::exit(INTERRUPTED);
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("Ctrl-C will leave no page: {error}");
    }
}
