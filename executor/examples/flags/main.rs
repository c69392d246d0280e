//! The flags of the twenty most populous countries, downloaded and saved.
//!
//! `cargo run --release --example flags [one-by-one|threads|processes] [base URL]`
//!
//! A server is asked for `<base URL>/<country code>.svg`.

mod drawing;
#[path = "../web/mod.rs"]
mod web;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use executor::{Executor, ProcessPoolExecutor, ThreadPoolExecutor, fallible};

const COUNTRIES: [&str; 20] = [
    "bd", "br", "cd", "cn", "de", "eg", "et", "fr", "id", "in", "ir", "jp", "mx", "ng", "ph", "pk",
    "ru", "tr", "us", "vn",
];

/// The most threads that wait for a server at the same time.
const MOST_THREADS: usize = 20;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// One flag to be had: from which server, of which country, into which folder.
type Order = (String, String, PathBuf);

/// Downloads a flag and saves it; its country.
fn save_flag((base, country, folder): Order) -> Result<String, AnyError> {
    let flag = web::download(format!("{base}/{country}.svg"))?;
    fs::write(folder.join(format!("{country}.svg")), flag)?;
    Ok(country)
}

/// Saves all flags, one after the other.
fn one_by_one(orders: Vec<Order>) -> Result<Vec<String>, AnyError> {
    orders.into_iter().map(save_flag).collect()
}

/// Saves all flags by the workers of an executor; the countries, in the order of the orders.
fn save_flags(
    executor: &impl Executor,
    orders: Vec<Order>,
) -> Result<Vec<String>, executor::Error> {
    let saved = executor.map(fallible(save_flag), orders)?;
    Ok(saved.collect::<Result<_, _>>()?)
}

fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1);
    let workers = arguments.next().unwrap_or("processes".to_owned());
    let base = arguments
        .next()
        .map_or_else(|| web::serve(drawing::page), Ok)?;
    let folder = std::env::temp_dir().join("flags");
    fs::create_dir_all(&folder)?;
    let orders = COUNTRIES.map(|country| (base.clone(), country.to_owned(), folder.clone()));
    let orders = Vec::from(orders);
    let start = Instant::now();
    let threads = MOST_THREADS.min(orders.len());
    let saved = match workers.as_str() {
        "one-by-one" => one_by_one(orders)?,
        "threads" => save_flags(&ThreadPoolExecutor::new(threads)?, orders)?,
        "processes" => save_flags(&ProcessPoolExecutor::builder().build()?, orders)?,
        other => return Err(format!("no way to download is called {other:?}").into()),
    };
    println!("{}", saved.join(" "));
    println!(
        "{} flags in {}, {:?}",
        saved.len(),
        folder.display(),
        start.elapsed()
    );
    Ok(())
}
