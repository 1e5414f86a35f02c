//! Traffic in bulk: a bank's day drawn from a seed, acted out over several sessions.
//!
//! The draw comes first and depends on the seed alone; the acting may run in any order. What is
//! expected of each answer is what any bank may expect of an open account; the figures are the
//! book's part.

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use telegrams::Kind;

use crate::accounts::{Account, AccountKind};
use crate::bank::{Bank, Heard};
use crate::book::{Movement, Number};
use crate::draft::{Draft, Wording, compose};
use crate::scenario::{Lose, Manner, Mode};
use crate::verdict::Verdict;

/// How a day is mixed. Rates are shares of the deposits, from 0 to 1.
#[derive(Clone, Debug)]
pub struct DayPlan {
    /// Deposits in the whole day.
    pub deposits: u64,
    /// Whom they go to.
    pub accounts: Vec<Account>,
    /// The hour at which it begins; with `to`, the house's clock is moved along.
    pub hours: Option<(Time, Time)>,
    /// In how many steps the clock moves.
    pub slices: u32,
    /// Sessions that share the traffic.
    pub sessions: u8,
    /// Deposits under way at the same time, on all sessions together.
    pub in_flight: usize,
    /// Banks that only tell of deposits and never ask before.
    pub notice_banks: Vec<u16>,
    /// Share with a look-up before.
    pub lookups: f64,
    /// Share that is corrected afterwards.
    pub corrections: f64,
    /// Share that goes to accounts that were never issued.
    pub unknown_accounts: f64,
    /// Share that is sent twice at once.
    pub repeated: f64,
    /// Share whose answer the bank loses.
    pub lost_answers: f64,
    /// Share with which the whole session is lost.
    pub lost_sessions: f64,
}

impl DayPlan {
    /// A day with the usual mix and no faults.
    pub fn usual(deposits: u64, accounts: Vec<Account>) -> Self {
        Self {
            deposits,
            accounts,
            hours: None,
            slices: 1,
            sessions: 4,
            in_flight: 256,
            notice_banks: vec![11],
            lookups: 0.2,
            corrections: 0.015,
            unknown_accounts: 0.002,
            repeated: 0.0,
            lost_answers: 0.0,
            lost_sessions: 0.0,
        }
    }
}

/// What one deposit of the day will be.
#[derive(Clone, Debug, PartialEq)]
struct Deal {
    number: Number,
    movement: Movement,
    payer: &'static str,
    holder: Option<String>,
    mode: Mode,
    looked_up: bool,
    corrected: bool,
    repeated: bool,
    lose: Option<Lose>,
    session: u8,
}

const PAYERS: [&str; 12] = [
    "김하나",
    "이두리",
    "박세찬",
    "최너울",
    "정다솜",
    "강여름",
    "조일곱",
    "윤여덟",
    "장아홉",
    "임열매",
    "(주)한강상사",
    "남궁가람",
];

/// Draws a day. The same seed draws the same day.
fn draw(plan: &DayPlan, bank: &Bank, date: Date, seed: u64) -> Vec<Deal> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut once: Vec<&Account> = plan
        .accounts
        .iter()
        .filter(|one| one.kind == AccountKind::OneTime)
        .collect();
    let many: Vec<&Account> = plan
        .accounts
        .iter()
        .filter(|one| one.kind != AccountKind::OneTime)
        .collect();
    // One-time accounts are strewn over the day as far as they reach.
    let share = once.len() as f64 / plan.deposits.max(1) as f64;
    let mut deals = Vec::new();
    for at in 0..plan.deposits {
        let one_time = if dice.random_bool(share.clamp(0.0, 1.0)) {
            once.pop()
        } else {
            None
        };
        let usual = many.get(dice.random_range(0..many.len().max(1)));
        let Some(account) = one_time.or(usual.copied()).or_else(|| once.pop()) else {
            break;
        };
        let session = u8::try_from(at % u64::from(plan.sessions.max(1))).unwrap_or(0) + 1;
        deals.push(draw_deal(plan, bank, date, account, session, &mut dice));
    }
    deals
}

fn draw_deal(
    plan: &DayPlan,
    bank: &Bank,
    date: Date,
    account: &Account,
    session: u8,
    dice: &mut StdRng,
) -> Deal {
    let number = bank.new_number(account.bank, date);
    let unknown = dice.random_bool(plan.unknown_accounts) && account.kind == AccountKind::Fixed;
    let account_no = if unknown {
        format!("99{:010}", dice.random_range(0..10_000_000_000_u64))
    } else {
        account.number.clone()
    };
    let amount = match account.amount {
        0 => u64::from(dice.random_range(1..200_u32)) * 500,
        amount => amount - account.tolerance + dice.random_range(0..=2 * account.tolerance),
    };
    let notice = unknown || plan.notice_banks.contains(&account.bank);
    let lose = match dice.random::<f64>() {
        lot if lot < plan.lost_sessions => Some(Lose::Session),
        lot if lot < plan.lost_sessions + plan.lost_answers => Some(Lose::Answer),
        _ => None,
    };
    Deal {
        number,
        movement: Movement {
            account_bank: account.bank,
            account_no,
            amount,
        },
        payer: PAYERS[dice.random_range(0..PAYERS.len())],
        holder: (!unknown).then(|| account.holder.clone()),
        mode: if notice {
            Mode::Notice
        } else {
            Mode::Interactive
        },
        looked_up: dice.random_bool(plan.lookups) && !unknown,
        corrected: dice.random_bool(plan.corrections),
        repeated: dice.random_bool(plan.repeated),
        lose,
        session,
    }
}

