# Shared by the scripts: where things are, and how to speak.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

dist=target/dist
tools=target/tools
npm=crates/web/npm
fixtures=tests/fixtures
wasm_target=wasm32-unknown-unknown
wasi_target=wasm32-wasip2
toolchain=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)

# What is downloaded names no folder of the machine that built it, and is the same
# wherever it is built. Cargo adds these flags to those of .cargo/config.toml, and
# would split a path with a space in it.
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
if [[ $crates != *[[:space:]]* ]]; then
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$crates=/crates"
  export CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS=$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS
fi

# Says what is being done, so that a long step is never a silent one.
step() { printf '==> %s\n' "$*" >&2; }

# Ends the script with what is wrong and how to mend it.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Whether the file $1 is missing, or older than one of the others.
outdated() {
  local made=$1 source
  shift
  [ -e "$made" ] || return 0
  for source in "$@"; do
    [ "$source" -nt "$made" ] && return 0
  done
  return 1
}

# The version of the crate $1 in Cargo.lock.
locked_version() {
  awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}

# Installs the npm packages of the folder $1 where its lock file is newer.
npm_packages() {
  local installed=$1/node_modules/.package-lock.json
  outdated "$installed" "$1/package-lock.json" || return 0
  step "Installing the npm packages of $1"
  npm ci --prefix "$1" --no-audit --no-fund
  touch "$installed"
}

# Installs the Python packages of the list $2 in the environment $1 where the list is
# newer.
python_packages() {
  outdated "$1/.complete" "$2" || return 0
  step "Installing the Python packages of $2"
  python3 -m venv --clear "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --requirement "$2"
  touch "$1/.complete"
}
