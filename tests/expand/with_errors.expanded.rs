::core::compile_error! {
    "unknown `put` attribute `keyy`; did you mean `key`? expected one of `key`, `read_only`, `on_create`, `on_replace`, `immutable`, `required`, `version`, `last_modified`"
}
::core::compile_error! {
    "path `/users/{id` has an unclosed `{` at byte 7; close it with `}`"
}
const _: () = {
    #[automatically_derived]
    impl<T: Clone> ::put_core::PutResource for User<T>
    where
        for<'fallback> Self: ::put_core::__private::ReadJson
            + ::put_core::__private::WriteJson + ::core::marker::Send
            + ::core::marker::Sync + 'static,
    {
        type Key = u64;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new(
            "User",
            "/",
            &[],
            ::put_core::__private::decode::<Self>,
            <Self as ::put_core::PutResource>::server_values,
        );
        fn key_part(&self, _: ::core::primitive::usize) -> &dyn ::core::fmt::Display {
            &""
        }
        fn part_of(
            _: &Self::Key,
            _: ::core::primitive::usize,
        ) -> &dyn ::core::fmt::Display {
            &""
        }
    }
};
