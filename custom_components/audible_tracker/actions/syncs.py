"""Actions that ask Audible: a whole library, or one title."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import probatio
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import AudibleConfigEntry, AudibleRuntimeData
from ..core.errors import (
    AudibleAuthError,
    NotInStoreError,
    SyncRefusedError,
    TrackerError,
)
from ..core.models import Asin
from ..core.store.changes import Changes, LinkRef
from ..core.store.database import Store
from ..core.store.links import load_links_of_title
from ..core.store.titles import load_accounts_with_title
from ..core.sync.applying import SyncReport
from ..core.sync.plan import SyncPlan
from ..failures import local_sentence
from ..household import household_of
from .answers import Members, count_members, link_members, plain
from .calls import ACCOUNT, CONF_DRY_RUN, THING, Action, ActionCall

_SHOWN_MAX: Final = 500
"""So many entries of each list of a dry run are shown, and as many lines of text."""


async def _async_sync(action: ActionCall) -> ServiceResponse:
    """Sync one account, or all; one that fails keeps no other from it."""
    answers: list[Any] = []
    failures: list[TrackerError] = []
    # What is unloaded meanwhile has no data any more, but the store stays open.
    entries = [(entry, entry.runtime_data) for entry in action.entries]
    async with household_of(action.hass).async_opened():
        for entry, data in entries:
            try:
                answers.append(await _async_sync_account(action, entry, data))
            except TrackerError as err:
                failures.append(err)
                answers.append(_account(entry) | _failure(err))
    if failures and (len(failures) == len(answers) or not action.wants_answer):
        raise failures[0]
    return {CONF_DRY_RUN: action.data[CONF_DRY_RUN], "accounts": answers}


async def _async_sync_account(
    action: ActionCall, entry: AudibleConfigEntry, data: AudibleRuntimeData
) -> Members:
    if action.data[CONF_DRY_RUN]:
        await action.caller.async_check_all()
        with _signing_in_again(action.hass, entry):
            plan = await data.sync.dry_run()
        members = await action.hass.async_add_executor_job(_plan, plan)
        return _account(entry) | {"status": "success"} | members
    report = await data.coordinator.async_sync_library()
    await action.async_show()
    return _account(entry) | {"status": "success"} | await _async_report(action, report)


async def _async_sync_book(action: ActionCall) -> ServiceResponse:
    """Ask where one title stands, now."""
    async with household_of(action.hass).async_opened() as store:
        asin, entry, data = await _async_holder(action, store)
        with _signing_in_again(action.hass, entry):
            report = await data.sync.sync_title(asin)
        await action.async_show()
        async with store.reading() as connection:
            readers = await action.async_readers(connection)
            names = {one.reader_id: one.name for one in readers}
            links = await load_links_of_title(connection, asin)
    titles: list[Any] = [
        {"reader": names[link.fields.reader_id], **link_members(link)}
        for link in links
        if link.fields.reader_id in names
    ]
    told = await _async_report(action, report)
    return _account(entry) | told | {"titles": titles}


async def _async_holder(
    action: ActionCall, store: Store
) -> tuple[Asin, AudibleConfigEntry, AudibleRuntimeData]:
    """Return the title that is named, and the account that has it."""
    by_account = {
        entry.runtime_data.account_id: (entry, entry.runtime_data)
        for entry in action.entries
    }
    async with store.reading() as connection:
        asin = action.asin
        if asin is None:
            asin = (await action.async_link(connection)).fields.asin
        holders = await load_accounts_with_title(connection, asin)
    for account_id in holders:
        if account_id in by_account:
            return asin, *by_account[account_id]
    raise NotInStoreError(what="title", number=asin)


@contextmanager
def _signing_in_again(hass: HomeAssistant, entry: AudibleConfigEntry) -> Iterator[None]:
    """Ask the user to sign in again, where that is what is wrong."""
    try:
        yield
    except AudibleAuthError:
        entry.async_start_reauth(hass)
        raise


def _account(entry: AudibleConfigEntry) -> Members:
    return {"config_entry_id": entry.entry_id, "account": entry.title}


def _failure(err: TrackerError) -> Members:
    is_refused = isinstance(err, SyncRefusedError)
    return {
        "status": "refused" if is_refused else "failed",
        "error": err.key,
        "message": local_sentence(err),
        "until": plain(err.until) if isinstance(err, SyncRefusedError) else None,
    }


async def _async_report(action: ActionCall, report: SyncReport) -> Members:
    hidden = await action.caller.async_hidden()
    events = [
        {"type": event.event_type, "asin": event.asin, "title": event.data.get("title")}
        for event in report.events
        if event.reader_id not in hidden
    ]
    return {
        "sync_log_id": report.sync_log_id,
        "duration_ms": report.log.duration_ms,
        **count_members(report.log),
        "events": events,
    }


def _plan(plan: SyncPlan) -> Members:
    """Return what a sync would change. Processor work: it may be much."""
    changes = plan.changes
    lines = str(plan).splitlines()
    text = lines[:_SHOWN_MAX]
    if len(lines) > _SHOWN_MAX:
        text.append(f"... and {len(lines) - _SHOWN_MAX} more")
    return {
        "is_empty": plan.is_empty,
        "text": "\n".join(text),
        **count_members(changes.log),
        **{name: list(islice(found, _SHOWN_MAX)) for name, found in _lists(changes)},
        "ask_again": list(plan.ask_again[:_SHOWN_MAX]),
    }


def _lists(changes: Changes) -> Iterator[tuple[str, Iterator[Members]]]:
    titles: dict[LinkRef | None, Members] = {
        (change.fields.reader_id, change.fields.asin): {
            "asin": change.fields.asin,
            "title": change.fields.audible_title,
        }
        for change in changes.links
    }

    def title(link: LinkRef | None) -> Members:
        return titles.get(link, {"asin": None, "title": None})

    yield (
        "new_books",
        (
            {
                "title": book.fields.title,
                "authors": list(book.fields.authors),
                "status": book.fields.status.value,
            }
            for book in changes.new_books
        ),
    )
    yield (
        "changed_books",
        (
            {"book_id": book_id, "title": book.title, "status": book.status.value}
            for book_id, book in changes.changed_books
        ),
    )
    yield (
        "moved_positions",
        (
            title(entry.link)
            | {
                "position_ms": entry.position_ms,
                "percent_complete": entry.percentage,
            }
            for entry in changes.ledger
        ),
    )
    yield (
        "new_conflicts",
        (
            title(conflict.link)
            | {
                "type": conflict.conflict_type.value,
                "book_ids": [found.book_id for found in conflict.candidates],
            }
            for conflict in changes.conflicts
        ),
    )
    yield "removed_titles", ({"asin": asin} for asin in changes.removed)


SYNC: Final = Action(
    _async_sync,
    {**ACCOUNT, probatio.Optional(CONF_DRY_RUN, default=False): cv.boolean},
)
SYNC_BOOK: Final = Action(_async_sync_book, THING)
