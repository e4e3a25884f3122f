"""Refuse to change or delete events, in the database itself.

A later migration that alters the table must make the SQLite triggers anew: Django rebuilds the
table there, and the triggers go with the old one.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "audit_auditevent"

SQLITE = [
    f"CREATE TRIGGER audit_no_{act} BEFORE {act} ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$",
    f"CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]
SQLITE_UNDO = ["DROP TRIGGER audit_no_UPDATE", "DROP TRIGGER audit_no_DELETE"]
POSTGRESQL_UNDO = [
    f"DROP TRIGGER audit_append_only ON {TABLE}",
    "DROP FUNCTION audit_refuse()",
]


def add_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


def drop_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = SQLITE_UNDO if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_UNDO
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(add_triggers, drop_triggers)]
