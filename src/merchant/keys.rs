//! Merchants' keys: made, shown once, and recognised when they come.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::domain::{
    BusinessDate, Command, CredentialCommand, KeptKey, KeyFace, KeyHash, KeyKind, KeysOfKind,
    MerchantId, NewKey,
};
use crate::network::Network;
use crate::secrets::{self, Secrets};
use crate::store::engine::Broken;
use crate::store::{Ledger, Mode, Reads};

/// Letters that nobody mistakes; keys are copied by hand more often than one would think.
const UPPER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const MIXED: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// One purpose for all keys that come from outside, so that one of them alone leads to its owner.
const HASHED: &str = "merchant key";

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// The key is wrong, or there is no such merchant: which is not told.
    Wrong,
    /// It is a key of the other environment.
    OtherEnvironment,
    /// The key is right, but the merchant does not let it be used from there.
    AddressNotAllowed,
}

impl KeyFault {
    /// What to say of a key of the other environment, by the mode that the house is in.
    pub fn other_environment_words(mode: Mode) -> &'static str {
        match mode {
            Mode::Production => "테스트 키는 운영 환경에서 사용할 수 없습니다.",
            Mode::Sandbox => "운영 키는 테스트 환경에서 사용할 수 없습니다.",
        }
    }
}

/// What keys of a mode begin with.
fn environment(mode: Mode) -> &'static str {
    match mode {
        Mode::Sandbox => "test_",
        Mode::Production => "live_",
    }
}

/// Recognises keys. Clones are the same.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    reads: Reads,
    ledger: Ledger,
    clock: Clock,
    secrets: Secrets,
    mode: Mode,
    on_broken: fn(&Broken),
    /// The day on which each key's use was last noted, so that a busy key costs one record a day.
    noted: Mutex<BTreeMap<(MerchantId, KeyKind), BusinessDate>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// The keys of these books.
    pub fn new(
        (ledger, reads): (Ledger, Reads),
        clock: Clock,
        secrets: Secrets,
        mode: Mode,
        on_broken: fn(&Broken),
    ) -> Keys {
        Keys(Arc::new(Inner {
            reads,
            ledger,
            clock,
            secrets,
            mode,
            on_broken,
            noted: Mutex::default(),
        }))
    }

    /// Who calls `PayAction`'s face with these headers, from `address`.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn payaction(
        &self,
        api_key: &str,
        mall_id: &str,
        address: IpAddr,
    ) -> Result<MerchantId, KeyFault> {
        self.recognise(KeyKind::PayactionApi, api_key, mall_id, address)
    }

    /// Who calls `EzPG`'s own calls with this `mid` and `meky`, from `address`.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn ezpg(&self, mid: &str, meky: &str, address: IpAddr) -> Result<MerchantId, KeyFault> {
        self.recognise(KeyKind::EzpgMeky, meky, mid, address)
    }

    /// The `x-webhook-key` that a merchant is sent: while an older one still counts, the older,
    /// because a receiver learns of the new one only after it was made and can take both from
    /// then on.
    pub fn payaction_webhook_key(&self, merchant: &MerchantId) -> Option<Zeroizing<String>> {
        let kind = KeyKind::PayactionWebhook;
        let keys = self.ask(self.0.reads.keys_of(merchant, kind))??;
        let now = self.0.clock.now();
        let key = keys.keys.iter().find(|key| key.lives(now))?;
        let KeptKey::Wrapped(wrapped) = &key.kept else {
            return None;
        };
        self.0.secrets.open_text(&context(kind, merchant), wrapped)
    }

    fn recognise(
        &self,
        kind: KeyKind,
        key: &str,
        merchant: &str,
        address: IpAddr,
    ) -> Result<MerchantId, KeyFault> {
        let other = match self.0.mode {
            Mode::Sandbox => environment(Mode::Production),
            Mode::Production => environment(Mode::Sandbox),
        };
        if key.starts_with(other) {
            return Err(KeyFault::OtherEnvironment);
        }
        let merchant = MerchantId::new(merchant).ok_or(KeyFault::Wrong)?;
        let shown = self.0.secrets.key_hash(HASHED, key.as_bytes());
        let keys = self.ask(self.0.reads.keys_of(&merchant, kind)).flatten();
        let keys = keys.ok_or(KeyFault::Wrong)?;
        let now = self.0.clock.now();
        let fits = |kept: &KeptKey| match kept {
            KeptKey::Hashed(hash) => secrets::same_hash(hash, &shown),
            KeptKey::Wrapped(_) => false,
        };
        if !keys
            .keys
            .iter()
            .any(|key| key.lives(now) && fits(&key.kept))
        {
            return Err(KeyFault::Wrong);
        }
        if !self.lets_in(&merchant, address) {
            return Err(KeyFault::AddressNotAllowed);
        }
        self.note_use(&merchant, kind, &keys);
        Ok(merchant)
    }

    /// Whether the merchant's list of addresses has `address`, or there is no list.
    fn lets_in(&self, merchant: &MerchantId, address: IpAddr) -> bool {
        let policies = self.ask(self.0.reads.policies(merchant));
        policies.is_some_and(|policies| {
            let ranges = policies.ip_allow_list.iter();
            let mut ranges = ranges.filter_map(|text| text.parse::<Network>().ok());
            policies.ip_allow_list.is_empty() || ranges.any(|range| range.contains(address))
        })
    }

    /// Notes the day of a key's use, once a day and key. Nobody waits for it.
    fn note_use(&self, merchant: &MerchantId, kind: KeyKind, keys: &KeysOfKind) {
        let Some(day) = self.0.clock.now().business_date() else {
            return;
        };
        if keys.last_used.is_some_and(|last| last >= day) {
            return;
        }
        let mut noted = self.0.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = noted.insert((merchant.clone(), kind), day);
        if known.is_some_and(|known| known >= day) {
            return;
        }
        let command = CredentialCommand::NoteUse {
            merchant: merchant.clone(),
            kind,
            day,
        };
        if self
            .0
            .ledger
            .submit(Command::Credential(Box::new(command)))
            .is_err()
        {
            noted.remove(&(merchant.clone(), kind));
        }
    }

    /// Where the books cannot be read the process stops; a test goes on with nothing.
    fn ask<T>(&self, answer: Result<T, Broken>) -> Option<T> {
        answer.map_err(|broken| (self.0.on_broken)(&broken)).ok()
    }
}

