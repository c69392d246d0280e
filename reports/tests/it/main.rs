//! Tests of the crate from outside: the files it reads, the page it writes, the command. `acceptance.rs` lists what a
//! report has to hold, with the tests that show it.
// The models' flag changes nothing here, and they take long enough without it.
#![cfg(not(loom))]

mod acceptance;
mod advice;
mod agreement;
mod baseline;
mod claims;
mod command;
mod costs;
mod counter;
mod criterion_files;
mod data;
mod detectable;
mod documentation;
mod environment;
mod evidence;
mod families;
mod figures;
mod findings;
mod forest;
mod html;
mod matrix;
mod mood;
mod page;
mod paired;
mod paired_record;
mod properties;
mod run_order;
mod schema;
mod sections;
mod simulated;
mod tutorial;
mod twins;
