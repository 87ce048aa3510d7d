#!/bin/sh
# Installs the Backstage that backend/package-lock.json pins into .cache/backstage, if it is not there already. Without
# Node and npm it says so and installs nothing; the tests then say by name that they did not run, and with CI=true fail.
set -eu
cd "$(dirname "$0")/backend"
cache=../../../.cache/backstage

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "Backstage is not installed: node and npm are not on the PATH."
	exit 0
fi
mkdir -p "$cache"
if cmp -s package-lock.json "$cache/installed.json"; then
	exit 0
fi
cp package.json package-lock.json .npmrc "$cache/"
# better-sqlite3 is compiled where its prebuilt file cannot be had; the headers then come from the Node that is installed.
if [ -z "${npm_config_nodedir:-}" ]; then
	npm_config_nodedir=$(dirname "$(dirname "$(command -v node)")")
	[ -d "$npm_config_nodedir/include/node" ] && export npm_config_nodedir
fi
(cd "$cache" && npm ci --omit=optional --loglevel=error)
cp package-lock.json "$cache/installed.json"
