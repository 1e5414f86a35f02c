//! Settings of the running house (시스템 설정): `/system/settings`, for head office only.

use std::collections::BTreeMap;
use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::query::Query;
use super::{Fault, Sent, carry_out, done};
use crate::domain::{
    Actor, BankHours, Command, Role, SETTINGS, SettingRow, SettingShape, SettingSpec, SettingType,
    SystemCommand, SystemSettings, setting,
};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms, origin};
use crate::network::Network;
use crate::store::Mode;
use crate::store::Reads;

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/system/settings")
            .route(web::get().to(list))
            .route(web::post().to(set)),
    );
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, set))]
pub(super) struct Paths;

/// Which settings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    /// environment, security, log; 생략하면 전부
    setting_type: Option<String>,
}

/// All settings of a type.
#[derive(Debug, Serialize, ToSchema)]
struct SystemSettingsTold {
    settings: Vec<SettingTold>,
}

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SettingTold {
    /// 예: session.minutes, hours.004
    key: String,
    setting_type: &'static str,
    /// 현재 값
    value: String,
    /// 설정하지 않았을 때의 값
    default: String,
    /// 허용 범위
    range: String,
    /// 효과
    effect: &'static str,
    /// 마지막 변경; 변경한 적이 없으면 없음
    last_change: Option<ChangeTold>,
}

/// Who set it last.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeTold {
    at: String,
    actor: String,
}

/// 시스템 설정 조회 (본사)
#[utoipa::path(get, path = "/ezpg/system/settings", tag = "system", params(ListAsk),
    responses((status = 200, body = SystemSettingsTold)), extensions(("x-who" = json!("HO"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.read()?;
    let wanted = match ask.setting_type.as_deref().filter(|word| !word.is_empty()) {
        Some(word) => Some(setting_type(word)?),
        None => None,
    };
    let rows = rooms.look(Reads::setting_rows).await;
    let shown = Shown {
        values: values(&rows),
        rows: rows.into_iter().collect(),
        rooms: &rooms,
    };
    let specs = SETTINGS.iter();
    let specs = specs.filter(|spec| wanted.is_none_or(|kind| kind == spec.kind));
    let told = SystemSettingsTold {
        settings: specs.flat_map(|spec| shown.every(spec)).collect(),
    };
    Ok(respond(done(&told).answer))
}

fn setting_type(word: &str) -> Result<SettingType, Fault> {
    SettingType::of(word).ok_or_else(|| {
        Fault::parameter(
            "settingType",
            "environment, security, log 중 하나여야 합니다.",
        )
    })
}

fn values(rows: &[(String, SettingRow)]) -> SystemSettings {
    let pairs = rows.iter();
    SystemSettings::new(
        pairs
            .map(|(key, row)| (key.clone(), row.value.clone()))
            .collect(),
    )
}

/// Settings on their way to being shown.
struct Shown<'a> {
    values: SystemSettings,
    rows: BTreeMap<String, SettingRow>,
    rooms: &'a Rooms,
}

impl Shown<'_> {
    /// A setting, or one for each bank.
    fn every(&self, spec: &'static SettingSpec) -> Vec<SettingTold> {
        let Some(prefix) = spec.key.strip_suffix('*') else {
            let (value, default) = self.plain(spec);
            return vec![self.one(spec, spec.key.to_owned(), value, default)];
        };
        let words = match spec.shape {
            SettingShape::Upkeep => BankHours::maintenance_words,
            _ => BankHours::window_words,
        };
        let banks = self.rooms.reads.configured_hours();
        banks
            .iter()
            .map(|(bank, configured)| {
                let value = words(&self.values.hours(*bank, configured));
                self.one(spec, format!("{prefix}{bank}"), value, words(configured))
            })
            .collect()
    }

    fn plain(&self, spec: &SettingSpec) -> (String, String) {
        let set = self.values.value(spec.key).to_owned();
        match spec.key {
            // The configuration's own, finer than a word.
            "log.level" => (self.rooms.logs.level(), self.rooms.log_defaults.0.clone()),
            "log.retentionDays" => (
                self.rooms.logs.keep_days().to_string(),
                self.rooms.log_defaults.1.to_string(),
            ),
            _ => (set, spec.default.to_owned()),
        }
    }

    fn one(&self, spec: &SettingSpec, key: String, value: String, default: String) -> SettingTold {
        let last_change = self.rows.get(&key).map(|row| ChangeTold {
            at: row.at.to_second(),
            actor: match &row.by.actor {
                Actor::User(user) => user.clone(),
                Actor::Program(merchant) => merchant.to_string(),
                Actor::House => "house".to_owned(),
            },
        });
        SettingTold {
            key,
            setting_type: spec.kind.word(),
            value,
            default,
            range: spec.range(),
            effect: spec.effect,
            last_change,
        }
    }
}

