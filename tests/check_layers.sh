#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails on every #include that is not an arrow of the architecture (README). The table below is the picture; there is no
# list of exceptions. Also fails when this check itself would not notice a forbidden include.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# room: rooms that it may include besides itself. `shared` and `telemetry` are open to every room of the gateway.
declare -A may=(
    [telemetry]=""
    [media]=""
    [speech]="media"
    [config]="speech"
    [carrier]="media config"
    [calls]="media speech config carrier"
    [flight]="media"
    [store]=""
    [records]="store"
    [jobs]="store config carrier speech"
    [http]=""
    [frontdoor]="http config carrier"
    [admin]="http media"
    [control]=""
)
# Of media only the TX worker's side may know more than Qt and shared values.
media_may_count="txworker.cpp"

faults=0
fault() { echo "$1"; faults=$((faults + 1)); }

# check FILE ROOM INCLUDE
check() {
    local file=$1 room=$2 include=$3 target=${3%%/*}
    case $target in
        shared | "$room") return ;;
        telemetry)
            [ "$room" != media ] || [[ " $media_may_count " == *" ${file##*/} "* ]] || fault "$file: media must not know telemetry"
            return ;;
    esac
    [ -n "${may[$target]+x}" ] || return 0 # not a room: a file beside this one
    [[ " ${may[$room]} " == *" $target "* ]] || fault "$file: $room must not include $target ($include)"
}

includes() { sed -n 's/^#include "\([^"]*\)".*/\1/p' "$1"; }

for room in "${!may[@]}"; do
    for file in gateway/"$room"/*.h gateway/"$room"/*.cpp; do
        [ -e "$file" ] || continue
        while read -r include; do check "$file" "$room" "$include"; done < <(includes "$file")
    done
done
for file in shared/*.h shared/*.cpp; do
    while read -r include; do
        [ "${include%%/*}" = shared ] || fault "$file: shared must not include $include"
    done < <(includes "$file")
done
# The console: views -> models -> its one end of the protocol -> shared. Nothing of the gateway's.
declare -A console_may=(
    [client]="shared/* console/gatewayclient.h"
    [models]="shared/* console/gatewayclient.h console/models/*"
    [views]="shared/* console/*"
)
# check_console FILE FLOOR INCLUDE
check_console() {
    local pattern
    for pattern in ${console_may[$2]}; do
        # shellcheck disable=SC2053 # a pattern
        [[ $3 == $pattern ]] && return
    done
    fault "$1: the console's $2 must not include $3"
}
set -f # patterns, not files
while read -r file; do
    case $file in
        console/gatewayclient.*) floor=client ;;
        console/models/*) floor=models ;;
        *) floor=views ;;
    esac
    while read -r include; do check_console "$file" $floor "$include"; done < <(includes "$file")
done < <(find console -name '*.h' -o -name '*.cpp')
set +f
grep -rlE 'QLocalSocket|QTcpSocket' console | grep -vE '^console/gatewayclient\.' && fault "a socket outside the console's GatewayClient" || true
grep -rnE 'QMessageBox|QWidget' console/models && fault "a model of the console talks to the user" || true
grep -rnE 'QSql|QWebSocket' console && fault "SQL or WebSockets in the console" || true
# Rooms of the gateway that no line of the table names.
for folder in gateway/*/; do
    room=$(basename "$folder")
    [ -n "${may[$room]+x}" ] || fault "gateway/$room is not in the table of tests/check_layers.sh"
done
# Foreign fields stay in their rooms; threads are never killed, and never sleep to wait.
grep -rnE 'streamSid"|conversation\.item|input_audio_buffer' gateway --include=*.cpp --include=*.h |
    grep -vE '^gateway/(carrier|speech)/' | grep -vE '^[^:]+:[0-9]+:\s*//' && fault "a wire's words outside carrier and speech" || true
grep -rnE '\bterminate\(|msleep\(|usleep\(|processEvents\(\)' gateway shared console --include=*.cpp --include=*.h |
    grep -v 'beatdispatcher' && fault "terminate(), sleeping or a nested event loop" || true
# The only child processes and the only requests of jobs are those that need a pass of the gate.
grep -rlE '#include <(QProcess|spawn\.h|sys/wait\.h)>|\b(fork|vfork|popen)\(' gateway shared --include=*.cpp --include=*.h |
    grep -v '^gateway/jobs/child.cpp' && fault "a child process beside jobs/child.cpp" || true
grep -rlE '#include <(QNetworkAccessManager|QTcpSocket|QSslSocket|QWebSocket)>' gateway/jobs |
    grep -v '^gateway/jobs/http.cpp' && fault "a request of a job beside jobs/http.cpp" || true
grep -rlE 'QSql' gateway --include=*.cpp --include=*.h | grep -vE '^gateway/(store|records)/' && fault "SQL outside store" || true

# Would it notice?
before=$faults
check probe media "calls/call.h" >/dev/null
check probe calls "frontdoor/frontdoor.h" >/dev/null
check_console probe models "console/views/theme.h" >/dev/null
check_console probe views "calls/call.h" >/dev/null
[ $faults -eq $((before + 4)) ] || { echo "the check itself is broken"; exit 1; }
faults=$before

[ $faults -eq 0 ] || exit 1
echo "all includes follow the arrows"
