"""Cover images: a color, a simple figure and the words, drawn from the ASIN."""

import colorsys
import io
import textwrap
import unicodedata
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from .titles import Title

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_SIDE: Final = 1000
_WHITE: Final = (255, 255, 255)
_INK: Final = (250, 246, 236)

type _Color = tuple[int, int, int]


@lru_cache(maxsize=128)
def cover_image(title: Title, side: int, kind: Literal["JPEG", "PNG"]) -> bytes:
    """Return a square cover with the given side in pixels. Blocks for some 50 ms."""
    image = _draw(title)
    data = io.BytesIO()
    image.resize((side, side), 3).save(data, kind)
    return data.getvalue()


def _draw(title: Title) -> Image:
    # Pillow comes with the audible library; loading it is slow, so only when needed.
    from PIL import Image, ImageDraw

    random = Random(title.asin)
    hue = random.random()
    top, bottom = _color(hue, 0.62, 0.46), _color(hue + 0.09, 0.72, 0.20)
    image = Image.linear_gradient("L").resize((_SIDE, _SIDE))
    image = Image.composite(
        Image.new("RGB", (_SIDE, _SIDE), bottom),
        Image.new("RGB", (_SIDE, _SIDE), top),
        image,
    )
    draw = ImageDraw.Draw(image, "RGBA")
    accent = _color(hue + random.choice((0.5, 0.42, 0.58)), 0.55, 0.88)
    figures = (_draw_hills, _draw_rays, _draw_rings, _draw_books)
    random.choice(figures)(draw, random, accent)
    _draw_words(draw, title, accent)
    return image


def _color(hue: float, saturation: float, value: float) -> _Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _draw_hills(draw: ImageDraw, random: Random, accent: _Color) -> None:
    at = random.randint(260, 740)
    draw.ellipse((at - 105, 500, at + 105, 710), fill=(*accent, 235))
    for row in range(4):
        base = 690 + row * 78
        for _ in range(3):
            middle, half = random.randint(-100, 1100), random.randint(320, 520)
            box = (middle - half, base, middle + half, base + 2 * half)
            draw.ellipse(box, fill=(0, 0, 0, 46))


def _draw_rays(draw: ImageDraw, random: Random, accent: _Color) -> None:
    at = random.randint(350, 650)
    for angle in range(180, 361, 12):
        box = (at - 900, 10, at + 900, 1810)
        draw.pieslice(box, angle, angle + 6, fill=(255, 255, 255, 22))
    draw.ellipse((at - 190, 720, at + 190, 1100), fill=(*accent, 235))


def _draw_rings(draw: ImageDraw, random: Random, accent: _Color) -> None:
    x, y = random.randint(600, 900), random.randint(640, 800)
    for radius in range(470, 60, -80):
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, outline=(255, 255, 255, 70), width=7)
    draw.ellipse((x - 74, y - 74, x + 74, y + 74), fill=(*accent, 240))


def _draw_books(draw: ImageDraw, random: Random, accent: _Color) -> None:
    left = 90
    while left < 880:
        width, height = random.randint(44, 96), random.randint(190, 370)
        is_accent = random.random() < 0.3
        fill = (*accent, 235) if is_accent else (255, 255, 255, random.randint(26, 80))
        draw.rounded_rectangle((left, 940 - height, left + width, 940), 8, fill=fill)
        draw.line(
            (left + 10, 985 - height, left + width - 10, 985 - height),
            fill=(0, 0, 0, 80),
            width=6,
        )
        left += width + 8
    draw.rectangle((70, 940, 930, 950), fill=(*_WHITE, 120))


def _draw_words(draw: ImageDraw, title: Title, accent: _Color) -> None:
    from PIL import ImageFont

    name = title.title or "Untitled"
    # The longest line decides the size, so that it fills the width.
    for size, columns in ((118, 13), (96, 16), (80, 20)):
        lines = textwrap.wrap(name, columns, break_long_words=False)[:4]
        font = ImageFont.load_default(size)
        widest = max(draw.textlength(line, font) for line in lines)
        if len(lines) <= 3 and widest <= 850:
            break
    y = 82.0
    for line in lines:
        _draw_line(draw, (76, y), line, size)
        y += size * 1.12
    draw.rectangle((80, y + 22, 200, y + 30), fill=accent)
    by = (title.authors or (title.publisher,))[0]
    _draw_line(draw, (78, y + 50), by, 50)


def _draw_line(draw: ImageDraw, at: tuple[float, float], line: str, size: int) -> None:
    """Draw a line; the font has no letters with marks, so the marks are drawn."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    plain = "".join(unicodedata.normalize("NFD", char)[0] for char in line)
    draw.text(at, plain, fill=_INK, font=font)
    unit = size / 20
    for index, char in enumerate(line):
        marks = unicodedata.normalize("NFD", char)[1:]
        if not marks:
            continue
        x = at[0] + draw.textlength(plain[: index + 1], font)
        x -= draw.textlength(plain[index], font) / 2
        y = at[1] + size * (0.24 if char.islower() else 0.04)
        if marks == "\N{COMBINING DIAERESIS}":
            for middle in (x - 2.4 * unit, x + 2.4 * unit):
                box = (middle - 1.2 * unit, y, middle + 1.2 * unit, y + 2.4 * unit)
                draw.ellipse(box, fill=_INK)
        else:
            ends = (x - 1.2 * unit, y + 2.6 * unit, x + 1.8 * unit, y - 0.4 * unit)
            draw.line(ends, fill=_INK, width=round(1.7 * unit))
