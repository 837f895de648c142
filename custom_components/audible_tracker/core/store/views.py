"""The views: one text for both databases but for "now" and "the day of an instant"."""

from collections.abc import Mapping
from typing import Final

_NOW_MS: Final = {
    "sqlite": "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
_DAY_OF: Final = {
    "sqlite": "date({} / 1000, 'unixepoch')",
    "postgresql": "CAST(to_timestamp({} / 1000) AT TIME ZONE 'UTC' AS DATE)",
}

SYNC_STATS: Final = """
CREATE VIEW audible_sync_stats AS
SELECT account.id AS account_id,
       account.name AS name,
       account.marketplace AS marketplace,
       account.enabled AS enabled,
       account.last_sync_at AS last_sync_at,
       lately.succeeded_at AS succeeded_at,
       lately.failed_at AS failed_at,
       CASE WHEN lately.ended_24h > 0
            THEN CAST(lately.succeeded_24h AS DOUBLE PRECISION) / lately.ended_24h
       END AS success_share_24h,
       lately.mean_duration_ms_7d AS mean_duration_ms_7d,
       coalesce(titles.active, 0) AS titles_active,
       coalesce(titles.removed, 0) AS titles_removed,
       coalesce(links.readers, 0) AS readers,
       coalesce(links.linked, 0) AS links_made,
       coalesce(links.confirmed, 0) AS links_confirmed,
       coalesce(links.certain, 0) AS confidence_certain,
       coalesce(links.high, 0) AS confidence_high,
       coalesce(links.low, 0) AS confidence_low,
       coalesce(links.unlinked, 0) AS unlinked,
       coalesce(open_conflicts.number, 0) AS conflicts_open
FROM audible_config AS account
LEFT JOIN (
    SELECT account_id,
           max(started_at) FILTER (WHERE status = 'success') AS succeeded_at,
           max(started_at) FILTER (WHERE status = 'failed') AS failed_at,
           count(*) FILTER (
               WHERE started_at >= {now_ms} - 86400000
               AND status IN ('success', 'failed')
           ) AS ended_24h,
           count(*) FILTER (
               WHERE started_at >= {now_ms} - 86400000 AND status = 'success'
           ) AS succeeded_24h,
           CAST(avg(duration_ms) FILTER (
               WHERE started_at >= {now_ms} - 604800000 AND status = 'success'
           ) AS DOUBLE PRECISION) AS mean_duration_ms_7d
    FROM audible_sync_logs
    GROUP BY account_id
) AS lately ON lately.account_id = account.id
LEFT JOIN (
    SELECT account_id,
           count(*) FILTER (WHERE removed_at IS NULL) AS active,
           count(*) FILTER (WHERE removed_at IS NOT NULL) AS removed
    FROM audible_titles
    GROUP BY account_id
) AS titles ON titles.account_id = account.id
LEFT JOIN (
    SELECT account_id,
           count(DISTINCT reader_id) AS readers,
           count(book_id) AS linked,
           count(*) FILTER (WHERE manually_confirmed) AS confirmed,
           count(*) FILTER (
               WHERE book_id IS NOT NULL AND match_confidence >= 0.995
           ) AS certain,
           count(*) FILTER (
               WHERE book_id IS NOT NULL
               AND match_confidence >= 0.85 AND match_confidence < 0.995
           ) AS high,
           count(*) FILTER (
               WHERE book_id IS NOT NULL AND match_confidence < 0.85
           ) AS low,
           count(*) FILTER (WHERE book_id IS NULL AND NOT is_ignored) AS unlinked
    FROM audible_book_mappings
    GROUP BY account_id
) AS links ON links.account_id = account.id
LEFT JOIN (
    SELECT link.account_id AS account_id, count(*) AS number
    FROM audible_conflicts AS conflict
    JOIN audible_book_mappings AS link ON link.id = conflict.link_id
    WHERE conflict.resolved IS FALSE
    GROUP BY link.account_id
) AS open_conflicts ON open_conflicts.account_id = account.id
"""

CURRENTLY_READING: Final = """
CREATE VIEW audible_currently_reading AS
SELECT link.id AS link_id,
       link.reader_id AS reader_id,
       reader.name AS reader_name,
       link.account_id AS account_id,
       link.asin AS asin,
       link.audible_title AS title,
       link.book_id AS book_id,
       book.title AS book_title,
       book.page_count AS page_count,
       book.current_page AS current_page,
       title.runtime_ms AS runtime_ms,
       link.last_position_ms AS position_ms,
       link.last_percentage AS percentage,
       link.last_position_at AS position_at,
       listening.started_on AS started_on
FROM audible_book_mappings AS link
JOIN readers AS reader ON reader.id = link.reader_id
JOIN reads AS listening ON listening.id = (
    SELECT max(newest.id) FROM reads AS newest WHERE newest.link_id = link.id
)
LEFT JOIN books AS book ON book.id = link.book_id
LEFT JOIN audible_titles AS title
    ON title.account_id = link.account_id AND title.asin = link.asin
WHERE listening.outcome = 'under_way'
  AND link.removed_at IS NULL
  AND link.is_ignored IS FALSE
  AND coalesce(book.status, 'reading') <> 'paused'
"""

SYNC_ACTIVITY: Final = """
CREATE VIEW audible_sync_activity AS
SELECT account_id,
       {day_of_start} AS day_on,
       count(*) AS syncs,
       count(*) FILTER (WHERE status = 'success') AS succeeded,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'refused') AS refused,
       CAST(avg(duration_ms) AS DOUBLE PRECISION) AS mean_duration_ms,
       CAST(sum(titles_changed) AS BIGINT) AS titles_changed,
       CAST(sum(positions_moved) AS BIGINT) AS positions_moved
FROM audible_sync_logs
WHERE started_at >= {now_ms} - 2592000000
GROUP BY account_id, {day_of_start}
"""

UNMAPPED_BOOKS: Final = """
CREATE VIEW audible_unmapped_books AS
SELECT link.id AS link_id,
       link.reader_id AS reader_id,
       link.account_id AS account_id,
       link.asin AS asin,
       link.audible_title AS title,
       link.first_seen_at AS first_seen_at,
       link.removed_at AS removed_at,
       conflict.id AS conflict_id,
       conflict.conflict_type AS conflict_type
FROM audible_book_mappings AS link
LEFT JOIN audible_conflicts AS conflict
    ON conflict.link_id = link.id AND conflict.resolved IS FALSE
WHERE link.book_id IS NULL
  AND link.is_ignored IS FALSE
"""


def view_statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the views in one kind of database."""
    words: Mapping[str, str] = {
        "now_ms": _NOW_MS[dialect],
        "day_of_start": _DAY_OF[dialect].format("started_at"),
    }
    views = (SYNC_STATS, CURRENTLY_READING, SYNC_ACTIVITY, UNMAPPED_BOOKS)
    return tuple(view.format(**words).strip() for view in views)
