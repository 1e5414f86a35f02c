//! Work on a thread of its own, which a signal ends early. Knows nothing of what the work is.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::cli::serve::Signals;
use crate::cli::{Failure, complain};

/// How long work that was asked to stop may take to do so.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// How far the work came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ran<T> {
    /// To its end.
    Whole(T),
    /// A signal ended it.
    Stopped,
    /// A second signal did not even let it end.
    Cut,
}

/// Does `work`, which hears through its argument that it is to stop. After a first signal it has
/// a moment to do so, and then is left behind: the thread ends with the process.
pub(super) async fn unless_stopped<T: Send + 'static>(
    signals: &mut Signals,
    work: impl FnOnce(CancellationToken) -> T + Send + 'static,
) -> Result<Ran<T>, Failure> {
    let stop = CancellationToken::new();
    let (tell, mut done) = oneshot::channel();
    let heard = stop.clone();
    // A plain thread, because a runtime waits at its end for the blocking work it was given.
    std::thread::Builder::new()
        .name("demo".to_owned())
        .spawn(move || drop(tell.send(work(heard))))?;
    let name = tokio::select! {
        done = &mut done => {
            return done
                .map(Ran::Whole)
                .map_err(|_| Failure::new("the demo's work ended by a panic"));
        }
        name = signals.next() => name,
    };
    complain(format_args!("stopped by {name} before the day was over"));
    stop.cancel();
    let stopped = tokio::time::timeout(STOP_WITHIN, done);
    Ok(tokio::select! {
        _ = stopped => Ran::Stopped,
        _ = signals.next() => Ran::Cut,
    })
}
