//! Two pages, asked for at the same time; the beginning of the one that comes first.
//!
//! `cargo run --release --example first_page [threads|processes] [base URL]`

#[path = "web/two_pages.rs"]
mod two_pages;
mod web;

use executor::{Executor, ProcessPoolExecutor, ReturnWhen, ThreadPoolExecutor, fallible, wait};
use two_pages::{PATHS, beginning, page};

fn print_first(executor: &impl Executor, base: &str) -> Result<(), executor::Error> {
    let [first, second] =
        PATHS.map(|path| executor.submit(fallible(web::download), (format!("{base}{path}"),)));
    let pages = wait([first?, second?], ReturnWhen::FirstCompleted);
    for page in &pages.done {
        println!("{}", beginning(page.result()?));
    }
    println!("{} more to come", pages.not_done.len());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let workers = arguments.next().unwrap_or("threads".to_owned());
    let base = arguments.next().map_or_else(|| web::serve(page), Ok)?;
    match workers.as_str() {
        "threads" => print_first(&ThreadPoolExecutor::new(2)?, &base)?,
        "processes" => print_first(&ProcessPoolExecutor::new(2)?, &base)?,
        other => return Err(format!("no executor is called {other:?}").into()),
    }
    Ok(())
}
