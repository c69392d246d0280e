//! The trait's `submit` and its family, by an executor's own, which accept as much or more: so what a task must not
//! capture for all executors is refused here.

macro_rules! own_submits {
    () => {
        fn submit<F, Args>(
            &self,
            task: F,
            args: Args,
        ) -> Result<Future<F::Output>, Refused<F, Args>>
        where
            F: Task<Args>,
            Args: Payload,
            F::Output: Payload,
        {
            must_capture_nothing!(F);
            Self::submit(self, task, args)
        }

        fn try_submit<F, Args>(
            &self,
            task: F,
            args: Args,
        ) -> Result<Future<F::Output>, Refused<F, Args>>
        where
            F: Task<Args>,
            Args: Payload,
            F::Output: Payload,
        {
            must_capture_nothing!(F);
            Self::try_submit(self, task, args)
        }

        fn submit_timeout<F, Args>(
            &self,
            task: F,
            args: Args,
            timeout: Duration,
        ) -> Result<Future<F::Output>, Refused<F, Args>>
        where
            F: Task<Args>,
            Args: Payload,
            F::Output: Payload,
        {
            must_capture_nothing!(F);
            Self::submit_timeout(self, task, args, timeout)
        }
    };
}

pub(crate) use own_submits;
