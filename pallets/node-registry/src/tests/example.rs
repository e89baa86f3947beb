use crate::mock::{app_key, proof, signed, ExtBuilder, NodeRegistry, ALICE};
use frame_support::assert_ok;
use rwa_primitives::app_key::Role;
use sp_core::Pair;

#[test]
fn an_operator_should_register_replace_and_revoke_its_app_key() {
	ExtBuilder::default().build_and_execute(|| {
		// Alice's node makes a key and proves that it holds it. Alice registers it.
		let first = app_key("first");
		assert_ok!(NodeRegistry::register_app_key(
			signed(&ALICE),
			Role::Oracle,
			first.public(),
			proof(&first, &ALICE)
		));
		assert_eq!(NodeRegistry::operator(first.public()), Some((ALICE, Role::Oracle)));

		// Her node was stolen: a new node makes a new key, and the thief's is worthless.
		let second = app_key("second");
		assert_ok!(NodeRegistry::register_app_key(
			signed(&ALICE),
			Role::Oracle,
			second.public(),
			proof(&second, &ALICE)
		));
		assert_eq!(NodeRegistry::operator(first.public()), None);
		assert_eq!(NodeRegistry::operator(second.public()), Some((ALICE, Role::Oracle)));

		// She retires, and has her deposit back.
		assert_ok!(NodeRegistry::revoke_app_key(signed(&ALICE)));
		assert_eq!(NodeRegistry::app_key(ALICE), None);
	});
}
