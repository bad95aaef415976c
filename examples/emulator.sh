#!/bin/sh
# Drives a running emulator with nothing but curl, as tests in any language can:
#
#	cometchat-emulator &
#	EMULATOR=http://127.0.0.1:8789 sh examples/emulator.sh
set -eu

emulator=${EMULATOR:-http://127.0.0.1:8789}
key=${COMETCHAT_API_KEY:-emulator-key}

api() { # method, path, body
	curl -sS -X "$1" "$emulator/v3$2" -H "apikey: $key" -H 'Content-Type: application/json' ${3:+-d "$3"}
}
as() { # uid, method, path, body
	curl -sS -X "$2" "$emulator/v3$3" -H "apikey: $key" -H "onBehalfOf: $1" -H 'Content-Type: application/json' ${4:+-d "$4"}
}
control() { # method, path, body
	curl -sS --fail-with-body -X "$1" "$emulator/_emulator$2" -H 'Content-Type: application/json' ${3:+-d "$3"}
}
expect() { # what, part, text
	case $3 in
	*"$2"*) echo "ok: $1" ;;
	*)
		echo "failed: $1: no $2 in $3" >&2
		exit 1
		;;
	esac
}

# Ready is what the status says; nobody has to read the body.
n=0
until curl -sf "$emulator/_emulator/health" >/dev/null; do
	n=$((n + 1))
	[ "$n" -lt 100 ] || { echo "no emulator at $emulator" >&2; exit 1; }
	sleep 0.1
done

control POST /reset '{"to":"empty"}' >/dev/null
seed='{"users":[{"uid":"aiko","name":"Aiko"},{"uid":"bruno","name":"Bruno"}],"messages":[{"sender":"aiko","receiver":"bruno","text":"Hello"}]}'
expect "a seed is added" '"users":2' "$(control POST /seed "$seed")"
expect "a user is created" '"uid":"carla"' "$(api POST /users '{"uid":"carla","name":"Carla"}')"
message='{"receiver":"carla","receiverType":"user","category":"message","type":"text","data":{"text":"Welcome"}}'
expect "a message is sent" '"text":"Welcome"' "$(as aiko POST /messages "$message")"
expect "it became an event" '"trigger":"message_sent"' "$(control GET '/events?trigger=message_sent')"

control POST /faults '{"method":"GET","path":"/users","status":429,"retryAfter":"2"}' >/dev/null
expect "a fault hits" 'ERR_TOO_MANY_REQUESTS' "$(api GET /users)"
expect "once" '"uid":"carla"' "$(api GET /users)"
expect "both requests are in the log" '"status":429' "$(control GET '/requests/wait?method=GET&path=/users&n=2&timeout=5s')"

expect "the clock goes on" '"delivered":' "$(control POST /clock/advance '{"by":"1h"}')"
expect "it was moved" '"mode":"moved"' "$(control GET /clock)"
control POST /reset '{"to":"empty"}' >/dev/null
expect "a reset forgets" 'ERR_UID_NOT_FOUND' "$(api GET /users/carla)"
