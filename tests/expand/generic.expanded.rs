const _: () = {
    #[automatically_derived]
    impl<K, T: Clone, const N: usize> ::put_core::PutResource for Page<K, T, N>
    where
        T: PartialEq,
        K: ::put_core::__private::ReadJson + ::put_core::__private::WriteJson
            + ::core::marker::Send + ::core::marker::Sync + 'static,
        T: ::put_core::__private::ReadJson + ::put_core::__private::WriteJson
            + ::core::marker::Send + ::core::marker::Sync + 'static,
        Id<K>: ::put_core::__private::KeyField,
    {
        type Key = Id<K>;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new(
            "Page",
            "/pages/{id}",
            &[
                ::put_core::__private::Member::new(
                        "id",
                        ::put_core::__private::probe::<Id<K>>,
                    )
                    .key(0, <Id<K> as ::put_core::__private::KeyField>::is_canonical),
                ::put_core::__private::Member::new(
                    "items",
                    ::put_core::__private::probe::<Vec<T>>,
                ),
                ::put_core::__private::Member::new(
                    "size",
                    ::put_core::__private::probe::<Size<N>>,
                ),
            ],
            ::put_core::__private::decode::<Self>,
            <Self as ::put_core::PutResource>::server_values,
        );
        fn key_part(&self, _: ::core::primitive::usize) -> &dyn ::core::fmt::Display {
            <Id<K> as ::put_core::__private::KeyField>::as_display(&self.id)
        }
        fn part_of(
            key: &Self::Key,
            _: ::core::primitive::usize,
        ) -> &dyn ::core::fmt::Display {
            <Id<K> as ::put_core::__private::KeyField>::as_display(key)
        }
    }
};
