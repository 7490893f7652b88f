//! Currencies by their codes.

/// Codes of ISO 4217 for money in circulation, and for money that went out of it lately and may stand in records.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD \
    HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// A currency, by its ISO 4217 code in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(&'static str);

impl Currency {
    /// The currency with this code, in capitals or not; None when there is none.
    pub fn parse(code: &str) -> Option<Self> {
        CODES
            .split_whitespace()
            .find(|known| known.eq_ignore_ascii_case(code))
            .map(Self)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_one_that_exists() {
        assert_eq!(Currency::parse("gbp").map(Currency::code), Some("GBP"));
        for code in ["", "G", "GB", "GBPX", "XXX", "ABC", "USD EUR", " "] {
            assert_eq!(Currency::parse(code), None, "{code}");
        }
    }
}
