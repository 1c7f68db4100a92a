const _: () = {
    #[automatically_derived]
    impl ::put_core::PutResource for Account {
        type Key = String;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
            "Account",
            "/accounts/{name}",
            &[
                ::put_core::__private::Member::new(
                        "name",
                        ::put_core::__private::probe::<String>,
                    )
                    .key(0, <String as ::put_core::__private::KeyField>::is_canonical)
                    .pattern("[a-z]{1,9}"),
                ::put_core::__private::Member::new(
                        "origin",
                        ::put_core::__private::probe::<Option<String>>,
                    )
                    .create_only(),
                ::put_core::__private::Member::new(
                        "password",
                        ::put_core::__private::probe::<String>,
                    )
                    .write_only()
                    .absent_keeps()
                    .store_with(|json| ::put_core::__private::stored_with::<
                        String,
                        _,
                    >(json, hash)),
                ::put_core::__private::Member::new(
                        "pin",
                        ::put_core::__private::probe::<Option<u16>>,
                    )
                    .write_only()
                    .absent_keeps()
                    .store_with(|json| ::put_core::__private::stored_option_with::<
                        u16,
                        _,
                    >(json, |pin: u16| pin ^ 1)),
                ::put_core::__private::Member::new(
                        "seen",
                        ::put_core::__private::probe::<Option<u64>>,
                    )
                    .read_only()
                    .echo_reject(),
            ],
        );
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            <String as ::put_core::__private::KeyField>::as_display(&self.name)
        }
        fn part_of(key: &String, _: usize) -> &dyn ::core::fmt::Display {
            <String as ::put_core::__private::KeyField>::as_display(key)
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<String> {
            <String as ::put_core::__private::KeyField>::parse(parts.get(0)?)
        }
    }
};
