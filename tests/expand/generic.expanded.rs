const _: () = {
    #[automatically_derived]
    impl<K, T: Clone, const N: usize> ::put_core::PutResource for Page<K, T, N>
    where
        T: PartialEq,
        Self: ::put_core::__private::ReadJson + ::put_core::__private::WriteJson
            + ::core::marker::Send + ::core::marker::Sync + 'static,
        Id<K>: ::put_core::__private::KeyField,
        Id<K>: ::put_core::__private::ReadJson,
        Vec<T>: ::put_core::__private::ReadJson,
    {
        type Key = Id<K>;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
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
        );
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            <Id<K> as ::put_core::__private::KeyField>::as_display(&self.id)
        }
        fn part_of(key: &Id<K>, _: usize) -> &dyn ::core::fmt::Display {
            <Id<K> as ::put_core::__private::KeyField>::as_display(key)
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<Id<K>> {
            <Id<K> as ::put_core::__private::KeyField>::parse(parts.get(0)?)
        }
    }
};
