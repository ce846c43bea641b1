"""Triggers that write down what changed for whom, made from the models' own relations.

Nobody who writes a record, be it a service, a bulk upsert or a person at the database's prompt,
can forget them. They are installed after every ``migrate``:

* a row that is written carries the transaction it was written in (``Followed``);
* when a record is withdrawn or reclassified, those who lose sight of it are told (``Change``),
  and so are the readers of whatever names it, belongs to it, or names what belongs to it;
* when a part of a record changes (an actor's part, an assessment, a step, a related record), so
  does the record, for those cleared for the part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction

from missions.models import Followed
from missions.models.base import MissionOwned
from missions.need_to_know import BITS
from records.models import Change, ChangeLog

NOW = "pg_current_xact_id()::text::bigint"
INTO = "INSERT INTO records_change (model, record, mission, level, gone_below)"
DEEPEST = 3  # steps from a record to those that name what belongs to it


def install(using: str = "default") -> None:
    """Create what is missing; a database that has all of it is only looked at."""
    statements = list(_statements())
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'changed_in'"
        )
        ready = {table for (table,) in cursor.fetchall()}
        if not ready >= {model._meta.db_table for model in followed_models()}:
            return  # migrated in part
        cursor.execute("SELECT obj_description('records_changelog'::regclass)")
        if cursor.fetchone()[0] != digest:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute(f"COMMENT ON TABLE records_changelog IS '{digest}'")
        _begin_log(using, cursor)


def followed_models() -> list[type[Followed]]:
    return [model for model in apps.get_models() if issubclass(model, Followed)]


def _begin_log(using: str, cursor) -> None:
    """A database restored elsewhere counts transactions anew: its mirrors begin anew as well."""
    cursor.execute("SELECT system_identifier FROM pg_control_system()")
    database = cursor.fetchone()[0]
    logs = ChangeLog.objects.using(using)
    if logs.filter(database=database).exists():
        return
    logs.all().delete()
    cursor.execute("TRUNCATE records_change, records_changemark")
    for model in followed_models():
        table = model._meta.db_table
        cursor.execute(f'UPDATE "{table}" SET changed_in = 0 WHERE changed_in > {NOW}')
    logs.create(database=database)


def _statements() -> Iterator[str]:
    yield from _numbers()
    yield _stamp("following_stamp", ())
    for model in followed_models():
        table = model._meta.db_table
        stamp = "following_stamp"
        if model.unseen_fields or any(_naming_classified(model)):
            stamp = f"following_{table}_stamp"
            yield _stamp(stamp, model.unseen_fields, model)
        yield f'CREATE INDEX IF NOT EXISTS "{table}_following" ON "{table}" (changed_in, id)'
        yield f"""
            CREATE OR REPLACE TRIGGER following_stamp BEFORE UPDATE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION "{stamp}"()"""
        if issubclass(model, MissionOwned):
            yield from _visibility(model)
            yield from _deletion(model)
    for part in apps.get_models(include_auto_created=True):
        yield from _parts(part)


def _stamp(name: str, unseen: Sequence[str], model: type[Followed] | None = None) -> str:
    """Stamps rows that are other ones than before, but for the columns ``unseen``.

    A column that named another record, and names one, neither of which all who see the row may see,
    stamps nothing: those who may see one are told of the row instead.
    """
    as_before = " ".join(f'shown."{column}" := OLD."{column}";' for column in unseen)
    named = "\n".join(_hidden_names(model)) if model else ""
    return f"""
        CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE shown record; sights integer[];
        BEGIN
            shown := NEW;
            {as_before}
            {named}
            IF shown IS DISTINCT FROM OLD THEN NEW.changed_in := {NOW}; END IF;
            RETURN NEW;
        END $$"""


def _naming_classified(model: type[models.Model]) -> Iterator[Any]:
    """Its columns that name another record with a classification."""
    owner = getattr(model, "belongs_to", "").partition("__")[0]
    field: Any
    for field in model._meta.concrete_fields:
        if (
            field.is_relation
            and field.name != owner
            and _has(field.related_model, "classification")
        ):
            yield field


def _hidden_names(model: type[models.Model]) -> Iterator[str]:
    own = _level(model, "NEW")
    for field in _naming_classified(model):
        column, other = field.column, field.related_model
        yield f"""
            IF OLD."{column}" IS DISTINCT FROM NEW."{column}" THEN
                SELECT array_agg(following_both({own}, {_level(other, "n")})) INTO sights
                FROM "{other._meta.db_table}" n
                WHERE n.id IN (OLD."{column}", NEW."{column}");
                IF {own} <> ALL (sights) THEN
                    shown."{column}" := OLD."{column}";
                    {INTO} SELECT DISTINCT '{model._meta.label_lower}', NEW.id, NEW.mission_id, s, 0
                    FROM unnest(sights) s;
                END IF;
            END IF;"""


def _level(model: type[models.Model], alias: str) -> str:
    """What reading a row takes, in one number: see ``missions.need_to_know``."""
    if _has(model, "classification") and _has(model, "compartments"):
        return f"following_sight({alias}.classification, {alias}.compartments)"
    return f"{alias}.classification" if _has(model, "classification") else "0"


def _numbers() -> Iterator[str]:
    """``following_sight``: what reading a row takes; ``following_both``: what reading two takes."""
    bits = " + ".join(
        f"CASE WHEN '{code}' = ANY (held) THEN {bit} ELSE 0 END" for code, bit in BITS.items()
    )
    yield f"""
        CREATE OR REPLACE FUNCTION following_sight(level integer, held varchar[]) RETURNS integer
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT coalesce(level, 0) + {bits} $$"""
    yield """
        CREATE OR REPLACE FUNCTION following_both(one integer, other integer) RETURNS integer
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT greatest(one & 3, other & 3) | ((one | other) & ~3) $$"""


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def _visibility(model: type[models.Model]) -> Iterator[str]:
    table, label = model._meta.db_table, model._meta.label_lower
    watched = ["withdrawn_at"]
    if _has(model, "classification"):
        watched += [name for name in ("classification", "compartments") if _has(model, name)]
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in watched)
    announcements = ";\n".join(dict.fromkeys(_announcements(model, "SELECT NEW.id", DEEPEST)))
    yield f"""
        CREATE OR REPLACE FUNCTION "following_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            was integer := CASE WHEN OLD.withdrawn_at IS NULL THEN {_level(model, "OLD")}
                ELSE {Change.GONE} END;
            now_is integer := CASE WHEN NEW.withdrawn_at IS NULL THEN {_level(model, "NEW")}
                ELSE {Change.GONE} END;
            more integer := following_both(was, now_is);
            gone integer := CASE WHEN more <> was THEN now_is ELSE 0 END;
            lowest integer;
        BEGIN
            IF gone > 0 THEN
                {INTO} VALUES ('{label}', NEW.id, NEW.mission_id, was, gone);
            END IF;
            FOREACH lowest IN ARRAY CASE
                WHEN more = was THEN ARRAY[now_is] WHEN more = now_is THEN ARRAY[was]
                ELSE ARRAY[was, now_is] END
            LOOP
                {announcements or "NULL"};
            END LOOP;
            RETURN NULL;
        END $$"""
    yield f"""
        CREATE OR REPLACE TRIGGER following_visibility AFTER UPDATE ON "{table}"
        FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION "following_{table}"()"""


def _deletion(model: type[models.Model]) -> Iterator[str]:
    table, label = model._meta.db_table, model._meta.label_lower
    yield f"""
        CREATE OR REPLACE FUNCTION "following_{table}_purge"() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN
            {INTO} SELECT '{label}', r.id, r.mission_id, {_level(model, "r")}, {Change.GONE}
            FROM rows r WHERE r.withdrawn_at IS NULL;
            RETURN NULL;
        END $$"""
    yield f"""
        CREATE OR REPLACE TRIGGER following_purge AFTER DELETE ON "{table}"
        REFERENCING OLD TABLE AS rows
        FOR EACH STATEMENT EXECUTE FUNCTION "following_{table}_purge"()"""


def _announcements(model: type[models.Model], ids: str, depth: int) -> Iterator[str]:
    """Inserts that tell the readers of what names, or belongs to, the records ``ids``."""
    if not depth:
        return
    relation: Any
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        if relation.many_to_many:
            yield from _announcements_of_many(relation, ids)
            continue
        other, column = relation.related_model, relation.field.column
        table = other._meta.db_table
        path = getattr(other, "belongs_to", "")
        if path.partition("__")[0] == relation.field.name:
            if issubclass(other, Followed):  # it goes with what it belongs to
                yield f"""{INTO} SELECT '{other._meta.label_lower}', d.id, d.mission_id,
                    following_both(lowest, {_level(other, "d")}), gone
                    FROM "{table}" d WHERE d."{column}" IN ({ids})"""
                yield from _announcements(
                    other, f'SELECT id FROM "{table}" WHERE "{column}" IN ({ids})', depth - 1
                )
        elif issubclass(other, Followed) and _has(other, "mission"):
            yield f"""{INTO} SELECT '{other._meta.label_lower}', c.id, c.mission_id,
                following_both(lowest, {_level(other, "c")}), 0
                FROM "{table}" c WHERE c."{column}" IN ({ids})"""
        elif path:
            owner: Any = other._meta.get_field(path.partition("__")[0])
            whole = owner.related_model
            yield f"""{INTO} SELECT DISTINCT '{whole._meta.label_lower}', o.id, o.mission_id,
                following_both(lowest, {_level(whole, "o")}), 0
                FROM "{table}" c JOIN "{whole._meta.db_table}" o ON o.id = c."{owner.column}"
                WHERE c."{column}" IN ({ids})"""


def _announcements_of_many(relation, ids: str) -> Iterator[str]:
    field, source = relation.field, relation.related_model
    through = field.remote_field.through
    if through._meta.auto_created and issubclass(source, Followed):
        yield f"""{INTO} SELECT '{source._meta.label_lower}', o.id, o.mission_id,
            following_both(lowest, {_level(source, "o")}), 0
            FROM "{through._meta.db_table}" t
            JOIN "{source._meta.db_table}" o ON o.id = t."{field.m2m_column_name()}"
            WHERE t."{field.m2m_reverse_name()}" IN ({ids})"""


def _parts(model: type[models.Model]) -> Iterator[str]:
    """A row that is part of a record changes the record, for those cleared for the part."""
    owner: Any = model._meta.auto_created  # the model whose many-to-many field made this one
    link: Any
    if owner:
        field = next(
            field for field in owner._meta.many_to_many if field.remote_field.through is model
        )
        key = field.m2m_column_name()
        named: list[tuple[Any, str]] = [(field.related_model, field.m2m_reverse_name())]
    elif path := getattr(model, "belongs_to", ""):
        link = model._meta.get_field(path.partition("__")[0])
        owner, key = link.related_model, link.column
        fields: Any = model._meta.concrete_fields
        named = [
            (field.related_model, field.column)
            for field in fields
            if field.is_relation and field is not link
        ]
    else:
        return
    if not (issubclass(owner, MissionOwned) and getattr(model, "is_shown_with_owner", True)):
        return
    table = model._meta.db_table
    joins, level = [], f"following_both({_level(owner, 'o')}, {_level(model, 'r')})"
    for number, (other, column) in enumerate(named):
        if _has(other, "classification"):
            joins.append(
                f'LEFT JOIN "{other._meta.db_table}" n{number} ON n{number}.id = r."{column}"'
            )
            level = f"following_both({level}, coalesce({_level(other, f'n{number}')}, 0))"
    yield f"""
        CREATE OR REPLACE FUNCTION "following_{table}_part"() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN
            {INTO} SELECT '{owner._meta.label_lower}', o.id, o.mission_id, min(s.sight), 0
            FROM rows r JOIN "{owner._meta.db_table}" o ON o.id = r."{key}" {" ".join(joins)}
            CROSS JOIN LATERAL (SELECT {level} AS sight) s
            WHERE o.changed_in <> {NOW}
            GROUP BY o.id, s.sight >> 2;
            RETURN NULL;
        END $$"""
    for event, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        yield f"""
            CREATE OR REPLACE TRIGGER following_part_{event.lower()} AFTER {event} ON "{table}"
            REFERENCING {side} TABLE AS rows
            FOR EACH STATEMENT EXECUTE FUNCTION "following_{table}_part"()"""
