//! Which shared memory this process has mapped, so that what arrives a thousand times is mapped once.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, LazyLock, Weak};

use super::mapping::Mapping;
use crate::sync::Mutex;

/// What tells memory from other memory: the file, and the number drawn for it, because the number of a
/// file that is gone may be given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    device: u64,
    inode: u64,
    pub(super) id: [u64; 2],
}

impl Key {
    pub(super) fn of(memory: impl AsFd, id: [u64; 2]) -> io::Result<Key> {
        let status = rustix::fs::fstat(memory)?;
        Ok(Key {
            device: status.st_dev,
            inode: status.st_ino,
            id,
        })
    }
}

static MAPPED: LazyLock<Mutex<HashMap<Key, Weak<Mapping>>>> = LazyLock::new(Mutex::default);

/// Adds memory that was made here.
pub(super) fn add(key: Key, mapping: &Arc<Mapping>) {
    MAPPED.lock().insert(key, Arc::downgrade(mapping));
}

/// The mapping that there is, or the one that `map` makes.
pub(super) fn find_or_add(
    key: Key,
    map: impl FnOnce() -> io::Result<Arc<Mapping>>,
) -> io::Result<Arc<Mapping>> {
    // Held throughout, so that of two threads one maps. No mapping is dropped meanwhile: this one, if
    // it fails, was none yet, and an old one is not owned here.
    let mut mapped = MAPPED.lock();
    if let Some(mapping) = mapped.get(&key).and_then(Weak::upgrade) {
        return Ok(mapping);
    }
    let mapping = map()?;
    mapped.insert(key, Arc::downgrade(&mapping));
    Ok(mapping)
}

/// Removes a mapping that is about to end, unless another has taken its place meanwhile.
pub(super) fn forget(key: &Key) {
    let mut mapped = MAPPED.lock();
    if mapped.get(key).is_some_and(|it| it.strong_count() == 0) {
        mapped.remove(key);
    }
}
