//! A look into a server that is no process of its own, for those who make up its clients.

use std::any::Any;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Server, connection};

/// How long a process may take to start.
const PATIENCE: Duration = Duration::from_secs(9);

impl Server {
    /// The number of the first object that it makes.
    pub(in crate::manager) fn first_object(&self) -> u64 {
        self.instance.wrapping_add(1)
    }

    /// Serves a client until it leaves.
    pub(in crate::manager) fn attend(&self, socket: UnixStream) {
        connection::serve(self, Arc::new(socket));
    }

    /// Waits until there are so many objects; fails if there never are. (While another thread of this
    /// process starts a process, that has a copy of every lifeline for a moment.)
    pub(in crate::manager) fn expect_objects(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.objects.count();
            if found == count {
                return;
            }
            let is_late = Instant::now() > deadline;
            assert!(!is_late, "{found} objects, and not {count}");
            thread::yield_now();
        }
    }

    /// Takes all names away.
    pub(in crate::manager) fn forget_names(&self) {
        self.names().clear();
    }

    /// Looks at an object and at how many operations wait for it; `None` if there is no such object.
    pub(in crate::manager) fn look_at<R>(
        &self,
        object: u64,
        look: impl FnOnce(&dyn Any, usize) -> R,
    ) -> Option<R> {
        Some(self.objects.get(object)?.look(look))
    }
}
