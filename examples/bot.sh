#!/bin/sh
# bot.sh [SERVER]: says what time it is to everyone who says !time.
server=${1:-localhost:5001}

# 429 and 503 are asked again when their Retry-After says so, and a server that is away, soon.
chat() { curl -fsS --retry 20 --retry-connrefused -c bot-cookies -b bot-cookies "$@"; }

# The name, in the room before anything is said in it; and the place to go on from.
chat -D bot-head "$server/chat/pull/clock" >bot-heard || exit
while :; do
    place=$(tr -d '\r' <bot-head | sed -n 's/^[Xx]-[Cc]hat-[Cc]ursor: *//p' | tail -n 1)
    # A poll that broke off is asked again from the same place: nothing is lost, nothing comes twice.
    if ! chat -D bot-head "$server/chat/pull?since=$place" >bot-heard; then
        sleep 1
        echo "X-Chat-Cursor: $place" >bot-head
        continue
    fi
    tr -d '\r' <bot-heard | while IFS= read -r line; do
        case $line in
            [!\ -]*': !time') chat -d "it is $(date +%H:%M)" "$server/chat/push" >/dev/null ;;
        esac
    done
done
