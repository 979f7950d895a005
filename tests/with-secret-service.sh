#!/bin/sh
# Run a command against a real Secret Service (gnome-keyring) on a machine without a desktop.
#
#   tests/with-secret-service.sh python -m pytest tests/secrets/keyring/inside.py
#   LOCKED=1 tests/with-secret-service.sh python -m pytest tests/secrets/keyring/inside.py
#
# Needs dbus-run-session, dbus-send and gnome-keyring-daemon (Debian: dbus, gnome-keyring). Home, data and
# runtime folders are temporary, so the user's own keyring is never touched; there is no display, so no
# prompt can appear. With LOCKED set the collection is locked before the command runs. The command sees
# WBTUI_SECRET_SERVICE=unlocked or locked, and its exit status is this script's.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
mkdir -m 700 "$tmp/home" "$tmp/data" "$tmp/config" "$tmp/run"
printf %s 'only for tests' >"$tmp/password"

status=0
# The daemon stays a foreground job of the inner shell: one that has made itself a daemon can outlive the
# bus. Descriptor 3 is the caller's stderr; the bus's own chatter goes to a file.
env -u DISPLAY -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS -u PYTHON_KEYRING_BACKEND \
    HOME="$tmp/home" XDG_DATA_HOME="$tmp/data" XDG_CONFIG_HOME="$tmp/config" XDG_RUNTIME_DIR="$tmp/run" \
    PASSWORD_FILE="$tmp/password" LOCKED="${LOCKED:-}" \
    WBTUI_SECRET_SERVICE="$([ -n "${LOCKED:-}" ] && echo locked || echo unlocked)" \
    dbus-run-session -- sh -c '
        gnome-keyring-daemon --foreground --unlock --components=secrets <"$PASSWORD_FILE" >/dev/null &
        daemon=$!
        tries=0
        until dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
            org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q "boolean true"; do
            tries=$((tries + 1))
            [ $tries -lt 200 ] || { echo "gnome-keyring did not start" >&3; exit 70; }
            sleep 0.05
        done
        if [ -n "$LOCKED" ]; then
            dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
                org.freedesktop.Secret.Service.Lock \
                array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
        fi
        status=0
        "$@" 2>&3 3>&- || status=$?
        kill "$daemon"
        wait "$daemon" || true
        exit $status
    ' sh "$@" 3>&2 2>"$tmp/chatter" || status=$?
exit $status
