//! What processes have used of the machine, and what was taken from them, as Linux tells it. What it does not tell is
//! zero.

use std::fs;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// So long a tick is, as Linux shows it to programs on every architecture that this runs on.
const TICK_NS: u64 = 10_000_000;

/// CPU time, switches and page faults of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    /// CPU time in user code.
    pub user_ns: u64,
    /// CPU time in the kernel.
    pub system_ns: u64,
    /// How often a thread gave up the processor.
    pub voluntary: u64,
    /// How often one was taken off it.
    pub involuntary: u64,
    /// How many pages were missing that were in memory,
    pub minor_faults: u64,
    /// and how many had to be fetched from a disk.
    pub major_faults: u64,
}

/// All that is looked at around a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of this process.
    pub own: Cpu,
    /// Of the processes that work for it.
    pub children: Cpu,
    /// Ticks that the machine below took from all processors.
    pub steal_ticks: u64,
    /// How long the control group was throttled.
    pub throttled_ns: u64,
    /// How long something in the whole machine waited for a processor; `None` if the kernel does not count that.
    pub cpu_pressure_ns: Option<u64>,
}

impl Usage {
    /// Until now, with these processes.
    #[must_use]
    pub fn now(processes: &[u32]) -> Usage {
        let children = processes.iter().map(|process| Cpu::of_process(*process));
        Usage {
            own: Cpu::own(),
            children: children.fold(Cpu::default(), |all, one| {
                all.with(one, u64::saturating_add)
            }),
            steal_ticks: steal_ticks(&read("/proc/stat")),
            throttled_ns: throttled_ns(&read("/sys/fs/cgroup/cpu.stat")),
            cpu_pressure_ns: pressure_ns(&read("/proc/pressure/cpu")),
        }
    }

    /// Since then.
    #[must_use]
    pub fn since(self, before: &Usage) -> Usage {
        Usage {
            own: self.own.with(before.own, u64::saturating_sub),
            children: self.children.with(before.children, u64::saturating_sub),
            steal_ticks: self.steal_ticks.saturating_sub(before.steal_ticks),
            throttled_ns: self.throttled_ns.saturating_sub(before.throttled_ns),
            cpu_pressure_ns: self
                .cpu_pressure_ns
                .zip(before.cpu_pressure_ns)
                .map(|(now, before)| now.saturating_sub(before)),
        }
    }
}

