# For sourcing: says what runs and how long it took.

# phase NAME COMMAND…: runs the command between a headline and its duration; its exit code is the command's.
phase() {
  local name=$1 started=$SECONDS code=0
  shift
  printf '== %s\n' "$name"
  "$@" || code=$?
  printf '== %s: %s in %d s\n' "$name" "$([[ $code == 0 ]] && echo done || echo "failed ($code)")" $((SECONDS - started))
  return "$code"
}

# quietly COMMAND…: shows the output only where the command fails.
quietly() {
  local output
  output=$(mktemp)
  if "$@" >"$output" 2>&1; then
    rm -f "$output"
  else
    local code=$?
    cat "$output"
    rm -f "$output"
    return "$code"
  fi
}

# build_tree DIRECTORY [OPTION…]: builds it with all cores; on a terminal with one line that says how long it still takes.
build_tree() {
  local -a command=(cmake --build "$1" --parallel "$(nproc)" "${@:2}")
  if [[ -t 1 ]]; then
    (set -o pipefail; "${command[@]}" | scripts/progress)
  else
    "${command[@]}"
  fi
}
