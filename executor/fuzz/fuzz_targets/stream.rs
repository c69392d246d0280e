//! Any bytes arrive at the assembler of frames, in any pieces and with any descriptors, and what
//! comes out at the decoder of values. What must hold is in `executor/src/process/forged.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| executor::forged::stream(bytes));
