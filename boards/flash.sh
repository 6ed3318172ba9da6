#!/usr/bin/env bash
# Puts firmware, an application and a model onto a board with nanoff. See docs/boards.md; `flash.sh --help` tells the options.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
nanoff_version="2.5.162"

usage() {
    cat <<'TEXT'
usage: boards/flash.sh --board NAME --port PORT [--app Gesture|PowerTest|SelfTest|Probe] [--model FILE.tai] [--no-firmware] [--dry-run]

  --board        a folder of boards/, such as esp32-devkit
  --port         the board's serial port, such as /dev/ttyUSB0
  --app          application to deploy (default Gesture); it must have been built in Visual Studio
  --model        pack to put on the board as I:\model.tai, in place of the one in the application
  --no-firmware  leave the firmware as it is
  --dry-run      print the commands and do nothing
TEXT
}

fail() { echo "error: $1" >&2; exit 2; }

board="" port="" app="Gesture" model="" firmware=1 dry=0
while [ $# -gt 0 ]; do
    case "$1" in
        --board|--port|--app|--model)
            [ $# -ge 2 ] || fail "$1 needs a value; see --help."
            case "$1" in
                --board) board="$2" ;;
                --port) port="$2" ;;
                --app) app="$2" ;;
                --model) model="$2" ;;
            esac
            shift 2 ;;
        --no-firmware) firmware=0; shift ;;
        --dry-run) dry=1; shift ;;
        --help|-h) usage; exit 0 ;;
        *) fail "The option $1 is unknown; see --help." ;;
    esac
done

boards="$(cd "$here" && for f in */Board.cs; do printf '%s ' "${f%/Board.cs}"; done)"
[ -n "$board" ] || fail "Name a board with --board: one of $boards."
[ -f "$here/$board/Board.cs" ] || fail "There is no board $board: choose one of $boards."
[ -n "$port" ] || fail "Name the board's serial port with --port, such as /dev/ttyUSB0. Plug the board in and compare \`ls /dev/tty*\` before and after."
case "$app" in Gesture|PowerTest|SelfTest|Probe) ;; *) fail "There is no application $app: choose Gesture, PowerTest, SelfTest or Probe." ;; esac
[ -z "$model" ] || [ -f "$model" ] || fail "The model $model does not exist: make it with modelpacker pack."

profile="$(sed -n 's/.*Name = "\([^"]*\)".*/\1/p' "$here/$board/Board.cs" | head -n 1)"
target="$(sed -n 's/.*"firmwareTarget": *"\([^"]*\)".*/\1/p' "$here/profiles/$profile.json")"
[ -n "$target" ] || fail "The profile of $board names no firmware target."
image="$here/$board/$app/bin/Release/TinyAI.$app.bin"

run() {
    if [ "$dry" -eq 1 ]; then printf '%s\n' "$*"; else echo "+ $*"; "$@"; fi
}

if [ "$dry" -eq 0 ]; then
    [ -e "$port" ] || fail "There is no port $port: plug the board in, and check the cable carries data."
    [ -f "$image" ] || fail "The application is not built: build $board.$app in Visual Studio (Release), which makes $image."
    command -v dotnet > /dev/null || fail "dotnet is missing: install the .NET SDK, https://dotnet.microsoft.com/download."
fi

# nanoff as a tool of this folder, so that nothing is installed for the whole machine.
nanoff="$here/.tools/nanoff"
if [ "$dry" -eq 1 ] || [ ! -x "$nanoff" ]; then
    run dotnet tool install nanoff --version "$nanoff_version" --tool-path "$here/.tools" || fail "nanoff cannot be installed: is there a network? Or put nanoff $nanoff_version into $here/.tools yourself."
fi
if [ "$firmware" -eq 1 ]; then
    run "$nanoff" --update --target "$target" --serialport "$port"
fi
run "$nanoff" --target "$target" --serialport "$port" --deploy --image "$image"
if [ -n "$model" ]; then
    list="${TMPDIR:-/tmp}/tinyai-deploy.json"
    content="{\"serialport\":\"$port\",\"files\":[{\"DestinationFilePath\":\"I:\\\\model.tai\",\"SourceFilePath\":\"$(cd "$(dirname "$model")" && pwd)/$(basename "$model")\"}]}"
    if [ "$dry" -eq 1 ]; then echo "write $list: $content"; else printf '%s\n' "$content" > "$list"; fi
    run "$nanoff" --filedeployment "$list"
fi
if [ "$dry" -eq 0 ]; then echo "Done. Press reset; the console is in Visual Studio's Device Explorer, COM2 on the board's pins."; fi
