"""What the database holds besides tables: views, triggers, search, functions.

The functions exist on PostgreSQL alone, for whoever looks at the database by hand; the
same rules are in limits.py and sync_logs.py, and one suite holds both to one result.
"""

from typing import Final

from sqlalchemy import Connection

from .schema import METADATA
from .views import view_statements

_SQLITE: Final = (
    """
CREATE VIRTUAL TABLE books_search
USING fts5(title, content='books', content_rowid='id', tokenize='trigram')
""",
    """
CREATE TRIGGER books_search_insert AFTER INSERT ON books BEGIN
    INSERT INTO books_search (rowid, title) VALUES (NEW.id, NEW.title);
END
""",
    """
CREATE TRIGGER books_search_delete AFTER DELETE ON books BEGIN
    INSERT INTO books_search (books_search, rowid, title)
    VALUES ('delete', OLD.id, OLD.title);
END
""",
    """
CREATE TRIGGER books_search_update AFTER UPDATE OF title ON books
WHEN OLD.title IS NOT NEW.title BEGIN
    INSERT INTO books_search (books_search, rowid, title)
    VALUES ('delete', OLD.id, OLD.title);
    INSERT INTO books_search (rowid, title) VALUES (NEW.id, NEW.title);
END
""",
    """
CREATE TRIGGER audible_config_daily_reset AFTER UPDATE OF sync_count_on
ON audible_config
WHEN OLD.sync_count_on IS NOT NEW.sync_count_on BEGIN
    UPDATE audible_config
    SET sync_count_today = max(NEW.sync_count_today - OLD.sync_count_today, 0)
    WHERE id = NEW.id;
END
""",
    """
CREATE TRIGGER audible_progress_history_no_update
BEFORE UPDATE ON audible_progress_history BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END
""",
    """
CREATE TRIGGER audible_progress_history_no_delete
BEFORE DELETE ON audible_progress_history BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END
""",
)

_POSTGRESQL: Final = (
    # Without the right to add it, or where it is not installed, search is slower.
    """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION
    WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
        RAISE NOTICE 'pg_trgm is not available';
END
$$
""",
    """
DO $$
BEGIN
    CREATE INDEX ix_books_title_trigram ON books USING gin (title gin_trgm_ops);
EXCEPTION
    WHEN undefined_object THEN
        RAISE NOTICE 'no index for the search in titles';
END
$$
""",
    """
CREATE FUNCTION audible_sync_refusal(
    wanted_account bigint,
    is_automatic boolean DEFAULT true,
    now_ms bigint DEFAULT NULL
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT account.enabled THEN 'disabled'
        WHEN is_automatic AND NOT account.auto_sync_progress THEN 'auto_sync_off'
        WHEN account.wait_until > clock.now_ms
            AND account.wait_until <= clock.now_ms + 259200000 THEN 'waiting'
        WHEN account.last_sync_at > clock.now_ms - 900000
            AND account.last_sync_at <= clock.now_ms THEN 'too_soon'
        WHEN account.sync_count_on = clock.today AND account.sync_count_today >= 600
            THEN 'daily_limit'
    END
    FROM audible_config AS account,
    LATERAL (
        SELECT given.now_ms AS now_ms,
               CAST(to_timestamp(given.now_ms / 1000.0)
                    AT TIME ZONE (SELECT time_zone FROM database_owner) AS date
               ) AS today
        FROM (
            SELECT coalesce(
                audible_sync_refusal.now_ms,
                CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)
            ) AS now_ms
        ) AS given
    ) AS clock
    WHERE account.id = wanted_account
$$
""",
    """
CREATE FUNCTION audible_can_sync(
    wanted_account bigint,
    is_automatic boolean DEFAULT true,
    now_ms bigint DEFAULT NULL
) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM audible_config WHERE id = wanted_account)
        AND audible_sync_refusal(wanted_account, is_automatic, now_ms) IS NULL
$$
""",
    """
CREATE FUNCTION cleanup_old_audible_sync_logs(
    keep_days integer DEFAULT 90,
    now_ms bigint DEFAULT NULL
) RETURNS bigint LANGUAGE sql AS $$
    WITH removed AS (
        DELETE FROM audible_sync_logs
        WHERE started_at < coalesce(
            now_ms, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)
        ) - CAST(keep_days AS bigint) * 86400000
        RETURNING id
    )
    SELECT count(*) FROM removed
$$
""",
    """
CREATE FUNCTION audible_reset_daily_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sync_count_today := greatest(NEW.sync_count_today - OLD.sync_count_today, 0);
    RETURN NEW;
END
$$
""",
    """
CREATE TRIGGER audible_config_daily_reset BEFORE UPDATE OF sync_count_on
ON audible_config FOR EACH ROW
WHEN (OLD.sync_count_on IS DISTINCT FROM NEW.sync_count_on)
EXECUTE FUNCTION audible_reset_daily_count()
""",
    """
CREATE FUNCTION audible_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
""",
    """
CREATE TRIGGER audible_progress_history_no_change
BEFORE UPDATE OR DELETE OR TRUNCATE ON audible_progress_history
FOR EACH STATEMENT EXECUTE FUNCTION audible_refuse_change()
""",
)


def object_statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that make them in one kind of database, in order."""
    own = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[dialect]
    return (
        *view_statements(dialect),
        *(statement.strip() for statement in own),
    )


def create_schema(connection: Connection) -> None:
    """Make all of it at once in an empty database. Blocks.

    The product runs the migrations instead; that both come to the same is tested.
    """
    METADATA.create_all(connection)
    for statement in object_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
