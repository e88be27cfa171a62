#!/usr/bin/env bash
# Makes the bench and the demo school in the volume, or brings them to the latest commit of /source: compose.yml.
# It takes the steps of dev/site/site.py, with Frappe's own bench tool. A step that was done is not done again.
set -euo pipefail

DEMO=$(dirname "$BENCH")
APPS=(erpnext education school_dialer) # Education depends on ERPNext, so the order matters.

once() { # once STEP COMMAND...: run the command, unless the step is done.
	local step=$1
	shift
	if [ -e "$DEMO/done/$step" ]; then
		return
	fi
	echo "== $step"
	"$@"
	touch "$DEMO/done/$step"
}

make_bench() {
	rm -rf "$BENCH"
	bench init --frappe-branch "$FRAPPE_BRANCH" --skip-redis-config-generation --skip-assets "$BENCH"
}

take_source() { # the app from the commit, and the stand-ins for other apps that it brings
	cd "$BENCH"
	rm -rf "${APPS[@]/#/apps/}"
	git clone --quiet /source apps/school_dialer
	cp -r apps/school_dialer/dev/apps/erpnext apps/school_dialer/dev/apps/education apps/
	env/bin/python -m pip --version > /dev/null 2>&1 || env/bin/python -m ensurepip
	env/bin/python -m pip install --quiet "${APPS[@]/#/--editable=apps/}"
	printf '%s\n' frappe "${APPS[@]}" > sites/apps.txt
	bench build
}

configure() {
	cd "$BENCH"
	bench set-config -g db_host mariadb
	bench set-config -g redis_cache redis://redis-cache:6379
	bench set-config -g redis_queue redis://redis-queue:6379
	bench set-config -g redis_socketio redis://redis-queue:6379
	bench set-config -g -p scheduler_tick_interval 60
}

make_site() {
	cd "$BENCH"
	bench new-site "$SITE" --force --db-root-password "$DB_ROOT_PASSWORD" --admin-password admin \
		--mariadb-user-host-login-scope='%'
	bench --site "$SITE" set-config -p mute_emails 1
	bench --site "$SITE" set-config host_name "$ADDRESS"
	bench --site "$SITE" set-config school_dialer_carrier_url "$CARRIER"
}

install_app() {
	cd "$BENCH"
	bench --site "$SITE" install-app "$1"
}

migrate() {
	cd "$BENCH"
	bench --site "$SITE" migrate
	inside dev.site.inside.finish check "${APPS[@]}"
}

load_school() {
	inside dev.school --site "$SITE"
	cd "$BENCH"
	bench --site "$SITE" enable-scheduler
}

inside() { # inside MODULE ARGUMENT...: run a module of the app's repository on the site
	cd "$BENCH/sites"
	../env/bin/python -m "$@"
}

print_logins() {
	cd "$BENCH/sites"
	echo "The Desk: $ADDRESS"
	echo "Administrator, password: admin"
	../env/bin/python -c '
from dev.school.users import logins
for login in logins():
    print("{user}, password: {password} ({role})".format(**login))'
}

sudo chown frappe: "$DEMO" # Docker makes a new volume root's.
mkdir -p "$DEMO/done"
git config --global --add safe.directory /source
git config --global --add safe.directory /source/.git
commit=$(git -C /source rev-parse HEAD)
if [ "$(cat "$DEMO/done/commit" 2> /dev/null)" != "$commit" ]; then
	rm -f "$DEMO/done/source" "$DEMO/done/migration"
	echo "$commit" > "$DEMO/done/commit"
fi

once bench make_bench
once configuration configure
once source take_source
once site make_site
once wizard inside dev.site.inside.finish wizard
for app in "${APPS[@]}"; do
	once "install-$app" install_app "$app"
done
once migration migrate
once school load_school
print_logins
