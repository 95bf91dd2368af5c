# shellcheck shell=bash
# lib.sh: what the scripts in tools/ share. Source it after `set -euo pipefail`; it runs nothing.
# It needs bash, awk and coreutils only, so that it works before anything is installed.

program=${0##*/}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
step_child=
step_number=0

on_terminal() { [[ -t 1 ]]; }

# paint CODE TEXT: coloured on a terminal only.
paint() {
  if on_terminal && [[ -z ${NO_COLOR:-} ]]; then printf '\033[%sm%s\033[0m' "$1" "$2"; else printf '%s' "$2"; fi
}

say() { printf '%s\n' "$*"; }
# fail STATUS TEXT...: what went wrong and what to do about it, then the end.
fail() {
  local status=$1
  shift
  printf '%s: %s\n' "$program" "$*" >&2
  exit "$status"
}

# usage: the comment block at the head of the calling script, as its help.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# ---- long work, with progress ---------------------------------------------------------------

# end_group LEADER: ends a process group that this shell started: SIGTERM, so that a script in it
# can end what it started in groups of its own, and SIGKILL for what is there after 10 s.
end_group() {
  local leader=$1 end=$((SECONDS + 10))
  kill -TERM -- "-$leader" 2>/dev/null || true
  while kill -0 -- "-$leader" 2>/dev/null && ((SECONDS < end)); do sleep 0.05; done
  kill -KILL -- "-$leader" 2>/dev/null || true
  wait "$leader" 2>/dev/null || true
}

# Ends the command of the step under way, with all that it started. A script that uses `step` sets
# `trap stop_step EXIT` before its first one.
stop_step() {
  local child=$step_child
  step_child=
  [[ -z $child ]] || end_group "$child"
}

# step NAME COMMAND...: runs COMMAND with its output in a log of its own under .build-check/, shows
# that it is alive, and says how long it took. On failure: the log's tail and where the log is;
# returns COMMAND's status. Call it as a plain command, never after `if` or before `||`: there bash
# would ignore `set -e` inside a COMMAND that is a function.
step() {
  local name=$1 start=$SECONDS status=0 slug
  shift
  step_number=$((step_number + 1))
  slug=${name//[^A-Za-z0-9]/-}
  mkdir -p "$root/.build-check"
  step_log=$root/.build-check/$program-$(printf '%02d' "$step_number")-$slug.log
  # Its own process group: an interrupt then ends the compiler below the command as well.
  set -m
  "$@" >"$step_log" 2>&1 </dev/null &
  step_child=$!
  set +m
  show_progress "$step_child" "$name" "$step_log"
  wait "$step_child" || status=$?
  step_child=
  if ((status == 0)); then
    say "$(paint 32 'ok    ') $(printf '%4d s' $((SECONDS - start)))  $name"
    return 0
  fi
  say "$(paint 31 'FAILED') $(printf '%4d s' $((SECONDS - start)))  $name (status $status)"
  say "---- the last lines of its log"
  tail -n 40 "$step_log"
  say "---- the whole log: ${step_log#"$root/"}"
  return "$status"
}

# skip NAME REASON: a step that cannot run here, in plain words.
skip() { say "$(paint 33 'skip  ')         $1: $2"; }

# show_progress PID NAME LOG: until PID ends; on a terminal a live line after two seconds, else a
# line every 15 s.
show_progress() {
  local pid=$1 name=$2 log=$3 start=$SECONDS told=0 elapsed columns=80 last pause=0.05 sign='.oOo' i=0
  if on_terminal; then columns=$(tput cols 2>/dev/null || echo 80); fi
  while kill -0 "$pid" 2>/dev/null; do
    sleep "$pause"
    elapsed=$((SECONDS - start))
    ((elapsed < 2)) || pause=0.25
    if on_terminal; then
      if ((elapsed >= 2)); then
        last=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | tr -cd '\n[:print:]' | grep -v '^ *$' | tail -n 1 || true)
        last="${sign:i++ % 4:1}      $(printf '%4d s' "$elapsed")  $name  $last"
        printf '\r\033[K%s' "${last:0:columns - 1}"
      fi
    elif ((elapsed - told >= 15)); then
      told=$elapsed
      say "...    $(printf '%4d s' "$elapsed")  $name"
    fi
  done
  if on_terminal; then printf '\r\033[K'; fi
}

# ---- what has to be there -------------------------------------------------------------------

# missing_packages PACKAGE...: those that dpkg does not know as installed, one a line.
missing_packages() {
  local package
  for package; do
    # shellcheck disable=SC2016  # dpkg-query's own variable
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true) == 'install ok installed' ]] || say "$package"
  done
}

# install_packages PACKAGE...: makes apt-get install what is missing; the package lists are fetched
# only when they are needed. Status 2, and the command to run by hand, where that is not possible.
install_packages() {
  local -a missing=() as_root=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      say "missing: ${missing[*]}. As root, please run: $command" >&2
      return 2
    fi
    as_root=(sudo)
    # step gives its command no terminal: the password is asked for here.
    sudo true || return 2
  fi
  step "install ${missing[*]}" apt_install "${missing[@]}"
}

