#!/usr/bin/env bash
# Everything that decides whether the project works.
#
#   scripts/test.sh                 all parts but the long suites
#   scripts/test.sh --full          those too (they say how long they take)
#   scripts/test.sh PART [PART …]   only these parts, in the order given
#   scripts/test.sh --list          the parts
#
# Makes what is missing first. Stops at the first part that fails and names it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
cd "$RWA_ROOT"

# In this order: what fails fast first; the build before what needs the node.
PARTS=(format words scripts build clippy docs deny unit state network storage upgrade)
# Long suites, whose time is stated.
FULL_PARTS=(liveness penalties oracle documents bench fuzz)

part_format() { # Rust formatting.
	cargo fmt --all --check
	cargo fmt --manifest-path tools/weights/Cargo.toml --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
}

part_words() { # Nothing left unfinished, no download address in the lock file.
	local found
	found="$(git grep -nIE 'TODO|FIXME|todo!\(|unimplemented!\(|dbg!\(' -- . ':!*.lock' ':!*-lock.json' \
		':!scripts/test.sh' ':!Cargo.toml' || [ $? -eq 1 ])"
	[ -z "$found" ] || die "unfinished work in the tree:"$'\n'"$found"
	found="$(git ls-files '*package-lock.json' | xargs -r grep -n '"resolved"' || true)"
	[ -z "$found" ] || die "package-lock.json records download addresses"
	# Debian 12's npm can't read a lock file in which an overridden package is wanted from anywhere but
	# the registry: put the version of package.json's "overrides" in its place.
	found="$(git ls-files '*package-lock.json' | xargs -r grep -nE '": "(github|git[+:]|https?):' | grep -v '"url": ' || true)"
	[ -z "$found" ] || die "package-lock.json wants a package from outside the registry:"$'\n'"$found"
}

part_scripts() { # Shell syntax, and the unit tests of the JavaScript tools.
	local script tests
	while read -r script; do
		bash -n "$script"
	done < <(git ls-files '*.sh' scripts/bench scripts/consensus-table scripts/documents-table scripts/fuzz .ci/run)
	mapfile -t tests < <(git ls-files 'scripts/**/*.test.js' 'zombienet/lib/*.test.js')
	[ "${#tests[@]}" -gt 0 ] || die "no JavaScript test was found"
	node --test "${tests[@]}"
}

part_build() { # The node and the tools, with the runtime's blob.
	cargo build --release --locked --workspace
}

part_clippy() { # Lints, warnings denied.
	cargo clippy --release --locked --workspace --all-targets -- -D warnings
}

part_docs() { # Documentation, warnings denied.
	RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps
}

part_deny() { # Licences, bans and sources of dependencies; known vulnerabilities where reachable.
	local deny="$RWA_TOOLS/bin/cargo-deny"
	if [ ! -x "$deny" ]; then
		say "installing cargo-deny (some minutes, once)"
		# Unoptimised: it runs for a second, and compiles in half the time. A folder of its own,
		# because its features must not rebuild the project's crates.
		if ! CARGO_TARGET_DIR="$RWA_CACHE/cargo-deny" cargo install cargo-deny --version "$CARGO_DENY" \
			--locked --debug --root "$RWA_TOOLS" >"$RWA_CACHE/log/cargo-deny.log" 2>&1; then
			say "NOT CHECKED: cargo-deny can't be had here; see $RWA_CACHE/log/cargo-deny.log"
			return 0
		fi
		rm -rf "$RWA_CACHE/cargo-deny"
	fi
	"$deny" --locked check --hide-inclusion-graph licenses bans sources
	if timeout 120 "$deny" fetch db >"$RWA_CACHE/log/cargo-deny-fetch.log" 2>&1; then
		# Shown, and not a failure: a new advisory against a crate of the SDK can't be mended here, and
		# must not keep everybody from testing.
		"$deny" --locked check --hide-inclusion-graph advisories ||
			say "ADVISORIES FOUND, see above: mend what is ours, and follow the SDK for the rest"
	else
		say "NOT CHECKED: advisories; their database can't be reached from here"
	fi
}
CARGO_DENY=0.20.2

part_unit() { # Unit and integration tests of every crate, on the real binary where there is one.
	# All of the workspace: without some of it the rest is compiled once more, with other features.
	cargo test --release --locked --workspace
	# A year of rounds over real measurements: it fails if liars moved an answer that they must not.
	"$CARGO_TARGET_DIR/release/examples/oracle_week" node_modules/vega-datasets/data
}

# What runs on chain.
ON_CHAIN=(rwa-runtime pallet-rwa-clock pallet-rwa-devices pallet-rwa-documents pallet-rwa-node-registry pallet-rwa-oracle pallet-rwa-slashing)

