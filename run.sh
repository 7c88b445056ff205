#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a bare Debian 12 to a gateway with simulated calls talking through it. Ctrl-C ends all of it.
#   ./run.sh [--calls N] [--seconds S] [--console | --no-console]
# S: stop by itself after that long. The operator's console opens by itself where there is a display; --console insists.
set -euo pipefail
cd "$(dirname "$0")"
. resources/setup.sh

calls=4
seconds=0
console=maybe
while [ $# -gt 0 ]; do
    case $1 in
        --calls) calls=${2:?how many?}; shift 2 ;;
        --seconds) seconds=${2:?how long?}; shift 2 ;;
        --console) console=yes; shift ;;
        --no-console) console=no; shift ;;
        *) echo "usage: ./run.sh [--calls N] [--seconds S] [--console | --no-console]" >&2; exit 2 ;;
    esac
done

takt_install_build
takt_install_world
takt_configure build
if [ $console = maybe ]; then
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && console=yes || console=no
fi
takt_build build takt-gateway takt-sim $([ $console = no ] || echo takt-console)

# free_port FROM: the first port from there on that nobody listens on.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

demo=$(mktemp -d "${TMPDIR:-/tmp}/takt-demo.XXXXXX")
gateway= sim= watch= desk=
export TAKT_CONTROL_SOCKET=$demo/takt.sock
ctl() { ./build/takt-gateway ctl "$@"; }
finish() {
    local code=$?
    trap - EXIT INT TERM
    set +e # nothing that fails here may keep the rest from being stopped
    if [ -n "$gateway" ] && kill -0 "$gateway" 2>/dev/null; then
        say "What became of the calls that are over"
        ctl jobs completed | tail -n 9
        call=$(ctl jobs completed --stage webhook.deliver | awk '$4 ~ /^CA/ { print $4; exit }')
        if [ -n "$call" ]; then
            say "One of them"
            ctl call "$call"
        fi
        say "The people who called"
        ctl leads | head -n 5
    fi
    say "Stopping"
    [ -n "$desk" ] && kill "$desk" 2>/dev/null && wait "$desk" 2>/dev/null
    # The calls first, so that they end as calls do; then the gateway.
    [ -n "$sim" ] && kill -INT "$sim" 2>/dev/null && wait "$sim" 2>/dev/null
    [ -n "$gateway" ] && kill -TERM "$gateway" 2>/dev/null && wait "$gateway" 2>/dev/null
    [ -n "$watch" ] && kill "$watch" 2>/dev/null && wait "$watch" 2>/dev/null
    say "What the callers heard"
    cat "$demo/verdict.txt" 2>/dev/null || true
    echo
    echo "The gateway's log and database of this demo are in $demo"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

media_port=$(free_port 8080)
model_port=$(free_port $((media_port + 1000)))
admin_port=$(free_port $((media_port + 2000)))
rest_port=$(free_port $((media_port + 3000)))
ai_port=$(free_port $((media_port + 4000)))
crm_port=$(free_port $((media_port + 5000)))
crm_secret=whsec_$(head -c 32 /dev/urandom | base64 -w 0)
# The demo is the demo, whatever the user has set for a gateway of his own.
unset OPENAI_API_KEY_FILE TWILIO_AUTH_TOKEN_FILE TWILIO_ACCOUNT_SID_FILE
for name in $(compgen -v TAKT_ || true); do unset "$name"; done
export TAKT_LISTEN=127.0.0.1:$media_port TAKT_SPEECH_URL=ws://127.0.0.1:$model_port/v1/realtime
export TAKT_ADMIN_LISTEN=127.0.0.1:$admin_port TAKT_PUBLIC_URL=http://127.0.0.1:$media_port
export TAKT_TWILIO_BASE_URL=http://127.0.0.1:$rest_port
export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 TWILIO_AUTH_TOKEN=demo
export TAKT_DATA_DIR=$demo TAKT_CONTROL_SOCKET=$demo/takt.sock OPENAI_API_KEY=demo
# The work after a call: transcription and text, and the CRM that is told, on this machine and by plain http.
export TAKT_OPENAI_BASE_URL=http://127.0.0.1:$ai_port/v1 TAKT_WEBHOOK_URL=http://127.0.0.1:$crm_port/takt
export TAKT_WEBHOOK_SECRET=$crm_secret TAKT_WEBHOOK_ALLOW_NETWORKS=127.0.0.0/8

say "Starting the gateway on $TAKT_LISTEN"
# In a process group of their own: Ctrl-C reaches this script alone, which then stops them in order.
setsid ./build/takt-gateway 2>"$demo/gateway.log" &
gateway=$!
for _ in $(seq 100); do
    [ -S "$TAKT_CONTROL_SOCKET" ] && break
    kill -0 $gateway 2>/dev/null || { cat "$demo/gateway.log" >&2; exit 1; }
    sleep 0.1
done
[ -S "$TAKT_CONTROL_SOCKET" ] || { echo "the gateway did not come up:" >&2; cat "$demo/gateway.log" >&2; exit 1; }

say "Starting $calls simulated calls"
setsid ./build/takt-sim --gateway "ws://$TAKT_LISTEN/media" --voice-url "$TAKT_PUBLIC_URL/twilio/voice" --allow-ws \
    --status-url "$TAKT_PUBLIC_URL/twilio/status" --account-sid "$TWILIO_ACCOUNT_SID" --rest-port "$rest_port" \
    --model-port "$model_port" --ai-port "$ai_port" --crm-port "$crm_port" --crm-secret "$crm_secret" \
    --calls "$calls" --seconds 15 --forever \
    >"$demo/verdict.txt" 2>&1 &
sim=$!

cat <<EOF

The gateway is running, and people are talking through it. Ctrl-C ends all of it.
  Look closer:   TAKT_CONTROL_SOCKET=$TAKT_CONTROL_SOCKET ./build/takt-gateway ctl status   (or calls, watch, call +15550100, hangup CALLSID)
  Work:          ... ctl jobs, ctl leads, ctl call CALLSID: recording, transcript, summary, lead and webhook of each call that is over
  Console:       TAKT_CONTROL_SOCKET=$TAKT_CONTROL_SOCKET ./build/takt-console   (--language he, --theme dark)
  Metrics:       curl http://$TAKT_ADMIN_LISTEN/metrics   (or /readyz)
  Settings:      resources/takt.example.toml explains each one; ./build/takt-gateway --help
  Log:           $demo/gateway.log

EOF
if [ $console = yes ]; then
    ./build/takt-console --socket "$TAKT_CONTROL_SOCKET" &
    desk=$!
fi
./build/takt-gateway ctl watch &
watch=$!
if [ "$seconds" -gt 0 ]; then
    sleep "$seconds" &
    wait $! || true
else
    wait $watch || true
fi
