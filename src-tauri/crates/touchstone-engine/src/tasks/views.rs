//! Views of a project's tasks: the positions of those that pass the filters, in the order of the sort.
//!
//! A thread of its own looks for them and adds what it finds, so the first page is there long before the last task has
//! been looked at, and what is there stays where it is.

use super::matching::Matching;
use super::orders::Orders;
use super::{TaskQuery, TaskSortKey, TaskView};
use crate::{Error, Inner, Result, clock};
use serde::Serialize;
use specta::Type;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};
use touchstone_domain::ProjectId;
use touchstone_store::{ProjectRow, StoreError};

/// Views that are kept, of four bytes a task each.
const VIEWS_MAX: usize = 4;

/// Tasks that make a first page.
const FIRST_PAGE: usize = 200;

/// How long opening a view waits for its first page, or its end.
const FIRST_PAGE_WAIT: Duration = Duration::from_millis(100);

/// How long it waits after that for a row at all: an empty table that fills in a moment is worse than the one before it.
const FIRST_ROW_WAIT: Duration = Duration::from_millis(150);

/// How long a sorted view looks for its first page in the order of the sort, which reads tasks all over the file.
const SORTED_LOOK: Duration = Duration::from_millis(30);

/// Tasks that one thread looks at before it tells what it found.
const CHUNK_TASKS: u32 = 16_384;

/// Threads that look through the tasks of one view.
const THREADS: usize = 2;

/// How long a first page takes to be on the screen.
const DRAWING: Duration = Duration::from_millis(150);

/// How long background work waits before it looks again whether it may go on.
const GIVE_WAY: Duration = Duration::from_millis(5);

/// The pause between two reports of how a view grows.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// How far a view has come.
#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskViewProgress {
    pub view_id: String,
    /// Tasks found so far.
    pub total: u32,
    pub total_is_final: bool,
}

#[derive(Default)]
struct Found {
    positions: Vec<u32>,
    is_final: bool,
    /// Why looking ended early, in words.
    failure: Option<String>,
}

impl Found {
    /// There is nothing yet, and something may come.
    fn is_awaited(&mut self) -> bool {
        !self.is_final && self.positions.is_empty()
    }

    /// An error where looking ended early.
    fn whole(&self) -> Result<()> {
        match &self.failure {
            Some(failure) => Err(Error::Internal(anyhow::anyhow!("looking for tasks: {failure}"))),
            None => Ok(()),
        }
    }
}

pub(crate) struct View {
    id: String,
    project_key: i64,
    found: Mutex<Found>,
    grown: Condvar,
    /// When there was a first page to show.
    first_page: OnceLock<Instant>,
    is_closed: AtomicBool,
}

/// The views that were opened last, last used first.
#[derive(Default)]
pub(crate) struct Views {
    open: Mutex<Vec<Arc<View>>>,
    orders: Orders,
    /// Searches that are looking through tasks now.
    searching: AtomicUsize,
    /// Projects, and their sizes, whose orders were prepared by this process.
    looked_at: Mutex<Vec<(i64, u32)>>,
}

impl View {
    pub(super) fn project_key(&self) -> i64 {
        self.project_key
    }

    /// How many tasks were found, and the positions of those from `offset` on, at most `limit`.
    pub(super) fn page(&self, offset: u32, limit: u32) -> Result<(u32, Vec<u32>)> {
        let found = self.found();
        found.whole()?;
        let start = found.positions.len().min(offset as usize);
        let end = found.positions.len().min(start + limit as usize);
        Ok((count(&found.positions), found.positions[start..end].to_vec()))
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_wanted(&self) -> bool {
        !self.is_closed.load(Ordering::Relaxed)
    }

    fn add(&self, positions: &[u32]) {
        let mut found = self.found();
        found.positions.extend_from_slice(positions);
        if found.positions.len() >= FIRST_PAGE {
            self.first_page.get_or_init(Instant::now);
        }
        self.grown.notify_all();
    }

    /// Waits while a first page that was just found is being read and drawn, which takes the same processors.
    fn let_it_be_drawn(&self) {
        if let Some(left) = self.first_page.get().and_then(|found| DRAWING.checked_sub(found.elapsed())) {
            std::thread::sleep(left);
        }
    }

    fn progress(&self) -> TaskViewProgress {
        let found = self.found();
        TaskViewProgress { view_id: self.id.clone(), total: count(&found.positions), total_is_final: found.is_final }
    }
}

fn count(positions: &[u32]) -> u32 {
    u32::try_from(positions.len()).unwrap_or(u32::MAX)
}

impl Views {
    pub(super) fn view(&self, id: &str) -> Option<Arc<View>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let place = open.iter().position(|view| view.id == id)?;
        open[..=place].rotate_right(1);
        Some(Arc::clone(&open[0]))
    }

