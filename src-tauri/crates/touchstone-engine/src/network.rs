//! What leaves this machine: the Offline switch, and the list of hosts that were contacted.
//!
//! `touchstone-net` holds back and tells; here is what the switch stands at, and where the list is kept. A contact is
//! noted in memory, and all of a second go to the workspace in one transaction, which nobody waits for.

use crate::settings::is_offline;
use crate::{Changed, Engine, Inner, Result, Sink, clock};
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use touchstone_net::{Contact, Observer, Purpose, parse_address};
use touchstone_store::{ContactRow, Store};

/// How long contacts may wait in memory. A program that is killed loses the last of them.
const KEPT_AFTER: Duration = Duration::from_secs(1);

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Days that stay in the list.
const DAYS: i64 = 90;

/// Sums that wait while the workspace cannot be written; hosts beyond them are not listed.
const PENDING_MAX: usize = 2_000;

/// What a host was contacted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ContactPurpose {
    /// A model was asked.
    Model,
    /// A connection was tested, or its models were listed.
    Check,
    /// A vendor counted the tokens of some tasks, for an estimate.
    Count,
    /// A service account signed in.
    SignIn,
    /// A picture or document of a task.
    Media,
    /// A server that a space is linked to.
    Link,
    /// A Label Studio server.
    LabelStudio,
}

impl From<Purpose> for ContactPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Model => Self::Model,
            Purpose::Check => Self::Check,
            Purpose::Count => Self::Count,
            Purpose::SignIn => Self::SignIn,
            Purpose::Media => Self::Media,
            Purpose::Link => Self::Link,
            Purpose::LabelStudio => Self::LabelStudio,
        }
    }
}

/// All contacts of the last 90 days with one host for one purpose. Nothing of what was asked or answered is kept.
#[derive(Clone, Debug, Serialize, Type)]
pub struct HostContacts {
    /// With its port, where that is not the scheme's own.
    pub host: String,
    pub purpose: ContactPurpose,
    /// It is this machine.
    pub is_loopback: bool,
    #[specta(type = f64)]
    pub requests: u64,
    /// Any of them got a reply, whatever it said.
    pub has_answered: bool,
    /// Of requests with their headers, before they were encrypted.
    #[specta(type = f64)]
    pub bytes_sent: u64,
    /// Of replies with their headers, unpacked.
    #[specta(type = f64)]
    pub bytes_received: u64,
    /// The first day that is kept, in UTC.
    pub first_day: String,
    pub last_at: String,
}

impl Engine {
    /// Whom this workspace's programs contacted in the last 90 days, the last one first.
    pub async fn contacts(&self) -> Result<Vec<HostContacts>> {
        self.blocking(|inner| {
            inner.contacts.keep();
            let sums = inner.store.contacts()?;
            let known = |word: &str| Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == word);
            Ok(sums
                .into_iter()
                .filter_map(|sum| {
                    Some(HostContacts {
                        purpose: known(&sum.purpose)?.into(),
                        is_loopback: parse_address(&format!("http://{}", sum.host)).is_some_and(|at| at.is_loopback),
                        host: sum.host,
                        requests: sum.requests,
                        // There is no reply without headers.
                        has_answered: sum.bytes_received > 0,
                        bytes_sent: sum.bytes_sent,
                        bytes_received: sum.bytes_received,
                        first_day: sum.first_day,
                        last_at: sum.last_at,
                    })
                })
                .collect())
        })
        .await
    }

    /// Forgets whom the workspace's programs contacted.
    pub async fn clear_contacts(&self) -> Result<()> {
        self.blocking(|inner| {
            inner.contacts.forget();
            Ok(inner.store.clear_contacts()?)
        })
        .await?;
        self.changed(Changed::Contacts);
        Ok(())
    }

    /// What a program does before it ends: writes down what was contacted until now, and leaves a file that is whole by itself.
    pub async fn settle(&self) -> Result<()> {
        self.blocking(|inner| {
            inner.contacts.keep();
            Ok(inner.store.settle()?)
        })
        .await
    }

    /// Whether this process reaches nothing but this machine now, by the workspace's switch or by its own.
    pub fn is_offline(&self) -> bool {
        self.inner.network.is_offline()
    }

    /// Reaches nothing but this machine until the process ends, whatever the workspace's switch says.
    pub fn force_offline(&self) {
        let _turn = self.inner.offline_turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.forced_offline.store(true, Ordering::Relaxed);
        self.inner.network.set_offline(true);
    }
}

