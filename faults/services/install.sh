#!/usr/bin/env bash
# Install Redis, PostgreSQL and tinyproxy from Debian's packages, for tests and fault bench only.
#
# Their packages would start a server each, now and at every boot, and PostgreSQL's would make a
# cluster first. The bench starts its own in a folder that it throws away, so none of that happens:
# a policy that forbids starting services stands while apt works (see invoke-rc.d(8)), and a drop-in
# keeps pg_createcluster from running (see pg_createcluster(1)).
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
drop_in=/etc/postgresql-common/createcluster.d/no-main-cluster.conf

if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
mkdir -p "$(dirname "$drop_in")"
echo "create_main_cluster = off" >"$drop_in"

apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null

if [ -d /run/systemd/system ]; then
	systemctl disable --quiet redis-server tinyproxy
fi
