//! Waiting in a queue with several servers.
//!
//! Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
//! telephone exchanges", 1917 (loss and delay formulae); R. B. Cooper, "Introduction to Queueing Theory", 2nd ed., 1981,
//! §3.2-3.4 (recursion of the loss formula, delay from loss); A. Allen, "Probability, Statistics and Queueing Theory",
//! 2nd ed., 1990, §5.3 (the approximation for general arrivals and services, known by Allen and Cunneen).

/// Share of arrivals that find all `servers` busy when those would be turned away (Erlang B).
///
/// `load` is the offered load in erlangs: arrivals per second times mean service seconds. By the recursion
/// B(n) = a B(n-1) / (n + a B(n-1)), every step of which is between 0 and 1, so that neither a power nor a factorial can
/// overflow: thousands of servers cost thousands of steps.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| loss_step(blocked, n, load))
}

/// Probability that an arrival has to wait (Erlang C), for Poisson arrivals and exponential services.
///
/// 1 when the load is not below the number of servers: the queue then grows without bound.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    delay_from_loss(servers, load, erlang_b(servers, load))
}

/// Probabilities of waiting for 0, 1, ... `servers` servers: the recursion run once.
pub fn erlang_c_table(servers: u32, load: f64) -> Vec<f64> {
    let mut blocked = 1.0;
    let mut table = vec![1.0];
    for n in 1..=servers {
        blocked = loss_step(blocked, n, load);
        table.push(delay_from_loss(n, load, blocked));
    }
    table
}

/// Mean wait before service in seconds, over all arrivals; infinite when overloaded.
///
/// `arrivals_per_s` per second, `service_mean_s` in seconds.
pub fn expected_wait(servers: u32, arrivals_per_s: f64, service_mean_s: f64) -> f64 {
    let load = arrivals_per_s * service_mean_s;
    let spare = f64::from(servers) - load;
    if spare <= 0.0 {
        return f64::INFINITY;
    }
    erlang_c(servers, load) * service_mean_s / spare
}

/// Factor on the wait of M/M/c for other variability: half the sum of the squared coefficients of variation of the times
/// between arrivals and of the services (Allen-Cunneen). 1 for Poisson arrivals and exponential services; exact for one
/// server with Poisson arrivals (Pollaczek-Khinchine).
pub const fn allen_cunneen(arrival_scv: f64, service_scv: f64) -> f64 {
    f64::midpoint(arrival_scv, service_scv)
}

/// Probability that an arrival waits longer than `limit_s` seconds.
///
/// `waits` is the probability that it waits at all, `those_wait_s` the mean wait of those that do: in M/M/c their wait is
/// exponential.
pub fn waits_longer(waits: f64, those_wait_s: f64, limit_s: f64) -> f64 {
    if those_wait_s <= 0.0 {
        return 0.0;
    }
    waits * (-limit_s / those_wait_s).exp()
}

/// Seconds until a backlog is gone; infinite when arrivals take all the capacity.
///
/// `backlog` runs wait, `slots` serve; by the fluid approximation (L. Kleinrock, "Queueing Systems" II, 1976, §2.7).
pub fn drain_time(backlog: f64, slots: f64, arrivals_per_s: f64, service_mean_s: f64) -> f64 {
    if backlog <= 0.0 {
        return 0.0;
    }
    let rate = slots / service_mean_s - arrivals_per_s;
    if rate <= 0.0 {
        f64::INFINITY
    } else {
        backlog / rate
    }
}

fn loss_step(blocked: f64, servers: u32, load: f64) -> f64 {
    let offered = load * blocked;
    offered / (f64::from(servers) + offered)
}

fn delay_from_loss(servers: u32, load: f64, blocked: f64) -> f64 {
    let servers = f64::from(servers);
    if load >= servers {
        return 1.0;
    }
    let use_of_each = load / servers;
    blocked / (1.0 - use_of_each * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_waits_with_the_probability_of_its_use() {
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        assert!((expected_wait(1, 0.7, 1.0) - 0.7 / 0.3).abs() < 1e-9);
    }

    #[test]
    fn two_servers_follow_the_closed_form() {
        // C(2, a) = a^2 / (2 + a), from the definition.
        let load = 1.3;
        assert!((erlang_c(2, load) - load * load / (2.0 + load)).abs() < 1e-12);
    }

    #[test]
    fn thousands_of_servers_stay_finite_and_ordered() {
        let table = erlang_c_table(5_000, 4_900.0);
        assert!(table.windows(2).all(|pair| pair[1] <= pair[0]));
        assert!(table[5_000] > 0.05 && table[5_000] < 0.3, "{}", table[5_000]);
        assert!((table[5_000] - erlang_c(5_000, 4_900.0)).abs() < 1e-15);
    }

    #[test]
    fn an_overloaded_queue_waits_for_ever() {
        assert!(expected_wait(3, 3.0, 1.0).is_infinite());
        assert!((erlang_c(3, 9.0) - 1.0).abs() < f64::EPSILON);
        assert!(drain_time(10.0, 3.0, 3.0, 1.0).is_infinite());
    }

    #[test]
    fn a_backlog_drains_at_the_rate_that_arrivals_leave_over() {
        assert!((drain_time(100.0, 10.0, 3.0, 2.0) - 50.0).abs() < 1e-12);
        assert!(drain_time(0.0, 0.0, 3.0, 2.0) < f64::EPSILON);
    }
}
