//! The spans of tasks, as a subscriber of `tracing` sees them.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use executor::{Executor, ThreadPoolExecutor};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::alone::alone;
use crate::backends::{Backend, every_executor};

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Notes each span with those that it is within, and each event likewise: `request/task: inside`.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    spans: Vec<String>,
    events: Vec<String>,
}

impl Recorder {
    fn current(seen: &Seen) -> Option<String> {
        let last = ENTERED.with_borrow(|entered| entered.last().copied())?;
        Some(seen.spans[last as usize - 1].clone())
    }
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        matches!(metadata.target(), "executor" | "tests")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut seen = self.0.lock().unwrap();
        let name = span.metadata().name();
        let path = match Recorder::current(&seen) {
            Some(parent) => format!("{parent}/{name}"),
            None => name.to_owned(),
        };
        seen.spans.push(path);
        Id::from_u64(seen.spans.len() as u64)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut seen = self.0.lock().unwrap();
        let span = Recorder::current(&seen).unwrap_or_default();
        seen.events.push(format!("{span}: {}", text.0));
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, _span: &Id) {
        ENTERED.with_borrow_mut(Vec::pop);
    }
}

fn submit_within_a_span<B: Backend>() {
    let pool = B::pool(1);
    let request = tracing::info_span!(target: "tests", "request");
    let future = request.in_scope(|| {
        let task = || tracing::info!(target: "tests", "inside");
        pool.submit(task, ()).unwrap()
    });
    future.result().unwrap();
}

fn submit_to_a_scope_within_a_span() {
    let pool = ThreadPoolExecutor::new(1).unwrap();
    let request = tracing::info_span!(target: "tests", "request");
    let submitted = pool.scope(|scope| {
        request.in_scope(|| {
            let task = || tracing::info!(target: "tests", "inside");
            scope.submit(task).map(drop)
        })
    });
    assert!(submitted.is_ok());
}

#[test]
fn the_span_of_a_task_is_a_child_of_its_submitters() {
    alone(|| {
        let recorder = Recorder::default();
        tracing::subscriber::set_global_default(recorder.clone()).unwrap();
        for (executor, submit) in every_executor!(submit_within_a_span as fn()) {
            submit();
            let Seen { spans, events } = std::mem::take(&mut *recorder.0.lock().unwrap());
            assert_eq!(spans, ["request", "request/task"], "{executor}");
            let expected: &[&str] = match executor {
                // A worker process has no subscriber.
                "processes" => &["request/task: submitted", "request/task: finished"],
                _ => &["request/task: inside"],
            };
            assert_eq!(events, expected, "{executor}");
        }
        submit_to_a_scope_within_a_span();
        let Seen { spans, events } = std::mem::take(&mut *recorder.0.lock().unwrap());
        assert_eq!(spans, ["request", "request/task"]);
        assert_eq!(events, ["request/task: inside"]);
    });
}
