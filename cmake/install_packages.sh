#!/bin/sh
# install_packages.sh LIST GROUP...: installs the Debian packages of these groups that are missing.
# Says what it will install before it does; silent when nothing is missing.
set -eu

list=$1
shift
packages=$(for group in "$@"; do awk -v group="$group" '$1 == group { print $2 }' "$list"; done)

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  echo "zpscan: no apt-get here, nothing installed; what is needed is listed in $list" >&2
  exit 0
fi

missing=
for package in $packages; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=absent
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
  root=sudo
  if ! command -v sudo >/dev/null 2>&1; then
    echo "zpscan: needs these packages, and neither root nor sudo is at hand:$missing" >&2
    echo "zpscan: ask for: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
fi

echo "zpscan: will install with ${root:+$root }apt-get:$missing"

apt() {
  $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@"
}

# A fresh machine has no package lists, and old ones name files that are gone.
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' 2>/dev/null)" ]; then
  apt update
fi
# shellcheck disable=SC2086
apt install --no-install-recommends $missing || { apt update && apt install --no-install-recommends $missing; }
