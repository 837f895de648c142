"""To-do lists: what a reader hears next, and the wishlist at Audible."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, override

from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util
from sqlalchemy.ext.asyncio import AsyncConnection

from .account_entry import options_of
from .actions.calls import async_show, parse_asin
from .const import CONF_WRITES_BACK
from .coordinator import AudibleConfigEntry
from .core.audible.parse import is_asin
from .core.decisions.wishes import choose_wish
from .core.errors import NotInStoreError
from .core.matching.persons import written_by
from .core.models import Asin, Wish
from .core.store.records import ReaderId, UpNext, UpNextId
from .core.store.up_next import (
    add_up_next,
    change_up_next,
    delete_up_next,
    move_up_next,
)
from .core.sync.wishlist import change_wishlist, find_wishes
from .entity import AccountEntity, ReaderEntity, follow_readers
from .failures import translated_failures

PARALLEL_UPDATES = 1

UP_NEXT: Final = EntityDescription(key="up_next")
WISHLIST: Final = EntityDescription(key="wishlist")
_ADDRESS: Final = re.compile(r"https?://\S*/(?:pd|dp)/(?:\S*/)?([0-9A-Za-z]{10})\b")
_NO_FEATURES: Final = TodoListEntityFeature(0)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's wishlist, and a list for each reader."""
    async_add_entities([WishlistEntity(entry, WISHLIST)])
    follow_readers(
        entry, async_add_entities, lambda reader_id: [UpNextEntity(entry, reader_id)]
    )


class UpNextEntity(ReaderEntity, TodoListEntity):
    """What a reader hears next, in an order of their own. It is in the tracker."""

    _attr_supported_features = (
        TodoListEntityFeature.CREATE_TODO_ITEM
        | TodoListEntityFeature.DELETE_TODO_ITEM
        | TodoListEntityFeature.MOVE_TODO_ITEM
        | TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM
        | TodoListEntityFeature.UPDATE_TODO_ITEM
    )

    def __init__(self, entry: AudibleConfigEntry, reader_id: ReaderId) -> None:
        """Belong to the reader's device."""
        super().__init__(entry, reader_id, UP_NEXT)
        self._store = entry.runtime_data.store

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        """Return the list."""
        return [_item_of(one) for one in self.shown.up_next] if self.shown else []

    def _shown(self) -> tuple[object, ...]:
        # Another order is another list, though its state is the same number.
        return *super()._shown(), self.todo_items

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[AsyncConnection]:
        """Yield a transaction; what it changed is shown at once."""
        with translated_failures():
            async with self._store.transaction() as connection:
                yield connection
        await async_show(self.hass)

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Add something at the end."""
        async with self._changing() as connection:
            await add_up_next(
                connection,
                self.reader_id,
                item.summary or "",
                note=item.description or "",
                now=dt_util.utcnow(),
            )

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Change something, or note that it was heard."""
        changed = UpNext(
            item_id=_id_of(item.uid),
            title=item.summary or "",
            note=item.description or "",
            is_done=item.status == TodoItemStatus.COMPLETED,
        )
        async with self._changing() as connection:
            await change_up_next(
                connection, self.reader_id, changed, now=dt_util.utcnow()
            )

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Take something off the list."""
        async with self._changing() as connection:
            await delete_up_next(connection, self.reader_id, [*map(_id_of, uids)])

    @override
    async def async_move_todo_item(
        self, uid: str, previous_uid: str | None = None
    ) -> None:
        """Put something behind another entry, or first."""
        after = None if previous_uid is None else _id_of(previous_uid)
        async with self._changing() as connection:
            await move_up_next(connection, self.reader_id, _id_of(uid), after=after)


def _item_of(one: UpNext) -> TodoItem:
    return TodoItem(
        summary=one.title,
        uid=str(one.item_id),
        status=TodoItemStatus.COMPLETED if one.is_done else TodoItemStatus.NEEDS_ACTION,
        description=one.note or None,
    )


def _id_of(uid: str | None) -> UpNextId:
    return UpNextId(int(uid)) if uid and uid.isdecimal() else UpNextId(0)


class WishlistEntity(AccountEntity, TodoListEntity):
    """The wishlist at Audible, as it was seen last.

    It is changed there only where the account may write back.
    """

    @property
    @override
    def supported_features(self) -> TodoListEntityFeature:
        """Return whether it can be changed; the option may change at any time."""
        if not options_of(self.coordinator.config_entry)[CONF_WRITES_BACK]:
            return _NO_FEATURES
        return (
            TodoListEntityFeature.CREATE_TODO_ITEM
            | TodoListEntityFeature.DELETE_TODO_ITEM
        )

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        """Return the titles, the newest first; the day is that of the release."""
        return [_wish_item(wish) for wish in self.coordinator.data.wishes]

    def _shown(self) -> tuple[object, ...]:
        return *super()._shown(), self.todo_items, self.supported_features

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Put a title on the wishlist, by its ASIN, its address or words of it."""
        text = item.summary or ""
        with translated_failures():
            asin = asin_in(text) or await self._async_find(text)
            await self._async_change(asin, is_wished=True)

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Take titles off the wishlist."""
        with translated_failures():
            for uid in uids:
                await self._async_change(parse_asin(uid), is_wished=False)

    async def _async_find(self, text: str) -> Asin:
        """Return the one title of the shop that is meant by some words."""
        data = self.coordinator.config_entry.runtime_data
        found = await find_wishes(
            data.sync, data.store, data.account_id, text, now=dt_util.utcnow()
        )
        return choose_wish(text, found).asin

    async def _async_change(self, asin: Asin, *, is_wished: bool) -> None:
        data = self.coordinator.config_entry.runtime_data
        await change_wishlist(
            data.sync,
            data.store,
            data.account_id,
            asin,
            is_wished=is_wished,
            now=dt_util.utcnow(),
        )
        await self.coordinator.async_show()
        known = {wish.asin for wish in self.coordinator.data.wishes}
        if is_wished and asin not in known:
            # Audible says yes to titles that its shop does not sell.
            raise NotInStoreError(what="title", number=asin)


def _wish_item(wish: Wish) -> TodoItem:
    return TodoItem(
        summary=wish.title,
        uid=wish.asin,
        status=TodoItemStatus.NEEDS_ACTION,
        due=wish.release_on,
        description=", ".join(written_by(wish.authors)) or None,
    )


def asin_in(text: str) -> Asin | None:
    """Return the ASIN that a text is, or is the address of; None for words."""
    found = _ADDRESS.search(text)
    asin = (found[1] if found else text).strip().upper()
    # Ten letters alone are a word: each ASIN has digits.
    has_digit = any(letter.isdigit() for letter in asin)
    return Asin(asin) if has_digit and is_asin(asin) else None
