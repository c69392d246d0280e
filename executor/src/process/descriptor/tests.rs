//! Names of tasks, true and forged.

use std::fs;

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use super::*;
use crate::base::TaskError;
use crate::process::codec::{self, Draft};
use crate::process::invocation::{self, Run, name, run_payload};
use crate::process::wire;
use crate::task::{Payload, Task};

fn twice(n: u32) -> u32 {
    n * 2
}

fn name_of<F, Args>(_task: F) -> Option<Name>
where
    F: Task<Args>,
    Args: Payload,
    F::Output: Payload,
{
    name::<F, Args>()
}

fn run_named(name: Name, mut args: (u32,)) -> Result<u32, TaskError> {
    let draft = |draft: Draft| Content::inline(draft.bytes[wire::HEADER..].to_vec());
    let payload = invocation::draft::<fn(u32) -> u32, (u32,)>(name, &mut args, usize::MAX).unwrap();
    let reply = run_payload(draft(payload), usize::MAX);
    codec::decode(&draft(reply), 0, codec::value_of::<u32, _>).unwrap()
}

#[test]
fn a_named_task_runs() {
    let name = name_of(twice).unwrap();
    assert_eq!(run_named(name, (21_u32,)).unwrap(), 42);
}

#[test]
fn different_tasks_have_different_names() {
    let one = name_of(|n: u32| n + 1).unwrap();
    let two = name_of(|n: u32| n + 2).unwrap();
    assert_ne!(one, two);
}

/// What the name of something at this address would be.
fn forged(address: usize, identity: u64) -> Name {
    Name {
        offset: address.wrapping_sub(image().base) as u64,
        identity,
    }
}

#[test]
fn forged_names_are_refused() {
    static mut WRITABLE: [u64; 8] = [Run::MAGIC; 8];
    let good = name_of(twice).unwrap();
    let at = |address| forged(address, good.identity);
    let address = image().base + good.offset as usize;
    let identity = forged(address, good.identity ^ 1);
    let end = image().constant.iter().map(|part| part.end).max().unwrap();
    let names = [
        ("another identity", identity),
        ("misaligned", at(address + 1)),
        ("no descriptor", at(address + 8)),
        ("writable", at((&raw const WRITABLE).addr())),
        ("code", at((twice as fn(u32) -> u32 as *const ()).addr())),
        ("code of a library", at((libc::qsort as *const ()).addr())),
        (
            "over the end of the constants",
            at(end - align_of::<Descriptor<Run>>()),
        ),
        ("behind the constants", at(end)),
        ("over the end of all addresses", at(usize::MAX - 7)),
        ("at the end of all addresses", at(usize::MAX)),
        ("null", at(0)),
        (
            "far",
            Name {
                offset: u64::MAX - 3,
                ..good
            },
        ),
    ];
    for (what, name) in names {
        let outcome = run_named(name, (1_u32,));
        assert!(
            matches!(outcome, Err(TaskError::Decode(_))),
            "{what}: {outcome:?}"
        );
    }
}

/// All is right about it but the place.
#[test]
fn a_copy_of_a_descriptor_is_refused() {
    const LENGTH: usize = 4096;
    let good = name_of(twice).unwrap();
    let descriptor = find::<Run>(good).unwrap();
    // SAFETY: a new mapping takes nothing from anybody.
    let place = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            LENGTH,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    }
    .unwrap();
    // SAFETY: the mapping is writable, aligned to a page, larger than a descriptor, and ours.
    unsafe { place.cast::<Descriptor<Run>>().copy_from(descriptor, 1) };
    // SAFETY: nobody writes there from now on.
    unsafe { mprotect(place, LENGTH, MprotectFlags::READ) }.unwrap();
    let name = forged(place.addr(), good.identity);
    assert_eq!(
        find::<Run>(name).err(),
        Some("its address is not in read-only data of the executable")
    );
    assert!(matches!(run_named(name, (1,)), Err(TaskError::Decode(_))));
    // SAFETY: nobody borrows from it.
    unsafe { munmap(place, LENGTH) }.unwrap();
}

#[test]
fn a_descriptor_lies_in_a_part_as_a_whole() {
    let image = image();
    let size = size_of::<Descriptor<Run>>();
    assert!(!image.constant.is_empty());
    for Range { start, end } in image.constant.iter().filter(|part| part.len() >= size) {
        assert!(image.holds_constant::<Run>(*start));
        assert!(image.holds_constant::<Run>(end - size));
        assert!(!image.holds_constant::<Run>(end - size + 1));
    }
}

/// The parts of the memory of this process: where, how it can be used, and of which file it is.
fn maps() -> Vec<(Range<usize>, String, String)> {
    let text = fs::read_to_string("/proc/self/maps").unwrap();
    let parts = text.lines().map(|line| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let number = |digits| usize::from_str_radix(digits, 16).unwrap();
        let access = words.next().unwrap().to_owned();
        let file = words.nth(3).unwrap_or_default().to_owned();
        (number(start)..number(end), access, file)
    });
    parts.collect()
}

#[test]
fn what_holds_constants_is_read_only_memory_of_the_executable() {
    let executable = fs::read_link("/proc/self/exe").unwrap();
    let maps = maps();
    for part in &image().constant {
        let mut covered = part.start;
        for (place, access, file) in &maps {
            if place.start < part.end && part.start < place.end {
                assert_eq!(access, "r--p", "{part:x?} {file}");
                assert_eq!(Some(&file[..]), executable.to_str(), "{part:x?}");
                assert!(place.start <= covered);
                covered = place.end;
            }
        }
        assert!(covered >= part.end, "{part:x?} is mapped to {covered:x}");
    }
}

#[test]
fn no_library_holds_constants() {
    let executable = fs::read_link("/proc/self/exe").unwrap();
    let mut libraries = 0;
    for (place, _, file) in maps() {
        if Some(&file[..]) != executable.to_str() {
            libraries += usize::from(file.contains("libc.so"));
            let middle = place.start + place.len() / 2;
            for address in [
                place.start,
                middle,
                place.end - size_of::<Descriptor<Run>>(),
            ] {
                assert!(!image().holds_constant::<Run>(address), "{place:x?} {file}");
            }
        }
    }
    assert!(libraries > 0, "the C library is a part of the executable");
}
