#!/usr/bin/env bash
# Run a network on this machine: four validators, each with an oracle operator beside it, fed with
# real measurements; and where Kubo is there, three storage nodes that keep documents. Shows blocks, readings, agreed
# values and documents. Ctrl-C stops all of it.
#
#   scripts/run.sh --help
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"

usage() {
	cat <<-'TEXT'
		Run a network on this machine and watch it. Ctrl-C stops all of it.

		Usage: scripts/run.sh [options]

		  --single              one node instead of four; it serves all four operators, which
		                        then share one source, and keeps no documents
		  --misbehave           operator 3 lies and operator 4 is dead; the values stay right
		  --series NAME         what is measured (default seattle-temperature): a series of
		                        numbers of scripts/sources/README.md
		  --rpc-port PORT       first node's RPC port, the others follow (default 9944)
		  --p2p-port PORT       first node's network port, the others follow (default 30333)
		  --prometheus-port PORT  first node's metrics port, the others follow (default 9615)
		  --source-port PORT    control port of the data sources; the operators' follow (default 8080)
		  --storage-port PORT   first Kubo's RPC port; ten more for Kubos and bridges follow (default 5101)
		  --no-storage          leave storage nodes and documents out
		  --until-rounds N      stop after N agreed values, with exit code 0
		  --until-blocks N      stop after N finalised blocks, with exit code 0
		  --timeout SECONDS     give up, with exit code 1, if that has not happened by then
		  --keep-data           keep databases and logs after the end
		  --no-build            neither set up nor build: use the program that is there
		  --help                show this

		Environment: RWA_NODE and RWA_BRIDGE, the programs to run (default: those that this script builds).
	TEXT
}

# Each validator, its well-known key, and the operator whose node it is.
VALIDATORS=(alice bob charlie dave)
# The asset and source of the feed, as the chain and as the nodes' settings spell them.
FEED=1/WeatherApi FEED_ASSET=1 FEED_SOURCE=weather_api
# A node that is not up by then won't be.
START_SECONDS=120
JS="$RWA_ROOT/scripts/js"
# Of these each keeps documents, with a bridge and a Kubo; alice publishes some, with a Kubo alone. The ports of all
# four Kubos' RPC come first, then those by which they speak to each other, then those of the bridges.
STORAGE_NODES=(bob charlie dave)
# In no country, as ZZ.
REGIONS=(XA XB XC)
# How many times faster than in earnest documents' periods pass, or the first would be confirmed after 21 minutes and
# proven after an hour: after ten seconds, and half a minute.
TEMPO=120

SINGLE=false MISBEHAVE=false KEEP=false BUILD=true STORAGE=true
SERIES=seattle-temperature
RPC_PORT=9944 P2P_PORT=30333 PROMETHEUS_PORT=9615 SOURCE_PORT=8080 STORAGE_PORT=5101
WATCH_LIMITS=()

main() {
	read_options "$@"
	if $BUILD; then
		"$RWA_ROOT/scripts/setup.sh"
		# Now, and not only after half an hour of building.
		find_kubo
		check_ports
		rust_select || true
		say "building the node (about half an hour the first time on two cores, seconds after that)"
		rust_claim_target
		(cd "$RWA_ROOT" && cargo build --release --locked --workspace)
	fi
	NODE="${RWA_NODE:-$CARGO_TARGET_DIR/release/rwa-node}"
	BRIDGE="${RWA_BRIDGE:-$CARGO_TARGET_DIR/release/rwa-bridge}"
	[ -x "$NODE" ] || die "$NODE is not there; run without --no-build, or set RWA_NODE"
	find_kubo
	! $STORAGE || [ -x "$BRIDGE" ] || die "$BRIDGE is not there; run without --no-build, or set RWA_BRIDGE"
	check_ports

	RUN="$(mktemp -d "${TMPDIR:-/tmp}/rwa-run.XXXXXX")"
	say "logs and data: $RUN"
	start_sources
	! $STORAGE || start_storage
	start_nodes
	register_operators
	! $STORAGE || store_documents
	watch
}

# --- Options -------------------------------------------------------------------------------------

