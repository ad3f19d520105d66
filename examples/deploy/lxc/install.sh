#!/bin/sh
# Installs an audio receiver as a service, in a Debian 13 (or newer) container or machine. As root:
#   sh install.sh PACKED [DATA_DIR]
# PACKED is the folder that `npm run pack -- packed` made (docs/install.md); DATA_DIR is /data unless given.
# Run again with newer packages, it brings the service up to date.
set -eu

packed=${1:?"usage: sh install.sh PACKED [DATA_DIR]"}
data_dir=${2:-/data}
app=/opt/audio-receiver

user=$(id -u)
if [ "${user}" -ne 0 ]; then
  echo "install.sh: must be run as root, as it installs packages and a service" >&2
  exit 1
fi
set -- "${packed}"/*.tgz
if [ ! -e "$1" ]; then
  echo "install.sh: no packages (*.tgz) in ${packed}: make them with npm run pack -- packed" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends ca-certificates ffmpeg tzdata
# Debian 13 has Node 20; one that is there stays.
if ! command -v npm >/dev/null; then
  apt-get install -q -y --no-install-recommends nodejs npm
fi

mkdir -p "${app}" "${data_dir}"
npm install --prefix "${app}" --ignore-scripts --omit=dev --no-audit --no-fund "$@"
ln -sf "${app}/node_modules/.bin/audio-receiver" "${app}/node_modules/.bin/audio-stream" /usr/local/bin/
audio-receiver service install --data-dir "${data_dir}"
