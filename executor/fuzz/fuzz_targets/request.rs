//! Any bytes say what clients send to a manager: requests true and false, from several connections that
//! end at any moment. What must hold is in `executor/src/manager/forged.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| executor::forged::request(bytes));
