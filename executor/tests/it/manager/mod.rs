//! What a manager promises: state in a process of its own, proxies that travel, waits that end, and
//! a defined outcome for every death.
//!
//! `sleepers` says when somebody waits who can't say so any more; `census` counts what a manager has.

mod calls;
mod census;
mod copies;
mod deaths;
mod departures;
mod gone;
mod histories;
mod kinds;
mod lifecycle;
mod locks;
mod mending;
mod nesting;
mod pools;
mod references;
mod shortage;
mod sleepers;
mod strangers;
mod waiting;
