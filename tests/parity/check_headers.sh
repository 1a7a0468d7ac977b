#!/bin/sh
# check_headers.sh SOURCE LANGUAGE COMPILER [ARGUMENT...]: every header of kernels/ compiles alone, LANGUAGE = c, c++ or
# cuda.
set -eu

source=$1 language=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
for header in "$source"/kernels/*.h; do
  name=$(basename "$header")
  case $language in
    c) unit=$folder/$name.c ;;
    c++) unit=$folder/$name.cpp ;;
    *) unit=$folder/$name.cu ;;
  esac
  # Twice: the include guard is tested too. ISO C wants a declaration, which a header of macros has not.
  printf '#include "kernels/%s"\n#include "kernels/%s"\ntypedef int compiled_alone;\n' "$name" "$name" >"$unit"
  if ! "$@" -I"$source" "$unit"; then
    echo "kernels/$name does not compile alone"
    status=1
  fi
done
exit $status
