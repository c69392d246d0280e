//! Two pages, asked for at the same time; the beginning of each as it arrives.
//!
//! `cargo run --release --example pages_as_completed [threads|processes] [base URL]`

#[path = "web/two_pages.rs"]
mod two_pages;
mod web;

use executor::{Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, fallible};
use two_pages::{PATHS, beginning, page};

fn print_as_they_come(executor: &impl Executor, base: &str) -> Result<(), executor::Error> {
    let [first, second] =
        PATHS.map(|path| executor.submit(fallible(web::download), (format!("{base}{path}"),)));
    for page in as_completed([first?, second?]) {
        println!("{}", beginning(page.result()?));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let workers = arguments.next().unwrap_or("threads".to_owned());
    let base = arguments.next().map_or_else(|| web::serve(page), Ok)?;
    match workers.as_str() {
        "threads" => print_as_they_come(&ThreadPoolExecutor::new(2)?, &base)?,
        "processes" => print_as_they_come(&ProcessPoolExecutor::new(2)?, &base)?,
        other => return Err(format!("no executor is called {other:?}").into()),
    }
    Ok(())
}
