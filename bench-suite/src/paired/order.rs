//! In which order a launch visits its cells.

use reports::statistics::Generator;

/// The cells of each block: every cell once, at random, and every second block the mirror of the one before. So a drift
/// that goes on evenly costs each cell the same.
#[must_use]
pub fn orders(cells: &[usize], launch: u32, blocks: u32, seed: u64) -> Vec<Vec<usize>> {
    // The launches' numbers are neighbours; once through the generator their seeds are not.
    let launch = Generator::new(seed ^ u64::from(launch)).next_u64();
    let mut generator = Generator::new(launch);
    let mut order = cells.to_vec();
    let mut orders = Vec::new();
    for block in 0..blocks {
        match block % 2 {
            0 => generator.shuffle(&mut order),
            _ => order.reverse(),
        }
        orders.push(order.clone());
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: [usize; 6] = [0, 1, 2, 4, 5, 7];

    #[test]
    fn every_cell_is_in_every_block_once() {
        let orders = orders(&CELLS, 3, 7, 1);
        assert_eq!(orders.len(), 7);
        for mut order in orders {
            order.sort_unstable();
            assert_eq!(order, CELLS);
        }
    }

    #[test]
    fn every_second_block_is_the_mirror_of_the_one_before() {
        let orders = orders(&CELLS, 0, 8, 1);
        for pair in orders.chunks(2) {
            let mirror: Vec<usize> = pair[1].iter().rev().copied().collect();
            assert_eq!(pair[0], mirror);
        }
        // And the pairs are not all the same.
        assert_ne!(orders[0], orders[2]);
    }

    #[test]
    fn the_seed_and_the_launch_decide() {
        let of = |launch, seed| orders(&CELLS, launch, 12, seed);
        assert_eq!(of(2, 9), of(2, 9));
        assert_ne!(of(2, 9), of(3, 9));
        assert_ne!(of(2, 9), of(2, 8));
        // Launch and seed are not exchangeable.
        assert_ne!(of(2, 1), of(1, 3));
    }
}
