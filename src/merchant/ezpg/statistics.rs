//! Statistics (통계): sums of the days' kept counts. Fees are nought until there are any.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, whose};
use super::value::{day, filled};
use super::{Fault, done};
use crate::domain::{BusinessDate, MerchantId};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::DayCounts;

/// Days that one question may sum up: ten years.
const DAYS_MAX: i32 = 3_660;

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/statistics").route(web::get().to(statistics)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(statistics))]
pub(super) struct Paths;

/// Which days, and how they are put together.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct StatisticsAsk {
    /// 가맹점 아이디 (가맹점 사용자는 자신의 것만)
    merchant_id: Option<String>,
    /// 시작일 (생략하면 오늘)
    start_date: Option<String>,
    /// 종료일 (그날 포함, 생략하면 오늘)
    end_date: Option<String>,
    /// transaction(기본), fee, merchant
    statistics_type: Option<String>,
    /// day(기본), week, month
    group_by: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
struct StatisticsTold {
    statistics: Statistics,
}

/// The sums. Deposits are those that stand completed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    total_deposit: u64,
    total_withdrawal: u64,
    total_deposit_fee: u64,
    total_withdrawal_fee: u64,
    net_profit: u64,
    deposit_count: u64,
    pending_deposit: u64,
    cancelled_deposit: u64,
    details: Vec<Detail>,
}

/// One day, week, month or merchant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Detail {
    /// 그 기간의 첫날 (월은 YYYY-MM)
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_name: Option<String>,
    deposit: u64,
    deposit_count: u64,
    withdrawal: u64,
    deposit_fee: u64,
    withdrawal_fee: u64,
    profit: u64,
}

/// What the details are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Day,
    Week,
    Month,
    Merchant,
}

/// 통계
#[utoipa::path(get, path = "/ezpg/statistics", tag = "statistics", params(StatisticsAsk),
    responses((status = 200, body = StatisticsTold)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn statistics(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<StatisticsAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let merchant = whose(&rooms, &person, filled(ask.merchant_id.as_deref())).await?;
    let by = by(&ask)?;
    let today = rooms.clock.now().business_date();
    let (from, to) = days(&ask, today)?;
    let told = if by == By::Merchant {
        of_merchants(&rooms, merchant, from, to).await
    } else {
        let found = rooms
            .look(move |reads| reads.days(merchant.as_ref(), from, to))
            .await;
        of_days(&found, by)
    };
    Ok(respond(done(&StatisticsTold { statistics: told }).answer))
}

fn by(ask: &StatisticsAsk) -> Result<By, Fault> {
    match filled(ask.statistics_type.as_deref()) {
        None | Some("transaction" | "fee") => {}
        Some("merchant") => return Ok(By::Merchant),
        Some(_) => {
            let why = "transaction, fee, merchant 중 하나여야 합니다.";
            return Err(Fault::parameter("statisticsType", why));
        }
    }
    match filled(ask.group_by.as_deref()) {
        None | Some("day") => Ok(By::Day),
        Some("week") => Ok(By::Week),
        Some("month") => Ok(By::Month),
        Some(_) => Err(Fault::parameter(
            "groupBy",
            "day, week, month 중 하나여야 합니다.",
        )),
    }
}

/// The first day, and the day after the last.
fn days(
    ask: &StatisticsAsk,
    today: Option<BusinessDate>,
) -> Result<(BusinessDate, BusinessDate), Fault> {
    let no_day = |field: &str| Fault::parameter(field, "없는 날짜입니다.");
    let from = day("startDate", ask.start_date.as_deref())?.or(today);
    let last = day("endDate", ask.end_date.as_deref())?.or(today);
    let from = from.ok_or_else(|| no_day("startDate"))?;
    let last = last.ok_or_else(|| no_day("endDate"))?;
    let length = last.date().since(from.date()).map(|span| span.get_days());
    if !length.is_ok_and(|length| (0..DAYS_MAX).contains(&length)) {
        let why = "startDate보다 빠르지 않고 10년 이내여야 합니다.";
        return Err(Fault::parameter("endDate", why));
    }
    let to = last.next().ok_or_else(|| no_day("endDate"))?;
    Ok((from, to))
}

fn of_days(days: &[(BusinessDate, DayCounts)], by: By) -> Statistics {
    let mut groups: Vec<(String, DayCounts)> = Vec::new();
    for (day, counts) in days {
        let name = group(*day, by);
        match groups.last_mut() {
            Some((last, sum)) if *last == name => *sum = both(*sum, *counts),
            _ => groups.push((name, *counts)),
        }
    }
    let details = groups.iter().map(|(name, counts)| Detail {
        date: Some(name.clone()),
        ..detail(*counts)
    });
    let whole = days
        .iter()
        .fold(DayCounts::default(), |sum, (_, day)| both(sum, *day));
    together(whole, details.collect())
}

/// The name of the group that a day belongs to: itself, its week's Monday, or its month.
fn group(day: BusinessDate, by: By) -> String {
    let date = day.date();
    match by {
        By::Week => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            let monday = date.checked_sub(jiff::Span::new().days(since_monday));
            monday.unwrap_or(date).to_string()
        }
        By::Month => date.strftime("%Y-%m").to_string(),
        By::Day | By::Merchant => date.to_string(),
    }
}

