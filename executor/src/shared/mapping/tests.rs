//! Memory that arrives: what it may be, and what not.

use std::fs::File;

use super::*;
use crate::shared::object::{Object, accept};
use crate::shared::{Array, Atomic, Lock, Value};

/// Memory of this size, with these bytes at its start.
fn forge(size: usize, bytes: &[u8], seals: SealFlags) -> Arc<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let memory = rustix::fs::memfd_create(c"forged", flags).unwrap();
    rustix::io::pwrite(&memory, bytes, 0).unwrap();
    rustix::fs::ftruncate(&memory, size as u64).unwrap();
    rustix::fs::fcntl_add_seals(&memory, seals).unwrap();
    Arc::new(memory)
}

/// What the memory of this object says that it is.
fn description<O: Object>(object: &O) -> Description {
    inspect(object.mapping().descriptor(), object.mapping().shape)
        .unwrap()
        .0
}

/// Memory as that of an object, another one, changed in this way.
fn changed<O: Object>(object: &O, change: impl FnOnce(&mut Description)) -> Arc<OwnedFd> {
    let mut description = description(object);
    description.id[1] += 1;
    change(&mut description);
    forge(object.mapping().size, bytes_of(&description), SEALS)
}

fn refusal<O: Object>(memory: Arc<OwnedFd>) -> String {
    accept::<O>(memory).err().expect("it is refused")
}

/// The same memory by another descriptor, as it arrives from another process.
fn again<O: Object>(object: &O) -> Arc<OwnedFd> {
    let descriptor = object.mapping().descriptor();
    Arc::new(descriptor.try_clone().unwrap())
}

#[test]
fn what_comes_again_is_the_same_and_mapped_once() {
    let value = Value::new(5_u64).unwrap();
    for _ in 0..1000 {
        let same: Value<u64> = accept(again(&value)).unwrap();
        assert_eq!(same, value);
        assert!(Arc::ptr_eq(
            &same.mapping().descriptor,
            &value.mapping().descriptor
        ));
    }
    assert_eq!(Arc::strong_count(value.mapping()), 1);
    let descriptor = again(&value);
    let key = value.mapping().key;
    drop(value);
    // Nobody here has it any more, but it is on its way: what is in it is still there.
    let value: Value<u64> = accept(descriptor).unwrap();
    assert_eq!((value.get().unwrap(), value.mapping().key), (5, key));
}

#[test]
fn unsealed_memory_is_refused() {
    let lock = Lock::new().unwrap();
    let (bytes, size) = (description(&lock), lock.mapping().size);
    let all = [SealFlags::SHRINK, SealFlags::GROW, SealFlags::SEAL];
    for missing in all {
        let memory = forge(size, bytes_of(&bytes), SEALS.difference(missing));
        assert!(refusal::<Lock>(memory).contains("not sealed"));
    }
    let null = Arc::new(File::open("/dev/null").unwrap().into());
    assert!(refusal::<Lock>(null).contains("not sealed"));
}

#[test]
fn memory_of_another_type_is_refused() {
    let value = Value::new(5_u64).unwrap();
    assert!(refusal::<Value<i64>>(again(&value)).contains("another type"));
    assert!(refusal::<Value<[u32; 2]>>(again(&value)).contains("another type"));
    assert!(refusal::<Array<u64>>(again(&value)).contains("another type"));
    assert!(refusal::<Atomic<u64>>(again(&value)).contains("another type"));
    assert!(refusal::<Lock>(again(&value)).contains("another type"));
}

#[test]
fn memory_of_another_size_is_refused() {
    let array = Array::<u32>::zeroed(10).unwrap();
    assert!(accept::<Array<u32>>(changed(&array, |_| ())).is_ok());
    for length in [0, 9, 11, 1 << 62, u64::MAX] {
        let memory = changed(&array, |it| it.length = length);
        assert!(refusal::<Array<u32>>(memory).contains("elements"));
    }
    let bytes = description(&array);
    for size in [array.mapping().size - 1, array.mapping().size + 1, 1 << 20] {
        let memory = forge(size, bytes_of(&bytes), SEALS);
        assert!(refusal::<Array<u32>>(memory).contains("elements"));
    }
    // One value has one element, whatever it says of itself.
    let value = Value::new(5_u8).unwrap();
    let mut two = description(&value);
    two.length = 2;
    let memory = forge(value.mapping().size + 1, bytes_of(&two), SEALS);
    assert!(refusal::<Value<u8>>(memory).contains("elements"));
}

#[test]
fn memory_that_is_too_short_or_something_else_is_refused() {
    let lock = Lock::new().unwrap();
    let bytes = description(&lock);
    for size in [0, 1, size_of::<Description>() - 1] {
        let memory = forge(size, bytes_of(&bytes), SEALS);
        assert!(refusal::<Lock>(memory).contains("not that of"));
    }
    let memory = changed(&lock, |it| it.magic += 1);
    assert!(refusal::<Lock>(memory).contains("not that of"));
}

#[test]
fn a_mapping_ends_with_its_object_unless_its_lock_is_held() {
    let is_mapped = |inode: u64| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines()
            .any(|line| line.contains("executor-shared") && line.contains(&format!(" {inode} ")))
    };
    let inode = |value: &Value<u8>| {
        rustix::fs::fstat(value.mapping().descriptor())
            .unwrap()
            .st_ino
    };
    let value = Value::new(1).unwrap();
    drop(value.lock().unwrap());
    let freed = inode(&value);
    assert!(is_mapped(freed));
    drop(value);
    assert!(!is_mapped(freed));
    let value = Value::new(1).unwrap();
    let kept = inode(&value);
    std::mem::forget(value.lock().unwrap());
    drop(value);
    assert!(is_mapped(kept));
}

#[test]
fn outside_of_a_frame_an_object_can_t_be_written_or_read() {
    let value = Value::new(7_u16).unwrap();
    assert!(postcard::to_stdvec(&value).is_err());
    assert!(postcard::from_bytes::<Value<u16>>(&[0]).is_err());
}
