//! Bytes to another worker and back: what is measured is their way.

use executor::{Error, Executor};

/// How many bytes: what fits the channel of a worker, what does not, and what no cache holds.
pub const SIZES: [(&str, usize); 3] = [
    ("64 KiB", 64 << 10),
    ("1 MiB", 1 << 20),
    ("64 MiB", LARGEST),
];

/// The most of them.
pub const LARGEST: usize = 64 << 20;

/// The task.
pub fn unchanged(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// So many bytes, in which a piece that is missing, repeated or in the wrong place shows: the period
/// is a prime number, so that no page looks like its neighbours.
pub fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|place| (place % 251) as u8).collect()
}

/// The bytes as they come back.
///
/// # Errors
///
/// The task was not accepted or failed.
pub fn there_and_back(executor: &impl Executor, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    Ok(executor.submit(unchanged, (bytes,))?.into_result()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn every_byte_comes_back() -> Result<(), Error> {
        for backend in Backend::ALL {
            let pool = backend.pool(1)?;
            let bytes = bytes(300_000);
            assert_eq!(there_and_back(&pool, bytes.clone())?, bytes);
        }
        Ok(())
    }

    #[test]
    fn a_shifted_page_shows() {
        let bytes = bytes(3 * 4096);
        assert_ne!(bytes[..4096], bytes[4096..2 * 4096]);
        assert_ne!(bytes[..4096], bytes[2 * 4096..]);
    }
}
