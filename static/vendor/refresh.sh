#!/usr/bin/env bash
# Make the vendored files anew from their packages. Needs Node; the portal itself never does.
# Afterwards put the versions and the sums that this prints into VENDOR.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

appuniversum=4.4.1
htmx=2.0.11
tus=4.3.1
sass=1.108.2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-save --ignore-scripts --legacy-peer-deps --prefix "$folder" \
    "@appuniversum/ember-appuniversum@$appuniversum" "htmx.org@$htmx" "tus-js-client@$tus" \
    "sass@$sass"
modules=$folder/node_modules
package=$modules/@appuniversum/ember-appuniversum

"$modules/.bin/sass" --quiet --no-source-map --style=compressed --no-charset \
    --load-path="$package/styles" appuniversum.scss "appuniversum-$appuniversum.min.css"

# One sprite of the icons that icons.txt names; each is drawn on 24 by 24.
{
    printf '<svg xmlns="http://www.w3.org/2000/svg">'
    while read -r icon; do
        sed -E "s#^<svg[^>]*>#<symbol id=\"$icon\" viewBox=\"0 0 24 24\">#; s#</svg>\$#</symbol>#" \
            "$package/public/icons/$icon.svg" | tr -d '\n'
    done <icons.txt
    printf '</svg>\n'
} >"appuniversum-icons-$appuniversum.svg"

cp "$modules/htmx.org/dist/htmx.min.js" "htmx-$htmx.min.js"
# Collecting the static files would look for the source map that its last line names.
sed '/^\/\/# sourceMappingURL=/d' "$modules/tus-js-client/dist/tus.min.js" >"tus-$tus.min.js"
sha256sum ./*.css ./*.svg ./*.js
