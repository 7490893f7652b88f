//! How long an activation holds its slot.

/// Activations over which the moments forget (by 1/e).
const MEMORY: f64 = 1_000.0;
/// Weight of what is assumed before anything has ended, in activations.
const PRIOR_WEIGHT: f64 = 2.0;
/// Mean slot seconds assumed before anything has ended.
const PRIOR_MEAN_S: f64 = 5.0;

/// Mean and squared coefficient of variation of the slot seconds of an activation, from sums that forget.
#[derive(Debug, Clone)]
pub struct ServiceTime {
    weight: f64,
    sum_s: f64,
    square_sum_s2: f64,
}

impl Default for ServiceTime {
    /// An exponential time with the assumed mean: twice its square is its second moment.
    fn default() -> Self {
        Self {
            weight: PRIOR_WEIGHT,
            sum_s: PRIOR_WEIGHT * PRIOR_MEAN_S,
            square_sum_s2: PRIOR_WEIGHT * 2.0 * PRIOR_MEAN_S * PRIOR_MEAN_S,
        }
    }
}

impl ServiceTime {
    /// Counts `ended` activations with the sum and the sum of squares of their slot seconds.
    pub fn observe(&mut self, ended: u32, sum_s: f64, square_sum_s2: f64) {
        if ended == 0 || !sum_s.is_finite() || !square_sum_s2.is_finite() {
            return;
        }
        let ended = f64::from(ended);
        let kept = (-ended / MEMORY).exp();
        self.weight = self.weight * kept + ended;
        self.sum_s = self.sum_s * kept + sum_s;
        self.square_sum_s2 = self.square_sum_s2 * kept + square_sum_s2;
    }

    /// Mean in seconds; at least a millisecond.
    pub fn mean_s(&self) -> f64 {
        (self.sum_s / self.weight).max(0.001)
    }

    /// Variance over the square of the mean; 1 for exponential times, 0 for constant ones.
    pub fn scv(&self) -> f64 {
        let mean = self.mean_s();
        (self.square_sum_s2 / self.weight / (mean * mean) - 1.0).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_what_ended_are_found() {
        let mut time = ServiceTime::default();
        for _ in 0..200 {
            // 50 of 2 s and 50 of 6 s: mean 4, variance 4, so a squared coefficient of 1/4.
            time.observe(100, 400.0, 50.0 * 4.0 + 50.0 * 36.0);
        }
        assert!((time.mean_s() - 4.0).abs() < 1e-6);
        assert!((time.scv() - 0.25).abs() < 1e-6);
    }

    #[test]
    fn without_anything_ended_the_assumption_stands() {
        let mut time = ServiceTime::default();
        time.observe(0, 0.0, 0.0);
        assert!((time.mean_s() - PRIOR_MEAN_S).abs() < 1e-12);
        assert!((time.scv() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_change_is_learned_within_the_memory() {
        let mut time = ServiceTime::default();
        time.observe(5_000, 5_000.0, 10_000.0);
        time.observe(5_000, 20_000.0, 160_000.0);
        assert!((time.mean_s() - 4.0).abs() < 0.05);
    }
}
