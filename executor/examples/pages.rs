//! Two pages, downloaded at the same time; the first 25 characters of each.
//!
//! `cargo run --release --example pages [threads|processes] [base URL]`

#[path = "web/two_pages.rs"]
mod two_pages;
mod web;

use std::time::Instant;

use executor::{Executor, ProcessPoolExecutor, ThreadPoolExecutor, fallible};
use two_pages::{PATHS, beginning, page};

fn print_pages(executor: &impl Executor, base: &str) -> Result<(), executor::Error> {
    let [first, second] =
        PATHS.map(|path| executor.submit(fallible(web::download), (format!("{base}{path}"),)));
    for page in [first?, second?] {
        println!("{}", beginning(page.result()?));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let workers = arguments.next().unwrap_or("processes".to_owned());
    let base = arguments.next().map_or_else(|| web::serve(page), Ok)?;
    let start = Instant::now();
    match workers.as_str() {
        "threads" => print_pages(&ThreadPoolExecutor::new(2)?, &base)?,
        "processes" => print_pages(&ProcessPoolExecutor::new(2)?, &base)?,
        other => return Err(format!("no executor is called {other:?}").into()),
    }
    println!(
        "two pages on two workers ({workers}), {:?}",
        start.elapsed()
    );
    Ok(())
}
