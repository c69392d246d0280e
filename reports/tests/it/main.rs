//! Tests of the crate from outside: the files it reads, the page it writes, the command.

mod baseline;
mod claims;
mod command;
mod counter;
mod criterion_files;
mod data;
mod environment;
mod evidence;
mod figures;
mod findings;
mod html;
mod mood;
mod page;
mod paired;
mod properties;
mod schema;
mod sections;
mod simulated;
mod twins;
