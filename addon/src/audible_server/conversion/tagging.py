"""Writing tags, chapters and the cover into a file that was just made. Blocks."""

import base64
from collections.abc import Sequence
from pathlib import Path

from audible_core.errors import ConversionError
from audible_core.models import Chapter
from mutagen import MutagenError
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus

from audible_server.conversion.facts import Facts
from audible_server.conversion.tags import id3_frames, mp4_tags, vorbis_comments
from audible_server.store.grants import FileKind

_FRONT_COVER = 3
_PNG = "image/png"

type Cover = tuple[bytes, str]


def write_tags(
    path: Path,
    kind: FileKind,
    facts: Facts,
    chapters: Sequence[Chapter],
    cover: Cover | None,
) -> None:
    """Write all that is known; raise ConversionError.

    The chapters of an M4B are in it already.
    """
    try:
        match kind:
            case FileKind.MP3:
                _write_mp3(path, facts, chapters, cover)
            case FileKind.OPUS:
                _write_opus(path, facts, chapters, cover)
            case _:
                _write_mp4(path, facts, cover)
    except MutagenError as err:
        raise ConversionError(reason="its tags cannot be written") from err


def _write_mp4(path: Path, facts: Facts, cover: Cover | None) -> None:
    file = MP4(path)
    file.update(mp4_tags(facts))
    if cover is not None:
        image, content_type = cover
        is_png = content_type == _PNG
        form = MP4Cover.FORMAT_PNG if is_png else MP4Cover.FORMAT_JPEG
        file["covr"] = [MP4Cover(image, imageformat=form)]
    file.save()


def _write_mp3(
    path: Path, facts: Facts, chapters: Sequence[Chapter], cover: Cover | None
) -> None:
    tags = ID3()
    for frame in id3_frames(facts, chapters):
        tags.add(frame)
    if cover is not None:
        image, content_type = cover
        tags.add(
            APIC(encoding=3, mime=content_type, type=_FRONT_COVER, desc="", data=image)
        )
    tags.save(path, v2_version=4)


def _write_opus(
    path: Path, facts: Facts, chapters: Sequence[Chapter], cover: Cover | None
) -> None:
    file = OggOpus(path)
    file.update(vorbis_comments(facts, chapters))
    if cover is not None:
        picture = Picture()
        picture.data, picture.mime = cover
        picture.type = _FRONT_COVER
        file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.save()
