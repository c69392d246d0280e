//! The objects that a client has asked of late.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::object::Object;
use super::objects::Objects;

/// How many are kept: enough for a lock and what it guards, and some to spare.
const PLACES: usize = 4;

/// What finds the objects that one client asks.
///
/// All who serve clients share the list of objects, whose lock would go from processor to processor with
/// every request. So each notes where it has found the last few. A note keeps no object alive; and as no
/// number is used twice, an object that is still there is the one that is meant.
#[derive(Default)]
pub(super) struct Recent(RefCell<[(u64, Weak<Object>); PLACES]>);

impl Recent {
    /// The object with this number.
    pub(super) fn find(&self, id: u64, objects: &Objects) -> Option<Arc<Object>> {
        let mut places = self.0.borrow_mut();
        let place = &mut places[(id % PLACES as u64) as usize];
        let known = (place.0 == id).then(|| place.1.upgrade()).flatten();
        known.or_else(|| {
            let object = objects.get(id)?;
            *place = (id, Arc::downgrade(&object));
            Some(object)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_as_long_as_it_is_there() {
        let objects = Objects::new(0).unwrap();
        let recent = Recent::default();
        let all: Vec<_> = (0..2 * PLACES as u64)
            .map(|number| objects.add("u64", Box::new(number)).unwrap())
            .collect();
        let looked = |id| Some(recent.find(id, &objects)?.id);
        for _ in 0..2 {
            for (id, _lifeline) in &all {
                assert_eq!((looked(*id), looked(*id)), (Some(*id), Some(*id)));
            }
        }
        let ids: Vec<u64> = all.iter().map(|(id, _)| *id).collect();
        drop(all);
        assert_eq!(objects.count(), 0);
        for id in ids {
            assert_eq!(looked(id), None);
        }
    }
}