    pub(super) fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Waits while somebody looks for tasks: work that nobody waits for must not take the processor from them.
    pub(super) fn give_way(&self) {
        while self.searching.load(Ordering::Relaxed) > 0 {
            std::thread::sleep(GIVE_WAY);
        }
    }

    /// Whether nobody has asked for this project at this size before.
    pub(super) fn is_first_look(&self, project_key: i64, tasks: u32) -> bool {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = !looked_at.contains(&(project_key, tasks));
        if is_first {
            looked_at.retain(|(known, _)| *known != project_key);
            looked_at.push((project_key, tasks));
        }
        is_first
    }

    /// Tasks of the project have other places from now on: nothing that was found of it holds.
    pub(crate) fn forget(&self, project_key: i64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|view| {
            let is_kept = view.project_key != project_key;
            if !is_kept {
                view.is_closed.store(true, Ordering::Relaxed);
            }
            is_kept
        });
        drop(open);
        self.orders.forget(project_key);
    }

    /// Closes the views that it has no room for, and those of the same project that are not done: nobody waits for them.
    fn add(&self, view: &Arc<View>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(0, Arc::clone(view));
        let mut place = 0;
        open.retain(|other| {
            let is_replaced = other.project_key == view.project_key && other.id != view.id && !other.found().is_final;
            let is_kept = place < VIEWS_MAX && !is_replaced;
            place += usize::from(is_kept);
            if !is_kept {
                other.is_closed.store(true, Ordering::Relaxed);
            }
            is_kept
        });
    }
}

/// See [`crate::Engine::open_tasks`].
pub(super) fn open(inner: &Arc<Inner>, id: &ProjectId, query: &TaskQuery) -> Result<TaskView> {
    let project = inner.store.project(id.as_str())?;
    let Some(search) = Search::of(inner, &project, query) else {
        return Ok(TaskView { view_id: None, total: project.tasks, total_is_final: true });
    };
    let view = Arc::clone(&search.view);
    inner.task_views.add(&view);
    search.begin(true)?;

    let is_short = |found: &mut Found| !found.is_final && found.positions.len() < FIRST_PAGE;
    let (found, _) =
        view.grown.wait_timeout_while(view.found(), FIRST_PAGE_WAIT, is_short).unwrap_or_else(PoisonError::into_inner);
    let (found, _) =
        view.grown.wait_timeout_while(found, FIRST_ROW_WAIT, Found::is_awaited).unwrap_or_else(PoisonError::into_inner);
    found.whole()?;
    Ok(TaskView { view_id: Some(view.id.clone()), total: count(&found.positions), total_is_final: found.is_final })
}

/// The place of the first task of a query, whose view nobody else sees; `None` if there is none.
pub(super) fn first(inner: &Arc<Inner>, id: &ProjectId, query: &TaskQuery) -> Result<Option<u32>> {
    let project = inner.store.project(id.as_str())?;
    let Some(search) = Search::of(inner, &project, query) else {
        return Ok((project.tasks > 0).then_some(0));
    };
    let view = Arc::clone(&search.view);
    search.begin(false)?;
    let found = view.grown.wait_while(view.found(), Found::is_awaited).unwrap_or_else(PoisonError::into_inner);
    view.is_closed.store(true, Ordering::Relaxed);
    found.whole()?;
    Ok(found.positions.first().copied())
}

/// Counted among the searches until it is dropped.
struct Searching<'a>(&'a AtomicUsize);

impl<'a> Searching<'a> {
    fn begin(views: &'a Views) -> Self {
        views.searching.fetch_add(1, Ordering::Relaxed);
        Self(&views.searching)
    }
}

impl Drop for Searching<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looking for the tasks of one view.
struct Search {
    inner: Arc<Inner>,
    view: Arc<View>,
    project: ProjectRow,
    query: TaskQuery,
    matching: Matching,
}

impl Search {
    /// `None` where there is nothing to look for: all tasks, in the order of the project.
    fn of(inner: &Arc<Inner>, project: &ProjectRow, query: &TaskQuery) -> Option<Self> {
        let matching = Matching::new(&query.filters);
        let is_plain = query.sort.as_ref().is_none_or(|sort| sort.by == TaskSortKey::Position && !sort.descending);
        if matching.is_empty() && is_plain {
            return None;
        }
        let view = Arc::new(View {
            id: clock::new_id(),
            project_key: project.key,
            found: Mutex::default(),
            grown: Condvar::new(),
            first_page: OnceLock::new(),
            is_closed: AtomicBool::new(false),
        });
        Some(Self { inner: Arc::clone(inner), view, project: project.clone(), query: query.clone(), matching })
    }

    /// Looks on a thread of its own. `is_told`: whoever has the view open hears when all is found.
    fn begin(self, is_told: bool) -> Result<()> {
        std::thread::Builder::new()
            .name("task-view".to_owned())
            .spawn(move || self.run(is_told))
            .map(drop)
            .map_err(|error| Error::Internal(anyhow::Error::new(error).context("starting to look for tasks")))
    }

