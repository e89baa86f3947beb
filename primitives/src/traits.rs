//! The traits that pallets meet through. The runtime plugs the implementations together, so that
//! each pallet can be read, mocked, tested and replaced alone.

use crate::{
	app_key::{AppPublic, Role},
	feed::{Answer, FeedId},
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
	/// Look at the status, or take the value by [`Answer::fresh`]: a feed that has gone quiet keeps
	/// its last answer.
	fn latest(feed: &FeedId) -> Option<Answer<BlockNumber>>;
}
