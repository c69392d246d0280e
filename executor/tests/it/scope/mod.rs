//! Scoped tasks, on the executors whose workers are threads of this process.

mod borrowing;
mod ending;
mod nesting;

use executor::{Executor, Scope, ThreadPoolExecutor};

/// An executor that has scopes.
pub(crate) trait Scopes: Executor + Send + Sync + 'static {
    fn scope<'env, R>(&self, body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R;

    /// Submits what captures.
    fn spawn(&self, task: impl FnOnce() + Send + 'static) -> executor::Future<()>;
}

impl Scopes for ThreadPoolExecutor {
    fn scope<'env, R>(&self, body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
        Self::scope(self, body)
    }

    fn spawn(&self, task: impl FnOnce() + Send + 'static) -> executor::Future<()> {
        self.submit(task, ()).unwrap()
    }
}

#[cfg(feature = "rayon")]
impl Scopes for executor::RayonExecutor {
    fn scope<'env, R>(&self, body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
        Self::scope(self, body)
    }

    fn spawn(&self, task: impl FnOnce() + Send + 'static) -> executor::Future<()> {
        self.submit(task, ()).unwrap()
    }
}
