#!/bin/sh
# check_engine_symbols.sh OBJECT...: the engine's objects call nothing but each other, memory functions and sqrt, which IEEE 754
# fixes (others bring the rounding of the machine's libm), and hold no fused multiply-add instruction.
set -eu

allowed='^(calloc|free|memcpy|memmove|memset|__stack_chk_fail|sqrt|_GLOBAL_OFFSET_TABLE_|zps_field_lanes_(lookup|step)_[a-z0-9]+)$'
status=0
for object in "$@"; do
  calls=$(nm --undefined-only --format=just-symbols "$object" | grep -Ev "$allowed" || true)
  if [ -n "$calls" ]; then
    echo "$object calls:" $calls
    status=1
  fi
  fused=$(objdump -d --no-show-raw-insn "$object" | grep -cE '\bvf(n?m(add|sub)|maddsub|msubadd)[0-9]*[sp][sd]\b' || true)
  if [ "$fused" -ne 0 ]; then
    echo "$object holds $fused fused multiply-add instructions"
    status=1
  fi
done
exit $status
