//! Latencies in buckets whose width grows with the value: 64 per doubling, so a quantile is right within 2 %.

use std::time::Duration;

const PER_DOUBLING: u64 = 64;
const BITS: u32 = PER_DOUBLING.ilog2();

/// A log-linear histogram of nanoseconds.
#[derive(Debug)]
pub(super) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; bucket(u64::MAX) + 1], count: 0 }
    }
}

impl Histogram {
    pub(super) fn record(&mut self, latency: Duration) {
        self.buckets[bucket(latency.as_nanos() as u64)] += 1;
        self.count += 1;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The latency that the share `share` of all requests did not exceed.
    pub(super) fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(lower_bound(index));
            }
        }
        Duration::MAX
    }
}

/// Values below twice `PER_DOUBLING` have a bucket each; above, the leading bits name the bucket.
fn bucket(nanoseconds: u64) -> usize {
    let shift = (u64::BITS - nanoseconds.leading_zeros()).saturating_sub(BITS + 1);
    (u64::from(shift) * PER_DOUBLING + (nanoseconds >> shift)) as usize
}

fn lower_bound(index: usize) -> u64 {
    let index = index as u64;
    let shift = (index / PER_DOUBLING).saturating_sub(1);
    (index - shift * PER_DOUBLING) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_begins_at_or_below_its_values_and_within_two_percent() {
        for value in (0..64).map(|bit| 1_u64 << bit).flat_map(|power| [power - 1, power, power + power / 3]) {
            let begin = lower_bound(bucket(value));
            assert!(begin <= value && (value - begin) as f64 <= value as f64 * 0.02, "{value} went to {begin}");
        }
    }

    #[test]
    fn quantiles_of_a_line() {
        let mut histogram = Histogram::default();
        for microseconds in 1..=1000 {
            histogram.record(Duration::from_micros(microseconds));
        }
        for (share, exact) in [(0.50, 500.0), (0.99, 990.0)] {
            let measured = histogram.quantile(share).as_secs_f64() * 1e6;
            assert!((measured / exact - 1.0).abs() < 0.02, "{share}: {measured}");
        }
    }
}
