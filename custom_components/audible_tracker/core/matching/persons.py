"""Pure: persons instead of strings: initials, roles, "Last, First", transliteration."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.fuzz import ratio

from .normalize import fold, word_set, words

_ROLE: Final = re.compile(
    r"[\s,(\[-]+(?:translat|foreword|introduc|intro\b|afterword|preface|contribut"
    r"|illustrat|adapt|narrat|performer|reader|ubersetz|traduct|traduttor|herausgeber"
    r"|with\b|compiler|commentary|essay|notes)[^,;]*$"
)
_ROLE_FIRST: Final = re.compile(
    r"^(?:introduction|foreword|translated|translation|afterword|preface|adapted"
    r"|illustrated|narrated|read)\s*by\s*"
)
_ADAPTER: Final = re.compile(r"[\s,(\[-]+adapt[^,;]*$|^adapted by ")
_EDITOR: Final = re.compile(
    r"[\s,(\[-]+(?:editor|ed\.|hrsg|creator|author)[^,;]*$|^edited by "
)
_BEFORE_ROLE: Final = re.compile(r"\s+[-\u2013]\s+|\s*[(\[]")
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SEPARATOR: Final = re.compile(r"\s*[;/|]\s*|\s+(?:&|and|und|with)\s+")
_DEGREE: Final = re.compile(
    r"(?<=\w)[\s,]+(?:ph\.\s?d|m\.\s?d|ed\.\s?d|psy\.\s?d|d\.\s?phil|d\.\s?c|j\.\s?d"
    r"|m\.\s?(?:ed|sc|a)|b\.\s?sc)\b\.?"
)
"""A degree with its periods, behind a name."""

_INITIAL: Final = re.compile(r"[a-z]\.")

_TITLES: Final = word_set(
    "dr prof professor sir dame lord lady rev reverend fr phd ph md m d dds esq"
    " mba edd psyd dphil lcsw lmft jr sr ii iii iv junior senior pere fils mr mrs"
    " ms st saint hrh the mahatma swami pope baroness countess his her holiness"
    " majesty royal highness vii viii xii xiii xiv xvi"
)
_ALWAYS_TITLES: Final = _TITLES - {"m", "d", "ph", "st", "saint", "the", "fr"}
_SAINTS: Final = word_set("st saint sankt")
_RANKS: Final = word_set(
    "general gen colonel col captain capt major maj admiral lieutenant lt sergeant sgt"
    " commander judge justice rabbi cardinal bishop archbishop father brother sister"
    " president senator"
)
"""What may stand before a whole name; some of these are names themselves."""
_PARTICLES: Final = word_set(
    "de del della der den des di do dos da du la le van von vom zu zum ter ten"
    " te bin ibn al el abu of y e af av d l"
)
_SHORT_FORMS: Final = (
    "anthony tony, robert bob rob bobby robbie robt, william bill will billy willy wm,"
    " richard dick rick ricky rich, james jim jimmy jamie jas, john jack johnny jon,"
    " joseph joe joey jos, michael mike mick mickey, thomas tom tommy thos, charles"
    " charlie chuck chas, edward ed eddie ted ned, theodore teddy, elizabeth liz"
    " lizzie beth betty eliza, katherine kate kathy katie kathryn catherine cathy"
    " kat, margaret maggie peggy meg, david dave davey, daniel dan danny, stephen"
    " steve steven stevie, matthew matt, christopher chris, nicholas nick nicolas"
    " nico, benjamin ben benny, samuel sam sammy, alexander alex aleksandr"
    " alexandre sasha, andrew andy drew, gregory greg, jeffrey jeff geoffrey"
    " geoff, kenneth ken kenny, lawrence larry laurence, leonard leo len lenny"
    " lev, patrick pat, peter pete petr, philip phil phillip, ronald ron ronnie,"
    " timothy tim, victoria vicky, jennifer jen jenny, susan sue susie, rebecca"
    " becky, deborah deb debbie, barbara barb, patricia patty tricia, frederick"
    " fred freddy friedrich, henry harry hank heinrich, albert al bert, arthur"
    " art, donald don donnie, eugene gene, francis frank, gerald gerry jerry,"
    " harold hal, jacob jake, joshua josh, nathaniel nathan nate, raymond ray,"
    " vincent vince, walter walt, zachary zach zack, fyodor fedor feodor fjodor,"
    " ludwig louis luis lewis, george georg jorge georges geo, paul pablo paolo,"
    " frances fanny, sarah sally, mary molly polly, virginia ginny, eleanor nell,"
    " ernest ernie, terence terry, cynthia cindy, gertrude trudy, constance connie,"
    " augustus gus, isaac ike"
)
_NICKNAMES: Final = {
    name: group.split()[0]
    for group in _SHORT_FORMS.split(", ")
    for name in group.split()
}
"""Short forms and spellings of given names, each with the group's first name."""

