"""Which repairs an account has: one for all its conflicts, one for syncs that fail."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .coordinator import AudibleConfigEntry
from .core.errors import TrackerError
from .core.store.sync_logs import load_sync_logs
from .core.sync.trouble import Trouble, trouble_of
from .failures import local_time, troubleshooting_url

CONFLICTS: Final = "conflicts_"
TROUBLE: Final = "sync_trouble_"

_LOOK_EVERY: Final = timedelta(hours=1)
_LOGS: Final = 50


@callback
def async_follow_issues(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Keep the repairs those of today, until the account is unloaded."""
    issues = _Issues(hass, entry)
    issues.follow()
    coordinator = entry.runtime_data.coordinator
    entry.async_on_unload(coordinator.async_add_listener(issues.follow))
    entry.async_on_unload(
        async_track_time_interval(
            hass, issues.look, _LOOK_EVERY, cancel_on_shutdown=True
        )
    )
    entry.async_on_unload(issues.remove)


@callback
def async_put_away(hass: HomeAssistant, issue_id: str) -> None:
    """Remove a repair while its account is not loaded; one that is ignored stays so."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if issue is not None and issue.dismissed_version is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def issues_of(hass: HomeAssistant, entry_id: str) -> list[ir.IssueEntry]:
    """Return the repairs of an account, the ignored ones too."""
    return [
        issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.endswith(f"_{entry_id}")
    ]


@callback
def async_forget_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the repairs of an account that is removed, the ignored ones too."""
    for issue in issues_of(hass, entry_id):
        ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


class _Issues:
    """The repairs of one account."""

    def __init__(self, hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._conflicts: int | None = None
        self._failed = False

    @callback
    def follow(self) -> None:
        """Look at what the coordinator shows by now."""
        self._follow_conflicts()
        coordinator = self._entry.runtime_data.coordinator
        is_failing = not coordinator.last_update_success
        if is_failing or self._failed:
            self._failed = is_failing
            self.look()

    @callback
    def look(self, _now: datetime | None = None) -> None:
        """Look into the log of syncs, which takes a moment."""
        self._entry.async_create_background_task(
            self._hass, self._async_look(), f"{DOMAIN} trouble"
        )

    @callback
    def remove(self) -> None:
        """Leave nothing to be seen."""
        for kind in (CONFLICTS, TROUBLE):
            async_put_away(self._hass, f"{kind}{self._entry.entry_id}")

    @callback
    def _follow_conflicts(self) -> None:
        number = self._entry.runtime_data.coordinator.data.conflicts_open
        if number == self._conflicts:
            return
        self._conflicts = number
        issue_id = f"{CONFLICTS}{self._entry.entry_id}"
        if not number:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"entry_id": self._entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="conflicts",
            translation_placeholders={
                "name": self._entry.title,
                "number": str(number),
            },
        )

    async def _async_look(self) -> None:
        runtime = self._entry.runtime_data
        try:
            async with runtime.store.reading() as connection:
                logs = await load_sync_logs(connection, runtime.account_id, limit=_LOGS)
        except TrackerError as err:
            LOGGER.debug("The log of syncs cannot be read now: %s", err.key)
            return
        trouble = trouble_of(
            runtime.coordinator.data.account,
            (log.fields for log in logs),
            now=dt_util.utcnow(),
            time_zone=runtime.store.time_zone,
        )
        self._show(trouble)

    @callback
    def _show(self, trouble: Trouble | None) -> None:
        issue_id = f"{TROUBLE}{self._entry.entry_id}"
        if trouble is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        words = {
            "name": self._entry.title,
            "cause": trouble.cause,
            "last_sync": local_time(trouble.last_sync_at),
            "tries": str(trouble.tries),
            "next_try": local_time(trouble.next_try_at),
        }
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={
                "entry_id": self._entry.entry_id,
                "cure": trouble.cure.value,
                **words,
            },
            is_fixable=True,
            learn_more_url=troubleshooting_url(trouble.cause),
            severity=ir.IssueSeverity.ERROR,
            translation_key=f"sync_{trouble.health}",
            translation_placeholders=words,
        )