async fn of_merchants(
    rooms: &Rooms,
    merchant: Option<MerchantId>,
    from: BusinessDate,
    to: BusinessDate,
) -> Statistics {
    let found = rooms
        .look(move |reads| {
            let sums = match merchant {
                Some(merchant) => {
                    let days = reads.days(Some(&merchant), from, to)?;
                    let sum = days
                        .iter()
                        .fold(DayCounts::default(), |sum, (_, day)| both(sum, *day));
                    vec![(merchant, sum)]
                }
                None => reads.days_of_each(from, to)?,
            };
            let named = sums.into_iter().map(|(merchant, sum)| {
                let name = reads.merchant(&merchant)?.map(|merchant| merchant.name);
                Ok((merchant, name, sum))
            });
            named.collect::<Result<Vec<_>, _>>()
        })
        .await;
    let whole = found
        .iter()
        .fold(DayCounts::default(), |sum, (_, _, one)| both(sum, *one));
    let details = found.into_iter().map(|(merchant, name, sum)| Detail {
        merchant_id: Some(merchant.to_string()),
        merchant_name: name,
        ..detail(sum)
    });
    together(whole, details.collect())
}

/// Both together; a sum that does not fit stays as it was.
fn both(one: DayCounts, other: DayCounts) -> DayCounts {
    one.checked_add(other).unwrap_or(one)
}

fn detail(counts: DayCounts) -> Detail {
    let completed = counts.completed();
    Detail {
        date: None,
        merchant_id: None,
        merchant_name: None,
        deposit: completed.amount.digits(),
        deposit_count: completed.count,
        withdrawal: 0,
        deposit_fee: 0,
        withdrawal_fee: 0,
        profit: 0,
    }
}

fn together(whole: DayCounts, details: Vec<Detail>) -> Statistics {
    let completed = whole.completed();
    Statistics {
        total_deposit: completed.amount.digits(),
        total_withdrawal: 0,
        total_deposit_fee: 0,
        total_withdrawal_fee: 0,
        net_profit: 0,
        deposit_count: completed.count,
        pending_deposit: whole.pending.amount.digits(),
        cancelled_deposit: whole.cancelled.amount.digits(),
        details,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_together_in_weeks_and_months() {
        let day = |text| BusinessDate::parse(text).unwrap();
        assert_eq!(group(day("2026-03-01"), By::Week), "2026-02-23");
        assert_eq!(group(day("2026-03-02"), By::Week), "2026-03-02");
        assert_eq!(group(day("2026-03-31"), By::Month), "2026-03");
        assert_eq!(group(day("2026-03-31"), By::Day), "2026-03-31");
    }
}
