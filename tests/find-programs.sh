#!/bin/sh
# Make sure that programs are there which tests and benches start, each named as PROGRAM or PROGRAM:PACKAGE of Debian.
# What is missing comes from the package manager. The system's own services are not started.
PATH="$PATH:/usr/sbin"
missing=""
for name in "$@"; do
    command -v "${name%%:*}" >/dev/null 2>&1 || missing="$missing ${name##*:}"
done
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing$missing…"
    # shellcheck disable=SC2086 # several names
    if apt-get update -qq >/dev/null 2>&1 && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "Needed:$missing. Install it (on Debian: apt-get install$missing)." >&2
exit 1
