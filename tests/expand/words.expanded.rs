const _: () = {
    #[automatically_derived]
    impl ::renamed_core::PutResource for Document {
        type Key = String;
        const FACTS: &'static ::renamed_core::__private::Facts = &::renamed_core::__private::Facts::new(
                "Document",
                "/documents/{slug}",
                &[
                    ::renamed_core::__private::Member::new(
                            "slug",
                            ::renamed_core::__private::probe::<String>,
                        )
                        .key(
                            0,
                            <String as ::renamed_core::__private::KeyField>::is_canonical,
                        ),
                    ::renamed_core::__private::Member::new(
                            "firstAuthor",
                            ::renamed_core::__private::probe::<String>,
                        )
                        .immutable(),
                    ::renamed_core::__private::Member::new(
                            "reviewer",
                            ::renamed_core::__private::probe::<Option<String>>,
                        )
                        .required(),
                    ::renamed_core::__private::Member::new(
                            "revision",
                            ::renamed_core::__private::probe::<u64>,
                        )
                        .version(::renamed_core::__private::version::<u64>()),
                    ::renamed_core::__private::Member::new(
                            "tags",
                            ::renamed_core::__private::probe::<Vec<String>>,
                        )
                        .aliases(&["label", "labels"]),
                    ::renamed_core::__private::Member::new(
                            "layout",
                            ::renamed_core::__private::probe::<Layout>,
                        )
                        .flatten(),
                ],
                ::renamed_core::__private::decode::<Self>,
                <Self as ::renamed_core::PutResource>::server_values,
            )
            .allow_unknown();
        fn key_part(&self, _: ::core::primitive::usize) -> &dyn ::core::fmt::Display {
            <String as ::renamed_core::__private::KeyField>::as_display(&self.slug)
        }
        fn part_of(
            key: &Self::Key,
            _: ::core::primitive::usize,
        ) -> &dyn ::core::fmt::Display {
            <String as ::renamed_core::__private::KeyField>::as_display(key)
        }
    }
};
