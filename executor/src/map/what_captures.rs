//! `map` and `starmap` of the executors whose workers are threads of this process: they take tasks that capture.

/// Gives an executor the two.
macro_rules! map_what_captures {
    ($Pool:ident) => {
        impl $Pool {
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
            ) -> Result<Map<F::Output>, SubmitError>
            where
                F: TaskOnce<(Item,)> + Clone + Send + 'static,
                Item: Send + 'static,
                Items: IntoIterator<Item = Item>,
                F::Output: Send + 'static,
            {
                self.starmap(Single(task), items)
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
            ) -> Result<Map<F::Output>, SubmitError>
            where
                F: TaskOnce<Args> + Clone + Send + 'static,
                Args: Send + 'static,
                Items: IntoIterator<Item = Args>,
                F::Output: Send + 'static,
            {
                Map::by(task, items, |chunk, items| self.submit(chunk, items))
            }
        }
    };
}

pub(crate) use map_what_captures;
