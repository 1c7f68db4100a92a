//! HTTP-dates, read strictly and written in their three spellings.
//!
//! Its own few lines rather than a library: what judges a server should not share the server's parser.

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Civil {
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    clock: String,
}

/// The calendar of a second since 1970, by the usual count of days from March.
fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(86_400);
    let second = seconds.rem_euclid(86_400);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 2 } else { from_march - 10 };
    let index = |value: i64| usize::try_from(value).unwrap_or_default();
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 1),
        month: index(month),
        day: day_of_year - (153 * from_march + 2) / 5 + 1,
        weekday: index((days + 3).rem_euclid(7)),
        clock: format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60),
    }
}

/// The preferred spelling: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn imf_fixdate(seconds: i64) -> String {
    let at = civil(seconds);
    format!("{}, {:02} {} {:04} {} GMT", &DAYS[at.weekday][..3], at.day, MONTHS[at.month], at.year, at.clock)
}

/// The spelling of RFC 850: `Sunday, 06-Nov-94 08:49:37 GMT`.
pub fn rfc850(seconds: i64) -> String {
    let at = civil(seconds);
    format!("{}, {:02}-{}-{:02} {} GMT", DAYS[at.weekday], at.day, MONTHS[at.month], at.year % 100, at.clock)
}

/// The spelling of C's asctime: `Sun Nov  6 08:49:37 1994`.
pub fn asctime(seconds: i64) -> String {
    let at = civil(seconds);
    format!("{} {} {:2} {} {:04}", &DAYS[at.weekday][..3], MONTHS[at.month], at.day, at.clock, at.year)
}

/// Reads an IMF-fixdate; anything else, a wrong day name included, is `None`.
pub fn parse_imf_fixdate(text: &str) -> Option<i64> {
    if !text.is_ascii() || text.len() != 29 {
        return None;
    }
    let day: i64 = text.get(5..7)?.parse().ok()?;
    let month = MONTHS.iter().position(|name| Some(*name) == text.get(8..11))?;
    let year: i64 = text.get(12..16)?.parse().ok()?;
    let clock: Vec<i64> = text.get(17..25)?.split(':').filter_map(|part| part.parse().ok()).collect();
    let [hour, minute, second] = clock.as_slice() else { return None };
    let month = i64::try_from(month).ok()?;
    let (from_march, year_from_march) = if month >= 2 { (month - 2, year) } else { (month + 10, year - 1) };
    let era = year_from_march.div_euclid(400);
    let year_of_era = year_from_march.rem_euclid(400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    // Writing it again finds every spelling that is almost right.
    (imf_fixdate(seconds) == text).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_spellings_of_one_instant() {
        assert_eq!(imf_fixdate(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(rfc850(784_111_777), "Sunday, 06-Nov-94 08:49:37 GMT");
        assert_eq!(asctime(784_111_777), "Sun Nov  6 08:49:37 1994");
        assert_eq!(imf_fixdate(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(imf_fixdate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn reading_is_strict() {
        for seconds in [0, 784_111_777, 951_782_400, 1_798_761_599, 4_102_444_800] {
            assert_eq!(parse_imf_fixdate(&imf_fixdate(seconds)), Some(seconds));
        }
        for wrong in [
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "",
        ] {
            assert_eq!(parse_imf_fixdate(wrong), None, "{wrong}");
        }
    }
}
