//! How many items go to one task.

/// How many chunks each worker gets of items whose number is known: enough that one that takes long
/// does not leave the others with nothing to do, as in `multiprocessing.Pool`.
const CHUNKS_A_WORKER: usize = 4;

/// The most items that a chunk has whose size was not asked for. What a task costs is little beside
/// so many items, also in another process, and they fit into a frame between processes where each has some
/// 100 kB behind it.
const MOST: usize = 2_500;

/// How many bytes of items that are small themselves make a chunk larger than that: they stay in the
/// cache of a core. A million numbers on two threads take 1.2 times as long in chunks of 2 500 as in
/// chunks of 5 000 to 8 000.
const BYTES: usize = 48_000;

/// How many items go to one task.
pub(super) enum Chunksize {
    /// As many as was asked for, or follows from the number of items.
    Fixed(usize),
    /// More and more of items whose number is not known: each chunk is a small part of all that came
    /// before, so whenever they end, the last chunks are not too large to share.
    Growing { chunks: usize, most: usize },
}

impl Chunksize {
    /// What was asked for.
    ///
    /// It is cut to what may be read ahead, for a chunk that may never be full would never be
    /// submitted.
    pub(super) fn fixed(chunksize: usize, buffersize: usize) -> Chunksize {
        Chunksize::Fixed(chunksize.min(buffersize))
    }

    /// What is sensible for so many items, if their number is known, on so many workers.
    ///
    /// With a buffer it is the buffer that is shared among the workers. An item, or what it leaves, has so many
    /// bytes; of what is somewhere else in memory nothing is known.
    pub(super) fn automatic(
        size_hint: (usize, Option<usize>),
        workers: usize,
        buffersize: usize,
        bytes: usize,
    ) -> Chunksize {
        // An executor that is not ours may say that it has none.
        let chunks = workers.max(1).saturating_mul(CHUNKS_A_WORKER);
        let most = (BYTES / bytes.max(size_of::<usize>())).max(MOST);
        let most = (buffersize / chunks).clamp(1, most);
        match size_hint {
            (items, Some(at_most)) if items == at_most => {
                Chunksize::Fixed(items.div_ceil(chunks).clamp(1, most))
            }
            _ => Chunksize::Growing { chunks, most },
        }
    }

    /// How many the next has, after so many were drawn. At least one.
    pub(super) fn next(&self, drawn: usize) -> usize {
        match *self {
            Chunksize::Fixed(items) => items,
            Chunksize::Growing { chunks, most } => (drawn / chunks).clamp(1, most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LIMIT: usize = usize::MAX;
    /// Bytes of an item that is not small.
    const LARGE: usize = 24;

    fn of_known(items: usize, workers: usize, buffersize: usize) -> usize {
        Chunksize::automatic((items, Some(items)), workers, buffersize, LARGE).next(0)
    }

    #[test]
    fn known_items_make_four_chunks_a_worker() {
        assert_eq!(of_known(0, 2, NO_LIMIT), 1);
        assert_eq!(of_known(1, 2, NO_LIMIT), 1);
        assert_eq!(of_known(8, 2, NO_LIMIT), 1);
        assert_eq!(of_known(9, 2, NO_LIMIT), 2);
        assert_eq!(of_known(800, 2, NO_LIMIT), 100);
        assert_eq!(of_known(801, 2, NO_LIMIT), 101);
        assert_eq!(of_known(801, usize::MAX, NO_LIMIT), 1);
    }

    #[test]
    fn an_executor_without_workers_has_chunks_for_one() {
        assert_eq!(of_known(8, 0, NO_LIMIT), 2);
        let unknown = Chunksize::automatic((0, None), 0, 80, LARGE);
        assert_eq!(unknown.next(1_000_000), 20);
    }

    #[test]
    fn no_chunk_is_larger_than_the_most() {
        assert_eq!(of_known(1_000_000, 2, NO_LIMIT), MOST);
        assert_eq!(of_known(usize::MAX, 1, NO_LIMIT), MOST);
        let unknown = Chunksize::automatic((0, None), 1, NO_LIMIT, LARGE);
        assert_eq!(unknown.next(usize::MAX), MOST);
    }

    #[test]
    fn small_items_make_chunks_as_large_as_a_cache() {
        let of = |bytes| Chunksize::automatic((0, None), 2, NO_LIMIT, bytes).next(usize::MAX);
        assert_eq!(
            [0, 1, 8, 16, 20].map(of),
            [6_000, 6_000, 6_000, 3_000, 2_500]
        );
        assert_eq!(of(usize::MAX), MOST);
    }

    #[test]
    fn unknown_items_make_chunks_that_grow_from_one() {
        for unknown in [(0, None), (5, None), (0, Some(1000))] {
            let chunksize = Chunksize::automatic(unknown, 2, NO_LIMIT, LARGE);
            let sizes = [0, 1, 8, 16, 17, 800].map(|drawn| chunksize.next(drawn));
            assert_eq!(sizes, [1, 1, 1, 2, 2, 100], "{unknown:?}");
        }
    }

    #[test]
    fn the_buffer_is_shared_among_the_workers() {
        assert_eq!(of_known(1_000_000, 2, 80), 10);
        assert_eq!(of_known(1_000_000, 2, 1), 1);
        assert_eq!(of_known(16, 2, 80), 2);
        let unknown = Chunksize::automatic((0, None), 2, 80, LARGE);
        assert_eq!(unknown.next(1_000_000), 10);
    }

    #[test]
    fn what_was_asked_for_is_cut_to_the_buffer() {
        assert_eq!(Chunksize::fixed(7, NO_LIMIT).next(100), 7);
        assert_eq!(Chunksize::fixed(7, 3).next(100), 3);
    }
}