_NOBODY: Final = word_set(
    "anonymous anonym unknown various variousauthors na none diverse collectif"
    " variado autoridesconhecido unknownauthor varios aavv mehrereautoren"
)
"""Names under which catalogs file books of unknown or of many persons."""

_ANONYMOUS: Final = word_set("anonymous anonym anonyme anonimo")

_SOUNDS: Final = (
    (re.compile(r"tsch|tch|sch|ch|cz|kh|tz|ts|sh|sz|zh"), "c"),
    (re.compile(r"ck|q|x|k"), "k"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"[wv]"), "v"),
    (re.compile(r"[yij]+"), "i"),
    (re.compile(r"i(?=[aeou])"), ""),
    (re.compile(r"(?<=[aeou])e(?=[^aeiou])"), ""),
    (re.compile(r"[aeou]i?$|iu?$|(?<=[a-z])h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


_MISSPELLED: Final = 90.0
"""Full names at least this alike (of 100) are one name with a slip of the pen."""


class Person(NamedTuple):
    """A person's name in small letters: all words, the given ones and the surname."""

    joined: str
    key: str
    given: tuple[str, ...]
    surname: str
    sound: str


type Persons = tuple[Person, ...]


@lru_cache(maxsize=8_192)
def persons_of(authors: str | tuple[str, ...]) -> Persons:
    """Return the persons of a tracker's author field, likeliest order kept.

    One comma may separate two persons or a surname from its given names: where both
    can be meant, both are returned.
    """
    if isinstance(authors, tuple):
        return tuple(
            dict.fromkeys(person for text in authors for person in persons_of(text))
        )
    folded = _BRACKETS.sub(" ", fold(authors))
    found: dict[Person, None] = {}
    for part in _SEPARATOR.split(folded) if _SEPARATOR.search(folded) else (folded,):
        for name in _names(part.split(",")):
            person = _person(_without_role(name))
            if person:
                found[person] = None
    return tuple(found)


@lru_cache(maxsize=8_192)
def contributors(names: tuple[str, ...]) -> tuple[Persons, Persons]:
    """Return (authors, others) of an Audible title; translators and such are others.

    What stands in brackets behind a name may be what else the person is called.
    """
    authors: dict[Person, None] = {}
    others: dict[Person, None] = {}
    for text in names:
        folded = fold(text)
        bare = _without_role(folded)
        target = authors if bare == folded else others
        bare = _EDITOR.sub("", bare)
        also = [name.strip("()[]") for name in _BRACKETS.findall(bare)]
        for name in (*_names(_BRACKETS.sub(" ", bare).split(",")), *also):
            person = _person(name)
            if person:
                target[person] = None
    return (tuple(authors), tuple(others)) if authors else (tuple(others), ())


@lru_cache(maxsize=8_192)
def written_by(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the authors of a title as people write them.

    Translators and such are left out where somebody else wrote it, as are roles.
    """
    authors = tuple(name for name in names if _without_role(fold(name)) == fold(name))
    return tuple(dict.fromkeys(map(_bare_name, authors or names)))


def are_adapters_named(names: tuple[str, ...]) -> bool:
    """Tell whether somebody adapted the work: then it is not the work itself."""
    return any("dapt" in name and _ADAPTER.search(fold(name)) for name in names)


def are_anonymous(authors: str | tuple[str, ...]) -> bool:
    """Tell whether a catalog says that nobody knows the author, translators aside."""
    names = (authors,) if isinstance(authors, str) else authors
    folded = [fold(name) for name in names]
    own = [name for name in folded if not _ROLE.search(name)]
    return bool(own) and all(
        not persons_of(name) and not _ANONYMOUS.isdisjoint(words(name)) for name in own
    )


@lru_cache(maxsize=65_536)
def agreement(one: Person, other: Person) -> int:
    """Return how surely two names are one person.

    4 the same, 3 initials or short forms agree, 2 spelled alike, 1 only the surname
    is known, 0 somebody else.
    """
    if one.joined == other.joined or one.key == other.key:
        return 4
    if not one.given or not other.given:
        return int(one.surname == other.surname)
    if one.surname == other.surname and _given_agree(one.given, other.given):
        return 3
    is_turned = one.surname in other.given or other.surname in one.given
    if is_turned and one.surname != other.surname:
        return 3 if _is_within(one, other) or _is_within(other, one) else 0
    is_alike = one.sound == other.sound and _given_agree(one.given, other.given)
    return 2 if is_alike or is_misspelled(one.joined, other.joined) else 0


def is_misspelled(one: str, other: str) -> bool:
    """Tell whether two full names are alike but for a slip of the pen."""
    if one[:1] != other[:1] or abs(len(one) - len(other)) > 2:
        return False
    return ratio(one, other, score_cutoff=_MISSPELLED) > 0


def best_agreement(ones: Sequence[Person], others: Sequence[Person]) -> int:
    """Return the surest agreement between two sets of persons."""
    best = 0
    for one in ones:
        for other in others:
            if one.joined == other.joined:
                return 4
            if _are_unlike(one, other):
                continue
            found = agreement(one, other)
            if found == 4:
                return 4
            best = max(best, found)
    return best


def without_saint(parts: list[str]) -> list[str]:
    """Return the words of a name without the "Saint" before it."""
    return parts[1:] if len(parts) > 1 and parts[0] in _SAINTS else parts


def _are_unlike(one: Person, other: Person) -> bool:
    """Tell at once, and for most pairs, that two names cannot agree."""
    return (
        one.sound != other.sound
        and one.joined[0] != other.joined[0]
        and one.surname not in other.given
        and other.surname not in one.given
    )


def _without_role(folded: str) -> str:
    return _ROLE_FIRST.sub("", _ROLE.sub("", folded))


def _bare_name(name: str) -> str:
    """Return a name without the role behind its dash or in its brackets."""
    folded = fold(name)
    has_role = _EDITOR.sub("", _without_role(folded)) != folded
    return _BEFORE_ROLE.split(name, maxsplit=1)[0].strip() if has_role else name


def _names(parts: Sequence[str]) -> list[str]:
    """Return names from the parts between commas, surname-first pairs turned."""
    parts = [stripped for part in parts if (stripped := part.strip())]
    kept = [part for part in parts if not _ALWAYS_TITLES.issuperset(words(part))]
    if len(kept) < 2:
        return kept
    pairs = list(zip(kept[::2], kept[1::2], strict=False))
    if len(kept) % 2 or not all(_is_surname(last) for last, _ in pairs):
        return kept
    turned = [f"{first} {last}" for last, first in pairs]
    if len(kept) == 2 and len(words(kept[1])) > 1 and _may_be_person(kept[0]):
        return [kept[0], *turned, kept[1]]
    return turned


def _may_be_person(part: str) -> bool:
    return len(words(part)) == 1


def _is_surname(part: str) -> bool:
    if _INITIAL.match(part):
        return False
    bare = [word for word in words(part) if word not in _PARTICLES | _TITLES]
    return len(bare) <= 1 or (len(bare) == 2 and "-" in part)


@lru_cache(maxsize=32_768)
def _person(name: str) -> Person | None:
    parts = words(_DEGREE.sub("", name) if "." in name else name)
    bare = [word for word in parts if word not in _ALWAYS_TITLES] or parts
    bare = without_saint(bare)
    if len(bare) > 2 and bare[0] in _RANKS:
        bare = bare[1:]
    if len(bare) > 2 and bare[1] == "of":
        bare = bare[:1]
    if not bare or "".join(bare) in _NOBODY:
        return None
    surname = bare[-1]
    given = tuple(
        word
        for at, word in enumerate(bare[:-1])
        if word not in _PARTICLES or (at == 0 and len(word) == 1)
    )
    return Person(
        joined="".join(bare),
        key=" ".join(sorted(bare)),
        given=given,
        surname=surname,
        sound=sound(surname),
    )


@lru_cache(maxsize=32_768)
def sound(surname: str) -> str:
    """Return a spelling that transliterations of one surname share."""
    result = surname
    for pattern, replacement in _SOUNDS:
        result = pattern.sub(replacement, result)
    return result or surname


def _given_agree(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether the shorter list is found, in order, in the longer one."""
    short, long = (ones, others) if len(ones) <= len(others) else (others, ones)
    rest = iter(long)
    if all(any(_is_same_given(name, other) for other in rest) for name in short):
        return True
    return "".join(short) == "".join(name[0] for name in long)


def _is_same_given(one: str, other: str) -> bool:
    if one == other:
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    if min(len(one), len(other)) >= 3 and (
        one.startswith(other) or other.startswith(one)
    ):
        return True
    short = _NICKNAMES.get(one, one)
    return short == _NICKNAMES.get(other, other) or sound(short) == sound(other)


def _is_within(one: Person, other: Person) -> bool:
    inner, outer = {*one.given, one.surname}, {*other.given, other.surname}
    return len(inner) >= 2 and inner <= outer
