"""What matching is asked about a title of Audible."""

import pytest
from audible_core.sync.matchable import query_of

from tests.core.sync.paper import title


@pytest.mark.parametrize(
    ("format_type", "is_abridged"),
    [("abridged", True), ("unabridged", False), (None, False)],
)
def test_an_abridged_recording_is_asked_about_as_such(
    format_type: str | None, is_abridged: bool
) -> None:
    """The shop says it of the recording, not in the title."""
    assert query_of(title(format_type=format_type)).is_abridged is is_abridged
