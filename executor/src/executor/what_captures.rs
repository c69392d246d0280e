//! What executors whose workers are threads of this process accept: tasks that capture.

/// Gives an executor a `submit` of its own, and the rest of that family: what the trait has, for tasks that may
/// capture, with arguments and results that need not be serialisable. They end in its `spawn` and `spawn_or`.
macro_rules! takes_what_captures {
    ($Pool:ident, $Builder:ident, $(#[doc = $submit_example:literal])*) => {
        impl $Pool {
            /// Submits a task, also one that captures, with arguments and results that need not be
            /// serialisable.
            ///
            #[doc = concat!("If it was built with a [`queue_limit`](crate::", stringify!($Builder), "::queue_limit) and so many")]
            /// tasks wait for a worker, this waits until one of them has begun or was cancelled.
            ///
            /// # Errors
            ///
            /// [`Refused`] as by [`Executor::submit`]: the task never runs, and is given back with its arguments.
            ///
            /// # Example
            ///
            /// ```
            $(#[doc = $submit_example])*
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn submit<F, Args>(
                &self,
                task: F,
                args: Args,
            ) -> Result<Future<F::Output>, Refused<F, Args>>
            where
                F: TaskOnce<Args> + Send + 'static,
                Args: Send + 'static,
                F::Output: Send + 'static,
            {
                self.spawn(crate::task::Submission::new(task, args))
                    .map_err(crate::task::Submission::refused)
            }

            /// As [`submit`](Self::submit), but does not wait for room in a queue that is limited.
            ///
            /// # Errors
            ///
            /// As [`submit`](Self::submit), and [`SubmitError::Full`] if as many tasks wait as
            #[doc = concat!("[`queue_limit`](crate::", stringify!($Builder), "::queue_limit) lets.")]
            ///
            /// # Example
            ///
            /// ```
            #[doc = concat!("use executor::{", stringify!($Pool), ", SubmitError};")]
            ///
            #[doc = concat!("let pool = ", stringify!($Pool), "::builder().max_workers(1).queue_limit(1).build()?;")]
            /// let refused = (0..).find_map(|_| {
            ///     pool.try_submit(|| std::thread::sleep(std::time::Duration::from_millis(10)), ()).err()
            /// });
            /// assert!(matches!(refused.expect("it is full").error(), SubmitError::Full));
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn try_submit<F, Args>(
                &self,
                task: F,
                args: Args,
            ) -> Result<Future<F::Output>, Refused<F, Args>>
            where
                F: TaskOnce<Args> + Send + 'static,
                Args: Send + 'static,
                F::Output: Send + 'static,
            {
                self.spawn_or(crate::base::room::IfFull::Refuse, crate::task::Submission::new(task, args))
                    .map_err(crate::task::Submission::refused)
            }

            /// As [`submit`](Self::submit), but waits for room in a queue that is limited for at most `timeout`.
            ///
            /// # Errors
            ///
            /// As [`try_submit`](Self::try_submit), when the time is over.
            ///
            /// # Example
            ///
            /// ```
            /// use std::time::Duration;
            ///
            #[doc = concat!("let pool = executor::", stringify!($Pool), "::builder().max_workers(1).queue_limit(1).build()?;")]
            /// let futures = [1, 2, 3].map(|n: u32| pool.submit_timeout(move || n * n, (), Duration::from_secs(9)));
            /// for future in futures {
            ///     println!("{}", future?.result()?);
            /// }
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn submit_timeout<F, Args>(
                &self,
                task: F,
                args: Args,
                timeout: Duration,
            ) -> Result<Future<F::Output>, Refused<F, Args>>
            where
                F: TaskOnce<Args> + Send + 'static,
                Args: Send + 'static,
                F::Output: Send + 'static,
            {
                self.spawn_or(crate::base::room::IfFull::wait_for(timeout), crate::task::Submission::new(task, args))
                    .map_err(crate::task::Submission::refused)
            }

            /// As [`Executor::map`], for a task that may capture, with items and results that need not be
            /// serialisable. Each item has a clone of the task.
            ///
            /// # Errors
            ///
            /// As [`Executor::map`].
            ///
            /// # Panics
            ///
            /// As [`Executor::map`].
            ///
            /// # Example
            ///
            /// ```
            #[doc = concat!("let pool = executor::", stringify!($Pool), "::new(2)?;")]
            /// let factor = 3;
            /// let products = pool.map(move |n: u64| n * factor, 1..=3)?;
            /// assert_eq!(products.collect::<Result<Vec<u64>, _>>()?, [3, 6, 9]);
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn map<F, Item, Items>(
                &self,
                task: F,
                items: Items,
            ) -> Result<crate::map::Map<F::Output>, SubmitError>
            where
                F: TaskOnce<(Item,)> + Clone + Send + 'static,
                Item: Send + 'static,
                Items: IntoIterator<Item = Item>,
                F::Output: Send + 'static,
            {
                self.starmap(crate::map::Single(task), items)
            }

            /// As [`map`](Self::map), for a task of several arguments: each item is the tuple of them.
            ///
            /// # Errors
            ///
            /// As [`Executor::map`].
            ///
            /// # Panics
            ///
            /// As [`Executor::map`].
            ///
            /// # Example
            ///
            /// ```
            #[doc = concat!("let pool = executor::", stringify!($Pool), "::new(2)?;")]
            /// let names = std::sync::Arc::new(["one", "two"]);
            /// let pick = move |place: usize, from: usize| &names[place][from..];
            /// let picked = pool.starmap(pick, [(0, 1), (1, 2)])?;
            /// assert_eq!(picked.collect::<Result<Vec<&str>, _>>()?, ["ne", "o"]);
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn starmap<F, Args, Items>(
                &self,
                task: F,
                items: Items,
            ) -> Result<crate::map::Map<F::Output>, SubmitError>
            where
                F: TaskOnce<Args> + Clone + Send + 'static,
                Args: Send + 'static,
                Items: IntoIterator<Item = Args>,
                F::Output: Send + 'static,
            {
                crate::map::Map::by(task, items, |chunk, items| self.submit(chunk, items))
            }
        }
    };
}

pub(crate) use takes_what_captures;
