# Sourced by scripts/setup.sh, after env.sh: Kubo and IPFS Cluster, into $RWA_TOOLS/bin. They are what storage
# nodes keep files with. Without them everything else is built, run and tested, and what needs them says that it
# was not.
#
# Where a recent Go is present they are built from their modules, which Go checks against the public record of
# modules' hashes. Else their makers' programs are downloaded, and compared with the checksum published beside
# them.

KUBO_VERSION=0.43.0
CLUSTER_VERSION=1.1.6
# Oldest Go that builds them: what their go.mod says.
STORAGE_GO_MIN=1.26.5
# Where their makers publish programs. Another place may be named to try this script.
RWA_IPFS_DIST="${RWA_IPFS_DIST:-https://dist.ipfs.tech}"

storage_tools() {
	storage_tool kubo "$KUBO_VERSION" github.com/ipfs/kubo ipfs
	storage_tool ipfs-cluster-service "$CLUSTER_VERSION" \
		github.com/ipfs-cluster/ipfs-cluster ipfs-cluster-service
	storage_tool ipfs-cluster-ctl "$CLUSTER_VERSION" \
		github.com/ipfs-cluster/ipfs-cluster ipfs-cluster-ctl
}

# Bring what is published as $1, of version $2: the program $4 of the Go module $3.
storage_tool() {
	local name="$1" version="$2" module="$3" program="$4" refused="$RWA_CACHE/log/$1-$2.refused"
	[ "$(storage_tool_version "$program")" = "$version" ] && return 0
	# A refusal is asked about once a day.
	if [ -n "$(find "$refused" -mmin -1440 2>/dev/null)" ]; then
		say "NOT THERE: $name $version could not be had here today; what needs it will say so"
		return 0
	fi
	mkdir -p "$RWA_TOOLS/bin" "$RWA_CACHE/log"
	: >"$(log_file "$name")"
	if { storage_from_go "$name" "$version" "$module" "$program" || storage_from_dist "$name" "$version" "$program"; } &&
		[ "$(storage_tool_version "$program")" = "$version" ]; then
		rm -f "$refused"
		return 0
	fi
	touch "$refused"
	say "NOT THERE: $name $version can't be had here; what needs it will say so." \
		"See $(log_file "$name"), or put the program $program into $RWA_TOOLS/bin."
}

# The version of a program that was brought; nothing if it wasn't.
storage_tool_version() {
	case "$1" in
	ipfs) "$RWA_TOOLS/bin/ipfs" version --number 2>/dev/null || true ;;
	*) "$RWA_TOOLS/bin/$1" --version 2>/dev/null | sed -n 's/^.* version \([0-9][0-9.]*\).*$/\1/p' || true ;;
	esac
}

storage_from_go() {
	local name="$1" version="$2" module="$3" program="$4" found work folder status=1
	have go || return 1
	found="$(go env GOVERSION 2>/dev/null | sed 's/^go//')"
	if [ "$(printf '%s\n' "$STORAGE_GO_MIN" "$found" | sort -V | head -n1)" != "$STORAGE_GO_MIN" ]; then
		say "Go $found is here; $STORAGE_GO_MIN or newer is needed to build $name"
		return 1
	fi
	work="$(mktemp -d)"
	# `go install` refuses a module that excludes versions of others, as Kubo's does. Built as the main module
	# it has exactly the dependencies, with the hashes, that its makers built it with.
	folder="$(cd "$work" && go mod download -json "$module@v$version" 2>>"$(log_file "$name")" |
		tee -a "$(log_file "$name")" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')" || folder=""
	if [ -n "$folder" ]; then
		say "building $name $version with Go $found (some minutes, once)"
		cp -R "$folder/." "$work" && chmod -R u+w "$work"
		# Without C, so that neither a compiler nor the system's libraries matter.
		if (cd "$work" && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags '-s -w' -o "$program.new" \
			"./cmd/$program") >>"$(log_file "$name")" 2>&1; then
			install -m 755 "$work/$program.new" "$RWA_TOOLS/bin/$program" && status=0
		fi
	fi
	rm -rf "$work"
	return "$status"
}

storage_from_dist() {
	local name="$1" version="$2" program="$3" file work status=1
	case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) file="${name}_v${version}_linux-amd64.tar.gz" ;;
	Linux-aarch64) file="${name}_v${version}_linux-arm64.tar.gz" ;;
	*) return 1 ;;
	esac
	say "downloading $name $version"
	work="$(mktemp -d)"
	if {
		curl -fsSL --connect-timeout 15 --max-time 600 -o "$work/$file" \
			"$RWA_IPFS_DIST/$name/v$version/$file" &&
			curl -fsSL --connect-timeout 15 --max-time 60 -o "$work/$file.sha512" \
				"$RWA_IPFS_DIST/$name/v$version/$file.sha512" &&
			(cd "$work" && sha512sum --strict --check "$file.sha512" && tar -xzf "$file")
	} >>"$(log_file "$name")" 2>&1; then
		install -m 755 "$work/$name/$program" "$RWA_TOOLS/bin/$program" && status=0
	fi
	rm -rf "$work"
	return "$status"
}