    fn run(&self, is_told: bool) {
        let outcome = self.find();
        {
            let mut found = self.view.found();
            found.is_final = true;
            if let Err(error) = outcome {
                tracing::error!(%error, "looking for tasks");
                found.failure = Some(error.to_string());
            }
        }
        self.view.grown.notify_all();
        if is_told && self.view.is_wanted() {
            self.inner.sink.task_view(self.view.progress());
        }
    }

    fn find(&self) -> std::result::Result<(), StoreError> {
        let tasks = self.project.tasks;
        let (order, descending) = match &self.query.sort {
            None => (None, false),
            Some(sort) => match &sort.by {
                TaskSortKey::Position => (None, sort.descending),
                TaskSortKey::Field { field } => {
                    let orders = self.inner.task_views.orders();
                    let wanted = || self.view.is_wanted();
                    match orders.by_field(&self.inner, self.project.key, field, tasks, wanted)? {
                        Some(order) => (Some(order), sort.descending),
                        None => return Ok(()),
                    }
                }
            },
        };
        let _searching = Searching::begin(&self.inner.task_views);
        let at = |place: u32| {
            let place = if descending { tasks - 1 - place } else { place };
            order.as_ref().map_or(place, |order| order[place as usize])
        };
        if self.matching.is_empty() {
            self.view.add(&(0..tasks).map(at).collect::<Vec<_>>());
            return Ok(());
        }
        if order.is_none() && !descending {
            return self.scan(|positions| self.view.add(&positions));
        }
        // The first page in the order of the sort, if it is soon found there; meanwhile all in the order of the file, which
        // is many times faster a task.
        let mut passing = vec![false; tasks as usize];
        std::thread::scope(|scope| {
            let all = scope.spawn(|| {
                self.scan(|positions| {
                    for position in positions {
                        passing[position as usize] = true;
                    }
                })
            });
            self.first_page((0..tasks).map(at))?;
            all.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        if self.view.is_wanted() {
            let first = self.view.found().positions.clone();
            // What changed since the first page was found must not move its rows.
            for position in &first {
                passing[*position as usize] = false;
            }
            let rest: Vec<u32> = (0..tasks).map(at).filter(|position| passing[*position as usize]).collect();
            self.view.add(&rest);
        }
        Ok(())
    }

    /// Finds a page of tasks at its start, as far as it comes in the time it has.
    fn first_page(&self, order: impl Iterator<Item = u32>) -> std::result::Result<(), StoreError> {
        let begun = Instant::now();
        let mut first = Vec::with_capacity(FIRST_PAGE);
        let has_time = |_: &Range<u32>| begun.elapsed() < SORTED_LOOK;
        let ranges = order.map(|position| position..position + 1).take_while(has_time);
        let (conditions, columns) = (&self.matching.conditions, self.matching.columns());
        self.inner.store.scan_tasks(self.project.key, ranges, conditions, columns, |task| {
            if self.matching.passes(task) {
                first.push(task.position);
            }
            first.len() < FIRST_PAGE
        })?;
        self.view.add(&first);
        Ok(())
    }

    /// Looks at every task, several at a time, and hands over the positions of those that pass, ascending.
    fn scan(&self, mut take: impl FnMut(Vec<u32>)) -> std::result::Result<(), StoreError> {
        let chunks = self.project.tasks.div_ceil(CHUNK_TASKS);
        let next = AtomicU32::new(0);
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        self.view.let_it_be_drawn();
                        let chunk = next.fetch_add(1, Ordering::Relaxed);
                        // Nobody listens after a failure, and then the rest is not looked at.
                        if chunk >= chunks || !self.view.is_wanted() || sender.send((chunk, self.chunk(chunk))).is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            // Chunks come as they are done and are handed over in order.
            let mut waiting: Vec<Option<Vec<u32>>> = vec![None; chunks as usize];
            let mut due = 0;
            let mut reported = Instant::now();
            for (chunk, found) in receiver {
                waiting[chunk as usize] = Some(found?);
                while let Some(found) = waiting.get_mut(due).and_then(Option::take) {
                    take(found);
                    due += 1;
                }
                if reported.elapsed() >= REPORT_EVERY && self.view.is_wanted() {
                    reported = Instant::now();
                    self.inner.sink.task_view(self.view.progress());
                }
            }
            Ok(())
        })
    }

    fn chunk(&self, chunk: u32) -> std::result::Result<Vec<u32>, StoreError> {
        let start = chunk * CHUNK_TASKS;
        let range = start..(start.saturating_add(CHUNK_TASKS)).min(self.project.tasks);
        let mut found = Vec::new();
        let (conditions, columns) = (&self.matching.conditions, self.matching.columns());
        self.inner.store.scan_tasks(self.project.key, [range], conditions, columns, |task| {
            if self.matching.passes(task) {
                found.push(task.position);
            }
            true
        })?;
        Ok(found)
    }
}
