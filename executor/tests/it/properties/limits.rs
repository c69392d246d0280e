//! No more tasks run at a time than there are workers, and as many do if there is work for them.

use executor::Executor;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, enter, leave, pass};

on_every_executor!(the_peak_of_running_tasks_is_the_number_of_workers);

static PROPERTY: Property = Property::new(
    "limits",
    &["more tasks than workers", "fewer tasks than workers"],
)
.with_pools();

/// How many tasks run while this one does, as seen at its start.
fn measured(meter: String, gate: String) -> u32 {
    let running = enter(&meter);
    pass(gate);
    leave(&meter);
    running
}

fn the_peak_of_running_tasks_is_the_number_of_workers<B: Backend>() {
    let numbers = (1..7_u32).prop_flat_map(|n| (Just(n), prop_oneof![3 => 0..n, 2 => n..n + 15]));
    PROPERTY.check(numbers, |case, (workers, tasks)| {
        let pool = B::pool(workers as usize);
        let (meter, mut gate) = (Marks::new(), Gate::new());
        let futures: Vec<_> = (0..tasks)
            .map(|_| {
                pool.submit(measured, (meter.key(), gate.key()))
                    .expect("accepted")
            })
            .collect();
        let together = workers.min(tasks);
        gate.await_arrivals(together as usize);
        gate.open();
        let mut peak = 0;
        for future in futures {
            let running = future.into_result().expect("a number");
            prop_assert!(running >= 1);
            peak = peak.max(running);
        }
        prop_assert_eq!(peak, together);
        case.reached_if(tasks > workers, "more tasks than workers");
        case.reached_if(tasks > 0 && tasks < workers, "fewer tasks than workers");
        Ok(())
    });
}
