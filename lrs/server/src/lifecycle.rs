//! One stop for everything: asked for once it drains, asked for twice it ends at once.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::exit::{Exit, Failure};

/// Asks everything to stop.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Waits to be asked to stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Makes the two ends of a stop.
pub(crate) fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks everything to stop.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until a stop is asked for, or nobody is left to ask.
    pub(crate) async fn asked(&mut self) {
        // An error means that the stopper is gone, which ends the wait as well.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    /// Tells whether a stop was asked for.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

/// SIGINT and SIGTERM.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes both signals over from the operating system.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                Failure::new(
                    Exit::Software,
                    format!("cannot listen for signals: {error}"),
                )
            })
        };
        let interrupt = listen(SignalKind::interrupt())?;
        Ok(Self {
            interrupt,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for the first signal.
    pub(crate) async fn first(&mut self) {
        self.next().await;
    }

    /// Ends the process at the next signal, whatever is under way: all that was acknowledged is
    /// durable already.
    pub(crate) async fn end_at_next(mut self) {
        process::exit(128 + self.next().await);
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
        }
    }
}
