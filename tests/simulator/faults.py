"""Faults that can be switched on: what goes wrong, where, and how often."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "429"
    RATE_LIMIT_RETRY_AFTER = "429-retry-after"
    SERVER_ERROR_HTML = "500-html"
    UNAVAILABLE = "503"
    EMPTY = "empty-200"
    HTML = "html-200"
    STALL = "stall"
    LATE = "late"
    CUT_DOWNLOAD = "cut-download"
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class Fault:
    """One fault. A count of None lasts until it is removed.

    `retry_after_s` belongs to "429-retry-after", `after_bytes` to "cut-download",
    `late_s` to "late": all is done at once, and told later.
    """

    kind: FaultKind
    path_prefix: str = "/"
    count: int | None = None
    retry_after_s: int = 30
    after_bytes: int = 0
    late_s: float = 1.0

    def applies_to(self, path: str) -> bool:
        """Tell whether a request for the path is hit."""
        return self.count != 0 and path.startswith(self.path_prefix)

    def use_up(self) -> None:
        """Count one hit."""
        if self.count is not None:
            self.count -= 1


def take_fault(faults: list[Fault], path: str, *, is_download: bool) -> Fault | None:
    """Return the first fault that hits the request, counted; None if all is well.

    "cut-download" only hits downloads. "unreachable" is the proxy's business.
    """
    for fault in faults:
        if fault.kind is FaultKind.UNREACHABLE or not fault.applies_to(path):
            continue
        if fault.kind is FaultKind.CUT_DOWNLOAD and not is_download:
            continue
        fault.use_up()
        return fault
    return None


def is_unreachable(faults: list[Fault]) -> bool:
    """Tell whether the shop is switched off."""
    return any(
        fault.kind is FaultKind.UNREACHABLE and fault.count != 0 for fault in faults
    )
