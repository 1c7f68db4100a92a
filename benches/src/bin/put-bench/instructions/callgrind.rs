//! Reads what callgrind wrote.
//!
//! `--separate-callers` makes callgrind keep a record per chain of callers, so a cost needs no guess about who caused
//! it: the name of a record is the whole chain, the innermost function first. A cost line belongs to the function, but
//! its source file is that of the code that was inlined there.

/// Where a cost arose: the source file and the chain of functions, innermost first.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) chain: &'a str,
}

/// What a profile says, one entry after the other.
#[derive(Debug)]
pub(super) enum Entry<'a> {
    /// Instructions that the innermost function executed itself.
    Instructions(Place<'a>, u64),
    /// How often the function at the head of the chain was called with that chain above it.
    Calls(Place<'a>, u64),
}

impl<'a> Place<'a> {
    /// The functions, innermost first.
    pub(super) fn functions(&self) -> impl Iterator<Item = &'a str> {
        self.chain.split('\'')
    }
}

/// All entries of a profile that was written with `--compress-strings=no` and `--compress-pos=no`.
pub(super) fn read<'a>(profile: &'a str, mut each: impl FnMut(Entry<'a>)) {
    let (mut file, mut chain) = ("", "");
    let (mut called_file, mut called_chain) = ("", "");
    let mut lines = profile.lines();
    while let Some(line) = lines.next() {
        if let Some((key, value)) = line.split_once('=') {
            match key {
                "fl" | "fi" | "fe" => file = value,
                "fn" => chain = value,
                "cfi" | "cfl" => called_file = value,
                "cfn" => called_chain = value,
                "calls" => {
                    let count = value.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
                    each(Entry::Calls(Place { file: called_file, chain: called_chain }, count));
                    // The next line is what the callee cost, which the callee's own record says too.
                    lines.next();
                }
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit())
            && let Some((_, cost)) = line.split_once(' ')
            && let Ok(cost) = cost.parse()
        {
            each(Entry::Instructions(Place { file, chain }, cost));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn self_costs_and_calls_are_told_apart() {
        let profile = "version: 1\nevents: Ir\n\nfl=a.rs\nfn=inner'outer\n3 10\nfi=b.rs\n4 5\nfe=a.rs\n\
                       cfi=malloc.c\ncfn=malloc'inner'outer\ncalls=2 7\n5 100\n6 1\n\nfl=malloc.c\n\
                       fn=malloc'inner'outer\n7 100\n";
        let mut seen = Vec::new();
        read(profile, |entry| {
            seen.push(match entry {
                Entry::Instructions(place, cost) => format!("{} {} {cost}", place.file, place.chain),
                Entry::Calls(place, count) => format!("{} {} called {count}", place.file, place.chain),
            });
        });
        let expected = [
            "a.rs inner'outer 10",
            "b.rs inner'outer 5",
            "malloc.c malloc'inner'outer called 2",
            "a.rs inner'outer 1",
            "malloc.c malloc'inner'outer 100",
        ];
        assert_eq!(seen, expected);
    }
}
