"""Pure: whether listening has just passed the point where little enough is left."""


def left_when_passed(
    *,
    threshold_ms: int,
    runtime_ms: int | None,
    position_ms: int,
    furthest_ms: int,
) -> int | None:
    """Return what is left if this step passed the threshold; None if it did not.

    ``furthest_ms`` is where listening had been before it. A title that is shorter than
    the threshold passes it nowhere.
    """
    if runtime_ms is None:
        return None
    left_ms = max(0, runtime_ms - position_ms)
    was_left_ms = runtime_ms - furthest_ms
    return left_ms if left_ms <= threshold_ms < was_left_ms else None
