# Sourced by every script: where things are built and which tools are used. Sets no state of its own,
# so that sourcing it twice, or from any folder, gives the same result.

RWA_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
RWA_CACHE="${RWA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rwa-network}"
RWA_TOOLS="$RWA_CACHE/tools"
export RWA_ROOT RWA_CACHE RWA_TOOLS

# One target folder for all checkouts on this machine: third-party crates are compiled once.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$RWA_CACHE/target}"

# Link the system's OpenSSL rather than compile a copy (a build of over three minutes).
export OPENSSL_NO_VENDOR="${OPENSSL_NO_VENDOR:-1}"

# The target that the runtime is compiled to.
RWA_WASM_TARGET=wasm32v1-none

case ":$PATH:" in
*":$RWA_TOOLS/bin:"*) ;;
*) export PATH="$RWA_TOOLS/bin:$PATH" ;;
esac

# True if the compiler $1 can build for the runtime's target.
rust_has_wasm() {
	local sysroot
	sysroot="$("$1" --print sysroot 2>/dev/null)" || return 1
	compgen -G "$sysroot/lib/rustlib/$RWA_WASM_TARGET/lib/libcore-*.rlib" >/dev/null
}

# Prefer the compiler that is first in the path; fall back to the distribution's own, which
# scripts/setup.sh equips where rustup can't download a target.
rust_select() {
	if rust_has_wasm rustc; then
		return 0
	fi
	if [ -x /usr/bin/rustc ] && rust_has_wasm /usr/bin/rustc; then
		export PATH="/usr/bin:$PATH"
		return 0
	fi
	return 1
}

# Cargo tells by their dates which of our crates changed, and takes two checkouts that share a target
# folder for one. So whoever builds in another checkout than the last one marks all sources as new.
rust_claim_target() {
	local owner="$CARGO_TARGET_DIR/.rwa-checkout"
	if [ "$(cat "$owner" 2>/dev/null)" != "$RWA_ROOT" ]; then
		mkdir -p "$CARGO_TARGET_DIR"
		find "$RWA_ROOT" \( -name target -o -name node_modules -o -name .git \) -prune -o \
			\( -name '*.rs' -o -name Cargo.toml \) -exec touch {} +
		printf '%s\n' "$RWA_ROOT" >"$owner"
	fi
}

say() { printf '%s %s\n' "==>" "$*"; }
die() {
	printf '%s %s\n' "error:" "$*" >&2
	exit 1
}

rust_select || true
