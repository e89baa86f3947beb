//! The traits that pallets meet through. The runtime plugs the implementations together, so that
//! each pallet can be read, mocked, tested and replaced alone.

use alloc::vec::Vec;

use sp_arithmetic::Perbill;
use sp_core::H256;
use sp_runtime::DispatchError;

use crate::{
	app_key::{AppPublic, Role},
	device::{DeviceKey, Standing},
	fault::{Fault, FaultReport, PendingPenalty},
	feed::{Answer, FeedId, Value},
	node::Region,
	reading::Reading,
	AssetId,
};

/// Who acts in which role, and with which app key. Implemented by the node registry.
pub trait AppKeys<AccountId> {
	/// The account that `key` acts for, and the role it acts in. `None`: not registered.
	fn operator_of(key: &AppPublic) -> Option<(AccountId, Role)>;

	/// The app key that acts for `account`. `None`: it has registered none.
	fn key_of(account: &AccountId) -> Option<AppPublic>;

	/// Whether `account` may act in `role` now.
	fn is_active(account: &AccountId, role: Role) -> bool;
}

/// A clock that counts blocks in which the network works, and stands still while it is in safe mode.
///
/// Every deadline that costs somebody something is measured by it: nobody is late because the
/// network was halted.
pub trait WorkingTime<BlockNumber> {
	/// Working blocks since genesis.
	fn now() -> BlockNumber;

	/// Whether the clock advances in this block.
	fn is_running() -> bool;
}

/// What the feeds say. Implemented by the oracle; read by whoever acts on evidence.
pub trait FeedReader<BlockNumber> {
	/// The latest answer of `feed`, with its age and whether it may still be relied on. `None`: no
	/// such feed, or it has not agreed on anything yet.
	///
	/// Look at the status, or take the reading by [`Answer::fresh`]: a feed that has gone quiet keeps
	/// its last answer.
	fn latest(feed: &FeedId) -> Option<Answer<BlockNumber>>;

	/// The last answers of `feed`, oldest first: each with the block that its round closed in. As many as
	/// the oracle keeps.
	fn history(feed: &FeedId) -> Vec<(BlockNumber, Reading)>;

	/// The mean of a scalar feed's answers from block `from` to before block `until`, each counted for as
	/// long as it was the latest. `None`: no scalars, `from` is before the oldest answer that is kept,
	/// `until` is not after it or in the future.
	fn time_weighted(feed: &FeedId, from: BlockNumber, until: BlockNumber) -> Option<Value>;
}

/// Who owns the assets.
pub trait AssetOwners<AccountId> {
	/// The owner of `asset`. `None`: there is no such asset.
	fn owner_of(asset: AssetId) -> Option<AccountId>;
}

/// The devices that measure for feeds, and sign what they measure. Implemented by the devices pallet; used by the
/// oracle.
pub trait Devices<AccountId, BlockNumber> {
	/// What is known of `device` as a source of `feed`. `None`: it isn't registered on the feed's asset.
	fn standing(device: &DeviceKey, feed: &FeedId) -> Option<Standing<BlockNumber>>;

	/// `feed` has used what `device` measured up to `counter`, and uses nothing older any more. Does nothing if it
	/// has used newer measurements, or if the device isn't registered on the feed's asset.
	fn note_counter(device: &DeviceKey, feed: &FeedId, counter: u64);

	/// `device` has signed two different measurements with one counter; the caller has seen both. `reporter`
	/// has shown that, and gets a share of the deposit.
	///
	/// # Errors
	///
	/// The device is not registered, or was condemned before. Nothing has changed then.
	fn condemn(device: &DeviceKey, reporter: &AccountId) -> Result<(), DispatchError>;
}

/// What nodes have at stake, and how it is taken from them. Implemented by the node registry; used by
/// whoever punishes.
pub trait Stakes<AccountId, Balance, BlockNumber> {
	/// The role that `who` is registered in, active or not. `None`: not registered.
	fn role_of(who: &AccountId) -> Option<Role>;

	/// All of `who`'s stake that a penalty can reach: what is bonded, and what is leaving. Zero for
	/// validators, whose stake the staking pallet has.
	fn at_stake(who: &AccountId) -> Balance;

	/// The share of its stake that a fault of full severity cost a node in `role` in the working block
	/// `at`. Governance may have changed it since.
	fn slash_rate(role: Role, at: BlockNumber) -> Perbill;

	/// Takes up to `amount` of `who`'s stake, what is bonded first, then what is leaving. `share` of what
	/// was taken goes to `reporter`, if there is one and it can receive it; the rest goes where slashes go.
	///
	/// Gives what was taken in all, and what of it the reporter got.
	fn seize(
		who: &AccountId,
		amount: Balance,
		reporter: Option<&AccountId>,
		share: Perbill,
	) -> (Balance, Balance);

	/// Working blocks for which stake stays within reach after it was withdrawn.
	fn unbonding_period() -> BlockNumber;
}

/// Whether nodes are there. Implemented by the node registry, told by whoever hears heartbeats.
pub trait Presence<AccountId, BlockNumber> {
	/// `who`'s worker showed in this block that it runs. Its stake has earned since it last did, unless
	/// that is too long ago.
	fn note_presence(who: &AccountId);

