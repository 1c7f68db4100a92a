const _: () = {
    #[automatically_derived]
    impl crate::expand::renamed::PutResource for Document {
        type Key = String;
        const FACTS: &'static crate::expand::renamed::__private::Facts = &crate::expand::renamed::__private::Facts::new::<
            Self,
        >(
                "Document",
                "/documents/{slug}",
                &[
                    crate::expand::renamed::__private::Member::new(
                            "slug",
                            crate::expand::renamed::__private::probe::<String>,
                        )
                        .key(
                            0,
                            <String as crate::expand::renamed::__private::KeyField>::is_canonical,
                        ),
                    crate::expand::renamed::__private::Member::new(
                            "firstAuthor",
                            crate::expand::renamed::__private::probe::<String>,
                        )
                        .immutable(),
                    crate::expand::renamed::__private::Member::new(
                            "reviewer",
                            crate::expand::renamed::__private::probe::<Option<String>>,
                        )
                        .required(),
                    crate::expand::renamed::__private::Member::new(
                            "revision",
                            crate::expand::renamed::__private::probe::<u64>,
                        )
                        .version(crate::expand::renamed::__private::version::<u64>()),
                    crate::expand::renamed::__private::Member::new(
                            "tags",
                            crate::expand::renamed::__private::probe::<Vec<String>>,
                        )
                        .aliases(&["label", "labels"]),
                    crate::expand::renamed::__private::Member::new(
                            "layout",
                            crate::expand::renamed::__private::probe::<Layout>,
                        )
                        .flatten(),
                ],
            )
            .allow_unknown();
        fn key_part(&self, _: usize) -> &dyn ::core::fmt::Display {
            <String as crate::expand::renamed::__private::KeyField>::as_display(
                &self.slug,
            )
        }
        fn part_of(key: &String, _: usize) -> &dyn ::core::fmt::Display {
            <String as crate::expand::renamed::__private::KeyField>::as_display(key)
        }
        fn key_from(parts: &[&str]) -> ::core::option::Option<String> {
            <String as crate::expand::renamed::__private::KeyField>::parse(parts.get(0)?)
        }
    }
};
