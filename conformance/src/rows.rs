//! The identifiers of the contract's rows, and the ones that no black box can see.

/// The row identifiers of sections 3.1 to 3.12: a series and its last number.
pub const SERIES: &[(&str, u8)] = &[
    ("PUT", 27),
    ("GET", 12),
    ("HEAD", 4),
    ("OPT", 6),
    ("MTH", 5),
    ("DEL", 5),
    ("LOC", 5),
    ("VAL", 16),
    ("ETG", 23),
    ("CND", 27),
    ("MED", 9),
    ("ENC", 6),
    ("LEN", 8),
    ("EXP", 6),
    ("NEG", 8),
    ("PRF", 9),
    ("PRB", 12),
    ("DIG", 11),
    ("JSN", 16),
    ("DAT", 2),
    ("CCH", 7),
    ("SEC", 5),
];

/// All row identifiers.
pub fn all() -> impl Iterator<Item = String> {
    SERIES.iter().flat_map(|(series, last)| (1..=*last).map(move |number| format!("{series}-{number:02}")))
}

/// Rows that this table cannot prove, each with the reason.
pub const NOT_OBSERVABLE: &[(&str, &str)] = &[
    ("PUT-11", "side effects on other resources are permitted, not required, and the subject has no collection"),
    ("LOC-03", "the subject has no moved resource to redirect from"),
    ("VAL-05", "a permission: tags of different resources may be equal"),
    ("ENC-06", "content codings are not decoded, so there is nothing to bound"),
    ("PRB-11", "what counts as a secret is a matter of review"),
    ("DIG-09", "a permission that the profile does not use"),
    ("DIG-11", "a note about a misprinted sample"),
    ("CCH-01", "what a cache does"),
    ("CCH-02", "what a cache does"),
    ("CCH-03", "a permission that the profile does not use"),
    ("CCH-07", "cross-origin answers are given by the application's middleware"),
    ("SEC-01", "the subject has no authentication"),
    ("SEC-02", "the subject has no authentication"),
    ("SEC-03", "early data exists in TLS only"),
    ("SEC-05", "the subject has no rate limit"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_proved_by_a_case_or_excused() {
        let known: BTreeSet<String> = super::all().collect();
        let excused: BTreeSet<String> = super::NOT_OBSERVABLE.iter().map(|(row, _)| (*row).to_owned()).collect();
        let proved: BTreeSet<String> =
            crate::cases::all().iter().flat_map(|case| case.rows.iter().map(|row| (*row).to_owned())).collect();
        let forgotten: Vec<_> = known.iter().filter(|row| !proved.contains(*row) && !excused.contains(*row)).collect();
        assert!(forgotten.is_empty(), "no case names {forgotten:?}");
        let invented: Vec<_> = proved.union(&excused).filter(|row| !known.contains(*row)).collect();
        assert!(invented.is_empty(), "the contract has no {invented:?}");
        let both: Vec<_> = proved.intersection(&excused).collect();
        assert!(both.is_empty(), "excused although a case names them: {both:?}");
    }
}