read_options() {
	local limit
	while [ $# -gt 0 ]; do
		case "$1" in
		--single) SINGLE=true ;;
		--misbehave) MISBEHAVE=true ;;
		--keep-data) KEEP=true ;;
		--no-build) BUILD=false ;;
		--no-storage) STORAGE=false ;;
		--series)
			SERIES="$(value "$@")"
			shift
			;;
		--rpc-port)
			RPC_PORT="$(port "$@")"
			shift
			;;
		--p2p-port)
			P2P_PORT="$(port "$@")"
			shift
			;;
		--prometheus-port)
			PROMETHEUS_PORT="$(port "$@")"
			shift
			;;
		--source-port)
			SOURCE_PORT="$(port "$@")"
			shift
			;;
		--storage-port)
			STORAGE_PORT="$(port "$@")"
			shift
			;;
		--until-rounds | --until-blocks | --timeout)
			limit="$(count "$@")"
			WATCH_LIMITS+=("$1" "$limit")
			shift
			;;
		--help)
			usage
			exit 0
			;;
		*) die "unknown option $1; see --help" ;;
		esac
		shift
	done
	case "$SERIES" in
	seattle-weather | washington-*) die "--series $SERIES: the feed made here is one of numbers" ;;
	esac
	if $SINGLE; then
		! $MISBEHAVE || die "--misbehave needs four sources; leave --single out"
		VALIDATORS=(alice)
	fi
}

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

# Ten more ports follow the first at most.
port() {
	local text
	text="$(count "$@")" || exit 1
	[ "$text" -le 65525 ] || die "$1 is $text; at most 65525, because others follow it"
	echo "$text"
}

check_ports() {
	local index wanted=()
	for index in "${!VALIDATORS[@]}"; do
		wanted+=("--rpc-port=$((RPC_PORT + index))" "--p2p-port=$((P2P_PORT + index))"
			"--prometheus-port=$((PROMETHEUS_PORT + index))")
		wanted+=("--source-port=$((SOURCE_PORT + 1 + index))")
	done
	wanted+=("--source-port=$SOURCE_PORT")
	if $STORAGE; then
		for index in {0..10}; do
			wanted+=("--storage-port=$((STORAGE_PORT + index))")
		done
	fi
	node "$JS/check-ports.js" "${wanted[@]}"
}

# Without Kubo nothing can be stored; everything else is there all the same.
find_kubo() {
	$STORAGE || return 0
	if $SINGLE; then
		STORAGE=false
	elif ! command -v ipfs >/dev/null; then
		say "NO DOCUMENTS: there is no Kubo here; scripts/setup.sh brings it where it can"
		STORAGE=false
	fi
}

# --- What is started -----------------------------------------------------------------------------

declare -A STARTED=() # Process id to what it is.

# Run in the background with a log of its own, and remember it.
start() {
	local name="$1"
	shift
	"$@" >"$RUN/$name.log" 2>&1 &
	STARTED[$!]="$name"
}

start_sources() {
	local args=(--series "$SERIES" --operators "${#VALIDATORS[@]}"
		--control-port "$SOURCE_PORT" --port-base "$((SOURCE_PORT + 1))")
	if $MISBEHAVE; then
		args+=(--operator 3=lying --operator 4=down)
	fi
	say "starting the data sources: $SERIES"
	start sources node "$RWA_ROOT/scripts/sources/serve.js" "${args[@]}"
	local pid=$!
	until grep -qs "^operator ${#VALIDATORS[@]} " "$RUN/sources.log"; do
		kill -0 "$pid" 2>/dev/null || die "the data sources did not start: $(cat "$RUN/sources.log")"
		sleep 0.1
	done
}

