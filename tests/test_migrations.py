"""Migrations run while the version before them serves: they expand what there is. What goes, goes a release later."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = {"guide", "journal"}
BEFORE_RULES = {  # no release had one version before these and another after them; mended by guide 0007
    ("guide", "0001_initial"), ("guide", "0002_initial"), ("guide", "0003_groups"), ("guide", "0004_releases"),
    ("guide", "0005_image"), ("guide", "0006_flag_offers_help"),
    ("journal", "0001_initial"), ("journal", "0002_sessions_and_notices"),
}  # fmt: skip
# What no release reads or writes any more, and so may go: (app, migration, what is removed), with the release that
# stopped. The rest of the file says why that takes two releases.
CONTRACTED: dict[tuple[str, str, str], str] = {}


def is_filled_by_the_database(field: "models.Field[Any, Any]") -> bool:
    """Whether a row can be written by somebody who does not know of the column."""
    return field.null or field.has_db_default() or field.many_to_many or field.primary_key


def faults(operation: Operation) -> Iterator[str]:
    """Say what of an operation the version before it would not survive, or what can't be stepped back."""
    match operation:
        case migrations.AddField(model_name=model, name=name, field=field) if not is_filled_by_the_database(field):
            yield f"{model}.{name} has to be null or to have a db_default: the old version writes rows without it."
        case migrations.AlterField(model_name=model, name=name, field=field) if not field.null and not (
            is_filled_by_the_database(field) or isinstance(field, models.AutoField)
        ):
            yield f"{model}.{name} may not have been NOT NULL: say in CONTRACTED what you looked at."
        case migrations.RemoveField(model_name=model, name=name):
            yield f"{model}.{name} is removed: the old version still reads it."
        case migrations.RenameField(model_name=model, old_name=name):
            yield f"{model}.{name} is renamed: the old version still reads it."
        case migrations.RenameModel(old_name=name) | migrations.DeleteModel(name=name):
            yield f"{name} is gone: the old version still reads it."
        case migrations.AlterModelTable(name=name):
            yield f"{name} has another table: the old version still reads the first."
        case migrations.AddConstraint(model_name=model, constraint=constraint):
            yield f"{model} has a constraint, {constraint.name}, that the old version does not know."
        case migrations.RunPython() | migrations.RunSQL() if not operation.reversible:
            yield "It can't be stepped back. RunPython.noop will often do."
        case migrations.SeparateDatabaseAndState(database_operations=inner):
            for each in inner:
                yield from faults(each)


def on_what_was_there(migration: migrations.Migration) -> list[Operation]:
    """The operations of a migration but for those on tables that it makes itself."""
    new = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    return [each for each in migration.operations if getattr(each, "model_name_lower", None) not in new]


def test_every_migration_lets_the_version_before_it_go_on() -> None:
    found = {}
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in OURS and (app, name) not in BEFORE_RULES:
            said = [fault for operation in on_what_was_there(migration) for fault in faults(operation)]
            found[app, name] = [fault for fault in said if (app, name, fault.split()[0]) not in CONTRACTED]
    assert {key: said for key, said in found.items() if said} == {}
    assert ("guide", "0007_database_defaults") in found


def test_a_table_that_is_new_may_have_any_constraint() -> None:
    once = migrations.AddConstraint("hint", models.UniqueConstraint(fields=["id"], name="once"))
    migration = migrations.Migration("new", "guide")
    migration.operations = [migrations.CreateModel("Hint", [("id", models.BigAutoField(primary_key=True))]), once]
    assert on_what_was_there(migration) == migration.operations[:1]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (migrations.AddField("tip", "more", models.TextField(default="")), ["tip.more has"]),
        (migrations.AddField("tip", "more", models.TextField(default="", db_default="")), []),
        (migrations.AddField("tip", "more", models.TextField(null=True)), []),
        (migrations.AlterField("tip", "more", models.TextField()), ["tip.more may"]),
        (migrations.AlterField("tip", "more", models.TextField(db_default="")), []),
        (migrations.RemoveField("tip", "more"), ["tip.more is"]),
        (migrations.RenameField("tip", "more", "less"), ["tip.more is"]),
        (migrations.RenameModel("Tip", "Hint"), ["Tip is"]),
        (migrations.DeleteModel("Tip"), ["Tip is"]),
        (migrations.AlterModelTable("Tip", "hints"), ["Tip has"]),
        (
            migrations.AddConstraint("tip", models.UniqueConstraint(fields=["slug"], name="once")),
            ["tip has"],
        ),
        (migrations.RunPython(lambda apps, editor: None), ["It can't"]),
        (migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop), []),
        (migrations.RunSQL("DROP TABLE tips"), ["It can't"]),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("Tip")]), ["Tip is"]),
        (migrations.CreateModel("Hint", [("id", models.BigAutoField(primary_key=True))]), []),
    ],
)
def test_what_the_version_before_would_not_survive_is_found(operation: Operation, said: list[str]) -> None:
    assert [" ".join(fault.split()[:2]) for fault in faults(operation)] == said
