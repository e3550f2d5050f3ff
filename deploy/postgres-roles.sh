#!/bin/sh
# Run by the database's image when it makes its data, and by hand after a change of passwords:
#   docker compose exec postgres sh /docker-entrypoint-initdb.d/10-roles.sh
set -eu
exec psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-pupitre}" \
  --file "${ROLES:-/run/secrets/postgres-roles.sql}"
