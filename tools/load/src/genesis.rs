//! Puts accounts with a balance into a chain specification.

use crate::{accounts::Party, error::LoadError};
use codec::{Decode, Encode};
use frame_system::AccountInfo;
use pallet_balances::AccountData;
use rwa_primitives::{AccountId, Balance, Nonce};
use rwa_runtime::{constants::currency::RWA, Runtime};
use serde_json::{Map, Value};
use sp_core::{
	bytes::{from_hex, to_hex},
	crypto::Ss58Codec,
};
use std::{
	fs::File,
	io::{BufReader, BufWriter, Write},
	path::{Path, PathBuf},
};

/// Most accounts that a plain specification takes. The node hands a plain genesis to the runtime as
/// one piece of text, and the runtime's memory takes no piece of more than 32 MiB. A raw one has no
/// such bound.
const MOST_IN_PLAIN: usize = 200_000;

/// Put senders and receivers into a chain specification.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  rwa-node export-chain-spec --chain local --raw > base.json
  rwa-load genesis --base base.json --accounts 100000 --out bench.json")]
pub struct Genesis {
	/// Senders, and as many receivers: //Sender//0, //Receiver//0, …
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	accounts: u32,
	/// Specification to start from, plain or raw, as `rwa-node export-chain-spec` writes it. Raw is
	/// needed for more than 100,000 accounts
	#[arg(long, value_name = "FILE")]
	base: PathBuf,
	/// Balance of each account, in RWA
	#[arg(long, value_name = "RWA", default_value_t = 100)]
	balance: u32,
	/// Where to write the new specification
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
}

impl Genesis {
	/// Writes the new specification, and to `out` what it did.
	pub fn run(&self, out: &mut impl Write) -> Result<(), LoadError> {
		let mut specification = read(&self.base)?;
		let mut accounts = Party::Sender.accounts(0..self.accounts)?;
		accounts.extend(Party::Receiver.accounts(0..self.accounts)?);
		let balance = Balance::from(self.balance).saturating_mul(RWA);
		endow(&mut specification, &accounts, balance)
			.map_err(|reason| LoadError::Specification { path: self.base.clone(), reason })?;
		write(&self.out, &specification)?;
		writeln!(
			out,
			"{}: {} accounts with {} RWA each added to {}",
			self.out.display(),
			accounts.len(),
			self.balance,
			self.base.display()
		)?;
		Ok(())
	}
}

fn read(path: &Path) -> Result<Value, LoadError> {
	let file = File::open(path).map_err(LoadError::file(path))?;
	serde_json::from_reader(BufReader::new(file)).map_err(|error| LoadError::Specification {
		path: path.to_owned(),
		reason: format!("not JSON: {error}"),
	})
}

fn write(path: &Path, specification: &Value) -> Result<(), LoadError> {
	let mut file = BufWriter::new(File::create(path).map_err(LoadError::file(path))?);
	serde_json::to_writer(&mut file, specification)
		.map_err(|error| LoadError::file(path)(error.into()))?;
	file.flush().map_err(LoadError::file(path))
}

/// Gives each account its balance. The error says why the specification can't take them.
fn endow(
	specification: &mut Value,
	accounts: &[AccountId],
	balance: Balance,
) -> Result<(), String> {
	let genesis = specification
		.get_mut("genesis")
		.and_then(Value::as_object_mut)
		.ok_or("not a chain specification: it has no `genesis`")?;
	if let Some(raw) = genesis.get_mut("raw") {
		let top = raw
			.get_mut("top")
			.and_then(Value::as_object_mut)
			.ok_or("not a raw chain specification: it has no `genesis.raw.top`")?;
		return endow_raw(top, accounts, balance);
	}
	let plain = genesis
		.get_mut("runtimeGenesis")
		.and_then(Value::as_object_mut)
		.and_then(|runtime| {
			let key = if runtime.contains_key("config") { "config" } else { "patch" };
			runtime.get_mut(key)
		})
		.and_then(Value::as_object_mut)
		.ok_or(
			"neither raw nor plain: it has neither `genesis.raw` nor `genesis.runtimeGenesis.patch`",
		)?;
	endow_plain(plain, accounts, balance)
}

fn endow_plain(
	config: &mut Map<String, Value>,
	accounts: &[AccountId],
	balance: Balance,
) -> Result<(), String> {
	if accounts.len() > MOST_IN_PLAIN {
		return Err(format!(
			"a plain specification takes at most {MOST_IN_PLAIN} accounts, not {}; start from a raw \
			 one (`export-chain-spec --raw`)",
			accounts.len()
		));
	}
	// JSON numbers beyond 64 bits would lose digits.
	let balance = u64::try_from(balance).map_err(|_| "the balance is more than 2⁶⁴ - 1 units")?;
	let balances = config
		.entry("balances")
		.or_insert_with(|| Value::Object(Map::new()))
		.as_object_mut()
		.ok_or("`balances` is not an object")?
		.entry("balances")
		.or_insert_with(|| Value::Array(Vec::new()))
		.as_array_mut()
		.ok_or("`balances.balances` is not a list")?;
	balances.extend(accounts.iter().map(|who| serde_json::json!([who.to_ss58check(), balance])));
	Ok(())
}

