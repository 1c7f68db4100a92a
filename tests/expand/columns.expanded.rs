const _: () = {
    #[automatically_derived]
    impl ::put_core::PutResource for Order {
        type Key = i64;
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
            "Order",
            "/orders/{number}",
            &[
                ::put_core::__private::Member::new(
                        "number",
                        ::put_core::__private::probe::<i64>,
                    )
                    .key(0, <i64 as ::put_core::__private::KeyField>::is_canonical)
                    .column("order_number")
                    .column_type("bigint"),
                ::put_core::__private::Member::new(
                        "shipTo",
                        ::put_core::__private::probe::<String>,
                    )
                    .column("ship_to"),
                ::put_core::__private::Member::new(
                        "made",
                        ::put_core::__private::probe::<u8>,
                    )
                    .read_only()
                    .set_on_create()
                    .column_type("smallint"),
                ::put_core::__private::Member::new(
                        "version",
                        ::put_core::__private::probe::<i64>,
                    )
                    .version(::put_core::__private::version::<i64>())
                    .column("row_version"),
            ],
        );
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            <i64 as ::put_core::__private::KeyField>::as_display(&self.number)
        }
        fn part_of(key: &i64, _: usize) -> &dyn ::core::fmt::Display {
            <i64 as ::put_core::__private::KeyField>::as_display(key)
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<i64> {
            <i64 as ::put_core::__private::KeyField>::parse(parts.get(0)?)
        }
        fn server_values(values: &mut ::put_core::__private::ServerValues) {
            let value: u8 = 7;
            values
                .on_create(
                    "made",
                    &mut |json| ::put_core::__private::Serialize::serialize(&value, json),
                );
        }
    }
};
