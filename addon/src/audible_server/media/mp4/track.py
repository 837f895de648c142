"""Find the sound of an MP4 file: its sample entry, configuration and sample tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.audio_config import AudioConfig, parse_esds
from audible_server.media.mp4.boxes import (
    Box,
    ReadAt,
    body_of,
    child,
    children,
    descend,
    iter_boxes,
    word_after_dates,
)
from audible_server.media.mp4.edits import Edits
from audible_server.media.mp4.fragments import FragmentReader
from audible_server.media.mp4.sample_tables import chunks, parse_times, sample_sizes
from audible_server.media.mp4.samples import (
    MediaData,
    SampleIndex,
    SampleIndexBuilder,
)
from audible_server.media.mp4.times import TimeTable

ENCRYPTED_ENTRY = b"aavd"
PLAIN_ENTRY = b"mp4a"
# In a sample entry: 8 bytes common to all, 20 of sound; QuickTime's versions add more.
_ENTRY_FIELDS_BYTES = {0: 28, 1: 28 + 16, 2: 28 + 36}
_MOST_ESDS_BYTES = 4_096
_MOST_TRACKS = 64
# What sound in an MP4 file may be besides AAC, by its sample entry.
_OTHER_SOUND = {
    b"ac-3": "Dolby Digital",
    b"ec-3": "Dolby Digital Plus or Atmos",
    b"ac-4": "Dolby AC-4",
    b"mha1": "MPEG-H",
    b"mhm1": "MPEG-H",
    b"alac": "Apple Lossless",
    b"fLaC": "FLAC",
    b"Opus": "Opus",
    b"enca": "protected by another scheme than Audible's",
}


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """The sound of a file; `entry` and `adrm` are where they are in the file."""

    entry: Box
    adrm: Box | None
    config: AudioConfig
    samples: SampleIndex
    times: TimeTable

    @property
    def is_encrypted(self) -> bool:
        """Return whether the samples are encrypted."""
        return self.entry.kind == ENCRYPTED_ENTRY

    @property
    def memory_bytes(self) -> int:
        """Return what the tables occupy."""
        return self.samples.memory_bytes + self.times.memory_bytes


def audio_track(
    read_at: ReadAt, moov: Box, *, media: MediaData, fragments: Iterable[Box] = ()
) -> AudioTrack:
    """Return the one track with sound.

    Raises Mp4FormatError if the index is damaged, UnsupportedMediaError if it is of a
    kind that cannot be served.
    """
    trak, entry = _sound(read_at, moov)
    inside = _entry_children(read_at, entry)
    esds = next((box for box in inside if box.kind == b"esds"), None)
    if esds is None:
        raise Mp4FormatError(reason="its decoder configuration is missing")
    config = parse_esds(body_of(read_at, esds, _MOST_ESDS_BYTES))
    samples, times = _tables(read_at, moov, trak, media, fragments)
    return AudioTrack(
        entry=entry,
        adrm=next((box for box in inside if box.kind == b"adrm"), None),
        config=config,
        samples=samples,
        times=times,
    )


def _sound(read_at: ReadAt, moov: Box) -> tuple[Box, Box]:
    """Return the track with sound and its sample entry."""
    traks = list(children(read_at, moov, b"trak"))
    if len(traks) > _MOST_TRACKS:
        raise UnsupportedMediaError(reason="it has too many tracks")
    entries = [
        (trak, entry)
        for trak in traks
        if (entry := _sample_entry(read_at, trak)) is not None
    ]
    for wanted in (ENCRYPTED_ENTRY, PLAIN_ENTRY):
        found = [pair for pair in entries if pair[1].kind == wanted]
        if len(found) > 1:
            raise UnsupportedMediaError(reason="it has more than one track of sound")
        if found:
            return found[0]
    for _, entry in entries:
        if entry.kind in _OTHER_SOUND:
            reason = f"its sound is {_OTHER_SOUND[entry.kind]}, not AAC"
            raise UnsupportedMediaError(reason=reason)
    raise UnsupportedMediaError(reason="it has no track of AAC sound")


def _tables(
    read_at: ReadAt,
    moov: Box,
    trak: Box,
    media: MediaData,
    fragments: Iterable[Box],
) -> tuple[SampleIndex, TimeTable]:
    """Return where the samples lie and when they play."""
    stbl = descend(read_at, trak, b"mdia", b"minf", b"stbl")
    sizes = sample_sizes(read_at, stbl)
    listed = chunks(read_at, stbl)
    times = parse_times(read_at, stbl, samples=len(sizes))
    origin_ticks = 0
    mvex = child(read_at, moov, b"mvex")
    if mvex is not None:
        reader = FragmentReader.of(read_at, mvex, trak, times)
        for moof in fragments:
            reader.read(read_at, moof)
        sizes = np.concatenate((sizes, reader.sizes)) if len(sizes) else reader.sizes
        listed = chain(listed, (reader.chunks,))
        origin_ticks = reader.origin_ticks
    builder = SampleIndexBuilder(sizes, media)
    for offsets, counts in listed:
        builder.add(offsets, counts)
    samples = builder.build()
    if not len(samples):
        raise Mp4FormatError(reason="there is no sound in it")
    timescale = word_after_dates(read_at, descend(read_at, trak, b"mdia", b"mdhd"))
    edits = Edits.of(read_at, moov, trak, timescale)
    return samples, times.build(
        timescale=timescale,
        lead_ticks=edits.lead_ticks - origin_ticks,
        edit_ticks=edits.length_ticks,
    )


def _sample_entry(read_at: ReadAt, trak: Box) -> Box | None:
    """Return the first sample entry of a track."""
    stsd = descend(read_at, trak, b"mdia", b"minf", b"stbl", b"stsd")
    if stsd.end - stsd.body < 8:
        raise Mp4FormatError(reason="the stsd box is shorter than its table")
    entries = tuple(iter_boxes(read_at, stsd.body + 8, stsd.end))
    if len(entries) > 1 and any(box.kind == ENCRYPTED_ENTRY for box in entries):
        raise UnsupportedMediaError(reason="its coding changes within the track")
    return entries[0] if entries else None


def _entry_children(read_at: ReadAt, entry: Box) -> tuple[Box, ...]:
    version = int.from_bytes(body_of(read_at, entry, 10)[8:10])
    fields = _ENTRY_FIELDS_BYTES.get(version)
    if fields is None or entry.end - entry.body < fields:
        raise Mp4FormatError(reason=f"the {entry.name} entry is not readable")
    return tuple(iter_boxes(read_at, entry.body + fields, entry.end))
