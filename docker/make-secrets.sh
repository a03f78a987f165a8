#!/bin/sh
# make-secrets.sh [FOLDER]: make the secrets both compose files read, once; what is there stays as it is.
#
# The folder is closed to other accounts; the files in it are not, since compose mounts each as it is and the accounts
# inside the containers have other numbers. Keep a copy of hub_key apart from the backups.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"

word() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }
new() { # new NAME: from standard input, unless it is there
    if [ -e "$folder/$1" ]; then cat >/dev/null; else cat >"$folder/$1.part" && chmod 444 "$folder/$1.part" && mv "$folder/$1.part" "$folder/$1"; fi
}

head -c 32 /dev/urandom | base64 | new hub_key
word | new database_password
printf 'postgresql://hub:%s@database:5432/hub\n' "$(cat "$folder/database_password")" | new database_url
redis=$(word)
printf 'requirepass %s\n' "$redis" | new redis_conf
printf 'redis://:%s@redis:6379/0\n' "$(sed -n 's/^requirepass //p' "$folder/redis_conf")" | new redis_url
echo "secrets are in $folder"
