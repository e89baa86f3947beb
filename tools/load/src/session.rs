//! What a run and a burst begin with: connections, signed transfers, and accounts that are as they
//! should be.

use crate::{
	accounts::Party,
	chain::{ChainRecord, Content},
	error::LoadError,
	follow::{Event, Following, Seen},
	ledger::Ledger,
	report::Environment,
	rpc::Node,
	transactions::{hash_of, ChainIdentity, Plan, Prepared},
};
use rwa_primitives::Balance;
use serde::Serialize;
use std::{io::Write, sync::Arc, time::Instant};

/// Amount of a transfer: the existential deposit, so that it would be enough for a new account too.
const AMOUNT: Balance = rwa_runtime::constants::currency::EXISTENTIAL_DEPOSIT;

/// Nodes to send to, and how.
#[derive(Clone, Debug, clap::Args, Serialize)]
pub struct Target {
	/// WebSocket address of a node. Repeat it to share the load among nodes; blocks and finality are
	/// observed at the first
	#[arg(long = "url", value_name = "URL", default_value = "ws://127.0.0.1:9944")]
	urls: Vec<String>,
	/// Connections to each node
	#[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = positive())]
	connections: u32,
	/// Most submissions that await an answer at any time, over all connections
	#[arg(long, value_name = "COUNT", default_value_t = 256, value_parser = positive())]
	in_flight: u32,
	/// Number of the first sender and receiver. A second run on the same chain starts after the
	/// accounts that the first used
	#[arg(long, value_name = "NUMBER", default_value_t = 0)]
	first: u32,
}

/// Everything that is there before the clock starts.
pub struct Session {
	/// The transfers, in the order of [`Plan::sign`].
	pub prepared: Arc<Vec<Prepared>>,
	/// Connections to submit over, those to different nodes alternating.
	pub connections: Vec<Arc<Node>>,
	/// Blocks and finality of the first node.
	pub following: Following,
	/// What is written down.
	pub observer: Observer,
	/// Where.
	pub environment: Environment,
}

/// Writes down what happens at a node, looking into its blocks.
pub struct Observer {
	asking: Node,
	/// The transfers.
	pub ledger: Ledger,
	/// The blocks.
	pub chain: ChainRecord,
}

fn positive() -> clap::builder::RangedI64ValueParser<u32> {
	clap::value_parser!(u32).range(1..)
}

impl Target {
	/// How many submissions may await an answer.
	pub fn lanes(&self) -> usize {
		self.in_flight as usize
	}

	/// Connects, signs `count` transfers of `senders` senders, looks whether the accounts are there
	/// and untouched, and begins to observe. Says on `out` what takes its time.
	pub async fn begin(
		&self,
		count: u32,
		senders: u32,
		out: &mut impl Write,
	) -> Result<Session, LoadError> {
		let asking = Node::connect(self.first_url()?).await?;
		let chain = asking.identity().await?;
		let connections = self.connect(chain).await?;
		self.check_accounts(&asking, senders).await?;

		writeln!(out, "signing {count} transfers of {senders} senders")?;
		let started = Instant::now();
		let plan = Plan { count, senders, first: self.first, amount: AMOUNT };
		let prepared = Arc::new(plan.sign(chain)?);
		writeln!(out, "signed in {:.1} s; sending", started.elapsed().as_secs_f64())?;

		Ok(Session {
			connections,
			following: Following::start(asking.url()).await?,
			environment: Environment::new(asking.software().await?),
			observer: Observer {
				ledger: Ledger::new(prepared.iter().map(|each| each.hash)),
				chain: ChainRecord::default(),
				asking,
			},
			prepared,
		})
	}

	fn first_url(&self) -> Result<&str, LoadError> {
		let missing = || LoadError::Arguments("no --url".into());
		self.urls.first().map(String::as_str).ok_or_else(missing)
	}

	async fn connect(&self, chain: ChainIdentity) -> Result<Vec<Arc<Node>>, LoadError> {
		let mut connections = Vec::new();
		for _ in 0..self.connections {
			for url in &self.urls {
				let node = Node::connect(url).await?;
				let found = node.identity().await?.genesis;
				if found != chain.genesis {
					let expected = chain.genesis;
					return Err(LoadError::OtherChain { url: url.clone(), found, expected });
				}
				connections.push(Arc::new(node));
			}
		}
		Ok(connections)
	}

	/// Looks at the first and the last account of each set, which tells a specification with too few
	/// accounts and a run that used them.
	async fn check_accounts(&self, node: &Node, senders: u32) -> Result<(), LoadError> {
		let last = self.first.saturating_add(senders.saturating_sub(1));
		for party in [Party::Sender, Party::Receiver] {
			for number in [self.first, last] {
				let uri = party.uri(number);
				for account in party.accounts(number..number.saturating_add(1))? {
					let problem = match node.nonce(&account).await? {
						None => "does not exist".to_owned(),
						Some(0) => continue,
						Some(nonce) => format!("has sent {nonce} transactions already"),
					};
					return Err(LoadError::Account { uri, problem });
				}
			}
		}
		Ok(())
	}
}

impl Observer {
	/// Writes an event down. Says how many of our transfers became final with it, if it is a block
	/// that became final.
	pub async fn note(&mut self, event: Event) -> Result<Option<usize>, LoadError> {
		match event {
			Event::Block(seen) => {
				let content = unless_lost(self.look_into(&seen).await)?;
				self.chain.seen(seen, content);
				Ok(None)
			}
			Event::Reorganised(retracted) => {
				self.chain.reorganised(retracted);
				Ok(None)
			}
			Event::Finalised { hash, at } => {
				self.chain.finalised(hash, at);
				Ok(Some(self.ledger.finalised(hash, at)))
			}
		}
	}

	async fn look_into(&mut self, seen: &Seen) -> Result<Content, LoadError> {
		let block = self.asking.block(seen.hash).await?;
		let transactions = block.extrinsics.iter().map(|bytes| hash_of(&bytes.0));
		Ok(Content {
			ours: self.ledger.block(seen.hash, seen.at, transactions),
			bytes: block.extrinsics.iter().map(|bytes| bytes.0.len()).sum(),
			fullness: self.asking.fullness(seen.hash).await?,
		})
	}
}

/// What is known of a block; `None` if it has lost a fork, and the node has forgotten it. Its
/// transactions count when another block holds them: a final one that was forgotten would show as lost
/// transfers.
fn unless_lost(content: Result<Content, LoadError>) -> Result<Option<Content>, LoadError> {
	match content {
		Ok(content) => Ok(Some(content)),
		Err(LoadError::UnknownBlock { .. }) => Ok(None),
		Err(error) => Err(error),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::H256;

	#[test]
	fn a_block_that_lost_its_fork_should_not_end_the_measurement() {
		let lost = LoadError::UnknownBlock { url: "test".into(), hash: H256::zero() };
		assert!(matches!(unless_lost(Err(lost)), Ok(None)));
		assert!(matches!(unless_lost(Ok(Content::default())), Ok(Some(_))));
		assert!(unless_lost(Err(LoadError::Arguments("other".into()))).is_err());
	}
}
