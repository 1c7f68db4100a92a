const _: () = {
    #[automatically_derived]
    impl ::put_core::PutResource for Item {
        type Key = (String, Kind, u64);
        const FACTS: &'static ::put_core::__private::Facts = &::put_core::__private::Facts::new::<
            Self,
        >(
            "Item",
            "/{tenant}/{type}/{number}",
            &[
                ::put_core::__private::Member::new(
                        "number",
                        ::put_core::__private::probe::<u64>,
                    )
                    .key(2, <u64 as ::put_core::__private::KeyField>::is_canonical),
                ::put_core::__private::Member::new(
                        "type",
                        ::put_core::__private::probe::<Kind>,
                    )
                    .key(1, <Kind as ::put_core::__private::KeyField>::is_canonical),
                ::put_core::__private::Member::new(
                        "tenant",
                        ::put_core::__private::probe::<String>,
                    )
                    .key(0, <String as ::put_core::__private::KeyField>::is_canonical),
            ],
        );
        fn key_part(&self, part: usize) -> &dyn ::core::fmt::Display {
            match part {
                0 => {
                    <String as ::put_core::__private::KeyField>::as_display(&self.tenant)
                }
                1 => <Kind as ::put_core::__private::KeyField>::as_display(&self.r#type),
                _ => <u64 as ::put_core::__private::KeyField>::as_display(&self.number),
            }
        }
        fn part_of(key: &(String, Kind, u64), part: usize) -> &dyn ::core::fmt::Display {
            match part {
                0 => <String as ::put_core::__private::KeyField>::as_display(&key.0),
                1 => <Kind as ::put_core::__private::KeyField>::as_display(&key.1),
                _ => <u64 as ::put_core::__private::KeyField>::as_display(&key.2),
            }
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<(String, Kind, u64)> {
            ::core::option::Option::Some((
                <String as ::put_core::__private::KeyField>::parse(parts.get(0)?)?,
                <Kind as ::put_core::__private::KeyField>::parse(parts.get(1)?)?,
                <u64 as ::put_core::__private::KeyField>::parse(parts.get(2)?)?,
            ))
        }
    }
};
