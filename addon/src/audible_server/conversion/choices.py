"""What the owner chose about conversions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from audible_server.settings import Settings
from audible_server.store.grants import FileKind


class Target(StrEnum):
    """What a title is made into; M4B is a copy of its sound, the others are not."""

    M4B = "m4b"
    MP3 = "mp3"
    OPUS = "opus"

    @property
    def kind(self) -> FileKind:
        """Return the kind of file."""
        return FileKind(self.value)


@dataclass(frozen=True, slots=True)
class Choices:
    """How conversions are made.

    ``target`` is None where nothing is converted by itself; ``waits`` lets conversions
    rest while somebody listens. ``strips_brand`` leaves out
    what the shop says before and after the book; ``removes_source`` removes what this
    server downloaded, once the new file is proven.
    """

    target: Target | None
    name: str
    bitrate_kbps: int
    is_split: bool
    has_cue: bool
    strips_brand: bool
    removes_source: bool
    waits: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        is_off = settings.convert == "off"
        return cls(
            target=None if is_off else Target(settings.convert),
            name=settings.convert_name,
            bitrate_kbps=settings.convert_kbps,
            is_split=settings.convert_split,
            has_cue=settings.convert_cue,
            strips_brand=settings.convert_strip_brand,
            removes_source=settings.convert_remove_source,
            waits=settings.convert_waits,
        )
