::core::compile_error! {
    "unknown `put` attribute `keyy`; did you mean `key`? expected one of `key`, `pattern`, `read_only`, `echo`, `on_create`, `on_replace`, `immutable`, `create_only`, `write_only`, `absent`, `store_with`, `required`, `version`, `last_modified`, `column`, `column_type`"
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
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >("User", "/", &[]);
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            &""
        }
        fn key_from(_: &[&str]) -> ::core::option::Option<u64> {
            ::core::option::Option::None
        }
        fn part_of(_: &u64, _: usize) -> &dyn ::core::fmt::Display {
            &""
        }
    }
};
