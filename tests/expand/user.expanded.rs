const _: () = {
    #[automatically_derived]
    impl ::put_core::PutResource for User {
        type Key = u64;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
            "User",
            "/api/users/{id}",
            &[
                ::put_core::__private::Member::new(
                        "id",
                        ::put_core::__private::probe::<u64>,
                    )
                    .key(0, <u64 as ::put_core::__private::KeyField>::is_canonical),
                ::put_core::__private::Member::new(
                    "name",
                    ::put_core::__private::probe::<String>,
                ),
                ::put_core::__private::Member::new(
                        "role",
                        ::put_core::__private::probe::<Role>,
                    )
                    .has_default(),
                ::put_core::__private::Member::new(
                    "nickname",
                    ::put_core::__private::probe::<Option<String>>,
                ),
                ::put_core::__private::Member::new(
                        "created_at",
                        |probe| {
                            let _: ::core::result::Result<OffsetDateTime, _> = time::serde::rfc3339::deserialize(
                                probe,
                            );
                        },
                    )
                    .read_by_function()
                    .read_only()
                    .set_on_create(),
            ],
        );
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            <u64 as ::put_core::__private::KeyField>::as_display(&self.id)
        }
        fn part_of(key: &u64, _: usize) -> &dyn ::core::fmt::Display {
            <u64 as ::put_core::__private::KeyField>::as_display(key)
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<u64> {
            <u64 as ::put_core::__private::KeyField>::parse(parts.get(0)?)
        }
        fn server_values(values: &mut ::put_core::__private::ServerValues) {
            let value: OffsetDateTime = OffsetDateTime::now_utc();
            values
                .on_create(
                    "created_at",
                    &mut |json| time::serde::rfc3339::serialize(&value, json),
                );
        }
    }
};