part_state() { # Every pallet's try_state over a lived-in state, and every benchmark once.
	# A set of features of its own, and without the blob: the runtime runs natively here.
	local crate features=()
	for crate in "${ON_CHAIN[@]}"; do
		features+=("$crate/std" "$crate/try-runtime" "$crate/runtime-benchmarks")
	done
	cargo test --release --locked --no-default-features --features "${features[*]}" \
		"${ON_CHAIN[@]/#/--package=}"
}

part_network() { # A real network of real nodes, about six minutes.
	network_suite zombienet/tests/network.test.js
}

part_storage() { # Documents with real Kubos: stored, proven, announced, read; about five minutes; not without Kubo.
	RWA_BRIEF=1 RWA_DOCUMENTS=6 network_suite zombienet/tests/documents.test.js
}

part_liveness() { # A validator that is away for too long is slashed and disabled, about two minutes.
	network_suite zombienet/tests/liveness.test.js
}

part_penalties() { # What faults cost the nodes of the registry, about five minutes.
	network_suite zombienet/tests/penalties.test.js
}

part_oracle() { # Seven oracles that are honest, lie, copy and are killed, about thirteen minutes.
	network_suite zombienet/tests/oracle.test.js
}

part_documents() { # Storage nodes with real Kubos, of which two lose everything, about half an hour; not without Kubo.
	network_suite zombienet/tests/documents.test.js
}

part_upgrade() { # A runtime upgrade enacted by referendum while transfers flow, a minute and a blob of three.
	local next="$RWA_CACHE/next-runtime" version
	part_build
	# The same tree with a higher version is the upgrade. A target folder of its own: the shared one
	# must not take this runtime for the node's.
	rm -rf "$next/tree" && mkdir -p "$next/tree"
	git ls-files -z | tar -c --null -T - | tar -x -m -C "$next/tree"
	version="$(sed -n 's/^\tspec_version: \([0-9]*\),/\1/p' runtime/src/lib.rs)"
	sed -i "s/^\tspec_version: $version,/\tspec_version: $((version + 1)),/" "$next/tree/runtime/src/lib.rs"
	# What others wrote is compiled already.
	if [ ! -d "$next/target/release/wbuild" ]; then
		mkdir -p "$next/target/release"
		cp -a "$CARGO_TARGET_DIR/release/wbuild" "$next/target/release/"
	fi
	RWA_BLOB_OF="$next/tree/runtime/Cargo.toml" WASM_BUILD_WORKSPACE_HINT="$next/tree" \
		cargo build --release --locked -p rwa-blob --target-dir "$next/target"
	RWA_UPGRADE_WASM="$next/target/release/wbuild/rwa-runtime/rwa_runtime.compact.compressed.wasm" \
		network_suite zombienet/tests/upgrade.test.js
}

part_bench() { # Every row of the measurements, briefly, about five minutes: none may lose a transaction.
	part_build
	scripts/bench --quick --no-build
}

part_fuzz() { # Random inputs for what reads foreign bytes and for aggregation, six minutes and a build of 15.
	scripts/fuzz --seconds 20
}

network_suite() {
	RWA_NODE="$CARGO_TARGET_DIR/release/rwa-node" RWA_GATEWAY="$CARGO_TARGET_DIR/release/rwa-gateway" \
		RWA_BRIDGE="$CARGO_TARGET_DIR/release/rwa-bridge" node --test --test-concurrency=1 "$1"
}

list() {
	local part
	for part in "${PARTS[@]}" "${FULL_PARTS[@]}"; do
		printf '  %-9s %s\n' "$part" "$(sed -n "s/^part_$part() { # //p" scripts/test.sh)"
	done
}

main() {
	local selected=() part started
	case "${1:-}" in
	--list | --help | -h)
		sed -n '2,9s/^# \{0,1\}//p' scripts/test.sh
		list
		exit 0
		;;
	--full)
		[ $# -eq 1 ] || die "--full runs every part; name parts without it"
		selected=("${PARTS[@]}" "${FULL_PARTS[@]}")
		;;
	"") selected=("${PARTS[@]}") ;;
	*) selected=("$@") ;;
	esac
	for part in "${selected[@]}"; do
		declare -F "part_$part" >/dev/null || die "no part is called '$part'; the parts are:"$'\n'"$(list)"
	done
	mkdir -p "$RWA_CACHE/log"
	./scripts/setup.sh
	git rev-parse --verify --quiet HEAD >/dev/null ||
		die "git can't read this checkout; several parts list its files. Is it yours? See: git status"
	rust_select || die "no usable Rust compiler after set-up"
	rust_claim_target
	for part in "${selected[@]}"; do
		say "$part: $(sed -n "s/^part_$part() { # //p" scripts/test.sh)"
		started=$SECONDS
		run_part "$part"
		say "$part: passed in $((SECONDS - started)) s"
	done
	say "all of it passed: ${selected[*]}"
}

# A part runs in a shell of its own, with errexit in force: `f || die` would switch that off.
run_part() {
	local status
	set +e
	(
		set -e
		"part_$1"
	)
	status=$?
	set -e
	[ "$status" -eq 0 ] || die "the part '$1' failed"
}

main "$@"
