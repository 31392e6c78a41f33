#!/bin/sh
# Builds the wheel of the sources in $1 into the folder $2. The image is built by it, and a test runs it where no engine
# for images is at hand. BUILD_OPTIONS are more options for pip.
set -eu
python=${PYTHON:-python}
"$python" -m pip wheel --quiet --no-deps ${BUILD_OPTIONS:-} --wheel-dir "$2" "$1"
ls "$2"/*.whl >/dev/null