/// Other values for some settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SystemSettingsAsk {
    /// environment, security, log
    #[schema(example = "security")]
    setting_type: String,
    /// 키와 값; 빈 문자열은 기본값으로 되돌림
    #[schema(value_type = Object, example = json!({ "lockout.tries": "5" }))]
    settings: BTreeMap<String, Value>,
}

/// What they are now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SystemSettingsSet {
    setting_type: &'static str,
    updated_settings: BTreeMap<String, String>,
}

/// 시스템 설정 변경 (본사)
#[utoipa::path(post, path = "/ezpg/system/settings", tag = "system",
    request_body = SystemSettingsAsk,
    responses((status = 200, body = SystemSettingsSet)), extensions(("x-who" = json!("HO"))))]
async fn set(
    request: HttpRequest,
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<SystemSettingsAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let kind = setting_type(&ask.told.setting_type)?;
    let mut values = BTreeMap::new();
    for (key, value) in &ask.told.settings {
        let value = text(value).ok_or_else(|| Fault::parameter(key, "값의 형식이 다릅니다."))?;
        let known = setting(key).is_some_and(|spec| spec.kind == kind);
        if !known {
            return Err(Fault::parameter("settings", "없는 설정 항목이 있습니다."));
        }
        if key == "console.ipAllowList" {
            check_networks(&value, origin::of(&request))?;
        }
        values.insert(key.clone(), value);
    }
    let told = SystemSettingsSet {
        setting_type: kind.word(),
        updated_settings: values
            .iter()
            .map(|(key, value)| (key.clone(), or_default(key, value)))
            .collect(),
    };
    let command = SystemCommand::Set {
        values,
        production: rooms.mode == Mode::Production,
        by: person.by,
    };
    let answer = carry_out(
        &rooms,
        once,
        Command::System(Box::new(command)),
        move |receipt| {
            receipt.verdict.clone()?;
            Ok(done(&told))
        },
    )
    .await;
    let settings = rooms.look(Reads::system_settings).await;
    rooms.obey(&settings);
    answer
}

fn or_default(key: &str, value: &str) -> String {
    let default = setting(key).map_or("", |spec| spec.default);
    let text = if value.is_empty() { default } else { value };
    text.to_owned()
}

/// A value as text, however it was sent.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        Value::Bool(yes) => Some(if *yes { "Y" } else { "N" }.to_owned()),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            items.map(|items| items.join(", "))
        }
        Value::Null => Some(String::new()),
        Value::Object(_) => None,
    }
}

/// A list of networks that does not shut out whoever sets it.
fn check_networks(list: &str, own: IpAddr) -> Result<(), Fault> {
    let field = "console.ipAllowList";
    let mut lets_in = list.is_empty();
    for item in list
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let range: Network = item
            .parse()
            .map_err(|_| Fault::parameter(field, "CIDR 주소 범위여야 합니다. 예: 192.0.2.0/24"))?;
        lets_in |= range.contains(own);
    }
    if lets_in {
        Ok(())
    } else {
        Err(Fault::parameter(
            field,
            "지금 접속한 주소가 포함되어야 합니다.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_however_they_are_sent() {
        for (value, read) in [
            (json!(5), Some("5")),
            (json!(" 5 "), Some("5")),
            (json!(true), Some("Y")),
            (
                json!(["10.0.0.0/8", "::1/128"]),
                Some("10.0.0.0/8, ::1/128"),
            ),
            (json!(null), Some("")),
            (json!(-1), None),
            (json!(1.5), None),
            (json!({}), None),
            (json!([1]), None),
        ] {
            assert_eq!(text(&value).as_deref(), read, "{value}");
        }
    }

    #[test]
    fn nobody_shuts_themselves_out() {
        let own = "10.1.2.3".parse().unwrap();
        assert!(check_networks("", own).is_ok());
        assert!(check_networks("192.0.2.0/24, 10.0.0.0/8", own).is_ok());
        for wrong in ["192.0.2.0/24", "everywhere", "10.0.0.0/8, x"] {
            assert!(check_networks(wrong, own).is_err(), "{wrong}");
        }
    }
}
