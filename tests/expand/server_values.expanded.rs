const _: () = {
    #[automatically_derived]
    impl ::put_core::PutResource for Visit {
        type Key = u64;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
            "Visit",
            "/visits/{id}",
            &[
                ::put_core::__private::Member::new(
                        "id",
                        ::put_core::__private::probe::<u64>,
                    )
                    .key(0, <u64 as ::put_core::__private::KeyField>::is_canonical),
                ::put_core::__private::Member::new(
                        "updated_at",
                        ::put_core::__private::probe::<String>,
                    )
                    .read_only()
                    .set_on_replace()
                    .last_modified(),
                ::put_core::__private::Member::new(
                        "seen_at",
                        |probe| {
                            let _: ::core::result::Result<u64, _> = read_seconds(probe);
                        },
                    )
                    .read_by_function()
                    .read_only()
                    .set_on_create()
                    .set_on_replace(),
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
            let value: String = now();
            values
                .on_replace(
                    "updated_at",
                    &mut |json| ::put_core::__private::Serialize::serialize(&value, json),
                );
            let value: u64 = now();
            values.on_create("seen_at", &mut |json| write_seconds(&value, json));
            let value: u64 = later();
            values.on_replace("seen_at", &mut |json| write_seconds(&value, json));
        }
    }
};