/// A day under way.
pub(crate) struct Day<'a> {
    pub(crate) bank: &'a Bank,
    pub(crate) plan: &'a DayPlan,
    pub(crate) date: Date,
    pub(crate) seed: u64,
}

impl Day<'_> {
    /// Acts the day out. What differs goes into the verdict; `progress` hears of each deal.
    pub(crate) async fn play(
        &self,
        verdict: &mut Verdict,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), String> {
        let deals = draw(self.plan, self.bank, self.date, self.seed);
        let total = deals.len() as u64;
        if total < self.plan.deposits {
            return Err("the day has no accounts to pay into".into());
        }
        let slices = self.plan.slices.max(1);
        let in_slice = deals.len().div_ceil(slices as usize).max(1);
        let mut done = 0;
        for (slice, deals) in deals.chunks(in_slice).enumerate() {
            self.set_hour(slice, slices)?;
            let acted = stream::iter(deals).map(|deal| self.act(deal));
            let mut acted = acted.buffer_unordered(self.plan.in_flight.max(1));
            while let Some(found) = acted.next().await {
                done += 1;
                for finding in found {
                    finding.tell(verdict);
                }
                progress(done, total);
            }
            drop(acted);
            self.tell_again(verdict).await?;
            self.correct(deals, verdict).await;
            self.tell_again(verdict).await?;
        }
        Ok(())
    }

    /// The corrections that were drawn. They wait until every deposit has its answer: were they
    /// sent only where the first answer was heard, the day would hang on which of its neighbours
    /// a broken session took along.
    async fn correct(&self, deals: &[Deal], verdict: &mut Verdict) {
        let drawn = deals.iter().filter(|deal| deal.corrected);
        let corrected = stream::iter(drawn).map(async |deal| {
            let draft = match self.draft(deal, Kind::Correction) {
                Ok(draft) => draft,
                Err(words) => return Finding::Differs(words),
            };
            let heard = self.bank.ask(deal.session, &draft).await;
            self.judge(&draft, &heard, "0000")
        });
        let mut corrected = corrected.buffer_unordered(self.plan.in_flight.max(1));
        while let Some(finding) = corrected.next().await {
            finding.tell(verdict);
        }
    }

    fn set_hour(&self, slice: usize, slices: u32) -> Result<(), String> {
        let Some((from, to)) = self.plan.hours else {
            return Ok(());
        };
        let mut house = self.bank.house.borrow_mut();
        if !house.can_be_set() {
            return Ok(());
        }
        let length = from.duration_until(to).as_secs() / i64::from(slices);
        let since = i64::try_from(slice).unwrap_or(0) * length;
        let hour = self
            .date
            .to_datetime(from)
            .saturating_add(SignedDuration::from_secs(since));
        house.set(hour, 1.0).map_err(|error| error.to_string())
    }

    /// The re-sends of ten minutes, until everything is answered.
    async fn tell_again(&self, verdict: &mut Verdict) -> Result<(), String> {
        let sessions: Vec<u8> = (1..=self.plan.sessions.max(1)).collect();
        for _ in 0..6 {
            if self.bank.unanswered.borrow().is_empty() {
                return Ok(());
            }
            self.bank.let_pass(SignedDuration::from_mins(10))?;
            for (draft, heard) in self.bank.resend(&sessions).await {
                self.judge(&draft, &heard, "0000").tell(verdict);
            }
        }
        match self.bank.unanswered.borrow().len() {
            0 => Ok(()),
            left => Err(format!(
                "{left} telegrams are still unanswered after an hour of re-sends"
            )),
        }
    }

    /// One deposit with everything around it.
    async fn act(&self, deal: &Deal) -> Vec<Finding> {
        let mut found = Vec::new();
        if deal.looked_up {
            found.extend(self.question(deal, Kind::PayeeLookup).await);
        }
        if deal.mode == Mode::Interactive {
            found.extend(self.question(deal, Kind::PreDepositCheck).await);
        }
        self.deposit(deal, &mut found).await;
        found
    }

    /// A question before the deposit. When the line breaks the payer tries again.
    async fn question(&self, deal: &Deal, kind: Kind) -> Option<Finding> {
        let draft = match self.draft(deal, kind) {
            Ok(draft) => draft,
            Err(words) => return Some(Finding::Differs(words)),
        };
        let mut heard = self.bank.ask(deal.session, &draft).await;
        for _ in 0..8 {
            if heard != Heard::Lost {
                break;
            }
            heard = self.bank.ask(deal.session, &draft).await;
        }
        let finding = self.judge(&draft, &heard, "0000");
        if let (Finding::Met, Heard::Answer(answer)) = (&finding, &heard) {
            let payee = self.bank.places.payee(answer);
            if payee != deal.holder {
                let words = format!("{kind} {}: the payee is {payee:?}", deal.number);
                return Some(Finding::Differs(words));
            }
        }
        Some(finding)
    }

    /// The deposit itself.
    async fn deposit(&self, deal: &Deal, found: &mut Vec<Finding>) {
        let draft = match self.draft(deal, Kind::Deposit) {
            Ok(draft) => draft,
            Err(words) => {
                found.push(Finding::Differs(words));
                return;
            }
        };
        if deal.lose == Some(Lose::Session) {
            self.send_and_break(deal, &draft).await;
            return;
        }
        let next = deal.session % self.plan.sessions.max(1) + 1;
        let (heard, twin) = if deal.repeated {
            let twin = self.bank.ask(next, &draft);
            let (heard, twin) = tokio::join!(self.bank.ask(deal.session, &draft), twin);
            (heard, Some(twin))
        } else {
            (self.bank.ask(deal.session, &draft).await, None)
        };
        if let (Heard::Answer(first), Some(Heard::Answer(second))) = (&heard, &twin) {
            found.push(if first == second {
                Finding::Met
            } else {
                Finding::Differs(format!(
                    "deposit {}: told twice at once, it got two different answers",
                    deal.number
                ))
            });
        }
        if deal.lose == Some(Lose::Answer) {
            self.bank.unanswered.borrow_mut().push(draft);
            return;
        }
        found.push(self.judge(&draft, &heard, "0000"));
    }

    async fn send_and_break(&self, deal: &Deal, draft: &Draft) {
        if let Ok(line) = self.bank.line(deal.session).await {
            // The answer may be quicker than the end of the session; then it was asked for, and
            // is lost with it.
            let _lost = line.listen_for(self.bank.places.key(draft.kind, &draft.telegram));
            line.send(crate::line::framed(&self.bank.places, &draft.telegram))
                .await;
            self.bank.count(|tally| tally.telegrams += 1);
            self.bank.hang_up(deal.session, Manner::Reset).await;
        }
        self.bank.unanswered.borrow_mut().push(draft.clone());
    }

    fn draft(&self, deal: &Deal, kind: Kind) -> Result<Draft, String> {
        let (number, original) = match kind {
            Kind::Correction => self.bank.correction_number(&deal.number),
            _ => (deal.number.clone(), None),
        };
        let wording = Wording {
            kind,
            institution: &self.bank.contract.institution,
            number,
            original,
            time: self.bank.time(),
            movement: Some(deal.movement.clone()),
            payer: Some(deal.payer),
            mode: deal.mode,
            figures: None,
            fields: &[],
        };
        compose(&self.bank.places, &wording).map_err(|error| error.to_string())
    }

    /// Holds an answer against what is due, and lets the bank learn from it.
    fn judge(&self, draft: &Draft, heard: &Heard, due: &str) -> Finding {
        let who = || format!("{} {}", draft.kind, draft.number);
        if let Err(contradiction) = self.bank.learn(draft, heard) {
            return Finding::Differs(contradiction.to_string());
        }
        let places = &self.bank.places;
        match heard {
            Heard::Answer(answer) => match places.code(draft.kind, answer) {
                code if code == due => {
                    match places.echo_broken(draft.kind, &draft.telegram, answer) {
                        None => Finding::Met,
                        Some(words) => Finding::Differs(format!("{}: {words}", who())),
                    }
                }
                // «Not processed» asks for a re-send; the bank has put it aside for that.
                code if self.is_not_processed(draft, &code) => Finding::Nothing,
                code => Finding::Differs(format!("{}: answered {code}, due was {due}", who())),
            },
            // Money is told of again; a question is not, and should have been answered.
            Heard::Lost if matches!(draft.kind, Kind::Deposit | Kind::Correction) => {
                Finding::Nothing
            }
            Heard::Lost => Finding::Differs(format!("{}: the session ended first", who())),
            Heard::Nothing => Finding::Differs(format!("{}: no answer came", who())),
            Heard::NoLine(why) => Finding::Differs(format!("{}: {why}", who())),
        }
    }

    fn is_not_processed(&self, draft: &Draft, code: &str) -> bool {
        let profile = self.bank.places.profile();
        matches!(draft.kind, Kind::Deposit | Kind::Correction)
            && code == profile.code(telegrams::Answer::NotProcessed, None)
    }
}

/// What came of one expectation.
enum Finding {
    Met,
    Nothing,
    Differs(String),
}

impl Finding {
    fn tell(self, verdict: &mut Verdict) {
        match self {
            Self::Met => verdict.met(),
            Self::Nothing => {}
            Self::Differs(words) => verdict.differs(words),
        }
    }
}
