//! Telegrams of the default relay, byte by byte as in the specification (A.3, tables P1 to P4).

use super::{DAY, FIXED, US};

/// One telegram of 300 bytes, or what a test makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telegram(pub(crate) Vec<u8>);

impl Telegram {
    /// Spaces with a common header.
    fn new(system: &str, message_type: &str, transaction_type: &str, trace_no: &str) -> Self {
        Telegram(vec![b' '; 300])
            .put(0, system)
            .put(3, US)
            .put(11, "004")
            .put(14, message_type)
            .put(18, transaction_type)
            .put(22, "1")
            .put(23, DAY)
            .put(31, "100000")
            .put(37, trace_no)
            .put(59, "00000000")
    }

    /// Writes bytes at a place.
    pub(crate) fn put(mut self, at: usize, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Writes a number of thirteen digits at a place.
    fn won(self, at: usize, won: u64) -> Self {
        self.put(at, format!("{won:013}"))
    }

    /// With the length prefix.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let mut frame = format!("{:04}", self.0.len()).into_bytes();
        frame.extend_from_slice(&self.0);
        frame
    }

    /// The bytes at a place as text.
    pub(crate) fn text(&self, at: usize, length: usize) -> String {
        String::from_utf8_lossy(&self.0[at..at + length]).into_owned()
    }

    /// Response code (응답코드).
    pub(crate) fn code(&self) -> String {
        self.text(51, 4)
    }

    /// Number of the transaction (거래고유번호).
    pub(crate) fn trace_no(&self) -> String {
        self.text(37, 14).trim_end().to_owned()
    }

    /// What the reply to this must be: the same bytes but for type and code.
    pub(crate) fn reply(&self, message_type: &str, code: &str) -> Telegram {
        self.clone().put(14, message_type).put(51, code)
    }
}

/// The body of P2.
fn virtual_account(telegram: Telegram, account: &str, amount: u64) -> Telegram {
    telegram
        .put(107, "BI")
        .put(112, "004")
        .put(115, account)
        .put(131, "088")
        .put(134, b"\xc8\xab\xb1\xe6\xb5\xbf")
        .won(164, amount)
        .won(177, 0)
        .won(190, amount)
        .put(203, "N")
        .put(205, "N")
}

/// 0500/4100 수취조회.
pub(crate) fn lookup(trace_no: &str, account: &str, amount: u64) -> Telegram {
    virtual_account(
        Telegram::new("VAS", "0500", "4100", trace_no),
        account,
        amount,
    )
}

/// 0200/1100 입금사전조회.
pub(crate) fn check(trace_no: &str, account: &str, amount: u64) -> Telegram {
    virtual_account(
        Telegram::new("VAS", "0200", "1100", trace_no),
        account,
        amount,
    )
}

/// 0200/1000 입금, as a notice.
pub(crate) fn deposit(trace_no: &str, account: &str, amount: u64) -> Telegram {
    virtual_account(
        Telegram::new("VAS", "0200", "1000", trace_no),
        account,
        amount,
    )
    .put(108, "S")
}

/// 0400/1000 입금정정, interactive.
pub(crate) fn correction(trace_no: &str, account: &str, amount: u64) -> Telegram {
    virtual_account(
        Telegram::new("VAS", "0400", "1000", trace_no),
        account,
        amount,
    )
}

/// 0500/7000 집계, with the relay's figures.
pub(crate) fn aggregate(trace_no: &str, deposits: (u64, u64), corrections: (u64, u64)) -> Telegram {
    Telegram::new("VAS", "0500", "7000", trace_no)
        .put(100, DAY)
        .put(108, format!("{:07}{:013}", deposits.0, deposits.1))
        .put(128, format!("{:07}{:013}", corrections.0, corrections.1))
}

/// A network telegram: 1000 open, 3000 close, 5000 fault, 6000 recovery, 8000 line test.
pub(crate) fn network(transaction_type: &str, trace_no: &str, target: &str) -> Telegram {
    Telegram::new("NET", "0800", transaction_type, trace_no)
        .put(11, "000")
        .put(100, target)
        .put(103, "00000000000000")
}

/// 0800/8000 회선시험.
pub(crate) fn line_test(trace_no: &str) -> Telegram {
    network("8000", trace_no, "000")
}

#[test]
fn the_sample_of_the_specification_is_made_of_the_same_bytes() {
    let sample = deposit("04070000000074", FIXED, 50_000);
    assert_eq!(sample.0.len(), 300);
    assert_eq!(sample.text(0, 22), "VAS3000000300402001000");
    assert_eq!(sample.text(164, 13), "0000000050000");
}
