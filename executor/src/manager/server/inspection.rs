//! A look into a server that is no process of its own, for those who make up its clients.

use std::any::Any;
use std::os::unix::net::UnixStream;

use super::{Server, connection};

impl Server {
    /// The number of the first object that it makes.
    pub(in crate::manager) fn first_object(&self) -> u64 {
        self.instance.wrapping_add(1)
    }

    /// Serves a client until it leaves.
    pub(in crate::manager) fn attend(&self, socket: UnixStream) {
        connection::serve(self, socket);
    }

    pub(in crate::manager) fn object_count(&self) -> usize {
        self.objects.count()
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
