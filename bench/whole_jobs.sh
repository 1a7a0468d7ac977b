#!/bin/sh
# whole_jobs.sh: wall time of whole jobs, from the command line to the result file, by hyperfine where it is installed
# (Debian: hyperfine). For an idle machine; `zpscan bench` and `make instructions` are for busy ones.
#   sh bench/whole_jobs.sh [PROGRAM] [FOLDER]      default build/zpscan; FOLDER gets whole_jobs.json and whole_jobs.md
# RUNS=10 repetitions, EVENTS=20000 events per mass of the 60 masses of the 2022 run; FULL=1 adds its own 1e6 per mass.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$here/build/zpscan}
out=${2:-.}
runs=${RUNS:-10}
events=${EVENTS:-20000}
threads=$(nproc) # by OMP_NUM_THREADS where it is set, as zpscan
command -v hyperfine >/dev/null 2>&1 || { echo "whole_jobs.sh: needs hyperfine (Debian: hyperfine)" >&2; exit 1; }
[ -x "$program" ] || { echo "whole_jobs.sh: $program: expected the program zpscan" >&2; exit 1; }
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export ZPS_COMM=serial

# hyperfine takes a command apart as a shell does: a path may hold blanks, and quotes.
quote() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

run="$(quote "$program") run"
write="--quiet --force -o $(quote "$scratch/r.h5")"
quick=$(quote "$here/grids/quick.yaml")
grid=$(quote "$here/grids/na64mu-2022.yaml")
set -- \
  -n 'quick.yaml' "$run $quick $write" \
  -n 'set-up: one mass, one event' "$run $grid --masses 0:1 --events 1 $write" \
  -n 'set-up: 60 masses, one event' "$run $grid --events 1 $write" \
  -n "60 masses, $events events, 1 thread" "$run $grid --events $events --threads 1 $write" \
  -n "60 masses, $events events, $threads threads" "$run $grid --events $events $write" \
  -n '60 masses to 5 %' "$run $grid --target-error 5% $write"
if [ "${FULL:-0}" = 1 ]; then
  set -- "$@" -n "60 masses, 1000000 events, $threads threads" "$run $grid $write"
fi
hyperfine --shell=none --warmup 1 --runs "$runs" --export-json "$out/whole_jobs.json" \
  --export-markdown "$out/whole_jobs.md" "$@"
