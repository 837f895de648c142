"""What the control address can do to libraries, positions and statistics."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from .extra_titles import add_extra_titles
from .shop import Account, Heard, OwnedTitle, Shop
from .titles import LicenseRule, Rights, split_runtime

type Body = dict[str, object]

_MOST_TITLES = 20_000


class MistakeError(Exception):
    """A request that cannot be carried out, with the reason."""


class LibraryControl:
    """Changes of one customer's library; without "email" the first customer's."""

    def __init__(self, shop: Shop) -> None:
        """Change this shop."""
        self._shop = shop

    def posts(self) -> dict[str, Callable[[Body], None]]:
        """Return the changes by path."""
        return {
            "/positions": self._move_position,
            "/listening-status": self._set_listening_status,
            "/listening-days": self._set_listening_day,
            "/titles/add": self._add_title,
            "/titles/remove": self._remove_title,
            "/titles/lapse": self._lapse_title,
            "/titles/rerecord": self._rerecord_title,
            "/titles/hollow": self._hollow_titles,
            "/titles/make": self._make_titles,
        }

    def _move_position(self, body: Body) -> None:
        position_ms = _whole(body, "position_ms")
        self._shop.move_position(self._owned(body), position_ms, at=_instant(body))

    def _set_listening_status(self, body: Body) -> None:
        percent, is_finished = body.get("percent_complete"), body.get("is_finished")
        self._shop.set_status(
            self._owned(body),
            percent_complete=float(percent)
            if isinstance(percent, int | float)
            else None,
            is_finished=is_finished if isinstance(is_finished, bool) else None,
            at=_instant(body),
        )

    def _set_listening_day(self, body: Body) -> None:
        try:
            day = date.fromisoformat(str(body.get("day")))
        except ValueError as err:
            raise MistakeError(
                f"day should be a date, but is {body.get('day')!r}"
            ) from err
        listened_ms = float(_whole(body, "listened_ms"))
        account = self._account(body)
        account.heard = [entry for entry in account.heard if entry.day != day]
        account.heard.append(Heard(day, listened_ms))

    def _add_title(self, body: Body) -> None:
        asin = str(body.get("asin"))
        title = self._shop.titles.get(asin)
        if title is None:
            raise MistakeError(f"The shop has no title {asin}")
        now = self._shop.now()
        library = self._account(body).library
        bought_at = _instant(body) or now
        library.setdefault(asin, OwnedTitle(title, bought_at, changed_at=now))
        library[asin].status = "Active"
        library[asin].changed_at = now

    def _remove_title(self, body: Body) -> None:
        owned = self._owned(body)
        owned.status = "Revoked"
        owned.changed_at = self._shop.now()

    def _lapse_title(self, body: Body) -> None:
        owned = self._owned(body)
        lapsed = replace(
            owned.title, rights=Rights.LAPSED, license_rule=LicenseRule.NOT_ELIGIBLE
        )
        self._shop.change_title(owned, lapsed)
        owned.changed_at = self._shop.now()

    def _rerecord_title(self, body: Body) -> None:
        owned = self._owned(body)
        title = owned.title
        runtime_ms = title.runtime_ms or 0
        if "runtime_ms" in body:
            runtime_ms = _whole(body, "runtime_ms")
        names = [chapter.title for chapter in title.chapters[1:-1]]
        anew = replace(
            title,
            recording=title.recording + 1,
            runtime_ms=runtime_ms,
            chapters=split_runtime(runtime_ms, names, seed=title.asin),
        )
        self._shop.change_title(owned, anew)
        owned.changed_at = self._shop.now()

    def _hollow_titles(self, body: Body) -> None:
        answers = _whole(body, "answers") if "answers" in body else 1
        library = self._account(body).library
        hollow = [self._owned(body)] if "asin" in body else library.values()
        for owned in hollow:
            owned.hollow_answers = answers

    def _make_titles(self, body: Body) -> None:
        count = _whole(body, "count")
        if count > _MOST_TITLES:
            raise MistakeError(f"count should be {_MOST_TITLES} at most")
        add_extra_titles(
            self._shop,
            self._account(body),
            count,
            are_listened=body.get("listened") is True,
        )

    def _account(self, body: Body) -> Account:
        email = body.get("email")
        if email is None:
            return next(iter(self._shop.accounts.values()))
        if email not in self._shop.accounts:
            raise MistakeError(f"The shop has no customer {email}")
        return self._shop.accounts[str(email)]

    def _owned(self, body: Body) -> OwnedTitle:
        asin = str(body.get("asin"))
        owned = self._account(body).library.get(asin)
        if owned is None:
            raise MistakeError(f"The library has no title {asin}")
        return owned


def _whole(body: Body, name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MistakeError(f"{name} should be 0 or more, but is {value!r}")
    return value


def _instant(body: Body) -> datetime | None:
    """Return the instant in "at", None without one: now is meant."""
    text = body.get("at")
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as err:
        raise MistakeError(f"at should be an instant, but is {text!r}") from err
    return at if at.tzinfo else at.replace(tzinfo=UTC)
