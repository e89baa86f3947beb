//! Bytes that indexers rely on. If one of these tests fails, they break.

use crate::{
	mock::{Test, ALICE},
	Event, Turnout,
};
use codec::Encode;
use sp_runtime::Perbill;

#[test]
fn events_should_keep_their_encoding() {
	let turnout = Turnout { validators: 4, present: 3 };
	let ended = Event::<Test>::SessionEnded { session: 5, turnout };
	assert_eq!(ended.encode(), [0, 5, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0]);
	let missed = Event::<Test>::SessionMissed { validator: ALICE, session: 5, missed: 2 };
	assert_eq!(missed.encode(), [&[1][..], ALICE.as_ref(), &[5, 0, 0, 0, 2, 0, 0, 0]].concat());
	let fraction = Perbill::from_parts(1);
	let offline = Event::<Test>::OfflineReported { validator: ALICE, session: 5, fraction };
	assert_eq!(offline.encode(), [&[2][..], ALICE.as_ref(), &[5, 0, 0, 0, 1, 0, 0, 0]].concat());
}
