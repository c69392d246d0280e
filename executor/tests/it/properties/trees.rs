//! Trees of tasks, each of which waits for its children on the pool that runs it.

use std::sync::Arc;

use executor::Future;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::prop_assert_eq;

use super::vacuity::Property;
use crate::backends::{Backend, Closures, on_executors_of_this_process};

on_executors_of_this_process!(a_tree_of_tasks_ends_on_few_workers_with_what_a_loop_comes_to);

static PROPERTY: Property = Property::new(
    "trees",
    &[
        "deeper than the workers are many",
        "wider than the workers are many",
    ],
)
.with_pools();

#[derive(Clone, Debug)]
struct Tree {
    value: u64,
    children: Vec<Tree>,
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = any::<u64>().prop_map(|value| Tree {
        value,
        children: Vec::new(),
    });
    leaf.prop_recursive(6, 60, 5, |child| {
        (any::<u64>(), vec(child, 1..5)).prop_map(|(value, children)| Tree { value, children })
    })
}

impl Tree {
    fn depth(&self) -> usize {
        let below = self.children.iter().map(Tree::depth).max();
        1 + below.unwrap_or(0)
    }

    fn width(&self) -> usize {
        let below = self.children.iter().map(Tree::width).max();
        self.children.len().max(below.unwrap_or(0))
    }

    /// The reference: it tells any other order of the children, and any that is left out.
    fn fold(&self) -> u64 {
        let children = self.children.iter().map(Tree::fold);
        children.fold(self.value, join)
    }
}

fn join(sum: u64, child: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(child)
}

/// One task for each node, which has submitted all its children before it waits for the first.
fn on<P: Closures + Send + Sync + 'static>(pool: &Arc<P>, tree: Tree) -> Future<u64> {
    let inner = Arc::clone(pool);
    pool.run(move || {
        let children: Vec<_> = tree
            .children
            .into_iter()
            .map(|child| on(&inner, child))
            .collect();
        let children = children
            .iter()
            .map(|child| *child.result().expect("a child ends"));
        children.fold(tree.value, join)
    })
}

fn a_tree_of_tasks_ends_on_few_workers_with_what_a_loop_comes_to<B: Backend<Pool: Closures>>() {
    PROPERTY.check((1..5_usize, tree()), |case, (workers, tree)| {
        let pool = Arc::new(B::pool(workers));
        case.reached_if(tree.depth() > workers, "deeper than the workers are many");
        case.reached_if(tree.width() > workers, "wider than the workers are many");
        let expected = tree.fold();
        let sum = on(&pool, tree).into_result().expect("the root ends");
        prop_assert_eq!(sum, expected);
        Ok(())
    });
}
