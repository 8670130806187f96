#!/bin/sh
# Make sure that there is a Chromium for the browser tests: the system's, or one from the package manager.
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests…"
    if apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "The browser tests need Chromium. Install it (on Debian: apt-get install chromium), or say CHROMIUM=/path/to/it." >&2
exit 1
