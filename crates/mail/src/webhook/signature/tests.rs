use super::*;

/// The vector of the Standard Webhooks specification, checked with Python's `hmac` too.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const MESSAGE: Signed<'_> = Signed {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: "1614265330",
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    body: b"{\"test\": 2432232314}",
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn verified(secrets: &str, message: Signed<'_>) -> bool {
    Secrets::parse(secrets)
        .unwrap()
        .verify(message, at(1_614_265_330))
}

#[test]
fn the_vector_of_the_specification_is_verified() {
    assert!(verified(SECRET, MESSAGE));
}

#[test]
fn nothing_of_a_message_can_be_changed() {
    for message in [
        Signed {
            id: "msg_other",
            ..MESSAGE
        },
        Signed { id: "", ..MESSAGE },
        Signed {
            timestamp: "1614265331",
            ..MESSAGE
        },
        Signed {
            timestamp: "01614265330",
            ..MESSAGE
        },
        Signed {
            timestamp: "",
            ..MESSAGE
        },
        Signed {
            body: b"{\"test\":2432232314}",
            ..MESSAGE
        },
        Signed {
            signature: "",
            ..MESSAGE
        },
        Signed {
            signature: "v1,",
            ..MESSAGE
        },
        Signed {
            signature: "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ..MESSAGE
        },
        Signed {
            signature: "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ..MESSAGE
        },
        Signed {
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O0=",
            ..MESSAGE
        },
    ] {
        assert!(!verified(SECRET, message), "{message:?}");
    }
    assert!(!verified(OTHER, MESSAGE));
}

#[test]
fn several_secrets_hold_while_one_is_being_replaced() {
    assert!(verified(&format!("{OTHER}, {SECRET}"), MESSAGE));
    assert!(verified(&format!("{SECRET},{OTHER}"), MESSAGE));
}

#[test]
fn several_signatures_of_any_version_may_come() {
    let signature = "v1a,abc v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert!(verified(SECRET, Signed { signature, ..MESSAGE }));
}

#[test]
fn a_message_is_taken_five_minutes_early_or_late_and_no_more() {
    let secrets = Secrets::parse(SECRET).unwrap();
    for (apart, good) in [(300, true), (-300, true), (301, false), (-301, false)] {
        assert_eq!(
            secrets.verify(MESSAGE, at(1_614_265_330 + apart)),
            good,
            "{apart}"
        );
    }
}

#[test]
fn what_is_no_secret_is_refused_and_none_is_shown() {
    for bad in [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_!!!!",
        "whsec_c2hvcnQ=",
        &format!("{SECRET},"),
    ] {
        assert_eq!(Secrets::parse(bad).map(drop), Err(BadSecret), "{bad}");
    }
    assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets(…)");
}