# Kubos and bridges. The nodes find these by their settings.
start_storage() {
	local number name pid port
	say "starting four Kubos, and bridges to three of them: http://127.0.0.1:$STORAGE_PORT and up"
	node "$JS/init-kubos.js" "$RUN" 4 "$STORAGE_PORT" || die "the Kubos could not be set up"
	for number in 1 2 3 4; do
		start "kubo-$number.daemon" env IPFS_PATH="$RUN/kubo-$number" LIBP2P_FORCE_PNET=1 IPFS_TELEMETRY=off \
			ipfs daemon --enable-gc
		pid=$!
		until grep -qs '^Daemon is ready' "$RUN/kubo-$number.daemon.log"; do
			kill -0 "$pid" 2>/dev/null || die "Kubo $number did not start: $(tail -n 3 "$RUN/kubo-$number.daemon.log")"
			sleep 0.1
		done
	done
	for number in 1 2 3; do
		name="bridge-$number"
		port="$((STORAGE_PORT + 7 + number))"
		mkdir "$RUN/$name"
		(umask 077 && head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$RUN/$name/token")
		cat >"$RUN/$name/bridge.toml" <<-TOML
			[http]
			listen = "127.0.0.1:$port"
			token = { file = "token" }
			[store]
			path = "data"
			[kubo]
			url = "http://127.0.0.1:$((STORAGE_PORT + number))"
		TOML
		cat >"$RUN/${STORAGE_NODES[$((number - 1))]}.storage.toml" <<-TOML
			[storage]
			bridge = "http://127.0.0.1:$port"
			token = { file = "$RUN/$name/token" }
		TOML
		start "$name" "$BRIDGE" --config "$RUN/$name/bridge.toml"
	done
}

start_nodes() {
	local index name chain=local bootnode=() publisher=()
	! $SINGLE || chain=dev
	# Genesis is computed once and not by every node: it takes seconds.
	say "making the genesis of a new chain"
	"$NODE" export-chain-spec --chain "$chain" --raw >"$RUN/genesis.json" 2>"$RUN/genesis.log" ||
		die "the node made no genesis: $(tail -n 3 "$RUN/genesis.log")"
	if $STORAGE; then
		say "documents' periods, and those of governance and penalties, pass $TEMPO times faster than in earnest"
		node "$JS/set-tempo.js" "$RUN/genesis.json" "$TEMPO"
		publisher=(--kubo "http://127.0.0.1:$STORAGE_PORT")
	fi
	for index in "${!VALIDATORS[@]}"; do
		name="${VALIDATORS[$index]}"
		say "starting $name: ws://127.0.0.1:$((RPC_PORT + index))"
		write_settings "$name" "$((SOURCE_PORT + 1 + index))"
		# A fixed key, so that the others know the first node's address.
		printf '%064x' "$((index + 1))" >"$RUN/$name.key"
		common_flags "$index" "$name"
		start "$name" "$NODE" --chain "$RUN/genesis.json" "--$name" --validator --force-authoring \
			--node-key-file "$RUN/$name.key" --offchain-config "$RUN/$name.toml" \
			"${bootnode[@]}" "${publisher[@]}" "${COMMON_FLAGS[@]}"
		publisher=()
		if [ "$index" -eq 0 ]; then
			bootnode=(--bootnodes "/ip4/127.0.0.1/tcp/$P2P_PORT/p2p/$(peer_id "$name")")
		fi
	done
}

# Sets COMMON_FLAGS: loopback only, a folder and ports of its own. The operators' scripts ask their own
# node for app keys, which is an unsafe method.
common_flags() {
	local index="$1" name="$2"
	COMMON_FLAGS=(--base-path "$RUN/$name" --listen-addr "/ip4/127.0.0.1/tcp/$((P2P_PORT + index))"
		--rpc-port "$((RPC_PORT + index))" --rpc-methods unsafe
		--prometheus-port "$((PROMETHEUS_PORT + index))" --no-telemetry --no-mdns)
}

# What this node's off-chain worker reads, and where.
write_settings() {
	local quantity=temperature
	[ "$SERIES" = mauna-loa-co2 ] && quantity=co2
	cat >"$RUN/$1.toml" <<-TOML
		[[oracle]]
		asset = $FEED_ASSET
		source = "$FEED_SOURCE"
		url = "http://127.0.0.1:$2/reading"
		pointer = "/$quantity"
	TOML
	if [ -e "$RUN/$1.storage.toml" ]; then
		cat "$RUN/$1.storage.toml" >>"$RUN/$1.toml"
	fi
}

peer_id() {
	"$NODE" key inspect-node-key --file "$RUN/$1.key"
}

register_operators() {
	local operator pids=()
	say "registering the oracle operators"
	for operator in 1 2 3 4; do
		# In no country: ISO 3166 leaves ZZ to its users.
		node "$JS/register-oracle.js" --wait "$START_SECONDS" --suri "//Oracle//$operator" \
			--region ZZ --endpoint "/ip4/127.0.0.1/tcp/$((P2P_PORT + (operator - 1) % ${#VALIDATORS[@]}))" \
			--url "$(url $(((operator - 1) % ${#VALIDATORS[@]})))" &
		STARTED[$!]="registration of operator $operator"
		pids+=($!)
	done
	await "${pids[@]}"
	node "$JS/create-feed.js" --url "$(url 0)" --feed "$FEED" $(feed_flags) --reporter //Oracle//1 \
		--reporter //Oracle//2 --reporter //Oracle//3 --reporter //Oracle//4 &
	STARTED[$!]="creation of the feed"
	await $!
	pids=()
	for operator in 1 2 3 4; do
		node "$JS/join-feed.js" --url "$(url 0)" --suri "//Oracle//$operator" --feed "$FEED" &
		STARTED[$!]="joining of operator $operator"
		pids+=($!)
	done
	await "${pids[@]}"
}

# Storage operators, each in a region of its own, and documents for them.
store_documents() {
	local index name pids=()
	say "registering the storage operators"
	for index in 0 1 2; do
		name="${STORAGE_NODES[$index]}"
		node "$JS/register-storage.js" --suri "//${name^}" --bytes 10000000000 --region "${REGIONS[$index]}" \
			--endpoint "/ip4/127.0.0.1/tcp/$((P2P_PORT + 1 + index))" --url "$(url $((index + 1)))" &
		STARTED[$!]="registration of $name's storage"
		pids+=($!)
	done
	await "${pids[@]}"
	say "storing documents"
	node "$JS/store-samples.js" --url "$(url 0)" --folder "$RUN/documents" &
	STARTED[$!]="storing of documents"
	await $!
}

# Unit and bounds of what is measured: what lies outside of them can't be real.
feed_flags() {
	case "$SERIES" in
	mauna-loa-co2) echo "--unit ppm --minimum=200 --maximum=1000" ;;
	*) echo "--unit °C --minimum=-60 --maximum=60" ;;
	esac
}

