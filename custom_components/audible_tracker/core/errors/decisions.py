"""What can be wrong with a decision of a person."""

from .base import TrackerError


class DecisionError(TrackerError):
    """Base of what can be wrong with a decision of a person."""


class ConflictSettledError(DecisionError):
    """The conflict does not wait any more: it was resolved, or solved itself."""

    key = "conflict_settled"
    message = "The conflict {number} is settled already ({resolution})."


class OtherReaderError(DecisionError):
    """Two things that do not belong to one reader cannot be brought together."""

    key = "other_reader"
    message = "The {what} {number} belongs to another reader."


class NothingToUndoError(DecisionError):
    """There is no decision about this that could be taken back."""

    key = "nothing_to_undo"
    message = "There is no decision about the {what} {number} that can be undone."


class ReadUnderWayError(DecisionError):
    """A book has one read under way at most."""

    key = "read_under_way"
    message = "The book {number} is being read already. End that read first."


class ReadingHiddenError(DecisionError):
    """It is the reading of somebody who shows it to nobody else of the house."""

    key = "reading_hidden"
    message = "This is somebody else's reading, and not shown to you."


class WishUnknownError(DecisionError):
    """The shop has no title of these words."""

    key = "wish_unknown"
    message = (
        "Audible's shop has no title with all these words: {words}. "
        "Use other words, the ASIN, or the title's address at Audible."
    )


class WishUnclearError(DecisionError):
    """Several titles of the shop have these words."""

    key = "wish_unclear"
    message = (
        "Several titles may be meant: {titles}. Add the right one by its ASIN, "
        "or by more words."
    )
