//! What Spin gives its components beside WASI: variables, and key-value stores that all
//! instances share.

mod key_value;
mod variables;

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};

use self::key_value::Stores;
use super::guest::State;

/// The interfaces, as far as they are given. The names and types are those of
/// `wasi:keyvalue` and of Spin 2.
///
/// <https://github.com/WebAssembly/wasi-keyvalue>
mod bindings {
    wasmtime::component::bindgen!({
        inline: r#"
            package edgeinfer:host;

            package wasi:keyvalue@0.2.0-draft2 {
                interface store {
                    variant error { no-such-store, access-denied, other(string) }
                    record key-response { keys: list<string>, cursor: option<string> }
                    open: func(identifier: string) -> result<bucket, error>;
                    resource bucket {
                        get: func(key: string) -> result<option<list<u8>>, error>;
                        set: func(key: string, value: list<u8>) -> result<_, error>;
                        delete: func(key: string) -> result<_, error>;
                        exists: func(key: string) -> result<bool, error>;
                    }
                }
                interface atomics {
                    use store.{bucket, error};
                    variant cas-error { store-error(error), cas-failed(cas) }
                    resource cas {
                        new: static func(bucket: borrow<bucket>, key: string) -> result<cas, error>;
                        current: func() -> result<option<list<u8>>, error>;
                    }
                    swap: func(cas: cas, value: list<u8>) -> result<_, cas-error>;
                }
            }

            package fermyon:spin@2.0.0 {
                interface variables {
                    get: func(name: string) -> result<string, error>;
                    variant error {
                        invalid-name(string), undefined(string), provider(string), other(string),
                    }
                }
            }

            world spin {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import fermyon:spin/variables@2.0.0;
            }
        "#,
        imports: { default: trappable },
        with: {
            "wasi:keyvalue/store.bucket": super::key_value::Bucket,
            "wasi:keyvalue/atomics.cas": super::key_value::Cas,
        },
    });
}

/// What all instances share.
#[derive(Clone)]
pub(crate) struct Shared {
    stores: Arc<Stores>,
    variables: Arc<BTreeMap<String, String>>,
}

impl Shared {
    /// Empty stores, and `variables` by name.
    pub(crate) fn new(variables: BTreeMap<String, String>) -> Self {
        Self { stores: Arc::default(), variables: Arc::new(variables) }
    }
}

/// Gives guests the interfaces.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::Spin::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}
