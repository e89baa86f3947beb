//! What everything costs, measured. `scripts/weights.sh` writes each file here but this one; how, and on
//! what machine, is in `docs/measurements/README.md`.
//!
//! [`storage`] is the database, [`overhead`] is a block and an extrinsic with nothing in them, and each
//! other module is a pallet's calls and hooks, named after what the benchmarks are named after. BABE,
//! GRANDPA, conviction voting and safe mode are missing: their benchmarks don't measure what can happen
//! here, so they keep the SDK's figures; `configs` says why.

// A pallet whose calls touch no storage doesn't need what the template imports.
#![allow(unused_imports)]

pub mod frame_system;
pub mod frame_system_extensions;
pub mod overhead;
pub mod pallet_assets;
pub mod pallet_bags_list;
pub mod pallet_balances;
pub mod pallet_collective;
pub mod pallet_election_provider_support_benchmarking;
pub mod pallet_im_online;
pub mod pallet_migrations;
pub mod pallet_multisig;
pub mod pallet_preimage;
pub mod pallet_proxy;
pub mod pallet_referenda;
pub mod pallet_rwa_clock;
pub mod pallet_rwa_devices;
pub mod pallet_rwa_documents;
pub mod pallet_rwa_node_registry;
pub mod pallet_rwa_oracle;
pub mod pallet_rwa_slashing;
pub mod pallet_scheduler;
pub mod pallet_session;
pub mod pallet_staking;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_transaction_payment;
pub mod pallet_treasury;
pub mod pallet_tx_pause;
pub mod pallet_utility;
pub mod storage;
