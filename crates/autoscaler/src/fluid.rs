//! The fluid model of a queue with several slots and classes: what is served follows from what is present.
//!
//! N' = arrivals - min(N, slots) / service time, by class in order of priority; L. Kleinrock, "Queueing Systems" II, 1976,
//! §2.7; for many slots G. Newell, "Applications of Queueing Theory", 2nd ed., 1982, ch. 2.

/// Activations in the system, waiting and running, by class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Queue(Vec<f64>);

/// One step in the life of a queue, class by class.
pub(crate) struct Serving<'a> {
    queue: &'a mut Queue,
    /// Slots that are left for the next class, mean over the step.
    free: f64,
    seconds: f64,
}

impl Queue {
    pub(crate) fn new(present: impl Iterator<Item = f64>) -> Self {
        Self(present.collect())
    }

    pub(crate) fn present(&self, class: usize) -> f64 {
        self.0[class]
    }

    /// Whether more is present than can be served at once.
    pub(crate) fn exceeds(&self, slots: f64) -> bool {
        self.0.iter().sum::<f64>() > slots
    }

    /// Whether two queues hold the same, but for a hundredth of an activation.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(one, two)| (one - two).abs() < 0.01)
    }

    /// A step of so many seconds with so many slots. Each class has to be served in it, in order.
    pub(crate) const fn serving(&mut self, slots: f64, seconds: f64) -> Serving<'_> {
        Serving {
            queue: self,
            free: slots,
            seconds,
        }
    }
}

impl Serving<'_> {
    /// Slots that the classes before have left.
    pub(crate) const fn free(&self) -> f64 {
        self.free
    }

    /// Serves a class: `known` arrive at the beginning, `arriving` spread over the step. Returns how many wait, mean over
    /// the step.
    ///
    /// The equation is solved rather than approximated, as services may be much shorter than a step; so that with more
    /// slots there is never more present, nor waiting, nor less left for the next class.
    pub(crate) fn class(&mut self, index: usize, known: f64, arriving: f64, service_mean_s: f64) -> f64 {
        let course = Course {
            slots: self.free,
            per_s: arriving / self.seconds,
            service_mean_s,
        };
        let before = self.queue.0[index] + known;
        let (after, queued) = course.run(before, self.seconds);
        self.queue.0[index] = after;
        let busy = (before + arriving - after) * service_mean_s / self.seconds;
        self.free = (self.free - busy).max(0.0);
        queued / self.seconds
    }
}

/// N' = arrivals - min(N, slots) / service time with constant arrivals and slots.
struct Course {
    slots: f64,
    per_s: f64,
    service_mean_s: f64,
}

impl Course {
    /// What is present after so many seconds, and how many seconds were waited.
    fn run(&self, before: f64, seconds: f64) -> (f64, f64) {
        let growth = self.per_s - self.slots / self.service_mean_s;
        let above = before - self.slots;
        if above > 0.0 {
            let until = if growth < 0.0 {
                seconds.min(-above / growth)
            } else {
                seconds
            };
            let waited = above * until + growth * until * until / 2.0;
            let after = before + growth * until;
            return if until < seconds {
                (self.relax(self.slots, seconds - until), waited)
            } else {
                (after, waited)
            };
        }
        let until = if growth > 0.0 {
            seconds.min(self.fills(before))
        } else {
            seconds
        };
        if until < seconds {
            let left = seconds - until;
            return (self.slots + growth * left, growth * left * left / 2.0);
        }
        (self.relax(before, seconds), 0.0)
    }

    /// What is present after so many seconds while slots are free: it approaches the offered load.
    fn relax(&self, before: f64, seconds: f64) -> f64 {
        let load = self.per_s * self.service_mean_s;
        load + (before - load) * (-seconds / self.service_mean_s).exp()
    }

    /// Seconds until an offered load above the slots has filled them.
    fn fills(&self, before: f64) -> f64 {
        let load = self.per_s * self.service_mean_s;
        self.service_mean_s * ((load - before) / (load - self.slots)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_slots_leave_nothing_waiting() {
        let mut queue = Queue::new([24.0].into_iter());
        for _ in 0..100 {
            assert!(queue.serving(30.0, 15.0).class(0, 0.0, 15.0, 24.0) < f64::EPSILON);
        }
        assert!((queue.present(0) - 24.0).abs() < 1e-9);
    }

    #[test]
    fn what_slots_cannot_serve_piles_up() {
        let mut queue = Queue::new([10.0].into_iter());
        for _ in 0..10 {
            queue.serving(10.0, 15.0).class(0, 0.0, 30.0, 10.0);
        }
        // 2 arrive a second and 1 is served.
        assert!((queue.present(0) - 160.0).abs() < 1e-9);
    }

    #[test]
    fn a_step_is_exact_however_long_it_is() {
        // From a backlog through its end to free slots, and from free slots to a backlog.
        for (present, arriving) in [(50.0, 15.0), (0.0, 300.0)] {
            let mut long = Queue::new([present].into_iter());
            let waited = 60.0 * long.serving(10.0, 60.0).class(0, 0.0, arriving, 4.0);
            let mut short = Queue::new([present].into_iter());
            let mut sum = 0.0;
            for _ in 0..60_000 {
                sum += 0.001 * short.serving(10.0, 0.001).class(0, 0.0, arriving / 60_000.0, 4.0);
            }
            assert!((long.present(0) - short.present(0)).abs() < 1e-6);
            assert!((waited - sum).abs() < 0.05, "{waited} {sum}");
        }
    }

    #[test]
    fn short_services_are_done_within_the_step() {
        let mut queue = Queue::new([0.0].into_iter());
        for _ in 0..10 {
            assert!(queue.serving(2.0, 15.0).class(0, 0.0, 150.0, 0.1) < f64::EPSILON);
        }
        assert!((queue.present(0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_first_class_is_served_first() {
        let mut queue = Queue::new([10.0, 100.0].into_iter());
        let mut serving = queue.serving(10.0, 15.0);
        assert!(serving.class(0, 0.0, 15.0, 10.0) < f64::EPSILON);
        assert!(serving.class(1, 0.0, 0.0, 10.0) >= 100.0);
    }

    #[test]
    fn known_arrivals_wait_from_the_beginning_of_the_step() {
        let mut queue = Queue::new([0.0].into_iter());
        let queued = queue.serving(10.0, 15.0).class(0, 100.0, 0.0, 30.0);
        assert!(queued > 80.0, "{queued}");
    }
}
