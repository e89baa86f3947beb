use crate::mock::{
	app_key, beat, free, pass, proof, signed, ExtBuilder, NodeRegistry, ALICE, BOB, ENDOWMENT, RWA,
	UNBONDING,
};
use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, node::Region, traits::Conduct};
use sp_core::Pair;

#[test]
fn an_operator_should_register_work_earn_and_leave() {
	ExtBuilder::default().build_and_execute(|| {
		// Alice runs an oracle in Germany and puts 500 RWA at stake, the least.
		let endpoint = b"/dns4/oracle.example/tcp/30333".to_vec();
		let region = Region(*b"DE");
		assert_ok!(NodeRegistry::register(
			signed(&ALICE),
			Role::Oracle,
			region,
			endpoint,
			500 * RWA
		));
		assert_eq!(NodeRegistry::reputation(ALICE).unwrap().score, 1_000);

		// Her node makes a key and proves that it holds it. Alice registers it: the node can act.
		let key = app_key("key");
		let proof = proof(&key, &ALICE);
		assert_ok!(NodeRegistry::register_app_key(
			signed(&ALICE),
			Role::Oracle,
			key.public(),
			proof
		));
		assert_eq!(NodeRegistry::operator(key.public()), Some((ALICE, Role::Oracle)));

		// Clients find it.
		let found = NodeRegistry::nodes(Role::Oracle, Some(region), None, 10);
		assert!(found[0].account == ALICE && found[0].active);

		// It sends a heartbeat every ten blocks of a year of a thousand, and earns 3 % in it.
		beat(&ALICE);
		for _ in 0..100 {
			pass(10);
			beat(&ALICE);
		}
		assert_eq!(NodeRegistry::claimable(ALICE), 15 * RWA);
		assert_ok!(NodeRegistry::claim_rewards(signed(&ALICE)));

		// It finishes a job for Bob, who is content.
		assert_ok!(NodeRegistry::note_finished_job(&ALICE, &BOB));
		assert_ok!(NodeRegistry::rate(signed(&BOB), ALICE, 5));
		assert!(NodeRegistry::reputation(ALICE).unwrap().score > 1_000);

		// Alice retires. Her stake stays within reach for a while, and comes back.
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(NodeRegistry::node(ALICE), None);
		assert_eq!(free(&ALICE), ENDOWMENT + 15 * RWA);
	});
}
