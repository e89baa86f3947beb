#!/usr/bin/env bash
# Set up the Kubo of a storage node, or bring an existing one to these settings. Safe to run twice.
#
#   scripts/kubo-init.sh                   the one in $IPFS_PATH, or else ~/.ipfs
#   scripts/kubo-init.sh --store 500GB     with this much for documents, in place of 10GB
#
# The settings are those of scripts/lib/kubo.conf. The daemon must not run meanwhile. Start it afterwards with
#   ipfs daemon --enable-gc
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"

main() {
	local store="" line key value
	while [ $# -gt 0 ]; do
		case "$1" in
		--store)
			[[ "${2:-}" =~ ^[1-9][0-9]*(GB|TB)$ ]] || die "--store needs a size such as 500GB or 2TB"
			store="$2"
			shift 2
			;;
		--help | -h)
			sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
			exit 0
			;;
		*) die "\"$1\" is no option; see --help" ;;
		esac
	done
	command -v ipfs >/dev/null || die "no ipfs here; scripts/setup.sh brings it"
	export IPFS_PATH="${IPFS_PATH:-$HOME/.ipfs}"
	if [ ! -e "$IPFS_PATH/config" ]; then
		say "making a repository in $IPFS_PATH"
		ipfs init --empty-repo >/dev/null
	fi
	while read -r key value; do
		case "$key" in "" | \#*) continue ;; esac
		[ "$key" = Datastore.StorageMax ] && [ -n "$store" ] && value="\"$store\""
		ipfs config --json "$key" "$value" || die "Kubo doesn't take $key = $value"
	done <"$RWA_ROOT/scripts/lib/kubo.conf"
	say "$IPFS_PATH is set up, with $(ipfs config Datastore.StorageMax) for documents"
}

main "$@"
