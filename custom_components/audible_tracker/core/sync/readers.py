"""Pure: whose listening a position of a shared account is."""

from collections.abc import Iterable

from ..store.records import LinkState, TrackedAccount
from .rules import Heard, is_started


def listener_of(
    states: Iterable[LinkState], account: TrackedAccount
) -> LinkState | None:
    """Return the link that Audible's single position counts for.

    That is the account's default reader until another reader takes the title; of
    several who did, the last one. Who has the title from another account has not taken
    it from this one.
    """
    links = sorted(states, key=lambda state: state.link.link_id)
    taken = [
        state
        for state in links
        if state.link.fields.reader_id != account.default_reader_id
        and state.link.fields.account_id == account.account_id
    ]
    if taken:
        return taken[-1]
    own = [
        state
        for state in links
        if state.link.fields.reader_id == account.default_reader_id
    ]
    return own[0] if own else None


def is_news_to(
    state: LinkState | None, before: Heard, now: Heard, account: TrackedAccount
) -> bool:
    """Tell whether what an account says of a title counts for a link.

    A reader may have one title from two accounts: then whichever heard it last counts,
    so that the one that nobody uses takes nothing away. Where one has lost it, the
    other one goes on.
    """
    if state is None or state.link.fields.account_id in (None, account.account_id):
        return True
    if state.link.fields.removed_at is not None:
        return True
    if now.at is None or not is_started(now):
        return False
    return before.at is None or now.at > before.at