/// As the balances pallet does at genesis: one provider, the balance, and the sum of all balances.
fn endow_raw(
	top: &mut Map<String, Value>,
	accounts: &[AccountId],
	balance: Balance,
) -> Result<(), String> {
	let data = AccountData { free: balance, ..Default::default() };
	let info: AccountInfo<Nonce, AccountData<Balance>> =
		AccountInfo { providers: 1, data, ..Default::default() };
	let info = Value::String(hex(&info.encode()));
	for who in accounts {
		let key = hex(&frame_system::Account::<Runtime>::hashed_key_for(who));
		if top.insert(key, info.clone()).is_some() {
			return Err(format!("{} has a balance there already", who.to_ss58check()));
		}
	}
	let key = hex(&pallet_balances::TotalIssuance::<Runtime>::hashed_key());
	let issued = top.get(&key).and_then(Value::as_str).ok_or("it says no total issuance")?;
	let issued = from_hex(issued)
		.ok()
		.and_then(|bytes| Balance::decode(&mut &bytes[..]).ok())
		.ok_or("its total issuance can't be read")?;
	let added = balance
		.checked_mul(accounts.len() as Balance)
		.and_then(|added| issued.checked_add(added))
		.ok_or("the total issuance would be more than 2¹²⁸ - 1 units")?;
	top.insert(key, Value::String(hex(&added.encode())));
	Ok(())
}

fn hex(bytes: &[u8]) -> String {
	to_hex(bytes, false)
}

#[cfg(test)]
mod tests {
	use super::*;
	use rwa_runtime::RuntimeGenesisConfig;
	use serde_json::json;
	use sp_runtime::BuildStorage;
	use std::collections::BTreeMap;

	fn accounts() -> Vec<AccountId> {
		let mut accounts = Party::Sender.accounts(0..3).unwrap();
		accounts.extend(Party::Receiver.accounts(0..3).unwrap());
		accounts
	}

	/// The state that the runtime itself builds for these balances.
	fn built(balances: Vec<(AccountId, Balance)>) -> BTreeMap<String, String> {
		let mut config = RuntimeGenesisConfig::default();
		config.balances.balances = balances;
		let storage = config.build_storage().unwrap();
		storage.top.iter().map(|(key, value)| (hex(key), hex(value))).collect()
	}

	#[test]
	fn raw_endowment_should_give_the_state_that_the_runtime_builds() {
		let before = (AccountId::new([9; 32]), 5 * RWA);
		let mut specification =
			json!({ "genesis": { "raw": { "top": built(vec![before.clone()]) } } });

		endow(&mut specification, &accounts(), 7 * RWA).unwrap();

		let mut all = vec![before];
		all.extend(accounts().into_iter().map(|who| (who, 7 * RWA)));
		assert_eq!(specification["genesis"]["raw"]["top"], json!(built(all)));
	}

	#[test]
	fn raw_endowment_should_refuse_an_account_that_is_there() {
		let there = accounts().into_iter().map(|who| (who, RWA)).collect();
		let mut specification = json!({ "genesis": { "raw": { "top": built(there) } } });
		let refused = endow(&mut specification, &accounts(), RWA);
		assert!(refused.unwrap_err().contains("has a balance there already"));
	}

	#[test]
	fn raw_endowment_should_refuse_what_is_no_state_of_this_runtime() {
		let mut specification = json!({ "genesis": { "raw": { "top": {} } } });
		let refused = endow(&mut specification, &accounts(), RWA);
		assert_eq!(refused.unwrap_err(), "it says no total issuance");
	}

	#[test]
	fn plain_endowment_should_keep_what_is_there() {
		let mut specification = json!({ "name": "x", "genesis": { "runtimeGenesis": {
			"code": "0x00",
			"patch": { "balances": { "balances": [["somebody", 1]] }, "sudo": { "key": "k" } }
		} } });

		endow(&mut specification, &accounts(), 7 * RWA).unwrap();

		let patch = &specification["genesis"]["runtimeGenesis"]["patch"];
		assert_eq!(patch["sudo"]["key"], "k");
		assert_eq!(specification["name"], "x");
		let balances = patch["balances"]["balances"].as_array().unwrap();
		assert_eq!(balances.len(), 1 + accounts().len());
		assert_eq!(balances[0], json!(["somebody", 1]));
		assert_eq!(balances[1], json!([accounts()[0].to_ss58check(), 7_000_000_000_000_u64]));
	}

	#[test]
	fn plain_endowment_should_be_read_by_the_runtime() {
		let mut specification = json!({ "genesis": { "runtimeGenesis": { "patch": {} } } });
		endow(&mut specification, &accounts(), RWA).unwrap();
		let patch = specification["genesis"]["runtimeGenesis"]["patch"]["balances"].clone();
		let read: pallet_balances::GenesisConfig<Runtime> =
			serde_json::from_value(json!({ "balances": patch["balances"], "devAccounts": null }))
				.unwrap();
		let expected: Vec<_> = accounts().into_iter().map(|who| (who, RWA)).collect();
		assert_eq!(read.balances, expected);
	}

	#[test]
	fn plain_endowment_should_refuse_more_than_the_runtime_can_read() {
		let mut specification = json!({ "genesis": { "runtimeGenesis": { "patch": {} } } });
		let many = vec![AccountId::new([1; 32]); MOST_IN_PLAIN + 1];
		assert!(endow(&mut specification, &many, RWA).unwrap_err().contains("--raw"));
	}

	#[test]
	fn other_json_should_be_refused_in_words() {
		for other in
			[json!([]), json!({}), json!({ "genesis": {} }), json!({ "genesis": { "raw": 1 } })]
		{
			assert!(!endow(&mut other.clone(), &accounts(), RWA).unwrap_err().is_empty());
		}
	}
}
