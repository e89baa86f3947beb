//! What owners of assets, operators, their nodes and governance may ask for.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Create a feed.
		///
		/// ## Dispatch origin
		/// Signed by the owner of the asset, or [`Config::AdminOrigin`].
		///
		/// ## Details
		/// The owner becomes the feed's admin and its payer: [`Config::FeedDeposit`] is held on its account
		/// until the feed is removed. What governance creates has no admin and no deposit, and the treasury
		/// pays. The feed begins without a budget: [`Pallet::top_up`]. The first round opens in the next
		/// working block, and fails unless enough operators have joined.
		///
		/// ## Errors
		/// [`Error::NotAssetOwner`], [`Error::FeedExists`]; what is wrong with `spec`: [`Error::BadUnit`],
		/// [`Error::TooManyDecimals`], [`Error::EmptyRange`], [`Error::BoundTooLarge`],
		/// [`Error::NoSuchPlace`], [`Error::EmptyBox`], [`Error::TooFewCategories`], [`Error::BadRules`],
		/// [`Error::BadCommittee`], [`Error::PhaseTooShort`], [`Error::PhaseTooLong`],
		/// [`Error::HeartbeatTooShort`], [`Error::MaxAgeTooShort`]; what is wrong with `admission`:
		/// [`Error::InvitedTwice`]; `FundsUnavailable`, from the currency: the owner can't afford the deposit.
		///
		/// ## Events
		/// [`Event::FeedCreated`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_feed(invited(admission)))]
		pub fn create_feed(
			origin: OriginFor<T>,
			id: FeedId,
			spec: FeedSpecOf<T>,
			admission: AdmissionOf<T>,
		) -> DispatchResult {
			let admin = Self::ensure_may_create(origin, &id)?;
			Self::do_create_feed(id, spec, admin, admission)
		}

		/// Change who may join a feed.
		///
		/// ## Dispatch origin
		/// Signed by the feed's admin, or [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Who has joined and isn't invited is taken off, and drawn no more; what it is drawn for already stays
		/// its duty. Being invited joins nobody: operators join by themselves.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotAdmin`], [`Error::InvitedTwice`].
		///
		/// ## Events
		/// [`Event::Left`] for each that is taken off, then [`Event::AdmissionSet`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_admission(invited(admission)))]
		pub fn set_admission(
			origin: OriginFor<T>,
			id: FeedId,
			admission: AdmissionOf<T>,
		) -> DispatchResult {
			let feed = Self::ensure_may_change(origin, &id)?;
			Self::do_set_admission(id, feed, admission)
		}

		/// Stop a feed: it opens no rounds, and its answer counts as paused.
		///
		/// ## Dispatch origin
		/// Signed by the feed's admin, or [`Config::AdminOrigin`].
		///
		/// ## Details
		/// An open round goes on to its end, and pays: nobody works in vain because of it. One that was called early
		/// and isn't open doesn't open; who has put up money for it has it back.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotAdmin`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		/// [`Event::FeedPaused`]; before it [`Event::RequestSettled`] if somebody has requested the next round.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::pause_feed())]
		pub fn pause_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let feed = Self::ensure_may_change(origin, &id)?;
			Self::do_pause_feed(id, feed)
		}

		/// Let a paused feed go on. If no round is open, one opens in the next working block.
		///
		/// ## Dispatch origin
		/// Signed by the feed's admin, or [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Until a round closes, the old answer is fresh or stale as if there had been no pause.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotAdmin`], [`Error::NotPaused`].
		///
		/// ## Events
		/// [`Event::FeedResumed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::resume_feed())]
		pub fn resume_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let feed = Self::ensure_may_change(origin, &id)?;
			Self::do_resume_feed(id, feed)
		}

		/// Remove a feed between two rounds: its answers, its roster and its records.
		///
		/// ## Dispatch origin
		/// Signed by the feed's admin, or [`Config::AdminOrigin`].
		///
		/// ## Details
		/// What is left of the budget is its payer's again, whoever topped it up, and the deposit its
		/// admin's. A feed made later under the same name continues the count of rounds. Who has put up money for
		/// the next round has it back. That a report of the last rounds was made up can be proven for
		/// [`Config::ProofTime`] all the same.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotAdmin`], [`Error::RoundOpen`].
		///
		/// ## Events
		/// [`Event::FeedRemoved`]; before it [`Event::RequestSettled`] if somebody has requested the next round.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::remove_feed())]
		pub fn remove_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let feed = Self::ensure_may_change(origin, &id)?;
			Self::do_remove_feed(id, feed)
		}

		/// Commit, reveal or abstain in open rounds of up to sixteen feeds, or raise an alarm before the next. Free of
		/// fees.
		///
		/// ## Dispatch origin
		/// Authorised: a general transaction that carries the signature of a reporter's app key over
		/// [`Batch::signing_payload`]. Nodes make it by themselves.
		///
		/// ## Details
		/// All statements count, or none. Each reporter speaks once in each phase of a round, whichever of its
		/// keys signs. What was committed to is [`Observation::commitment`].
		///
		/// Who was drawn for a feed's last round may raise an alarm once before the next, and names that one. As
		/// soon as a third of the last committee's weight has, the next round is called.
		///
		/// ## Errors
		/// About the batch: [`Error::EmptyBatch`], [`Error::FeedTwice`], [`Error::NotAnOracle`],
		/// [`Error::BadSignature`]. About a statement: [`Error::UnknownFeed`], [`Error::RoundNotOpen`],
		/// [`Error::RoundNotYetOpen`], [`Error::NotDrawn`], [`Error::RevealTooEarly`],
		/// [`Error::CommitTooLate`], [`Error::AlreadySpoken`], [`Error::NothingCommitted`],
		/// [`Error::WrongReveal`], [`Error::OutOfBounds`]; about the measurement that a reveal names, or lacks:
		/// [`Error::MeasurementRequired`], [`Error::UnknownDevice`], [`Error::DeviceCondemned`],
		/// [`Error::DeviceRetired`], [`Error::Replayed`]. About an alarm: [`Error::UnknownFeed`],
		/// [`Error::NotWatched`], [`Error::RoundNotOpen`], [`Error::RoundNotYetOpen`], [`Error::CallTooEarly`],
		/// [`Error::CallTooLate`], [`Error::AlarmsShut`], [`Error::NotWatching`], [`Error::AlreadyAlarmed`]. The
		/// pool refuses such a transaction, so that it gets into no block.
		///
		/// ## Events
		/// For each statement [`Event::Committed`], [`Event::Revealed`], [`Event::Abstained`] or
		/// [`Event::AlarmRaised`], which [`Event::EarlyRound`] follows if it calls the round.
		#[pallet::call_index(5)]
		#[pallet::weight((
			weight_of::<T>(batch),
			DispatchClass::Normal,
			Pays::No,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_submit(statements(batch)))]
		#[pallet::authorize(Self::authorize_batch)]
		pub fn submit(
			origin: OriginFor<T>,
			batch: Batch,
			signature: AppSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Self::do_submit(batch, &signature)
		}

		/// Join a feed: agree to its terms, and may be drawn for its rounds from the next one on.
		///
		/// ## Dispatch origin
		/// Signed by an active oracle operator.
		///
		/// ## Details
		/// From then on the operator's node needs a source for this feed: being drawn and not answering counts
		/// against it. When the roster is full, a newcomer whose word weighs more than the lightest
		/// reporter's takes that one's place, so that nobody can block a feed with many cheap nodes.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotAnOracle`], [`Error::NoWeight`], [`Error::NotInvited`],
		/// [`Error::AlreadyJoined`], [`Error::TooManyFeeds`], [`Error::RosterFull`].
		///
		/// ## Events
		/// [`Event::Joined`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::join_feed())]
		pub fn join_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::do_join_feed(id, reporter)
		}

		/// Leave a feed: be drawn for its rounds no more.
		///
		/// ## Dispatch origin
		/// Signed by the operator.
		///
		/// ## Details
		/// What the operator is drawn for already stays its duty. What it could be blamed for is kept, in case it
		/// joins again.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotJoined`].
		///
		/// ## Events
		/// [`Event::Left`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::leave_feed())]
		pub fn leave_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::do_leave_feed(id, reporter)
		}

		/// Add to what a feed can pay.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `amount` is held on the feed's payer, and its own again when the feed is removed: who isn't the
		/// payer gives it away.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NoAmount`]; `FundsUnavailable`, from the currency: the caller can't
		/// afford it and keep its account.
		///
		/// ## Events
		/// [`Event::ToppedUp`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::top_up())]
		pub fn top_up(
			origin: OriginFor<T>,
			id: FeedId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let from = ensure_signed(origin)?;
			Self::do_top_up(id, from, amount)
		}

		/// Call a feed's next round early, and put up money for it.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// [`Config::RequestBond`] and the price of a round, reward and fee times committee, are held on the caller.
		/// The round opens a few working blocks later. If its answer deviates from the one before by the feed's
		/// `deviation`, or it has none, or it can't open, everything is given back. If the answer stays much the
		/// same, the bond goes to the treasury, and what the round has cost into the feed's budget.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotWatched`], [`Error::CallTooEarly`], [`Error::CallTooLate`],
		/// [`Error::BudgetTooSmall`]; `FundsUnavailable`, from the currency: the caller can't afford it.
		///
		/// ## Events
		/// [`Event::RoundRequested`], [`Event::EarlyRound`]; in the end [`Event::RequestSettled`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::request_round())]
		pub fn request_round(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_request_round(id, requester)
		}

		/// Show that a reporter has made up what it has revealed: the device's own measurement says something else.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `observation` is what `reporter` has revealed in `round` of `feed`, by its `Revealed`, and `measurement` what
		/// the device has signed with the counter that it names. Either that is the measurement named, and of another
		/// reading or feed; or the reporter has named another one. In that case the device has to be registered and
		/// not condemned: who has nothing left to lose could sign anything.
		///
		/// The reporter is punished for [`DataManipulation`](rwa_primitives::fault::Fault::DataManipulation), after the
		/// time in which it may [`Pallet::absolve`] itself; the caller gets the reporter's share then. Once for each
		/// report, of the last [`Config::ProofRounds`] rounds. Who demands to see the measurement has its bond back. Costs
		/// no fee if it is right.
		///
		/// ## Errors
		/// [`Error::NotTestified`], [`Error::OtherMeasurement`], [`Error::NoManipulation`], [`Error::UnknownDevice`],
		/// [`Error::DeviceCondemned`], [`Error::NotSignedByDevice`]; from who punishes: the reporter is gone, or has
		/// nothing left that it may be charged.
		///
		/// ## Events
		/// [`Event::ManipulationProven`]; then [`Event::DemandEnforced`] if somebody has demanded the measurement.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::prove_manipulation())]
		pub fn prove_manipulation(
			origin: OriginFor<T>,
			feed: FeedId,
			round: RoundIndex,
			reporter: T::AccountId,
			observation: Observation,
			measurement: Box<SignedMeasurement>,
		) -> DispatchResultWithPostInfo {
			let prover = ensure_signed(origin)?;
			Self::do_prove_manipulation(prover, feed, round, reporter, observation, *measurement)?;
			Ok(Pays::No.into())
		}

		/// Show that a reporter has revealed exactly what the device has signed, so that the device deceives, which has
		/// signed another measurement with the same counter, and not the reporter.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `measurement` is the one that the reporter named in `round` of its feed. The penalty is cancelled, and the
		/// device condemned, unless it was before: the caller gets a share of its deposit. Possible as long as the
		/// penalty waits. Costs no fee if it is right.
		///
		/// ## Errors
		/// [`Error::NotAccused`], [`Error::NotSignedByDevice`].
		///
		/// ## Events
		/// [`Event::Absolved`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::absolve())]
		pub fn absolve(
			origin: OriginFor<T>,
			round: RoundIndex,
			reporter: T::AccountId,
			measurement: Box<SignedMeasurement>,
		) -> DispatchResultWithPostInfo {
			let caller = ensure_signed(origin)?;
			Self::do_absolve(caller, round, reporter, &measurement)?;
			Ok(Pays::No.into())
		}

		/// Demand to see the measurement that a report names, for a bond.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `observation` is what `reporter` has revealed in `round` of `feed`, by its `Revealed`: in one of the last
		/// [`Config::ProofRounds`] rounds, which ended no longer than [`Config::ProofTime`] ago. The reporter's node shows
		/// the measurement by itself, in some seconds if it is up, and [`Config::DemandBond`] is the reporter's then. If
		/// nobody has shown it after [`Config::ProofTime`], [`Pallet::enforce_demand`].
		///
		/// ## Errors
		/// [`Error::NotTestified`], [`Error::TooLateToDemand`], [`Error::AlreadyDemanded`]; `FundsUnavailable`, from the currency: the caller can't
		/// afford the bond.
		///
		/// ## Events
		/// [`Event::MeasurementDemanded`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::demand_measurement())]
		pub fn demand_measurement(
			origin: OriginFor<T>,
			feed: FeedId,
			round: RoundIndex,
			reporter: T::AccountId,
			observation: Observation,
		) -> DispatchResult {
			let challenger = ensure_signed(origin)?;
			Self::do_demand_measurement(challenger, feed, round, reporter, observation)
		}

		/// Show the measurement that a report names. Costs no fee if it is the one.
		///
		/// ## Dispatch origin
		/// Signed by anyone; or authorised, without a signature, if it is demanded and the device has signed it. Nodes make
		/// it by themselves.
		///
		/// ## Details
		/// `measurement` is what `reporter` has revealed in `round` of its feed, word for word. The challenger's bond is
		/// the reporter's, and the same can't be demanded again. Possible until the demand is enforced, be it late.
		///
		/// ## Errors
		/// [`Error::NotDemanded`], [`Error::NotSignedByDevice`]. The pool refuses such a transaction without a signature,
		/// so that it gets into no block.
		///
		/// ## Events
		/// [`Event::MeasurementShown`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::show_measurement())]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_show_measurement())]
		#[pallet::authorize(|_source, round, reporter, measurement| {
			Self::authorize_showing(*round, reporter, measurement)
		})]
		pub fn show_measurement(
			origin: OriginFor<T>,
			round: RoundIndex,
			reporter: T::AccountId,
			measurement: Box<SignedMeasurement>,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_show(origin)?;
			Self::do_show_measurement(round, reporter, *measurement)
		}

		/// Have a reporter punished who has not shown in time what was demanded.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// The challenger has its bond back. The reporter is punished for
		/// [`DataManipulation`](rwa_primitives::fault::Fault::DataManipulation), and the challenger gets the reporter's
		/// share of that; after [`Config::Day`] the caller does. `testimony` is what the demand is known by, by its
		/// `MeasurementDemanded`. Costs no fee if the time is over.
		///
		/// ## Errors
		/// [`Error::NotDemanded`], [`Error::TimeToShow`]; from who punishes: the reporter is gone, or has nothing left that
		/// it may be charged today. Retry then, until [`Config::ProofTime`] has passed: from then on the bond is given
		/// back without a penalty.
		///
		/// ## Events
		/// [`Event::DemandEnforced`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::enforce_demand())]
		pub fn enforce_demand(
			origin: OriginFor<T>,
			reporter: T::AccountId,
			testimony: H256,
		) -> DispatchResultWithPostInfo {
			let caller = ensure_signed(origin)?;
			Self::do_enforce_demand(caller, reporter, testimony)
		}
	}
}
