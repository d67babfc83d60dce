//! From a component file to something that can be instantiated.

use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use wasmtime::component::{Component, Linker};
use wasmtime::{Cache, Config, Engine, EngineWeak, PoolingAllocationConfig};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::guest::State;
use super::spin;

/// How often a running guest lets others have its thread, and can be stopped.
const TICK: Duration = Duration::from_millis(10);

/// The most functions that a guest may call through a table.
const MAX_TABLE_ELEMENTS: usize = 1 << 20;

/// The most bytes that wasmtime may need to describe one core instance.
const MAX_INSTANCE_SIZE: usize = 64 << 20;

/// What a file must be, for error messages.
const EXPECTED: &str = "expected a WASI 0.2 component that exports \
     wasi:http/incoming-handler, as `scripts/build` makes edgeinfer-spin.wasm";

/// Compiles the component at `path` and links it to WASI 0.2, `wasi:http`, and what of
/// Spin this host has.
///
/// Compiled code is kept in wasmtime's cache on disk, so the same file is
/// ready at once the next time.
///
/// # Errors
///
/// The file cannot be read, is no component, imports what this host does not
/// offer, or does not export the handler.
pub(crate) fn load(path: &Path) -> Result<ProxyPre<State>> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the component {}; {EXPECTED}", path.display()))?;
    let refused = || format!("cannot serve {}; {EXPECTED}", path.display());
    ensure!(bytes.starts_with(b"\0asm"), "{}: it is no WebAssembly", refused());
    compile(&bytes).with_context(refused)
}

/// [`load`] from memory.
pub(crate) fn compile(bytes: &[u8]) -> Result<ProxyPre<State>> {
    let engine = engine()?;
    let component = Component::from_binary(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    spin::add_to_linker(&mut linker)?;
    let component = ProxyPre::new(linker.instantiate_pre(&component)?)?;
    tick(engine.weak())?;
    Ok(component)
}

fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // WASI 0.2 guests answer one request at a time; the bookkeeping for more
    // makes a request to a fresh instance a fifth slower.
    config.concurrency_support(false);
    // Starting without a cache is slower and otherwise the same.
    config.cache(Cache::from_file(None).ok());

    // A pool makes a request to a fresh instance a quarter faster, but reserves
    // terabytes of address space, which not every machine grants.
    let mut pool = PoolingAllocationConfig::new();
    pool.table_elements(MAX_TABLE_ELEMENTS).max_core_instance_size(MAX_INSTANCE_SIZE);
    let mut pooled = config.clone();
    pooled.allocation_strategy(pool);
    Engine::new(&pooled).or_else(|_| Engine::new(&config))
}

/// Advances the engine's epoch until the engine is gone. Guests hold the
/// engine, so one that runs while the server stops still yields, and can be
/// dropped.
fn tick(engine: EngineWeak) -> io::Result<()> {
    thread::Builder::new().name("edgeinfer-epoch".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message about a component file that holds `bytes`, with its causes.
    fn refusal(bytes: &[u8]) -> Result<String> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("guest.wasm");
        std::fs::write(&path, bytes)?;
        let error = load(&path).err().context("was accepted")?;
        Ok(format!("{error:#}"))
    }

    #[test]
    fn what_cannot_be_served_is_named_with_what_was_expected() -> Result<()> {
        let import = r#"(component (import "fermyon:spin/sqlite@2.0.0" (instance (export "x" (func)))))"#;
        for (bytes, cause) in [
            (b"PK archive".to_vec(), "no WebAssembly"),
            (wat::parse_str("(module)")?, "module"),
            (wat::parse_str("(component)")?, "wasi:http/incoming-handler"),
            (wat::parse_str(import)?, "fermyon:spin/sqlite"),
        ] {
            let message = refusal(&bytes)?;
            for part in ["guest.wasm", EXPECTED, cause] {
                assert!(message.contains(part), "{part} is not in: {message}");
            }
        }
        Ok(())
    }
}
