# Sourced by the scripts that measure, after env.sh: starts validators on loopback, on ports that were
# free, in a folder of their own; stops, by process id, what it started and nothing else.

MEASURE_JS="$RWA_ROOT/scripts/js/measure.js"

# Whose well-known keys the validators use, in order.
VALIDATORS=(alice bob charlie dave)

# The first blocks become final within seconds; reading a large genesis takes longer.
START_SECONDS=300

# Flags of every measured node. Nothing in them makes it faster; its pool and its database are as they
# come. A watched burst needs more subscriptions than the RPC's default.
NODE_FLAGS=(--no-mdns --no-telemetry --no-prometheus --rpc-methods unsafe
	--rpc-max-subscriptions-per-connection 65536 --rpc-max-response-size 64)

RUN=""               # Folder of this measurement.
KEEP=false           # Whether to keep it.
declare -A STARTED=() # Process id to name, of what runs.
NODE_PIDS=()         # Validators, by place.
RPC_PORTS=() P2P_PORTS=()

# Set up and build, unless $1 is false; then find the programs.
prepare_programs() {
	if $1; then
		"$RWA_ROOT/scripts/setup.sh"
		rust_select || true
		say "building (about half an hour the first time on two cores, seconds after that)"
		rust_claim_target
		(cd "$RWA_ROOT" && cargo build --release --locked --workspace)
	fi
	NODE="${RWA_NODE:-$CARGO_TARGET_DIR/release/rwa-node}"
	LOAD="${RWA_LOAD:-$CARGO_TARGET_DIR/release/rwa-load}"
	[ -x "$NODE" ] || die "$NODE is not there; run without --no-build, or set RWA_NODE"
	[ -x "$LOAD" ] || die "$LOAD is not there; run without --no-build, or set RWA_LOAD"
	[ -r /proc/self/status ] || die "memory is read from /proc, which this system does not have"
}

# A folder for this measurement, and the promise to clean up after it.
begin_measurement() {
	mkdir -p "$RWA_CACHE"
	RUN="$(mktemp -d "$RWA_CACHE/$1.XXXXXX")"
	mkdir "$RUN/results"
	trap end_measurement EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	say "logs and data: $RUN"
}

end_measurement() {
	local status=$?
	trap '' INT TERM
	stop "${!STARTED[@]}"
	if $KEEP || { [ "$status" -ne 0 ] && [ "$status" -ne 130 ] && [ "$status" -ne 143 ]; }; then
		say "logs and data are kept: $RUN"
	else
		rm -rf "$RUN"
	fi
	exit "$status"
}

# Run in the background with a log of its own, and remember it.
start() {
	local name="$1"
	shift
	"$@" >>"$RUN/$name.log" 2>&1 &
	STARTED[$!]="$name"
}

# Run and wait, in the background, so that a signal to this script is handled at once.
attend() {
	local pid status=0
	"$@" &
	pid=$!
	STARTED[$pid]="$1"
	wait "$pid" || status=$?
	unset "STARTED[$pid]"
	return "$status"
}

# Stop these processes, first kindly, so that databases are closed, then surely.
stop() {
	local pid deadline=$((SECONDS + 60))
	for pid in "$@"; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in "$@"; do
		while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		unset "STARTED[$pid]"
	done
}

# Choose this many free ports on loopback for RPC, and as many for the network.
choose_ports() {
	local ports
	mapfile -t ports < <(node "$MEASURE_JS" ports $(($1 * 2)))
	[ "${#ports[@]}" -eq $(($1 * 2)) ] || die "no free ports on 127.0.0.1"
	RPC_PORTS=("${ports[@]:0:$1}")
	P2P_PORTS=("${ports[@]:$1}")
}

# The raw specification of chain $1, in file $2.
export_spec() {
	"$NODE" export-chain-spec --chain "$1" --raw >"$2" 2>"$RUN/export.log" ||
		die "the node can't export the chain $1: $(tail -n 3 "$RUN/export.log")"
}

# The same with $2 senders and as many receivers in it, in file $3.
export_bench_spec() {
	say "making a genesis with $2 senders and $2 receivers"
	export_spec "$1" "$RUN/base.json"
	attend "$LOAD" genesis --base "$RUN/base.json" --accounts "$2" --out "$3" >/dev/null
}

# Network identity of the validator at place $1. The key is fixed, so that the others know it.
peer_id() {
	printf '%064x' "$(($1 + 1))" >"$RUN/node-$1.key"
	"$NODE" key inspect-node-key --file "$RUN/node-$1.key"
}

# Start the first $1 validators on specification $2, each with all others as its only peers. The
# function named $3 tells at which port a node (by place, first argument) reaches another (second).
start_validators() {
	local count="$1" spec="$2" port_of="$3" place other peers=() ids=() reserved
	for ((place = 0; place < count; place++)); do
		ids+=("$(peer_id "$place")")
	done
	NODE_PIDS=()
	for ((place = 0; place < count; place++)); do
		peers=()
		for ((other = 0; other < count; other++)); do
			[ "$other" -eq "$place" ] ||
				peers+=("/ip4/127.0.0.1/tcp/$("$port_of" "$place" "$other")/p2p/${ids[$other]}")
		done
		reserved=()
		[ "${#peers[@]}" -eq 0 ] || reserved=(--reserved-only --reserved-nodes "${peers[@]}")
		start "${VALIDATORS[$place]}" "$NODE" --chain "$spec" "--${VALIDATORS[$place]}" --validator \
			--force-authoring --base-path "$RUN/${VALIDATORS[$place]}" \
			--node-key-file "$RUN/node-$place.key" --rpc-port "${RPC_PORTS[$place]}" \
			--listen-addr "/ip4/127.0.0.1/tcp/${P2P_PORTS[$place]}" "${NODE_FLAGS[@]}" "${EXTRA_FLAGS[@]}" \
			"${reserved[@]}"
		NODE_PIDS+=($!)
	done
	await_final 3
}

# Every node reaches every other directly.
direct_port() { echo "${P2P_PORTS[$2]}"; }

# Until every validator has made $1 more blocks final than it had.
await_final() {
	local place nodes=()
	for place in "${!NODE_PIDS[@]}"; do
		nodes+=("${NODE_PIDS[$place]}=${RPC_PORTS[$place]}")
	done
	attend node "$MEASURE_JS" await-final "$START_SECONDS" "$1" "${nodes[@]}" || {
		for place in "${!NODE_PIDS[@]}"; do
			tail -n 5 "$RUN/${VALIDATORS[$place]}.log" >&2
		done
		die "the network did not start; its logs are in $RUN"
	}
}

stop_validators() {
	stop "${NODE_PIDS[@]}"
	NODE_PIDS=()
}

# `--url …` for every validator.
urls() {
	local place
	for place in "${!NODE_PIDS[@]}"; do
		printf -- '--url\nws://127.0.0.1:%s\n' "${RPC_PORTS[$place]}"
	done
}

# Of option $1, its value $2.
value() {
	[ $# -ge 2 ] || die "$1 needs a value; see --help"
	echo "$2"
}

count() {
	local text
	text="$(value "$@")" || exit 1
	[[ "$text" =~ ^[1-9][0-9]{0,8}$ ]] || die "$1 is \"$text\"; a whole number from 1 on is needed"
	echo "$text"
}
