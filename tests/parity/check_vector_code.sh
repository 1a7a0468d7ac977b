#!/bin/sh
# check_vector_code.sh OBJECT PATTERN: every loop over lanes of an x86-64-v3 object, a function whose name matches PATTERN,
# is vector code: 256-bit registers, and at least as many packed as scalar operations on doubles (a scalar copy for the
# last lanes stands beside each loop). A loop that falls back to scalar code gives the same bits at a quarter of the
# speed, so no other test sees it.
set -eu

# The first reads particles from a table, one by one; tricubic lookups gather 16 or 64 nodes for each lane in loops.
exempt='^zps_(lanes_beam_file|muons_cubic)'

objdump -d --no-show-raw-insn "$1" | awk -v exempt="$exempt" -v pattern="$2" '
  function judge() {
    if (name ~ pattern && name !~ exempt) {
      n++
      if (wide == 0 || packed < scalar) {
        printf "%s: %d packed and %d scalar operations on doubles, %d uses of 256 bits\n", name, packed, scalar, wide
        bad = 1
      }
    }
  }
  /^[0-9a-f]+ <.*>:$/ { judge(); name = substr($2, 2, length($2) - 3); wide = packed = scalar = 0 }
  /%ymm/ { wide++ }
  /\tv(mul|add|sub|div|sqrt|min|max)pd / { packed++ }
  /\tv(mul|add|sub|div|sqrt|min|max)sd / { scalar++ }
  END {
    judge()
    if (n == 0) { print "no loop over lanes found"; bad = 1 }
    exit bad
  }'
