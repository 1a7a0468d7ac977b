#!/bin/sh
# check_cuda_resources.sh SOURCE RECORD NVCC: registers, stack and spills of every kernel of the CUDA engine on sm_90
# are those of RECORD. Registers depend on the compiler: another version than the recorded one answers for stack and
# spills alone. To record anew: check_cuda_resources.sh SOURCE RECORD NVCC --record
set -eu

source=$1 record=$2 nvcc=$3 mode=${4:-}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p')
"$nvcc" -std=c++17 -O3 -DNDEBUG -fmad=false -arch=sm_90 -Xptxas=-v -I"$source" -cubin -o "$folder/engine.cubin" \
  "$source/kernels/engine_cuda.cu" 2>"$folder/ptxas.txt" || { cat "$folder/ptxas.txt"; exit 1; }

# One line per kernel: name, registers, bytes of stack, of spill stores, of spill loads. Names are mangled:
# _Z<length><name>...
awk '
  /Compiling entry function/ { split($0, part, "\047"); kernel = substr(part[2], 3); digits = kernel + 0
    kernel = substr(kernel, length(digits "") + 1, digits) }
  /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
  /Used [0-9]+ registers/ { for (i = 1; i < NF; i++) if ($i == "Used") print kernel, $(i + 1), stack, stores, loads }
' "$folder/ptxas.txt" | sort >"$folder/kernels.txt"
[ -s "$folder/kernels.txt" ] || { echo "ptxas named no kernel:"; cat "$folder/ptxas.txt"; exit 1; }
{
  echo "# Kernels on sm_90: name, registers, bytes of stack, of spill stores, of spill loads"
  echo "nvcc $version"
  cat "$folder/kernels.txt"
} >"$folder/now.txt"

if [ "$mode" = --record ]; then
  cp "$folder/now.txt" "$record"
  exit 0
fi
cat "$folder/now.txt"
cp "$record" "$folder/record.txt"
if ! grep -qx "nvcc $version" "$record"; then
  echo "recorded with $(grep '^nvcc' "$record"): registers are not compared"
  for file in record now; do
    awk '$1 == "#" || $1 == "nvcc" { next } { $2 = "-"; print }' "$folder/$file.txt" >"$folder/$file.bare"
    mv "$folder/$file.bare" "$folder/$file.txt"
  done
fi
diff "$folder/record.txt" "$folder/now.txt" || { echo "differs from $record (<); to record anew, see $0"; exit 1; }