/// What a key is wrapped for.
fn context(kind: KeyKind, merchant: &MerchantId) -> String {
    format!("{}.{}/{merchant}", kind.face().word(), kind.word())
}

/// Keys that were just made: what the books keep of them, and what is shown once.
#[derive(Default)]
pub struct Minted {
    /// For the command.
    pub keys: Vec<NewKey>,
    /// For the answer: interface → name → value.
    pub shown: BTreeMap<&'static str, BTreeMap<&'static str, Zeroizing<String>>>,
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Minted(..)")
    }
}

impl Minted {
    /// Fresh keys of `merchant` for `faces`.
    pub fn fresh(
        secrets: &Secrets,
        mode: Mode,
        merchant: &MerchantId,
        faces: &[KeyFace],
    ) -> Minted {
        let mut minted = Minted::default();
        for face in faces {
            let names = minted.shown.entry(face.word()).or_default();
            if let Some(name) = name_of_merchant(*face) {
                names.insert(name, Zeroizing::new(merchant.to_string()));
            }
        }
        for kind in KeyKind::ALL
            .into_iter()
            .filter(|kind| faces.contains(&kind.face()))
        {
            let key = make(kind, mode);
            minted.keys.push(NewKey {
                kind,
                kept: keep(secrets, kind, merchant, &key),
                prefix: prefix(&key),
            });
            let names = minted.shown.entry(kind.face().word()).or_default();
            names.insert(kind.word(), key);
        }
        minted
    }
}

/// What the merchant's id is called among an interface's credentials.
fn name_of_merchant(face: KeyFace) -> Option<&'static str> {
    match face {
        KeyFace::Payaction => Some("mallId"),
        KeyFace::Ezpg | KeyFace::Payapi => Some("mid"),
        KeyFace::Ipay => None,
    }
}