url() { echo "ws://127.0.0.1:$((RPC_PORT + $1))"; }

# --- The view, and the end -----------------------------------------------------------------------

watch() {
	node "$JS/watch.js" --url "$(url 0)" --feed "$FEED" --truth "http://127.0.0.1:$SOURCE_PORT" \
		"${WATCH_LIMITS[@]}" &
	STARTED[$!]="the view"
	await $!
}

# Wait until these processes have ended well. Nothing else may end meanwhile. They are in the
# background, so that a signal to this script is handled at once.
await() {
	local ended status name left=" $* "
	while [ -n "${left// /}" ]; do
		status=0
		wait -n -p ended "${!STARTED[@]}" || status=$?
		name="${STARTED[$ended]}"
		unset "STARTED[$ended]"
		if [[ "$left" != *" $ended "* ]]; then
			tail -n 5 "$RUN/$name.log" >&2
			die "$name has stopped (exit code $status); its log: $RUN/$name.log"
		fi
		[ "$status" -eq 0 ] || die "$name failed (exit code $status); the nodes' logs are in $RUN"
		left="${left/ $ended / }"
	done
}

# Stops what was started, by process id and nothing else: first kindly, then surely.
stop_all() {
	local status=$? pid deadline=$((SECONDS + 10))
	# Nothing may interrupt this, nor end it because nobody reads the output any more.
	trap '' INT TERM HUP PIPE
	set +e
	[ ${#STARTED[@]} -eq 0 ] || say "stopping"
	for pid in "${!STARTED[@]}"; do
		kill -TERM "$pid" 2>/dev/null || unset "STARTED[$pid]"
	done
	for pid in "${!STARTED[@]}"; do
		while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [ -n "${RUN:-}" ]; then
		# From 128 on: stopped by a signal, which is no failure.
		if $KEEP || { [ "$status" -gt 0 ] && [ "$status" -lt 128 ]; }; then
			say "logs and data are kept: $RUN"
		else
			rm -rf "$RUN"
		fi
	fi
	exit "$status"
}

trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 141' PIPE

main "$@"
