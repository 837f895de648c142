"""Pure: of which titles a plan needs to know which books they are."""

from ..models import Asin, AudibleTitle
from ..store.records import LinkFields
from .library import LibraryDifference, needs_decision, with_known_facts
from .readers import listener_of
from .snapshot import Remote, Stored


def titles_to_match(
    stored: Stored, remote: Remote, difference: LibraryDifference
) -> tuple[AudibleTitle, ...]:
    """Return the titles that a plan needs a decision of matching for."""
    wanted = {}
    for sent in (*difference.new, *difference.changed):
        previous = stored.previous.get(sent.asin)
        title = with_known_facts(sent, previous)
        if needs_decision(_listeners_link(stored, sent.asin), previous, title):
            wanted[title.asin] = title
    for asin in remote.match_again & stored.previous.keys():
        title = wanted.get(asin, stored.previous[asin])
        if needs_decision(_listeners_link(stored, asin), None, title):
            wanted[asin] = title
    return tuple(wanted.values())


def _listeners_link(stored: Stored, asin: Asin) -> LinkFields | None:
    states = stored.links.get(asin, ())
    state = listener_of(states, stored.account)
    return state.link.fields if state is not None else None
