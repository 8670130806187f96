#!/bin/sh
# Make sure that there is an nginx for the tests of deploy/nginx: the system's, or one from the package manager.
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing nginx for the tests…"
    # It is for the tests alone: the system's service is not started.
    if apt-get update -qq >/dev/null 2>&1 && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends nginx-light >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "The tests need nginx. Install it (on Debian: apt-get install nginx-light)." >&2
exit 1
