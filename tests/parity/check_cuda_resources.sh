#!/bin/sh
# check_cuda_resources.sh SOURCE RECORD NVCC: registers, stack and spills of every kernel of the CUDA engine on Ampere,
# Hopper and Blackwell are those of RECORD, and nothing is spilled. Registers depend on the compiler: another version
# than the recorded one answers for stack and spills alone, on the architectures it knows. To record anew:
# check_cuda_resources.sh SOURCE RECORD NVCC --record
set -eu

source=$1 record=$2 nvcc=$3 mode=${4:-}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p')
known=$("$nvcc" --list-gpu-code)

# One line per kernel: architecture, name, registers, bytes of stack, of spill stores, of spill loads. Names are mangled:
# _Z<length><name>...
list_kernels() {
  awk -v architecture="$1" '
    /Compiling entry function/ { split($0, part, "\047"); kernel = substr(part[2], 3); digits = kernel + 0
      kernel = substr(kernel, length(digits "") + 1, digits) }
    /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
    /Used [0-9]+ registers/ { for (i = 1; i < NF; i++) if ($i == "Used") print architecture, kernel, $(i + 1), stack, stores, loads }
  ' "$folder/ptxas.txt" | sort
}

{
  echo "# Kernels: architecture, name, registers, bytes of stack, of spill stores, of spill loads"
  echo "nvcc $version"
} >"$folder/now.txt"
for architecture in sm_80 sm_90 sm_100; do
  echo "$known" | grep -qx "$architecture" || continue
  "$nvcc" -std=c++17 -O3 -DNDEBUG -fmad=false -arch="$architecture" -Xptxas=-v -I"$source" -cubin \
    -o "$folder/engine.cubin" "$source/kernels/engine_cuda.cu" 2>"$folder/ptxas.txt" ||
    { cat "$folder/ptxas.txt"; exit 1; }
  list_kernels "$architecture" >"$folder/kernels.txt"
  [ -s "$folder/kernels.txt" ] || { echo "ptxas named no kernel:"; cat "$folder/ptxas.txt"; exit 1; }
  cat "$folder/kernels.txt" >>"$folder/now.txt"
done
if awk '/^sm_/ && ($4 + $5 + $6 > 0) { print; found = 1 } END { exit !found }' "$folder/now.txt"; then
  echo "expected no stack and no spills"
  exit 1
fi

if [ "$mode" = --record ]; then
  cp "$folder/now.txt" "$record"
  exit 0
fi
cat "$folder/now.txt"
cp "$record" "$folder/record.txt"
if ! grep -qx "nvcc $version" "$record"; then
  echo "recorded with $(grep '^nvcc' "$record"): registers are not compared"
  for file in record now; do
    awk -v known="$known" 'BEGIN { n = split(known, list); for (i = 1; i <= n; i++) has[list[i]] = 1 }
      has[$1] { $3 = "-"; print }' "$folder/$file.txt" >"$folder/$file.bare"
    mv "$folder/$file.bare" "$folder/$file.txt"
  done
fi
diff "$folder/record.txt" "$folder/now.txt" || { echo "differs from $record (<); to record anew, see $0"; exit 1; }