fn make(kind: KeyKind, mode: Mode) -> Zeroizing<String> {
    let environment = environment(mode);
    let marked = |mark: &str, alphabet, length| {
        let text = secrets::random_text(alphabet, length);
        Zeroizing::new(format!("{environment}{mark}{}", *text))
    };
    match kind {
        KeyKind::PayactionApi => marked("", UPPER, 24),
        KeyKind::PayactionWebhook => secrets::random_text(UPPER, 24),
        KeyKind::EzpgMeky => marked("", MIXED, 40),
        KeyKind::IpayApi => marked("ak_", MIXED, 24),
        KeyKind::IpaySecret => marked("sk_", MIXED, 40),
        KeyKind::IpayPublishable => marked("pk_", MIXED, 24),
        KeyKind::IpayWebhook => Zeroizing::new(format!(
            "whsec_{}",
            STANDARD.encode(*secrets::random::<32>())
        )),
        // The AES key and its IV are used as raw bytes by AES-256-CBC: exactly 32 and 16 of them.
        KeyKind::PayapiSign | KeyKind::PayapiAes => secrets::random_text(MIXED, 32),
        KeyKind::PayapiAesIv => secrets::random_text(MIXED, 16),
    }
}

fn keep(secrets: &Secrets, kind: KeyKind, merchant: &MerchantId, key: &str) -> KeptKey {
    match kind {
        KeyKind::PayactionApi
        | KeyKind::EzpgMeky
        | KeyKind::IpayApi
        | KeyKind::IpaySecret
        | KeyKind::IpayPublishable => KeptKey::Hashed(hash(secrets, key)),
        KeyKind::PayactionWebhook
        | KeyKind::IpayWebhook
        | KeyKind::PayapiSign
        | KeyKind::PayapiAes
        | KeyKind::PayapiAesIv => {
            KeptKey::Wrapped(secrets.wrap(&context(kind, merchant), key.as_bytes()))
        }
    }
}

fn hash(secrets: &Secrets, key: &str) -> KeyHash {
    secrets.key_hash(HASHED, key.as_bytes())
}

/// What may be shown of a key again and again: its environment and four letters, far too few to
/// help anybody guess the rest; of short raw keys only two.
fn prefix(key: &str) -> String {
    let marks = key.rfind('_').map_or(0, |at| at + 1);
    let more = if marks == 0 && key.len() < 24 { 2 } else { 4 };
    key.chars().take(marks + more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::key::StoreKey;

    fn minted(mode: Mode) -> Minted {
        let secrets = Secrets::new(&StoreKey::from_bytes([1; 32]));
        let shop = MerchantId::new("shop").unwrap();
        Minted::fresh(&secrets, mode, &shop, &KeyFace::ALL)
    }

    #[test]
    fn every_interface_gets_its_credentials_by_name() {
        let minted = minted(Mode::Sandbox);
        let names: Vec<String> = minted
            .shown
            .iter()
            .flat_map(|(face, keys)| keys.keys().map(move |name| format!("{face}.{name}")))
            .collect();
        assert_eq!(
            names,
            [
                "ezpg.meky",
                "ezpg.mid",
                "ipay.apiKey",
                "ipay.apiSecret",
                "ipay.publishableKey",
                "ipay.webhookSecret",
                "payaction.apiKey",
                "payaction.mallId",
                "payaction.webhookKey",
                "payapi.aesIv",
                "payapi.aesKey",
                "payapi.mid",
                "payapi.signKey",
            ]
        );
        assert_eq!(minted.shown["payapi"]["aesKey"].len(), 32);
        assert_eq!(minted.shown["payapi"]["aesIv"].len(), 16);
        assert_eq!(minted.shown["ezpg"]["mid"].as_str(), "shop");
    }

    #[test]
    fn keys_show_their_environment_and_prefixes_little_more() {
        for (mode, start) in [(Mode::Sandbox, "test_"), (Mode::Production, "live_")] {
            let minted = minted(mode);
            for (face, name) in [
                ("payaction", "apiKey"),
                ("ezpg", "meky"),
                ("ipay", "apiKey"),
                ("ipay", "apiSecret"),
                ("ipay", "publishableKey"),
            ] {
                assert!(minted.shown[face][name].starts_with(start), "{face}.{name}");
            }
            for key in &minted.keys {
                let whole = &minted.shown[key.kind.face().word()][key.kind.word()];
                assert!(whole.starts_with(&key.prefix));
                assert!(whole.len() >= key.prefix.len() + 14, "{:?}", key.kind);
            }
        }
    }
}