# The lists of a fresh container are empty, and old lists name versions that are gone: both show as
# a failed first try. (Does not rely on `set -e`: its callers look at the status.)
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  local -a install=(${as_root[@]+"${as_root[@]}"} apt-get install -y --no-install-recommends "$@")
  "${install[@]}" && return 0
  echo "that did not work with the package lists at hand: fetching new ones"
  ${as_root[@]+"${as_root[@]}"} apt-get update
  "${install[@]}"
}

# need_packages PACKAGE...: as install_packages; ends the script with status 2 where it cannot.
need_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this system has no apt-get: going on in the hope that what Debian calls $* is here"
    return 0
  fi
  local status=0
  install_packages "$@" || status=$?
  ((status == 0)) || exit 2
}

# need_swift: Swift 6.2 or later on PATH, else status 2 with what to do.
need_swift() {
  local text version='' hint='Swift 6.2 or later is needed: https://www.swift.org/install/linux/ (then put its usr/bin on PATH)'
  command -v swift >/dev/null || fail 2 "there is no swift on PATH. $hint"
  text=$(swift --version 2>/dev/null || true)
  [[ ! $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || version="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
  [[ -n $version ]] || fail 2 "swift --version did not answer as expected. $hint"
  ((${version% *} * 100 + ${version#* } >= 602)) || fail 2 "this is Swift ${version/ /.}. $hint"
}

# forget_stale_plan SCRATCH PACKAGE: before a build of the package in folder PACKAGE, which names the
# router's package by its path. SwiftPM 6.3.1 does not see a new file there until its plan of the
# build is gone.
forget_stale_plan() {
  local scratch=$1 files
  files=$(cd "$root" && find Sources "$2" -name '*.swift' | sort)
  [[ -d $scratch && ! (-f $scratch/files && $files == "$(<"$scratch/files")") ]] || return 0
  rm -f "$scratch"/{debug,release}.yaml "$scratch"/*/{debug,release}/description.json
  printf '%s\n' "$files" >"$scratch/files"
}

# ---- JSON without jq ------------------------------------------------------------------------

# json_values: a JSON document on standard input to one line a value: its path, a tab, the value
# (`ports.0.packetsIn<TAB>12`). The order of keys and the layout do not matter. Escapes in strings
# stay as they are, except \" and \/.
json_values() {
  awk '
    { text = text $0 " " }
    function blank() { while (substr(text, at, 1) ~ /[ \t\r]/) at++ }
    function string(  c, out) {
      for (at++; (c = substr(text, at, 1)) != "\""; at++) {
        if (c == "") exit 1
        if (c == "\\") { c = substr(text, ++at, 1); if (c !~ /["\/]/) c = "\\" c }
        out = out c
      }
      at++
      return out
    }
    function value(path,  c, n, key, start) {
      blank()
      c = substr(text, at, 1)
      if (c == "\"") { print path "\t" string(); return }
      if (c == "{" || c == "[") {
        at++
        for (n = 0; ; n++) {
          blank()
          if (substr(text, at, 1) ~ /[]}]/) { at++; return }
          if (c == "{") { key = string(); blank(); at++ } else key = n
          value(path == "" ? key : path "." key)
          blank()
          if (substr(text, at, 1) == ",") at++
          else if (substr(text, at, 1) !~ /[]}]/) exit 1
        }
      }
      start = at
      while (substr(text, at, 1) ~ /[-+.0-9A-Za-z]/) at++
      if (at == start) exit 1
      print path "\t" substr(text, start, at - start)
    }
    END { at = 1; value("") }'
}

# ---- the router, built and running ----------------------------------------------------------

programs=
router_pid=

# build_programs debug|release: builds the daemon and its client.
build_programs() {
  swift build --package-path "$root" -c "$1" --product mctp-router
  swift build --package-path "$root" -c "$1" --product router-ctl
}

# find_programs debug|release: sets `programs` to the folder with them.
find_programs() { programs=$(swift build --package-path "$root" -c "$1" --show-bin-path); }

# topology_with_socket SOCKET: a topology on standard input, on standard output with that admin
# socket in place of its own.
topology_with_socket() {
  awk -v socket="$1" '
    /^admin:/ { inside = 1; next }
    inside && /^([ \t#]|$)/ { next }
    { inside = 0; print }
    END { print "admin:\n  socket: " socket }'
}

# start_router TOPOLOGY SOCKET LOG: starts the daemon and waits until it answers; status 1 if it ends
# before that or takes more than 30 s.
start_router() {
  local end=$((SECONDS + 30))
  "$programs/mctp-router" "$1" >"$3" 2>&1 </dev/null &
  router_pid=$!
  until "$programs/router-ctl" --socket "$2" status >/dev/null 2>&1; do
    if ! kill -0 "$router_pid" 2>/dev/null || ((SECONDS >= end)); then
      say 'the router does not answer; it said:'
      tail -n 30 "$3"
      return 1
    fi
    sleep 0.1
  done
}

# stop_router: ends the daemon with SIGTERM; status 1 if it is not gone after 10 s (it then is
# killed) or did not end with status 0. Without a running daemon: nothing.
stop_router() {
  local status=0 end=$((SECONDS + 10)) pid=$router_pid
  [[ -n $pid ]] || return 0
  router_pid=
  kill -TERM "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS >= end)); then
      say 'the router does not end on SIGTERM'
      kill -KILL "$pid" 2>/dev/null || true
    fi
    sleep 0.05
  done
  wait "$pid" || status=$?
  ((status == 0)) || { say "the router ended with status $status"; return 1; }
}
