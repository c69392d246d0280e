//! Any bytes are decoded as values of several types: vectors, strings, options, enums, outcomes. What
//! must hold is in `executor/src/process/forged.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| executor::forged::value(bytes));
