#!/bin/sh
# Installs the Backstage that backend/package-lock.json pins into .cache/backstage, if it is not there already; with "plugins"
# among its arguments, what plugins/package-lock.json pins into .cache/backstage-plugins too, and with "page" what
# page/package-lock.json pins into .cache/backstage-page, where it bundles the page into dist. Without Node and npm it says so and
# installs nothing; the tests then say by name that they did not run, and with CI=true fail.
set -eu
cd "$(dirname "$0")"

# install <folder with the lock file> <folder to install into>
install() {
	mkdir -p "$2"
	if cmp -s "$1/package-lock.json" "$2/installed.json"; then
		return
	fi
	cp "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$2/"
	(cd "$2" && npm ci --loglevel=error)
	cp "$1/package-lock.json" "$2/installed.json"
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "Backstage is not installed: node and npm are not on the PATH."
	exit 0
fi
# better-sqlite3 is compiled where its prebuilt file cannot be had; the headers are then those of the Node that is installed.
headers=$(dirname "$(dirname "$(command -v node)")")
if [ -z "${npm_config_nodedir:-}" ] && [ -d "$headers/include/node" ]; then
	export npm_config_nodedir="$headers"
fi
install backend ../../.cache/backstage
for wanted in "$@"; do
	install "$wanted" "../../.cache/backstage-$wanted"
done
case " $* " in *" page "*)
	page=$(cd ../../.cache/backstage-page && pwd)
	NODE_PATH=$page/node_modules node page/build.js "$page/dist"
	;;
esac
