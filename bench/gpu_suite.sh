#!/bin/sh
# gpu_suite.sh: tests, parity and benchmarks of the CUDA engine on a machine with a GPU and nothing else; under
# 8 minutes. Build where the libraries are, carry the programs, run them there:
#   cmake --preset static && cmake --build --preset static
#   to carry, beside the tree: out-static/{zpscan,zps_engine_rate,libcmocka.so.0},
#   out-static/tests/gpu/test_gpu_parity, out-static/tests/parity/test_device_engine
#   sh bench/gpu_suite.sh --out FOLDER
# FOLDER gets parts.jsonl (the parts done: a second call goes on after them), suite.log, table.txt and <device>.json,
# which belongs into bench/results. --engine check --small tries the suite itself without a GPU. --help tells the rest.
set -eu

command -v python3 >/dev/null 2>&1 || { echo "gpu_suite.sh: needs python3 (its standard library is enough)" >&2; exit 1; }
exec python3 "$(dirname "$0")/gpu/suite.py" "$@"
