//! What owners, readers, storage nodes and anyone may ask for.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a document: three files in IPFS that were added as `Layout::DOCUMENT` says.
		///
		/// ## Dispatch origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// Storage until [`Config::Grace`] after `expires_at` is held at once, with the fee of one repair, and a
		/// deposit: the view function `quote` says how much. Holders are drawn [`Config::DrawDelay`] working blocks
		/// later, each in a block of its own. The fee pays for [`Config::MaxTries`] to find each. Keep the files until all three were confirmed, and give at least one delegate or drawn node the
		/// outer keys: until then nobody else can make a lost replica again.
		///
		/// ## Errors
		/// [`Error::NotAssetOwner`], [`Error::TermTooShort`], [`Error::TermTooLong`], [`Error::ReplicaTooSmall`],
		/// [`Error::ReplicaTooLarge`], [`Error::WrongCodec`], [`Error::CidTwice`], [`Error::CidTaken`];
		/// `FundsUnavailable`, from the currency: the owner can't afford it.
		///
		/// ## Events
		/// [`Event::DocumentRegistered`].
		#[pallet::call_index(0)]
		// Whoever registers pays for the draws that it causes later, too, or they could be had for a deposit that is given
		// back, and keep those of others waiting.
		#[pallet::weight(
			T::WeightInfo::register_document().saturating_add(Pallet::<T>::weight_of_placing())
		)]
		pub fn register_document(
			origin: OriginFor<T>,
			asset: AssetId,
			kind: DocumentKind,
			expires_at: BlockNumberFor<T>,
			files: [File; REPLICAS],
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_document(owner, asset, kind, expires_at, files)
		}

		/// Let a document expire later.
		///
		/// ## Dispatch origin
		/// Signed by the document's owner.
		///
		/// ## Details
		/// Also after it has expired, as long as it is kept. Replicas that wait for a node without hope are taken up
		/// again, as by [`Call::draw_again`]. Its holders are paid what is due to them; from then on
		/// storage costs today's price. What the funds lack is held, with the fee of one repair to spare.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NotOwner`], [`Error::NotLonger`], [`Error::TermTooShort`],
		/// [`Error::TermTooLong`]; `FundsUnavailable`, from the currency.
		///
		/// ## Events
		/// [`Event::StoragePaid`] for each holder that was paid, then [`Event::DocumentRenewed`].
		#[pallet::call_index(1)]
		// With the draws that it causes later: what waits is taken up again.
		#[pallet::weight(
			T::WeightInfo::renew_document().saturating_add(Pallet::<T>::weight_of_resuming())
		)]
		pub fn renew_document(
			origin: OriginFor<T>,
			document: DocumentId,
			expires_at: BlockNumberFor<T>,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let draws = Self::do_renew_document(owner, document, expires_at)?;
			let weight = T::WeightInfo::renew_document();
			Ok(Some(weight.saturating_add(Self::weight_of_draws(draws))).into())
		}

		/// Add to a document's funds, for repairs.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `amount` is held on the document's owner, and its own again when the document is removed: who isn't the
		/// owner gives it away.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NoAmount`]; `FundsUnavailable`, from the currency: the caller can't
		/// afford it and keep its account.
		///
		/// ## Events
		/// [`Event::ToppedUp`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::top_up())]
		pub fn top_up(
			origin: OriginFor<T>,
			document: DocumentId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let from = ensure_signed(origin)?;
			Self::do_top_up(from, document, amount)
		}

		/// Remove a document before its time.
		///
		/// ## Dispatch origin
		/// Signed by the document's owner.
		///
		/// ## Details
		/// Holders are paid what is due to them, and may unpin at once. They are paid for [`Config::MinTerm`] in any
		/// case, or owners could make nodes fetch files for nothing. The rest of the funds and the deposit are the
		/// owner's again.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NotOwner`].
		///
		/// ## Events
		/// [`Event::StoragePaid`] for each holder that was paid, then [`Event::DocumentRemoved`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::remove_document(
			T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get())
		))]
		pub fn remove_document(origin: OriginFor<T>, document: DocumentId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_remove_document(owner, document)
		}

		/// Register a key that envelopes are sealed to, or replace it.
		///
		/// ## Dispatch origin
		/// Signed by the reader.
		///
		/// ## Details
		/// [`Config::ReaderKeyDeposit`] is held with the first one. Envelopes that were sealed to the key before
		/// stay as they are: keep that key as long as you need them, or ask for new ones.
		///
		/// ## Errors
		/// [`Error::BadReaderKey`], [`Error::SameReaderKey`]; `FundsUnavailable`, from the currency.
		///
		/// ## Events
		/// [`Event::ReaderKeySet`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_reader_key())]
		pub fn set_reader_key(origin: OriginFor<T>, key: X25519Public) -> DispatchResult {
			let reader = ensure_signed(origin)?;
			Self::do_set_reader_key(reader, key)
		}

		/// Take the key back: nobody seals envelopes to it any more.
		///
		/// ## Dispatch origin
		/// Signed by the reader.
		///
		/// ## Errors
		/// [`Error::NoReaderKey`].
		///
		/// ## Events
		/// [`Event::ReaderKeyRemoved`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::remove_reader_key())]
		pub fn remove_reader_key(origin: OriginFor<T>) -> DispatchResult {
			let reader = ensure_signed(origin)?;
			Self::do_remove_reader_key(reader)
		}

		/// Give somebody the key to read a document, or those to repair it.
		///
		/// ## Dispatch origin
		/// Signed by the document's owner.
		///
		/// ## Details
		/// `sealed` must be sealed to the receiver's key of number `key_version`: the chain can't look into it. It
		/// takes the place of an earlier envelope. [`Config::EnvelopeDeposit`] is held for each.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NotOwner`], [`Error::EmptyEnvelope`], [`Error::NoReaderKey`],
		/// [`Error::StaleKeyVersion`], [`Error::TooManyEnvelopes`], [`Error::TooManyRepairers`],
		/// [`Error::HoldsReplica`]; `FundsUnavailable`, from the currency.
		///
		/// ## Events
		/// [`Event::EnvelopeAdded`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::add_envelope())]
		pub fn add_envelope(
			origin: OriginFor<T>,
			document: DocumentId,
			purpose: Purpose,
			reader: T::AccountId,
			key_version: KeyVersion,
			sealed: SealedOf<T>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_add_envelope(owner, document, purpose, reader, key_version, sealed)
		}

		/// Take an envelope away.
		///
		/// ## Dispatch origin
		/// Signed by the document's owner.
		///
		/// ## Details
		/// Whoever has opened it knows what was in it. It keeps nobody from reading this document who has read it,
		/// and everybody from reading what is published later under other keys.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NotOwner`], [`Error::UnknownEnvelope`].
		///
		/// ## Events
		/// [`Event::EnvelopeRevoked`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::revoke_envelope())]
		pub fn revoke_envelope(
			origin: OriginFor<T>,
			document: DocumentId,
			purpose: Purpose,
			reader: T::AccountId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_revoke_envelope(owner, document, purpose, reader)
		}

		/// Say how many bytes a storage node can keep. The first time it makes the node one that is drawn.
		///
		/// ## Dispatch origin
		/// Signed by an active storage operator.
		///
		/// ## Details
		/// Less than what it holds is refused; as much keeps it from getting more. It counts in draws
		/// [`Config::DrawDelay`] working blocks later. A node that was drawn too often
		/// in vain is drawn again; one that was evicted comes back, and is challenged at once on what it still
		/// holds. [`Config::NodeDeposit`] is held the first time.
		///
		/// ## Errors
		/// [`Error::NotAStorageNode`], [`Error::TooManyNodes`], [`Error::CapacityTooSmall`],
		/// [`Error::AlreadyReturned`], [`Error::IsLeaving`]; `FundsUnavailable`, from the currency.
		///
		/// ## Events
		/// [`Event::CapacityDeclared`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::declare_capacity())]
		pub fn declare_capacity(
			origin: OriginFor<T>,
			#[pallet::compact] capacity: u64,
		) -> DispatchResult {
			let node = ensure_signed(origin)?;
			Self::do_declare_capacity(node, capacity)
		}

		/// Be a storage node no longer.
		///
		/// ## Dispatch origin
		/// Signed by the operator.
		///
		/// ## Details
		/// Only when nothing is left on it: declare no more capacity, then hand everything over. A node that has
		/// held much has as many old entries; each call clears some of them away, until the event says that none is
		/// left.
		///
		/// ## Errors
		/// [`Error::NotAStorageNode`], [`Error::StillHolding`], [`Error::RoundOpen`].
		///
		/// ## Events
		/// [`Event::NodeLeft`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::leave(LEAVE_STEP))]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let node = ensure_signed(origin)?;
			Self::do_leave(node)
		}

		/// Confirm or decline a replica, declare it lost, or hand it over. Free of fees.
		///
		/// ## Dispatch origin
		/// Authorised: a general transaction that carries the signature of a storage node's app key over
		/// [`Notice::signing_payload`]. Nodes make it by themselves.
		///
		/// ## Details
		/// Confirm only what is pinned and of which every block was checked: whoever published it may have given a
		/// wrong size or an odd dag, of which nothing can be proven. Whoever declares a loss pays the fee of its
		/// repair, in full, and is paid what it has proven.
		///
		/// ## Errors
		/// [`Error::NotAStorageNode`], [`Error::UnknownDocument`], [`Error::UnknownReplica`],
		/// [`Error::StaleNotice`], [`Error::NotAssigned`], [`Error::NotHeld`], [`Error::CantPayForRepair`],
		/// [`Error::AlreadyHandingOver`], [`Error::BadSignature`]. The pool refuses such a transaction, so that it
		/// gets into no block.
		///
		/// ## Events
		/// [`Event::ReplicaConfirmed`] after what was paid, [`Event::ReplicaRefused`], [`Event::ReplicaLost`] or
		/// [`Event::HandOverAsked`].
		#[pallet::call_index(10)]
		#[pallet::weight((Pallet::<T>::weight_of_notice(notice.act), DispatchClass::Normal, Pays::No))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_notify())]
		#[pallet::authorize(Self::authorize_notice)]
		pub fn notify(
			origin: OriginFor<T>,
			notice: Notice,
			signature: AppSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Self::do_notify(notice, &signature)
		}

		/// Answer a challenge. Free of fees.
		///
		/// ## Dispatch origin
		/// Authorised: a general transaction that carries the signature of a storage node's app key over
		/// [`StorageProof::signing_payload`]. Nodes make it by themselves.
		///
		/// ## Errors
		/// [`Error::NotAStorageNode`], [`Error::NoSuchRound`], [`Error::TooLate`], [`Error::NoSuchChallenge`],
		/// [`Error::AlreadyAnswered`], [`Error::VoidChallenge`], [`Error::WrongProof`], [`Error::BadSignature`]. The
		/// pool refuses such a transaction, so that it gets into no block.
		///
		/// ## Events
		/// [`Event::Proven`].
		#[pallet::call_index(11)]
		#[pallet::weight((T::WeightInfo::prove(blocks(proof)), DispatchClass::Normal, Pays::No))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_prove(blocks(proof)))]
		#[pallet::authorize(Self::authorize_proof)]
		pub fn prove(
			origin: OriginFor<T>,
			proof: StorageProof,
			signature: AppSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Self::do_prove(proof, &signature)
		}

		/// Pay for one more challenge: a leaf of this replica, in its holder's next round.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// Of the leaf of 4,096 bytes with this number, counted from zero, or of one by chance. Costs
		/// [`Config::ChallengeFee`], which the treasury gets. If the holder does not answer, that leaf is asked for
		/// again in each round, until it is proven or the replica lost.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::UnknownReplica`], [`Error::NoSuchLeaf`], [`Error::NotHeld`],
		/// [`Error::IsEvicted`], [`Error::AlreadyRequested`], [`Error::TooManyRequests`]; `FundsUnavailable`, from the currency.
		///
		/// ## Events
		/// [`Event::ChallengeRequested`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::request_challenge())]
		pub fn request_challenge(
			origin: OriginFor<T>,
			document: DocumentId,
			replica: ReplicaIndex,
			leaf: Option<u64>,
		) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::do_request_challenge(by, document, replica, leaf)
		}

		/// Pay the holders of some replicas what is due to them.
		///
		/// ## Dispatch origin
		/// Signed by anyone. Whoever calls, the holders are paid.
		///
		/// ## Details
		/// Those for which nothing is due are passed over. Nothing is lost by claiming late.
		///
		/// ## Errors
		/// [`Error::NothingToClaim`].
		///
		/// ## Events
		/// [`Event::StoragePaid`] for each.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::claim(claimed(replicas)))]
		pub fn claim(origin: OriginFor<T>, replicas: Claims) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(replicas)
		}

		/// Take the seat of a node whose operator has left the registry, or has nothing at stake any more.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// As if the operator called [`Call::leave`]: nothing may be left on the node, its deposit is its operator's again,
		/// and several calls may be needed.
		///
		/// ## Errors
		/// [`Error::StillRegistered`], [`Error::NotAStorageNode`], [`Error::StillHolding`], [`Error::RoundOpen`].
		///
		/// ## Events
		/// [`Event::NodeLeft`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::leave(LEAVE_STEP))]
		pub fn remove_node(origin: OriginFor<T>, node: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove_node(node)
		}

		/// Have nodes drawn again for those replicas of a document for which that was given up.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// One try for each, whose fee is that of a draw at its worst; [`Config::DrawDelay`] working blocks later.
		///
		/// ## Errors
		/// [`Error::UnknownDocument`], [`Error::NothingGivenUp`].
		///
		/// ## Events
		/// [`Event::DrawResumed`] for each.
		#[pallet::call_index(15)]
		// With the draws that it causes later.
		#[pallet::weight(
			T::WeightInfo::draw_again().saturating_add(Pallet::<T>::weight_of_resuming())
		)]
		pub fn draw_again(
			origin: OriginFor<T>,
			document: DocumentId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let draws = Self::do_draw_again(document)?;
			let weight = T::WeightInfo::draw_again();
			Ok(Some(weight.saturating_add(Self::weight_of_draws(draws))).into())
		}
	}
}