impl Inner {
    /// Reaches other machines or not, as the workspace's switch says, which another process may have turned.
    pub(crate) fn obey_offline_switch(&self) -> Result<()> {
        // What was read before somebody turned the switch must not be set after it.
        let _turn = self.offline_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let is_offline = self.forced_offline.load(Ordering::Relaxed) || is_offline(self)?;
        self.network.set_offline(is_offline);
        Ok(())
    }
}

/// Contacts on their way to the workspace.
pub(crate) struct Contacts {
    store: Arc<Store>,
    sink: Arc<dyn Sink>,
    /// For the task that keeps them later, which must not keep the workspace open.
    own: Weak<Self>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// By day in UTC, counted from 1970, host and purpose.
    sums: HashMap<(i64, Arc<str>, Purpose), Sum>,
    /// Somebody will write them down.
    is_scheduled: bool,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    requests: u64,
    bytes_sent: u64,
    bytes_received: u64,
    last_ms: i64,
}

impl Contacts {
    pub(crate) fn new(store: Arc<Store>, sink: Arc<dyn Sink>) -> Arc<Self> {
        Arc::new_cyclic(|own| Self { store, sink, own: own.clone(), pending: Mutex::default() })
    }

    /// Writes down what is pending. What cannot be written now is kept for the next time.
    fn keep(&self) {
        let sums = {
            let mut pending = self.lock();
            pending.is_scheduled = false;
            std::mem::take(&mut pending.sums)
        };
        if sums.is_empty() {
            return;
        }
        let row = |((_, host, purpose), sum): (&(i64, Arc<str>, Purpose), &Sum)| {
            let last_at = clock::written(sum.last_ms);
            ContactRow {
                day: last_at[..10].to_owned(),
                host: host.to_string(),
                purpose: purpose.as_str().to_owned(),
                requests: sum.requests,
                bytes_sent: sum.bytes_sent,
                bytes_received: sum.bytes_received,
                last_at,
            }
        };
        let rows: Vec<_> = sums.iter().map(row).collect();
        match self.store.add_contacts(&rows, &clock::days_ago(DAYS)[..10]) {
            Ok(()) => self.sink.changed(Changed::Contacts),
            Err(error) => {
                tracing::warn!(%error, "keeping the list of hosts");
                let mut pending = self.lock();
                for ((day, host, purpose), sum) in sums {
                    pending.add(day, host, purpose, sum);
                }
            }
        }
    }

    fn forget(&self) {
        self.lock().sums.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schedule(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let own = self.own.clone();
        runtime.spawn(async move {
            tokio::time::sleep(KEPT_AFTER).await;
            if let Some(contacts) = own.upgrade() {
                // A runtime that shuts down drops it; then the last owner writes.
                let _ = tokio::task::spawn_blocking(move || contacts.keep()).await;
            }
        });
    }
}

impl Observer for Contacts {
    fn contacted(&self, contact: Contact) {
        let Contact { host, purpose, bytes_sent, bytes_received } = contact;
        let now = clock::now_ms();
        let sum = Sum { requests: 1, bytes_sent, bytes_received, last_ms: now };
        let is_first = {
            let mut pending = self.lock();
            pending.add(now.div_euclid(DAY_MS), host, purpose, sum);
            !std::mem::replace(&mut pending.is_scheduled, true)
        };
        if is_first {
            self.schedule();
        }
    }
}

impl Drop for Contacts {
    fn drop(&mut self) {
        self.keep();
    }
}

impl Pending {
    fn add(&mut self, day: i64, host: Arc<str>, purpose: Purpose, more: Sum) {
        let is_full = self.sums.len() >= PENDING_MAX;
        match self.sums.entry((day, host, purpose)) {
            Entry::Occupied(mut sum) => {
                let sum = sum.get_mut();
                sum.requests += more.requests;
                sum.bytes_sent += more.bytes_sent;
                sum.bytes_received += more.bytes_received;
                sum.last_ms = sum.last_ms.max(more.last_ms);
            }
            Entry::Vacant(place) if !is_full => {
                place.insert(more);
            }
            Entry::Vacant(_) => {}
        }
    }
}
