"""Pure: the plan for one title after another, collected in one draft."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from ..models import Asin, AudibleTitle
from ..store.changes import (
    BookRef,
    ConflictChange,
    EventChange,
    LedgerChange,
    LinkChange,
    ReadChange,
)
from ..store.links import LinkKey
from ..store.records import BookFields, LinkFields, LinkState, Read, ReadFields
from ..store.titles import fingerprint_of
from .draft import Draft, DraftBooks
from .library import lacks_name, loss_of, with_known_facts
from .linking import Linking, book_from, decide_link, new_link
from .look import Look, heard_before, not_to_come, with_heard
from .pass_changes import pass_change
from .passes import (
    PassChange,
    Standing,
    Turn,
    finished_read,
    is_under_way_again,
    new_read,
    standing_of,
)
from .readers import is_news_to, listener_of
from .rules import (
    Rules,
    has_flag_changed,
    has_moved,
    heard_of,
    is_book,
    is_listened,
)
from .snapshot import MatchDecision, Remote, Stored
from .telling import tell_availability, tell_conflict, tell_loss, tell_turn
from .telling_progress import Course, tell_progress
from .tracked_book import resumed, with_pass, with_progress, with_turn
from .tracker_events import EventMaker


@dataclass(frozen=True, slots=True)
class Household:
    """By what a plan is made, besides what is stored and what Audible answered."""

    rules: Rules
    time_zone: tzinfo
    decisions: Mapping[Asin, MatchDecision]


class TitlePlanner:
    """Plans title by title; what is planned is in ``draft``."""

    def __init__(
        self, stored: Stored, remote: Remote, household: Household, events: EventMaker
    ) -> None:
        """Start with nothing planned."""
        self._stored = stored
        self._remote = remote
        self._household = household
        self._rules = household.rules
        self._events = events
        self._account = stored.account
        self._is_baseline = stored.account.last_sync_at is None
        self._twins: dict[str, BookRef] = dict(stored.twins)
        books = {book_id: book.fields for book_id, book in stored.books.items()}
        self.draft = Draft(DraftBooks(books))

    def see(self, sent: AudibleTitle, *, is_reappeared: bool) -> None:
        """Plan a title that is new, changed or there again."""
        previous = self._stored.previous.get(sent.asin)
        title = with_known_facts(sent, previous)
        if is_reappeared or title != previous or self._is_looked_at_anew(title):
            self.draft.titles.append(title)
        look = self._look(title)
        is_new = title.asin not in self._stored.known
        # First that it is there, then what was heard of it.
        self._tell(
            lambda: tell_availability(
                self._events,
                look,
                previous,
                is_new=is_new,
                is_reappeared=is_reappeared,
            )
        )
        self._follow(look)
        if is_reappeared:
            for state in self._stored.links.get(title.asin, ()):
                if state.link.fields.account_id == self._account.account_id:
                    self._mark(state, removed_at=None)

    def _is_looked_at_anew(self, title: AudibleTitle) -> bool:
        known = self._stored.known.get(title.asin)
        return known is not None and known.fingerprint != fingerprint_of(title)

    def move(self, asin: Asin) -> None:
        """Plan a title of which only the position is news."""
        self._follow(self._look(self._stored.previous[asin]))

    def lose(self, asin: Asin) -> None:
        """Plan a title that is in the library no more; all its history stays."""
        previous = self._stored.previous[asin]
        loss = loss_of(previous, None, is_revoked=asin in self._remote.revoked)
        states = self._stored.links.get(asin, ())
        for state in states:
            if state.link.fields.account_id != self._account.account_id:
                continue
            self._mark(state, removed_at=self._events.now)
            if state.link.fields.book_id is None:
                self.draft.closed.append((state.link.fields.reader_id, asin))
        listener = listener_of(states, self._account)
        if listener is not None and loss is not None:
            fields = listener.link.fields
            self._tell(lambda: (tell_loss(self._events, previous, fields, loss),))

    # --- links and ledger -----------------------------------------------------------

    def _follow(self, look: Look) -> None:
        is_news = is_news_to(look.state, look.before, look.now, self._account)
        if not look.linking.fields.sync_enabled or not is_news:
            return
        self._keep_linking(look)
        self.hear(look)

    def hear(self, look: Look) -> None:
        """Plan what was heard, whoever tells it; which book it is stays as it is."""
        title = look.title
        # Nobody knows what a title without a name is. What was heard of it is kept,
        # and becomes a pass once the name is here.
        is_known = not lacks_name(title)
        self._keep_link(look if is_known else replace(look, now=look.before))
        if has_moved(look.before, look.now) or has_flag_changed(look.before, look.now):
            self._write_ledger(look)
        if not is_known:
            return
        if is_book(title) and not look.linking.fields.is_ignored:
            self._follow_passes(look)
        else:
            self._tell_progress(look, "-")

    def _look(self, title: AudibleTitle) -> Look:
        account = self._account
        state = listener_of(self._stored.links.get(title.asin, ()), account)
        if state is None:
            fields = new_link(title, account.default_reader_id, account.account_id)
            since = account.last_sync_at
        else:
            fields, since = state.link.fields, state.link.first_seen_at
            is_lost = fields.removed_at is not None
            if fields.account_id is None or (
                is_lost and fields.account_id != account.account_id
            ):
                fields = replace(fields, account_id=account.account_id, removed_at=None)
        fresh = self._remote.positions.get(title.asin)
        before = not_to_come(
            heard_before(fields), has_news=fresh is not None, now=self._events.now
        )
        return Look(
            title=title,
            state=state,
            linking=self._linking(fields, title),
            before=before,
            now=heard_of(
                title, fresh, before, previous=self._stored.previous.get(title.asin)
            ),
            since=None if self._is_baseline else since,
        )

    def _linking(self, fields: LinkFields, title: AudibleTitle) -> Linking:
        if not fields.sync_enabled:
            return Linking(fields)
        if not lacks_name(title) and fields.audible_title != title.name:
            fields = replace(fields, audible_title=title.name)
        decision = self._household.decisions.get(title.asin)
        # The twins are books of the default reader, and of nobody else.
        is_own = fields.reader_id == self._account.default_reader_id
        twins = self._twins if is_own else {}
        return decide_link(fields, title, decision, twins, self._rules)

    def _keep_linking(self, look: Look) -> None:
        linking = look.linking
        if isinstance(linking.book, str) and linking.makes_book:
            book = book_from(
                look.title,
                linking.fields.reader_id,
                time_zone=self._household.time_zone,
            )
            self.draft.books[linking.book] = book
        if linking.book is not None:
            self.draft.links_made += 1
            is_own = linking.fields.reader_id == self._account.default_reader_id
            if look.title.sku_lite and is_own:
                self._twins.setdefault(look.title.sku_lite, linking.book)
            if look.state is not None:
                self.draft.closed.append(look.key)
        decision = linking.conflict
        if decision is not None and (found := decision.conflict_type) is not None:
            change = ConflictChange(look.key, found, decision.candidates)
            self.draft.conflicts.append(change)
            self._tell(lambda: (tell_conflict(self._events, look, decision),))

    def _keep_link(self, look: Look) -> None:
        book = look.linking.book
        fields = with_heard(look.linking.fields, look.now)
        if book is not None and not isinstance(book, str):
            fields = replace(fields, book_id=book)
        new_book = book if isinstance(book, str) else None
        change = LinkChange(fields, new_book)
        is_referred_to = look.joins_book or look.linking.conflict is not None
        if look.state is None or is_referred_to or fields != look.state.link.fields:
            self.draft.links[look.key] = change

    def _write_ledger(self, look: Look) -> None:
        now = look.now
        self.draft.ledger.append(
            LedgerChange(
                link=self._refer_to(look),
                position_ms=now.position_ms,
                percentage=now.percentage,
                is_finished=now.is_finished,
                source=look.source,
                heard_at=now.at,
            )
        )

    def _refer_to(self, look: Look) -> LinkKey:
        """Return the link's key, which only a link in the plan can be known by."""
        if look.state is not None:
            self.draft.links.setdefault(look.key, LinkChange(look.state.link.fields))
        return look.key

    def _mark(self, state: LinkState, *, removed_at: datetime | None) -> None:
        fields = state.link.fields
        key = (fields.reader_id, fields.asin)
        change = self.draft.links.get(key, LinkChange(fields))
        if change.fields.removed_at != removed_at:
            marked = replace(change.fields, removed_at=removed_at)
            self.draft.links[key] = replace(change, fields=marked)

    # --- passes and books -----------------------------------------------------------

    def _follow_passes(self, look: Look) -> None:
        book = self.draft.books[look.book] if look.book is not None else None
        read = self._newest_read(look)
        zone = self._household.time_zone
        if book is not None and is_under_way_again(
            look, book.finished_on, time_zone=zone
        ):
            read, standing = None, Standing.NONE
        else:
            standing = standing_of(read, look.before, book.status if book else None)
        change = pass_change(
            look,
            read,
            standing,
            self._rules,
            synced_at=self._account.last_sync_at,
            now=self._events.now,
            time_zone=zone,
        )
        self._keep_restart(look, change)
        self._keep_read(look, change)
        if book is not None:
            self._keep_book(look, book, change)
        self._tell(
            lambda: tell_turn(
                self._events, look, change.turn, change.start, change.finish
            )
        )
        if change.ends:
            # That it is finished says enough.
            return
        if change.begins:
            self._tell_progress(look, None)
        elif change.standing is Standing.UNDER_WAY and read is not None:
            self._tell_progress(look, str(read.read_id))
        elif look.playing is not None and look.playing.key is not None:
            self._tell_progress(look, look.playing.key)

    def _tell_progress(self, look: Look, pass_key: str | None) -> None:
        furthest_ms = 0
        if look.state is not None and pass_key is not None:
            furthest_ms = self._stored.furthest.get(look.state.link.link_id, 0)
        chapters = self._stored.chapters.get(look.title.asin, ())
        course = Course(pass_key, furthest_ms, chapters)
        self._tell(lambda: tell_progress(self._events, look, course))

    def _newest_read(self, look: Look) -> Read | None:
        """Return the newest pass.

        A title that joins a book goes on with the pass that an import left there.
        """
        if look.state is not None and look.state.read is not None:
            return look.state.read
        if look.linking.book is None or isinstance(look.linking.book, str):
            return None
        read = self._stored.book_reads.get(look.linking.book)
        return read if read is not None and read.fields.link_id is None else None

    def _keep_restart(self, look: Look, change: PassChange) -> None:
        if look.linking.fields.restarted_at != change.restarted_at:
            kept = self.draft.links[self._refer_to(look)]
            fields = replace(kept.fields, restarted_at=change.restarted_at)
            self.draft.links[look.key] = replace(kept, fields=fields)

    def _keep_read(self, look: Look, change: PassChange) -> None:
        read, begins, ends = change.read, change.begins, change.ends
        if read is not None and (look.joins_book or (ends and not begins)):
            fields = read.fields
            if ends and not begins:
                fields = finished_read(fields, change.finish)
            self._add_read(look, fields, read)
        if begins:
            fields = new_read(look, change.start)
            if ends:
                fields = finished_read(fields, change.finish)
            self._add_read(look, fields, None)

    def _add_read(self, look: Look, fields: ReadFields, read: Read | None) -> None:
        read_id = read.read_id if read is not None else None
        link = self._refer_to(look)
        self.draft.reads.append(ReadChange(fields, read_id, link, look.book))

    def _keep_book(self, look: Look, book: BookFields, change: PassChange) -> None:
        if look.book is None:
            return
        own = look.state.read if look.state is not None else None
        # What passes the book had before says nothing new of it.
        if look.joins_book and own is not None and change.read is own:
            book = with_pass(book, own.fields)
        is_news = has_moved(look.before, look.now) and not (
            look.is_first and change.turn is Turn.NONE
        )
        if is_news or (look.joins_book and change.read is not None):
            book = with_progress(book, look.now)
        runtime_ms = look.title.runtime_ms
        listened = is_listened(look.before, look.now, runtime_ms, self._rules)
        if change.standing is Standing.UNDER_WAY and look.is_watched and listened:
            book = resumed(book)
        self.draft.books[look.book] = with_turn(
            book, change.turn, change.start, change.finish, is_watched=look.is_watched
        )

    def _tell(self, make: Callable[[], Iterable[EventChange]]) -> None:
        if not self._is_baseline:
            self.draft.events.extend(make())
