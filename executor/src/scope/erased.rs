//! Hiding a lifetime: the one unsafe step of scoped tasks. Why it is sound stands at the head of
//! `scope`.

#![expect(unsafe_code, reason = "one function hides a lifetime")]

use std::mem;

use crate::base::scoped::Token;

/// A closure of which nobody sees how long what it borrows lives.
pub(super) struct Erased<A, R> {
    call: Box<dyn FnOnce(A) -> R + Send>,
    /// Dropped last: nothing of the closure is left then.
    token: Token,
}

/// Hides what the closure borrows.
pub(super) fn erase<'scope, A: 'static, R: 'static>(
    call: Box<dyn FnOnce(A) -> R + Send + 'scope>,
    token: Token,
) -> Erased<A, R> {
    // SAFETY: the two types differ in a lifetime alone. Whatever is done with the closure is done
    // before its token is dropped, and so in 'scope; see `scope`.
    let call = unsafe {
        mem::transmute::<
            Box<dyn FnOnce(A) -> R + Send + 'scope>,
            Box<dyn FnOnce(A) -> R + Send + 'static>,
        >(call)
    };
    Erased { call, token }
}

impl<A, R> Erased<A, R> {
    /// Calls it, and lets go of the token after that, however it ends.
    pub(super) fn call(self, argument: A) -> R {
        let _token = self.token;
        (self.call)(argument)
    }
}
