//! The scenarios that came with the simulator, by name.

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        /// Names and texts, in the order of the scenarios' dates.
        pub const EMBEDDED: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../scenarios/", $name, ".toml")))),*
        ];
    };
}

embedded! {
    "plain_day",
    "lost_answers",
    "maintenance",
    "number_reused",
    "corrections",
    "correction_first",
    "midnight",
    "closing_time",
    "two_sessions",
    "reconnect_storm",
    "broken_frames",
    "cut_frames",
    "bad_fields",
    "half_hangul",
    "refusals",
    "holds",
    "limits",
    "suspense",
    "aggregate_mismatch",
    "ksnet",
    "idle_line",
    "order_paid",
    "match_failed",
    "smart_matching",
    "one_time_order",
    "odd_deposits",
    "match_corrected",
    "receiver_down",
    "receiver_gone",
    "by_hand",
    "hostile_names",
    "real_clients",
    "excluded_expired",
    "receiver_moods",
}