	/// The working block in which `who` last showed that it was there, or registered; later by the time for
	/// which it was excused since. `None`: not registered in a role that sends heartbeats.
	fn last_seen(who: &AccountId) -> Option<BlockNumber>;

	/// Since when `who` need not be there: it was chilled, is leaving, or its stake is too small. `None`:
	/// it is expected.
	fn excused_since(who: &AccountId) -> Option<BlockNumber>;

	/// `who`'s absence until now was punished. From now on it is counted anew, and nothing was earned
	/// meanwhile.
	fn forgive_absence(who: &AccountId);
}

/// What is remembered of a node's work: moves its reputation. Implemented by the node registry.
pub trait Conduct<AccountId> {
	/// Something that `who` vouched for was proven later: right or wrong. Never to be called for having
	/// sided with a majority.
	fn note_proven(who: &AccountId, right: bool);

	/// `node` finished a job that `client` has paid for. `client` may now rate it, once.
	///
	/// # Errors
	///
	/// `node` is not registered, or is its own client.
	fn note_finished_job(node: &AccountId, client: &AccountId) -> Result<(), DispatchError>;
}

/// Takes proven faults. Implemented by slashing; used by every pallet that can prove one.
pub trait ReportFault<AccountId, BlockNumber> {
	/// Punish `report.offender` after the time in which the penalty can be cancelled. If what it did was false,
	/// its accuracy suffers too; the caller must not note that again.
	///
	/// Gives the penalty that waits, for [`CancelPenalty`]. `None`: the offender validates, and its slash waits in
	/// the staking pallet.
	///
	/// # Errors
	///
	/// The offender is not registered, its role can't do this, it was punished for this evidence
	/// already, the fault is too long ago, or there is nothing left that it may be charged.
	fn report_fault(
		report: FaultReport<AccountId, BlockNumber>,
	) -> Result<Option<PendingPenalty<BlockNumber>>, DispatchError>;
}

/// Cancels penalties while they wait. Implemented by slashing; used by whoever decides appeals, or finds that
/// what it reported isn't so.
pub trait CancelPenalty<AccountId> {
	/// The number of the penalty that waits for the `fault` of `who` that `evidence` proves. `None`: there is none, or
	/// it does not wait any more.
	fn waiting(who: &AccountId, fault: Fault, evidence: &H256) -> Option<u64>;

	/// Penalty number `id` is not taken.
	///
	/// # Errors
	///
	/// There is no such penalty, or it does not wait any more.
	fn cancel(id: u64) -> Result<(), DispatchError>;
}

/// Who stands accused. Implemented by slashing; read by the node registry, which lets nobody leave who
/// does.
pub trait Accusations<AccountId> {
	/// Whether a penalty waits to be taken from `who`.
	fn is_accused(who: &AccountId) -> bool;
}

/// Who has undertaken something that its stake answers for. Implemented by whoever gives nodes something to keep; read by
/// the node registry, which leaves nobody without stake who has.
pub trait Duties<AccountId> {
	/// Whether `who` keeps something, or is to, that it must not give up unless another has it.
	fn is_bound(who: &AccountId) -> bool;
}

/// The validators' side of the registry. Implemented by the runtime over the staking pallet.
pub trait ValidatorStakes<AccountId, Balance> {
	/// What `who` has actively bonded there. Zero if nothing.
	fn bonded(who: &AccountId) -> Balance;

	/// What of `who`'s own stake a slash for a fault of today would reach: it was elected with it. Zero if it
	/// was not elected.
	fn at_risk(who: &AccountId) -> Balance;

	/// Whether `who` has anything to do with staking: bonded, withdrawing or nominating.
	fn is_staker(who: &AccountId) -> bool;

	/// The least that a new validator must bond is now `minimum`.
	fn set_minimum(minimum: Balance);
}

/// How far a node's word counts. Implemented by the node registry; used by whoever draws panels, counts
/// votes or averages reports.
pub trait Reputation<AccountId> {
	/// 0 to 2000, and 1000 for a new node with its tier's least stake. `None`: not registered.
	fn score(who: &AccountId) -> Option<u32>;

	/// What `who`'s vote weighs: its stake, up to a cap, times its score without the stake. Zero for
	/// whoever isn't active.
	fn vote_weight(who: &AccountId) -> u128;
}

/// Where nodes say that they are. Implemented by the node registry; used by whoever wants nodes that don't fail
/// together.
pub trait Whereabouts<AccountId> {
	/// The region of `who`. `None`: not registered.
	fn region_of(who: &AccountId) -> Option<Region>;

	/// Names the machine or service that `who` says it runs at. Nodes of which this is the same are one
	/// operator's, as far as the chain can see; nobody can prove that others are not. `None`: not registered.
	fn host_of(who: &AccountId) -> Option<H256>;
}

/// Who may announce documents over the network's gossip, and how many. Implemented by the runtime over the state that
/// nodes' statement stores read; used by the documents pallet.
pub trait Announcers<AccountId> {
	/// `who` may announce one document more.
	fn allow(who: &AccountId);

	/// `who` may announce one document less.
	fn disallow(who: &AccountId);

	/// How many documents `who` may announce.
	fn allowed(who: &AccountId) -> u32;
}
