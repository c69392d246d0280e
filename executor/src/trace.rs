//! What `tracing` is told of a task, if the feature of that name is on; otherwise nothing, at no cost.

#[cfg(feature = "tracing")]
use std::any::type_name;

/// The span of a task: made when the task is submitted, so that its parent is the submitter's, and
/// entered where it runs.
pub(crate) struct TaskSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl TaskSpan {
    /// The span of a task of type `F`. No lock is held: the subscriber's code is the user's.
    pub(crate) fn new<F>() -> TaskSpan {
        let task = type_name::<F>();
        TaskSpan {
            span: tracing::debug_span!(target: "executor", "task", task),
        }
    }

    /// Runs `call` within the span.
    pub(crate) fn within<R>(self, call: impl FnOnce() -> R) -> R {
        self.span.in_scope(call)
    }

    /// The task was given to a process pool.
    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    pub(crate) fn submitted(&self) {
        self.span
            .in_scope(|| tracing::debug!(target: "executor", "submitted"));
    }

    /// The task has come back from a process pool.
    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    pub(crate) fn finished(&self, error: Option<&crate::base::TaskError>) {
        self.span.in_scope(|| match error {
            None => tracing::debug!(target: "executor", "finished"),
            Some(error) => tracing::debug!(target: "executor", %error, "finished"),
        });
    }
}

#[cfg(not(feature = "tracing"))]
impl TaskSpan {
    #[expect(clippy::extra_unused_type_parameters, reason = "as with the feature")]
    pub(crate) fn new<F>() -> TaskSpan {
        TaskSpan {}
    }

    pub(crate) fn within<R>(self, call: impl FnOnce() -> R) -> R {
        call()
    }

    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    pub(crate) fn submitted(&self) {}

    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    pub(crate) fn finished(&self, _error: Option<&crate::base::TaskError>) {}
}
