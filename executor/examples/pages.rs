//! Two pages, downloaded at the same time; the first 25 characters of each.
//!
//! `cargo run --release --example pages [threads|processes] [base URL]`

mod web;

use std::time::Instant;

use executor::{Executor, ProcessPoolExecutor, ThreadPoolExecutor, fallible};

/// What the example's own server has; other servers are asked for the same.
fn page(path: &str) -> Option<String> {
    let title = match path {
        "/" => "Futures",
        "/index.html" => "Index",
        _ => return None,
    };
    Some(format!(
        "<html><head><title>{title}</title></head></html>\n"
    ))
}

fn print_pages(executor: &impl Executor, base: &str) -> Result<(), executor::Error> {
    let first = executor.submit(fallible(web::download), (format!("{base}/"),))?;
    let second = executor.submit(fallible(web::download), (format!("{base}/index.html"),))?;
    for page in [first, second] {
        println!("{}", page.result()?.chars().take(25).collect::<String>());
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
