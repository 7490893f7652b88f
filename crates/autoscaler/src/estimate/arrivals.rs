//! How many arrive in a second.

/// Seconds over which the average forgets (by 1/e).
const MEMORY_S: f64 = 240.0;
/// Seconds over which the dispersion forgets.
const DISPERSION_MEMORY_S: f64 = 1_800.0;
/// Most that one interval says about the dispersion: a lump is one event, however large.
const LARGEST_RATIO: f64 = 16.0;
/// Seconds ahead for which a trend is followed: a worker's start and a decision.
const AHEAD_S: f64 = 60.0;
/// Intervals before a trend is believed.
const SETTLED: f64 = 8.0;
/// Standard deviations beyond which a trend is no noise.
const TREND_DEVIATIONS: f64 = 2.5;
/// An interval this many standard deviations off is not noise.
const DEVIATIONS: f64 = 3.0;

/// Arrivals a second: an exponentially weighted average that starts anew when the rate has changed.
///
/// An interval that is far off (three standard deviations, with the dispersion seen so far) is put aside. When the next
/// one is far off on the same side, the rate has changed and the average starts anew from the two. When it is not, the
/// one was a **lump**, as an import of a thousand runs makes, and stays out of the rate: a lump is seen in the backlog when it
/// comes, and no worker should wait for the next.
#[derive(Debug, Clone)]
pub struct ArrivalRate {
    per_s: f64,
    /// The average, averaged again: it lags behind when the rate has a trend.
    lagging_per_s: f64,
    /// Intervals counted since the average began.
    counted: f64,
    dispersion: f64,
    put_aside: Option<Interval>,
}

#[derive(Debug, Clone, Copy)]
struct Interval {
    seconds: f64,
    arrivals: f64,
    above: bool,
}

impl Default for ArrivalRate {
    fn default() -> Self {
        Self {
            per_s: 0.0,
            lagging_per_s: 0.0,
            counted: 0.0,
            dispersion: 1.0,
            put_aside: None,
        }
    }
}

impl ArrivalRate {
    /// Counts an interval of `interval_s` seconds; one without length is no interval.
    pub fn observe(&mut self, interval_s: f64, arrivals: u32) {
        if interval_s <= 0.0 {
            return;
        }
        let seen = self.interval(interval_s, f64::from(arrivals));
        let far = self.counted >= 1.0 && self.is_far(seen);
        self.spread(seen);
        if !far {
            self.put_aside = None;
            self.average(seen);
            return;
        }
        match self.put_aside.replace(seen) {
            Some(before) if before.above == seen.above => self.restart(before, seen),
            _ => {}
        }
    }

    /// Arrivals a second, as expected a worker's start ahead.
    pub fn per_s(&self) -> f64 {
        (self.per_s + self.trend()).max(0.0)
    }

    /// What a trend adds to the average, by R. G. Brown's double exponential smoothing ("Smoothing, Forecasting and
    /// Prediction", 1963): the average lags by the distance to the average of averages. Only when chance would hardly
    /// make that distance: it would double the noise of a rate that has no trend.
    fn trend(&self) -> f64 {
        let distance = self.per_s - self.lagging_per_s;
        let chance = self.per_s * self.dispersion / (4.0 * MEMORY_S);
        if self.counted < SETTLED || distance * distance <= TREND_DEVIATIONS * TREND_DEVIATIONS * chance {
            return 0.0;
        }
        distance * (1.0 + AHEAD_S / MEMORY_S)
    }

    /// Variance of the number in an interval over its mean: 1 for Poisson arrivals, more when they cluster. Over long
    /// intervals it is the squared coefficient of variation of the times between arrivals.
    pub const fn dispersion(&self) -> f64 {
        self.dispersion
    }

    fn interval(&self, seconds: f64, arrivals: f64) -> Interval {
        Interval {
            seconds,
            arrivals,
            above: arrivals > self.per_s * seconds,
        }
    }

    fn is_far(&self, seen: Interval) -> bool {
        let mean = self.per_s * seen.seconds;
        // One more for the doubt about the average itself, so that a quiet class does not take every arrival for a change.
        let deviation = (mean * self.dispersion).max(1.0).sqrt();
        (seen.arrivals - mean).abs() > DEVIATIONS * deviation
    }

    fn average(&mut self, seen: Interval) {
        self.counted += 1.0;
        let weight = weight(seen.seconds, MEMORY_S).max(1.0 / self.counted);
        self.per_s += weight * (seen.arrivals / seen.seconds - self.per_s);
        self.lagging_per_s += weight * (self.per_s - self.lagging_per_s);
    }

    fn spread(&mut self, seen: Interval) {
        let mean = self.per_s * seen.seconds;
        if self.counted < 2.0 || mean <= 0.0 {
            return;
        }
        let ratio = ((seen.arrivals - mean).powi(2) / mean).min(LARGEST_RATIO);
        let moved = self.dispersion + weight(seen.seconds, DISPERSION_MEMORY_S) * (ratio - self.dispersion);
        self.dispersion = moved.max(1.0);
    }

    fn restart(&mut self, before: Interval, seen: Interval) {
        self.per_s = (before.arrivals + seen.arrivals) / (before.seconds + seen.seconds);
        self.lagging_per_s = self.per_s;
        self.counted = 2.0;
        self.put_aside = None;
    }
}

/// Weight of a new interval in an average that forgets over `memory_s`.
fn weight(seconds: f64, memory_s: f64) -> f64 {
    1.0 - (-seconds / memory_s).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(counts: &[u32]) -> ArrivalRate {
        let mut rate = ArrivalRate::default();
        for count in counts {
            rate.observe(15.0, *count);
        }
        rate
    }

    #[test]
    fn a_constant_rate_is_found() {
        let rate = after(&[30; 20]);
        assert!((rate.per_s() - 2.0).abs() < 1e-12);
        assert!((rate.dispersion() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_change_is_followed_after_two_intervals_up_and_down() {
        let mut rate = after(&[30; 20]);
        rate.observe(15.0, 150);
        assert!((rate.per_s() - 2.0).abs() < 1e-12, "one is not enough");
        rate.observe(15.0, 150);
        assert!((rate.per_s() - 10.0).abs() < 1e-12);
        rate.observe(15.0, 30);
        rate.observe(15.0, 30);
        assert!((rate.per_s() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn lumps_stay_out_of_the_rate() {
        let mut counts = Vec::new();
        for _ in 0..5 {
            counts.extend([15; 30]);
            counts.push(1_000);
        }
        assert!((after(&counts).per_s() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn far_intervals_on_both_sides_are_not_a_change() {
        let mut rate = after(&[300; 20]);
        rate.observe(15.0, 900);
        rate.observe(15.0, 0);
        assert!((rate.per_s() - 20.0).abs() < 1e-9);
    }

    #[test]
    fn clustered_arrivals_raise_the_dispersion() {
        let counts: Vec<u32> = (0..400).map(|n| if n % 2 == 0 { 20 } else { 40 }).collect();
        let rate = after(&counts);
        assert!(rate.dispersion() > 2.0, "{}", rate.dispersion());
        assert!((rate.per_s() - 2.0).abs() < 0.1);
    }

    #[test]
    fn an_interval_without_length_counts_nothing() {
        let mut rate = after(&[30; 5]);
        rate.observe(0.0, 1_000);
        assert!((rate.per_s() - 2.0).abs() < 1e-12);
    }
}
