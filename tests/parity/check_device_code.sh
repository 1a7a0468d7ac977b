#!/bin/sh
# check_device_code.sh SOURCE UNIT NVCC [ARGUMENT...]: a muon's whole life compiles for a device, and its code holds no
# fused multiply-add and no approximate or flushing operation.
set -eu

source=$1 unit=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$@" -I"$source" -ptx -o "$folder/life.ptx" "$unit"
if grep -nE '\bfma\.|\.approx|\.ftz' "$folder/life.ptx" | head -n 5 | grep .; then
  echo "the device code holds operations that round differently"
  exit 1
fi
grep -q 'div.rn.f64' "$folder/life.ptx"
grep -q 'sqrt.rn.f64' "$folder/life.ptx"
