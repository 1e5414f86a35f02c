//! Opening the data folder for a subcommand, by the configuration in force.

use zeroize::Zeroizing;

use super::{Failure, complain};
use crate::config::{Config, StoreKey};
use crate::store::key::KeySources;
use crate::store::{Folder, FolderSettings, Reads};

/// What the configuration says about the data folder.
pub fn settings(config: &Config, read_only: bool) -> FolderSettings {
    let mut keys = KeySources {
        credentials: config.store.credentials.clone(),
        ..KeySources::default()
    };
    match &config.store.key {
        Some(StoreKey::Hex(key)) => keys.key = Some(Zeroizing::new(key.expose().to_owned())),
        Some(StoreKey::File(path)) => keys.file = Some(path.clone()),
        None => {}
    }
    FolderSettings {
        path: config.data_dir.clone(),
        mode: config.mode,
        keys,
        cache_bytes: config.store.cache_bytes,
        read_only,
    }
}

/// Opens the data folder to look at, also beside a running gateway, and tells its warnings.
///
/// # Errors
/// Why the folder does not open, in words.
pub fn look(config: &Config) -> Result<Folder, Failure> {
    let folder = Folder::open(&settings(config, true))?;
    for warning in &folder.warnings {
        complain(format_args!("warning: {warning}"));
    }
    Ok(folder)
}

/// A reader over an open folder.
pub fn reads(folder: &Folder, config: &Config) -> Reads {
    let clock = crate::clock::Clock::sandbox(config.clock_offset_seconds);
    Reads::over(folder.engine.clone(), config.house.clone(), clock)
}
