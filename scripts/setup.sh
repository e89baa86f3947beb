#!/usr/bin/env bash
# Make what this machine lacks to build, run and test the network. Safe to run twice.
#
#   scripts/setup.sh            everything that run.sh and test.sh need
#
# Says each thing that it does. Where it can't go on it names what is missing and how to get it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
source "$RWA_ROOT/scripts/lib/storage-tools.sh"

SUDO=""
[ "$(id -u)" -eq 0 ] || SUDO="sudo"

# Oldest Node.js that the scripts run on (built-in test runner, fetch, parseArgs).
NODE_MIN=18
# Oldest compiler that the SDK's crates accept.
RUST_MIN=1.90

main() {
	system_packages
	rust_toolchain
	node_packages
	storage_tools
	say "set-up complete"
}

# --- Debian packages -----------------------------------------------------------------------------

# Each line: a test that is true when the thing is there, and the package that brings it.
system_packages() {
	local wanted=()
	{ have cc && have make; } || wanted+=(build-essential)
	have git || wanted+=(git)
	have ps || wanted+=(procps)
	have curl || wanted+=(curl)
	have protoc || wanted+=(protobuf-compiler)
	have pkg-config || wanted+=(pkg-config)
	{ have pkg-config && pkg-config --exists openssl; } || wanted+=(libssl-dev)
	[ -e /etc/ssl/certs/ca-certificates.crt ] || wanted+=(ca-certificates)
	# For the tests of the gateway and of oracles, which start a broker of their own. The service that comes with it listens on
	# loopback only. Debian keeps the program where only root looks.
	{ have mosquitto_passwd && { have mosquitto || [ -x /usr/sbin/mosquitto ]; }; } || wanted+=(mosquitto)
	have openssl || wanted+=(openssl)
	node_is_recent || wanted+=(nodejs)
	have npm || wanted+=(npm)
	[ ${#wanted[@]} -eq 0 ] && return 0
	apt_install "${wanted[@]}"
	node_is_recent || die "Node.js $NODE_MIN or newer is needed; found $(node --version 2>/dev/null || echo none)." \
		"Install it from your distribution or nodejs.org, then run this again."
}

have() { command -v "$1" >/dev/null 2>&1; }

node_is_recent() {
	have node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MIN" ]
}

apt_install() {
	if ! have apt-get; then
		die "missing: $*. This script installs packages only with apt-get; install the equivalents" \
			"with this system's package manager, then run it again."
	fi
	if [ -n "$SUDO" ] && ! have sudo; then
		die "missing: $*. Run as root: apt-get install --no-install-recommends $*"
	fi
	say "installing Debian packages: $*"
	# A fresh machine has no package lists, or those of the day it was made, which name no recent compiler.
	# Without a connection what it has may do.
	$SUDO apt-get update >"$(log_file apt-update)" 2>&1 ||
		say "apt-get update failed, going on with the lists that are there; see $(log_file apt-update)"
	$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
		>"$(log_file apt)" 2>&1 || die "apt-get could not install: $*; see $(log_file apt)"
}

log_file() {
	mkdir -p "$RWA_CACHE/log"
	echo "$RWA_CACHE/log/$1.log"
}

# --- Rust with the runtime's target --------------------------------------------------------------

rust_toolchain() {
	if rust_ready; then
		return 0
	fi
	if have rustup; then
		say "completing the toolchain with rustup: rustfmt, clippy, $RWA_WASM_TARGET"
		rust_new_enough rustc ||
			say "and making the newest stable one the default: Rust $RUST_MIN or newer is needed"
		if rustup_complete >"$(log_file rustup)" 2>&1 && rust_ready; then
			return 0
		fi
		say "rustup can't download it here (see $(log_file rustup)); using the distribution's Rust"
	fi
	rust_from_debian
	rust_ready || die "no Rust compiler of version $RUST_MIN or newer with the target $RWA_WASM_TARGET." \
		"With rustup: rustup toolchain install stable && rustup target add $RWA_WASM_TARGET." \
		"On Debian 12: apt-get install ${RUST_PACKAGES[*]}, then run this again;" \
		"its security suite, bookworm-security, has a recent one, and found is: $(rustc --version 2>/dev/null || echo none)."
}

# The toolchain in use, if it is recent enough; else the newest stable one.
rustup_complete() {
	if ! rust_new_enough rustc; then
		timeout 900 rustup toolchain install stable --profile minimal || return 1
		timeout 60 rustup default stable || return 1
	fi
	timeout 300 rustup component add rustfmt clippy &&
		timeout 300 rustup target add "$RWA_WASM_TARGET"
}

rust_ready() {
	rust_select && rust_new_enough rustc && have cargo && cargo fmt --version >/dev/null 2>&1 &&
		cargo clippy --version >/dev/null 2>&1
}

rust_new_enough() {
	local found
	found="$("$1" --version 2>/dev/null | cut -d' ' -f2)" || return 1
	[ "$(printf '%s\n' "$RUST_MIN" "$found" | sort -V | head -n1)" = "$RUST_MIN" ]
}

# Debian's browser back-port of Rust is recent and comes with library sources. It has no WebAssembly
# standard library, so that is compiled once from those sources and put beside the native one.
RUST_PACKAGES=(rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld)

rust_from_debian() {
	if ! { [ -x /usr/bin/cargo ] && [ -x /usr/bin/cargo-clippy ] && [ -x /usr/bin/cargo-fmt ] &&
		[ -d /usr/lib/rustlib/src ] && have lld; }; then
		apt_install "${RUST_PACKAGES[@]}"
	fi
	# rustc looks for its linker under this name.
	mkdir -p "$RWA_TOOLS/bin"
	have rust-lld || ln -sf "$(command -v lld)" "$RWA_TOOLS/bin/rust-lld"
	rust_has_wasm /usr/bin/rustc || rust_build_wasm_core
	PATH="/usr/bin:$PATH"
}

rust_build_wasm_core() {
	local work
	if [ -n "$SUDO" ] && ! have sudo; then
		die "the standard library for $RWA_WASM_TARGET goes into /usr/lib/rustlib: run scripts/setup.sh as root once"
	fi
	say "compiling the standard library for $RWA_WASM_TARGET (about a minute, once)"
	work="$(mktemp -d)"
	mkdir "$work/src"
	printf '#![no_std]\n' >"$work/src/lib.rs"
	cat >"$work/Cargo.toml" <<-'TOML'
		[package]
		name = "wasm-core"
		version = "0.0.0"
		edition = "2021"

		[profile.release]
		panic = "abort"
	TOML
	# Bitcode must be embedded: without it the runtime's link-time optimisation finds no section to read.
	(cd "$work" && PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" \
		CARGO_TARGET_DIR="$work/target" \
		cargo build --release -Z build-std=core,alloc --target "$RWA_WASM_TARGET") >"$(log_file wasm-core)" 2>&1 ||
		die "the standard library for $RWA_WASM_TARGET did not build; see $(log_file wasm-core)"
	local lib
	lib="$(/usr/bin/rustc --print sysroot)/lib/rustlib/$RWA_WASM_TARGET/lib"
	$SUDO mkdir -p "$lib"
	# The core library last: it is what tells that the target is there.
	$SUDO cp "$work/target/$RWA_WASM_TARGET"/release/deps/lib{alloc,compiler_builtins,core}-*.rlib "$lib/"
	rm -rf "$work"
}

# --- Node packages -------------------------------------------------------------------------------

# From the committed lock file; npm's own record tells whether the installed set matches it.
node_packages() {
	local lock="$RWA_ROOT/package-lock.json" stamp="$RWA_ROOT/node_modules/.rwa-lock"
	[ -f "$lock" ] || return 0
	if [ -f "$stamp" ] && cmp -s "$lock" "$stamp"; then
		return 0
	fi
	say "installing Node packages from package-lock.json"
	(cd "$RWA_ROOT" && npm ci --include=dev --no-audit --no-fund --ignore-scripts) >"$(log_file npm)" 2>&1 ||
		die "npm ci failed; see $(log_file npm). The package registry must be reachable once."
	cp "$lock" "$stamp"
}

main "$@"
