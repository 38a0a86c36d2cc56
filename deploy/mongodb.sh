#!/bin/sh
# A replica set of one with authentication. At the first start, the localhost exception lets it make the set and the one user, `tunemeld`.
set -eu
cp /run/secrets/mongodb_key /tmp/key
chmod 400 /tmp/key
exec mongod --replSet rs0 --keyFile /tmp/key --bind_ip_all --dbpath /data/db