impl Cpu {
    /// Of this process, with its threads that have ended.
    fn own() -> Cpu {
        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
            return Cpu::default();
        };
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Cpu {
            user_ns: count(usage.user_time().num_microseconds()) * 1_000,
            system_ns: count(usage.system_time().num_microseconds()) * 1_000,
            voluntary: count(usage.voluntary_context_switches()),
            involuntary: count(usage.involuntary_context_switches()),
            minor_faults: count(usage.minor_page_faults()),
            major_faults: count(usage.major_page_faults()),
        }
    }

    /// Of the living threads of another process.
    fn of_process(process: u32) -> Cpu {
        let threads = fs::read_dir(format!("/proc/{process}/task"));
        let threads = threads.into_iter().flatten().flatten();
        let cpu = threads.map(|thread| {
            let read = |name| fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            Cpu::of_thread(&read("schedstat"), &read("stat"), &read("status"))
        });
        cpu.fold(Cpu::default(), |all, one| {
            all.with(one, u64::saturating_add)
        })
    }

    /// Of a thread, by three files that the kernel has for it. Only the first counts nanoseconds.
    fn of_thread(schedstat: &str, stat: &str, status: &str) -> Cpu {
        let all_ns = number(schedstat.split_whitespace().next());
        // The name before may hold anything, but no parenthesis comes after its last.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let after_name = |place: usize| number(fields.split_whitespace().nth(place));
        let ticks = after_name(12);
        let system_ns = ticks.saturating_mul(TICK_NS).min(all_ns);
        Cpu {
            user_ns: all_ns - system_ns,
            system_ns,
            voluntary: field(status, "voluntary_ctxt_switches:"),
            involuntary: field(status, "nonvoluntary_ctxt_switches:"),
            minor_faults: after_name(7),
            major_faults: after_name(9),
        }
    }

    fn with(self, other: Cpu, of: fn(u64, u64) -> u64) -> Cpu {
        Cpu {
            user_ns: of(self.user_ns, other.user_ns),
            system_ns: of(self.system_ns, other.system_ns),
            voluntary: of(self.voluntary, other.voluntary),
            involuntary: of(self.involuntary, other.involuntary),
            minor_faults: of(self.minor_faults, other.minor_faults),
            major_faults: of(self.major_faults, other.major_faults),
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The eighth number of the line of all processors.
fn steal_ticks(stat: &str) -> u64 {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "));
    number(line.and_then(|line| line.split_whitespace().nth(7)))
}

fn throttled_ns(cpu_stat: &str) -> u64 {
    let time = Duration::from_micros(field(cpu_stat, "throttled_usec "));
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The total of the line about some of what runs, which is in microseconds.
fn pressure_ns(pressure: &str) -> Option<u64> {
    let line = pressure
        .lines()
        .find_map(|line| line.strip_prefix("some "))?;
    let (_, total) = line.rsplit_once("total=")?;
    let microseconds: u64 = total.trim().parse().ok()?;
    Some(microseconds.saturating_mul(1_000))
}

fn field(text: &str, name: &str) -> u64 {
    number(text.lines().find_map(|line| line.strip_prefix(name)))
}

fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "4711 (a) name (x) S 1 2 3 0 -1 4194560 110 2 3 4 50 7 8 9 20 0 1 0 99\n";
    const STATUS: &str =
        "Name:\ta\nvoluntary_ctxt_switches:\t31\nnonvoluntary_ctxt_switches:\t12\n";

    #[test]
    fn a_thread_is_read_whatever_its_name() {
        let cpu = Cpu::of_thread("600000000 5 6\n", STAT, STATUS);
        let expected = Cpu {
            user_ns: 530_000_000,
            system_ns: 70_000_000,
            voluntary: 31,
            involuntary: 12,
            minor_faults: 110,
            major_faults: 3,
        };
        assert_eq!(cpu, expected);
    }

    #[test]
    fn the_kernels_part_is_no_more_than_all_of_it() {
        let cpu = Cpu::of_thread("20000000 5 6\n", STAT, STATUS);
        assert_eq!((cpu.user_ns, cpu.system_ns), (0, 20_000_000));
    }

    #[test]
    fn a_thread_that_has_ended_has_used_nothing() {
        assert_eq!(Cpu::of_thread("", "", ""), Cpu::default());
        assert_eq!(Cpu::of_process(u32::MAX), Cpu::default());
    }

    #[test]
    fn steal_is_that_of_all_processors() {
        let stat = "cpu  10 20 30 40 50 60 70 88 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nintr 5\n";
        assert_eq!(steal_ticks(stat), 88);
        // A kernel so old that it has no such field, and none at all.
        assert_eq!(steal_ticks("cpu  10 20 30 40\n"), 0);
        assert_eq!(steal_ticks(""), 0);
    }

    #[test]
    fn throttling_is_read_where_the_group_has_a_limit() {
        let limited = "usage_usec 5\nnr_throttled 3\nthrottled_usec 1234\n";
        assert_eq!(throttled_ns(limited), 1_234_000);
        assert_eq!(throttled_ns("usage_usec 5\n"), 0);
    }

    #[test]
    fn pressure_is_that_of_some_and_not_known_to_every_kernel() {
        let pressure = "some avg10=1.00 avg60=0.50 avg300=0.10 total=118\n\
                        full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(pressure_ns(pressure), Some(118_000));
        assert_eq!(pressure_ns(""), None);
        assert_eq!(pressure_ns("full avg10=0.00 total=7\n"), None);
        let at = |cpu_pressure_ns| Usage {
            cpu_pressure_ns,
            ..Usage::default()
        };
        let since = at(Some(9)).since(&at(Some(4)));
        assert_eq!(since.cpu_pressure_ns, Some(5));
        assert_eq!(at(Some(9)).since(&at(None)).cpu_pressure_ns, None);
    }

    #[test]
    fn pages_that_are_touched_first_are_faults() {
        const BYTES: usize = 8 << 20;
        let before = Cpu::own();
        let mut pages = vec![0_u8; BYTES];
        pages.iter_mut().step_by(4_096).for_each(|byte| *byte = 1);
        std::hint::black_box(&pages);
        let faults = Cpu::own().minor_faults - before.minor_faults;
        // Large pages need fewer, and one at least.
        assert!(faults > 0, "{faults}");
    }

    #[test]
    fn work_is_seen_here_and_in_another_process() -> std::io::Result<()> {
        // Any living process will do, and this one is another's too.
        let (own, process) = (Usage::now(&[]), std::process::id());
        let other = Usage::now(&[process]);
        let start = std::time::Instant::now();
        while Cpu::own().user_ns + Cpu::own().system_ns
            < own.own.user_ns + own.own.system_ns + 20_000_000
        {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "no CPU time in a minute"
            );
            std::hint::black_box(crate::workload::pi::partial(1, 100_000));
        }
        let used = Usage::now(&[process]).since(&other).children;
        assert!(used.user_ns + used.system_ns > 0, "{used:?}");
        Ok(())
    }
}
