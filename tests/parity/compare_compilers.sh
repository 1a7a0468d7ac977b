#!/bin/sh
# compare_compilers.sh REFERENCE SOURCE BUILD COMPILER FLAGS: builds print_row_hash again with another compiler or other
# flags and compares what it prints with what REFERENCE prints. The build folder is kept for the next time.
set -eu

reference=$1 source=$2 build=$3 compiler=$4 flags=$5

mkdir -p "$build"
log=$build/parity.log
cmake -S "$source" -B "$build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Parity -DCMAKE_C_FLAGS="$flags" \
  -DZPS_BENCH=OFF -DZPS_CUDA=OFF >"$log" 2>&1 || { cat "$log"; exit 1; }
cmake --build "$build" --target print_row_hash --parallel 2 >>"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }

cd "$source"
for settings in process.model=etl process.model=ww process.model=iww process.kind=none; do
  want=$("$reference" grids/quick.yaml 3000 "$settings")
  got=$("$build/tests/parity/print_row_hash" grids/quick.yaml 3000 "$settings")
  if [ "$want" != "$got" ]; then
    printf '%s: %s %s differs\nwant %s\ngot  %s\n' "$settings" "$compiler" "$flags" "$want" "$got"
    exit 1
  fi
  printf '%s, %s %s: same\n%s\n' "$settings" "$compiler" "$flags" "$got"
done
