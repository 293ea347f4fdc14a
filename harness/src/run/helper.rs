//! Work with a time limit: each thread has a helper that does it, and leaves one behind that does not come back.

use std::cell::RefCell;
use std::io;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    static HELPER: RefCell<Option<Sender<Job>>> = const { RefCell::new(None) };
}

/// What the work gives; `None` when it takes longer than the limit, or ends without giving anything.
///
/// Errors: no thread can be started.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (send, receive) = mpsc::channel();
    // The receiver is gone when the work took too long.
    hand_over(Box::new(move || _ = send.send(work())))?;
    let given = receive.recv_timeout(limit).ok();
    if given.is_none() {
        HELPER.take();
    }
    Ok(given)
}

fn hand_over(job: Job) -> io::Result<()> {
    let job = match HELPER.take() {
        Some(helper) => match helper.send(job) {
            Ok(()) => {
                HELPER.set(Some(helper));
                return Ok(());
            }
            Err(gone) => gone.0,
        },
        None => job,
    };
    let (jobs, waiting) = mpsc::channel::<Job>();
    std::thread::Builder::new().spawn(move || waiting.into_iter().for_each(|job| job()))?;
    _ = jobs.send(job);
    HELPER.set(Some(jobs));
    Ok(())
}
