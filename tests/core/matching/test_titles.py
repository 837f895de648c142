"""Titles as two catalogs write them, and as different works look."""

import pytest
from audible_core.matching import TitleQuery, TrackedBook

from tests.core.matching.shelf import Entry, heard, outcome, shelf

SAME: dict[str, tuple[Entry, TitleQuery]] = {
    "a series in brackets is no part of the title": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard("The Iron Lantern", "Mira Holt", subtitle="Harbor Tales, Book 3"),
    ),
    "the series may stand before the colon": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard("Harbor Tales: The Iron Lantern", "Mira Holt"),
    ),
    "the series may stand after the colon": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard("The Iron Lantern: Harbor Tales, Book 3", "Mira Holt"),
    ),
    "the series may be joined by a word": (
        ("The Iron Lantern (Jack Harbor, #3)", "Mira Holt"),
        heard("Jack Harbor and the Iron Lantern", "Mira Holt"),
    ),
    "the number of a series may be counted differently": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard(
            "The Iron Lantern",
            "Mira Holt",
            series_title="Harbor Tales",
            series_sequence="4",
        ),
    ),
    "a trilogy says how many, or that it is one": (
        ("The Harbor Trilogy (Harbor Trilogy, #1-3)", "Mira Holt"),
        heard("The Harbor Trilogy", "Mira Holt"),
    ),
    "a series' name begins as the title does": (
        ("Hannelore (Hannelore Lind, #3)", "Mira Holt"),
        heard("Hannelore", "Mira Holt"),
    ),
    "a plural in a long title": (
        (
            "The Origins of the Harbor Rights Movements: Salt Towns That Changed",
            "Mira Holt",
        ),
        heard("The Origins of the Harbor Rights Movement", "Mira Holt"),
    ),
    "a series and a bare number in brackets": (
        ("The Iron Lantern", "Mira Holt"),
        heard("The Iron Lantern (Harbor Tales 7)", "Mira Holt"),
    ),
    "a number in words is no plural": (
        ("The Five Harbors of Salt", "Mira Holt"),
        heard(
            "The 5 Harbors of Salt", "Mira Holt", subtitle="How a Town Learnt to Sail"
        ),
    ),
    "two dashes without blanks": (
        ("Stone Harbor: The Hidden Trade of the Salt Carriers", "Mira Holt"),
        heard(
            "Stone Harbor--25th Anniversary Edition",
            "Mira Holt",
            subtitle="The Hidden Trade of the Salt Carriers",
        ),
    ),
    "a light novel says so before its number": (
        ("Harbor Tales Light Novel, Vol. 1: The Iron Lantern", "Mira Holt"),
        heard("Harbor Tales, Vol. 1", "Mira Holt", subtitle="The Iron Lantern"),
    ),
    "a part of several volumes": (
        ("Harbor Tales (Light Novel), Part 1 Volume 2", "Mira Holt"),
        heard("Harbor Tales: Part 1 Volume 2", "Mira Holt"),
    ),
    "what the book is stands behind a comma": (
        ("The Salt Road, Being the History of a Town", "Mira Holt"),
        heard("The Salt Road", "Mira Holt"),
    ),
    "the tracker's long subtitle may be missing": (
        ("Quiet Engines: How Slow Machines Changed the Modern World", "Mira Holt"),
        heard("Quiet Engines", "Mira Holt"),
    ),
    "'A Novel' says nothing": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: A Novel", "Mira Holt"),
    ),
    "'Unabridged' says nothing": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads (Unabridged)", "Mira Holt"),
    ),
    "an anniversary edition is the same text": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: 25th Anniversary Edition", "Mira Holt"),
    ),
    "an article at the end": (
        ("The Salt Road", "Mira Holt"),
        heard("Salt Road, The", "Mira Holt"),
    ),
    "a missing article": (
        ("The Salt Road", "Mira Holt"),
        heard("Salt Road", "Mira Holt"),
    ),
    "an ampersand": (
        ("Salt and Silver", "Mira Holt"),
        heard("Salt & Silver", "Mira Holt"),
    ),
    "capitals": (
        ("Salt and Silver", "Mira Holt"),
        heard("SALT AND SILVER", "MIRA HOLT"),
    ),
    "lost diacritics": (
        ("La niña del río", "José Ibáñez"),
        heard("La nina del rio", "Jose Ibanez", language="spanish"),
    ),
    "umlauts written out": (
        ("Die Bücher der Flüsse", "Jörg Müller"),
        heard("Die Buecher der Fluesse", "Joerg Mueller", language="german"),
    ),
    "British and American spelling": (
        ("The Colour of Harbours", "Mira Holt"),
        heard("The Color of Harbors", "Mira Holt"),
    ),
    "numbers in words": (
        ("Twenty Thousand Steps", "Mira Holt"),
        heard("20,000 Steps", "Mira Holt"),
    ),
    "two letters swapped": (
        ("The Lighthouse Keeper", "Mira Holt"),
        heard("The Lighthuose Keeper", "Mira Holt"),
    ),
    "joined words": (("Green Lights", "Mira Holt"), heard("Greenlights", "Mira Holt")),
    "the author's name in the title": (
        ("Poetics", "Aristotle"),
        heard("Aristotle's Poetics", "Aristotle"),
    ),
    "another subtitle of the same edition family": (
        ("Salt Roads: A Natural History of Winter Trade", "Mira Holt"),
        heard("Salt Roads: A Natural History of the Winter Trade", "Mira Holt"),
    ),
    "the same volume of a series that gives its name": (
        ("Stone Harbor 8 (Stone Harbor, #8)", "Mira Holt"),
        heard("Stone Harbor 8", "Mira Holt", subtitle="A Harbor Adventure"),
    ),
    "the first volume may lack its number": (
        ("Stone Harbor (Stone Harbor, #1)", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt"),
    ),
    "a volume in words": (
        ("Stone Harbor, Volume Three: The Quarry", "Mira Holt"),
        heard("Stone Harbor, Vol. 3: The Quarry", "Mira Holt"),
    ),
    "Japanese": (
        TrackedBook(1, "ハーバー物語 第3巻", "高橋ミラ"),
        heard("ハーバー物語 3巻", "高橋ミラ", language="japanese"),
    ),
    "a number behind the title is its place in the series": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard("The Iron Lantern, Book 3", "Mira Holt"),
    ),
    "one of two series counts the book": (
        ("The Iron Lantern (Big Harbor, #14; The Iron Lantern, #3)", "Mira Holt"),
        heard("The Iron Lantern", "Mira Holt", subtitle="Big Harbor, Book 14"),
    ),
    "title, series and number after colons": (
        ("The Iron Lantern (Harbor Tales, #1)", "Mira Holt"),
        heard("The Iron Lantern: Harbor Tales: Book One", "Mira Holt"),
    ),
    "series and title change places": (
        ("The Physics of Harbor II: The Quarry", "Mira Holt"),
        heard("The Quarry: The Physics of Harbor II", "Mira Holt"),
    ),
    "a bare number behind the series": (
        ("Salt Roads (Salt Roads, #1)", "Mira Holt"),
        heard("Salt Roads", "Mira Holt", subtitle="Salt Roads 1"),
    ),
    "a saga named like its first book": (
        ("The Lantern (The Lantern Saga, #1)", "Mira Holt"),
        heard("The Lantern Saga: The Lantern", "Mira Holt"),
    ),
    "a series and one more word": (
        ("The Iron Lantern (Harbor Tales)", "Mira Holt"),
        heard("The Iron Lantern: Harbor Tales Legends", "Mira Holt"),
    ),
    "the same volumes in one": (
        ("Harbor: Foundation (Harbor, #1-3)", "Mira Holt"),
        heard("Foundation", "Mira Holt", subtitle="Harbor Collection, Books 1-3"),
    ),
    "the same two works in one": (
        ("Salt Roads / Stone Harbor", "Mira Holt"),
        heard("Salt Roads & Stone Harbor", "Mira Holt"),
    ),
    "a volume that its name tells": (
        ("The Harbor War, Volume II: The Long Quarry", "Mira Holt"),
        heard("The Harbor War: The Long Quarry", "Mira Holt"),
    ),
    "the second title of an old book": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: Or, Optimism", "Mira Holt"),
    ),
    "what it goes on with": (
        ("Salt Roads (Harbor, #2)", "Mira Holt"),
        heard("Salt Roads: The Sequel to Stone Quarry", "Mira Holt"),
    ),
    "many words explain": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: The Trade of the Winter and the Sea", "Mira Holt"),
    ),
    "a rude word": (
        ("The Art of Not Giving a F*ck", "Mira Holt"),
        heard("The Art of Not Giving a Fuck", "Mira Holt"),
    ),
    "versus": (
        ("Ada Versus the Librarians", "Mira Holt"),
        heard("Ada vs. the Librarians", "Mira Holt"),
    ),
    "initials with dots": (("33 A.D.", "Mira Holt"), heard("33 AD", "Mira Holt")),
    "British and American pyjamas": (
        ("The 13-Storey House in Striped Pyjamas", "Mira Holt"),
        heard("The 13-Story House in Striped Pajamas", "Mira Holt"),
    ),
    "a series in another language than the title": (
        ("Im Land der Lieder (In the Land of the Songs, #1)", "Mira Holt"),
        heard("Im Land der Lieder", "Mira Holt", language="german"),
    ),
    "a part that is the series' number": (
        ("Zoutweg (Zoutweg, #1)", "Mira Holt"),
        heard(
            "Zoutweg",
            "Mira Holt",
            subtitle="Deel 1",
            series_title="Zoutweg",
            series_sequence="1",
            language="dutch",
        ),
    ),
    "a reason in few words": (
        ("The Paradox of Salt", "Mira Holt"),
        heard("The Paradox of Salt: Why More Is Less", "Mira Holt"),
    ),
    "a number in French words": (
        ("Les cinq routes du sel", "Mira Holt"),
        heard("Les 5 routes du sel", "Mira Holt", language="french"),
    ),
    "another subtitle where the shop has it apart": (
        ("Stone Harbor: The Story of a Town", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt", subtitle="Salt and How to Trade It"),
    ),
    "the series and its number with a word before": (
        ("Salzwege (Ada Winter, #1)", "Mira Holt"),
        heard("Salzwege: Kommissarin Ada Winter 1", "Mira Holt", language="german"),
    ),
    "a prize for a subtitle": (
        ("Stone Harbor: My Life in Salt", "Mira Holt"),
        heard("Stone Harbor: Winner of the Salt Book of the Year", "Mira Holt"),
    ),
    "initials with blanks": (
        ("The Long Life of A.J. Winter", "Mira Holt"),
        heard("The Long Life of A. J. Winter", "Mira Holt", subtitle="A Novel"),
    ),
    "brackets inside a word": (
        ("(R)evolution (Harbor, #1)", "Mira Holt"),
        heard("(R)evolution", "Mira Holt"),
    ),
    "the genre after a period": (
        ("Salzwege", "Mira Holt"),
        heard("Salzwege. Roman", "Mira Holt", language="german"),
    ),
    "another language's 'and'": (
        ("Sale, pane e vino", "Mira Holt"),
        heard("Sale, pane, vino", "Mira Holt", language="italian"),
    ),
    "another language's article": (
        ("Livro do Sal", "Mira Holt"),
        heard("O Livro do Sal", "Mira Holt", language="portuguese"),
    ),
    "an ordinal before the part": (
        ("Caminos de sal, II", "Mira Holt"),
        heard("Caminos de sal, Segunda parte", "Mira Holt", language="spanish"),
    ),
    "the author's name as the title": (
        ("Mira Holt: Collected Essays on Salt", "Mira Holt"),
        heard("Mira Holt", "Mira Holt", subtitle="Collected Essays on Salt"),
    ),
    "the author's name within": (
        ("Letters", "Mira Holt"),
        heard("Letters of Mira Holt: Unabridged", "Mira Holt"),
    ),
    "the author, a saint, within": (
        ("Letters", "Saint Mirabell"),
        heard("The Letters of St. Mirabell", "Saint Mirabell"),
    ),
    "an edition in Spanish": (
        ("Caminos de sal: La historia del invierno", "Mira Holt"),
        heard(
            "Caminos de sal (edición revisada y ampliada)",
            "Mira Holt",
            subtitle="La historia del invierno",
            language="spanish",
        ),
    ),
    "the season's number before it": (
        ("Salzwege: Staffel 1", "Mira Holt"),
        heard("Salzwege: Die komplette 1. Staffel", "Mira Holt", language="german"),
    ),
    "a volume in brackets": (
        TrackedBook(1, "夜の灯 2", "高橋ミラ"),
        heard("夜の灯 (2)", "高橋ミラ", language="japanese"),
    ),
    "Russian in Latin letters": (
        ("Соль", "Мира Голт"),
        heard("Sol", "Mira Golt"),
    ),
}


@pytest.mark.parametrize(("entry", "query"), SAME.values(), ids=SAME)
def test_one_book_written_in_two_ways_is_linked(
    entry: Entry, query: TitleQuery
) -> None:
    """Catalogs write titles in their own ways; the reader need not care."""
    assert ("link", 1) == outcome(shelf(entry).match(query))


OTHER: dict[str, tuple[Entry, TitleQuery]] = {
    "another volume of a series that gives its name": (
        ("Stone Harbor 7 (Stone Harbor, #7)", "Mira Holt"),
        heard("Stone Harbor 8", "Mira Holt"),
    ),
    "a numbered volume against none": (
        ("Stone Harbor", "Mira Holt"),
        heard("Stone Harbor 8", "Mira Holt"),
    ),
    "the second volume by roman number": (
        ("Stone Harbor", "Mira Holt"),
        heard("Stone Harbor II", "Mira Holt"),
    ),
    "another title of the same series": (
        ("The Iron Lantern (Harbor Tales, #3)", "Mira Holt"),
        heard("The Glass Lantern", "Mira Holt", subtitle="Harbor Tales, Book 3"),
    ),
    "a short name that the subtitle explains": (
        ("Das kleine Salz: Ein Buch vom Geld für Leute und Bohème", "Mira Holt"),
        heard(
            "Das kleine Salz. Anlagen",
            "Mira Holt",
            subtitle="Für alle Leute, für die Hippies und für die Bohème",
            language="german",
        ),
    ),
    "siblings whose names are subtitles": (
        ("Stone Harbor: The Iron Lantern", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt", subtitle="The Glass Lantern"),
    ),
    "one work of a collection, with a subtitle": (
        ("Stone Harbor and Other Stories of the Sea", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt", subtitle="A Journey to the Heart of Salt"),
    ),
    "siblings after a colon": (
        ("Harbor Tales: The Iron Lantern", "Mira Holt"),
        heard("Harbor Tales: The Glass Lantern", "Mira Holt"),
    ),
    "the first part of two": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads (Part 1 of 2)", "Mira Holt"),
    ),
    "the first part of a numbered volume": (
        ("Harbor Tales: Sea of Salt (Harbor Tales #1)", "Mira Holt"),
        heard("Harbor Tales, Book 1: Salt of the Moon and Sea, Part 1", "Mira Holt"),
    ),
    "another bare number in brackets": (
        ("Stone Harbor (Stone Harbor, #1)", "Mira Holt"),
        heard("Stone Harbor (Stone Harbor 2)", "Mira Holt"),
    ),
    "a volume of what begins as series' names do": (
        ("In Love with the Harbor", "Mira Holt"),
        heard(
            "In Love with the Harbor",
            "Mira Holt",
            subtitle="Light Novel, Vol. 2",
            series_title="In Love with the Harbor",
            series_sequence="2",
        ),
    ),
    "a volume of a series whose name goes on": (
        ("Quayside: Legend of the Salt Carrier", "Mira Holt"),
        heard(
            "Quayside",
            "Mira Holt",
            subtitle="Legend of the Salt Carrier, Volume 9",
            series_title="Quayside: Legend of the Salt Carrier",
            series_sequence="9",
        ),
    ),
    "a volume of the book itself, whose series counts it as the first too": (
        ("Stone Harbor (The Salt Files, #1)", "Mira Holt"),
        heard("The Salt Files: Stone Harbor: Vol. 1: The Gathering Tide", "Mira Holt"),
    ),
    "a deluxe edition, which counts volumes of its own": (
        ("Harbor Tales Deluxe Edition, Vol. 1", "Mira Holt"),
        heard("Harbor Tales, Vol. 1", "Mira Holt"),
    ),
    "the first of several works, unabridged": (
        ("The Harbor / Salt Roads / The Quarry: Complete & Unabridged", "Mira Holt"),
        heard("The Harbor", "Mira Holt"),
    ),
    "a number that is no volume": (
        ("Harbor (Harbor, #1)", "Mira Holt"),
        heard(
            "Harbor: #1 Suspect",
            "Mira Holt",
            series_title="Harbor",
            series_sequence="4",
        ),
    ),
    "a prologue alone": (
        ("Lost, Found: The Prologue (Salt Roads, #1.5)", "Mira Holt"),
        heard(
            "Lost, Found",
            "Mira Holt",
            series_title="Salt Roads",
            series_sequence="2",
        ),
    ),
    "a classic and others": (
        ("The Iron Lantern", "Mira Holt"),
        heard("The Iron Lantern and Other Illustrated Classics", "Mira Holt"),
    ),
    "a title that a series' name is grown together with": (
        ("Salt Roads Darker (Salt Roads, #2)", "Mira Holt"),
        heard("Darker", "Mira Holt"),
    ),
    "a volume of another series with the novel's name": (
        ("Keeper M, Volume 1: The Salt Wars (Keeper M, #1)", "Mira Holt, Ada Reed"),
        heard(
            "The Salt Wars",
            "Mira Holt",
            series_title="The Salt Wars",
            series_sequence="1",
        ),
    ),
    "a plural that only one side explains": (
        ("Harbors: Salt, Stone & Iron", "Mira Holt"),
        heard("Harbor", "Mira Holt", subtitle="Essays"),
    ),
    "a box set": (
        ("Stone Harbor", "Mira Holt"),
        heard("Stone Harbor Boxed Set: Books 1-3", "Mira Holt"),
    ),
    "an omnibus in the tracker": (
        ("Stone Harbor / Salt Roads (2-in-1 Edition)", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt"),
    ),
    "two works in one title": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads & Stone Harbor", "Mira Holt"),
    ),
    "a summary by somebody else": (
        ("Salt Roads", "Mira Holt"),
        heard("Summary of Salt Roads by Mira Holt", "Quick Reads"),
    ),
    "a summary that claims the author": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: Summary and Analysis", "Mira Holt"),
    ),
    "a study guide in the tracker": (
        ("Salt Roads (SparkNotes Literature Guide)", "SparkNotes, Mira Holt"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "a workbook": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads Workbook", "Mira Holt"),
    ),
    "a graphic novel in the tracker": (
        ("Salt Roads: The Graphic Novel", "Mira Holt, Ben Ink"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "the edition for young readers": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads (Young Readers Edition)", "Mira Holt"),
    ),
    "an abridgement": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads (Abridged)", "Mira Holt"),
    ),
    "a dramatization": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads (Dramatized Adaptation)", "Mira Holt"),
    ),
    "a radio play in German": (
        ("Salzwege", "Mira Holt"),
        heard("Salzwege: Das Hörspiel", "Mira Holt", language="german"),
    ),
    "the title story against the collection": (
        ("The Overcoat and Other Stories", "Mira Holt"),
        heard("The Overcoat", "Mira Holt", runtime_min=75.0),
    ),
    "a longer title that begins alike": (
        ("Meditations on Winter Trade", "Mira Holt"),
        heard("Meditations", "Mira Holt"),
    ),
    "the same title by somebody else": (
        ("Salt Roads", "Peter Vance"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "the same title without any author": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads"),
    ),
    "another book of the same author": (
        ("Stone Harbor", "Mira Holt"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "an adaptation by others, its author named last": (
        ("Salt Roads", "Ben Ink, Lea Brush, Mira Holt"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "an anthology with one of its authors": (
        ("Short Stories", "Mira Holt"),
        heard("Short Stories", "Peter Vance", "Ada Finch", "Mira Holt"),
    ),
    "one letter apart": (
        ("The Salt Load", "Mira Holt"),
        heard("The Salt Road", "Mira Holt"),
    ),
    "the stage play of a book": (
        ("Salt Roads", "Mira Holt"),
        heard("Salt Roads: A Play Based on Her Memoir", "Mira Holt"),
    ),
    "a play in the tracker": (
        ("Salt Roads: The Play", "Mira Holt"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "a radio play in Italian": (
        ("Vie del sale", "Mira Holt"),
        heard("Vie del sale (Radiodramma)", "Mira Holt", language="italian"),
    ),
    "a summary in French": (
        ("Salt Roads", "Mira Holt"),
        heard("Résumé de Salt Roads", "Mira Holt"),
    ),
    "a graded reader in the tracker": (
        ("Salt Roads (Penguin Readers, Level 5)", "Mira Holt"),
        heard("Salt Roads", "Mira Holt"),
    ),
    "a manga that only its series tells": (
        ("Salt Roads (Harbor, #1)", "Mira Holt"),
        heard("Salt Roads", "Mira Holt", series_title="Harbor: The Manga"),
    ),
    "the number of a volume's own name": (
        ("Harbor: Quarry, Vol. 1", "Mira Holt"),
        heard("Harbor", "Mira Holt", subtitle="Quarry, Vol. 2"),
    ),
    "the first volume of a spin-off": (
        ("Harbor: No Regrets, Volume 1", "Mira Holt"),
        heard("Harbor, Vol. 1", "Mira Holt"),
    ),
    "a title's number against the series'": (
        ("Stone Harbor (Big Harbor, #3)", "Mira Holt"),
        heard("Stone Harbor, Vol. 2", "Mira Holt", subtitle="Big Harbor, Book 3"),
    ),
    "a volume in brackets against the whole": (
        ("Stone Harbor", "Mira Holt"),
        heard("Stone Harbor (Volume 1)", "Mira Holt"),
    ),
    "a volume against the series' other one": (
        ("Quay: Demi-Harbor, Vol. 1", "Mira Holt"),
        heard("Harbor 17", "Mira Holt", subtitle="A Quay: Demi-Harbor Novel"),
    ),
    "the whole series in the tracker": (
        ("The Chronicles of Harbor (Chronicles of Harbor, #1-7)", "Mira Holt"),
        heard(
            "The Iron Lantern, Vol. 4",
            "Mira Holt",
            subtitle="The Chronicles of Harbor",
            series_title="The Chronicles of Harbor",
        ),
    ),
    "two numbers behind a series": (
        ("Stone Harbor 1 (Quay, #1)", "Mira Holt"),
        heard("Quay!! Stone Harbor! 45", "Mira Holt"),
    ),
    "the first of two volumes against the whole": (
        ("Stone Harbor, I", "Mira Holt"),
        heard("Stone Harbor", "Mira Holt"),
    ),
    "the first part behind a series": (
        ("To the Green Tower", "Mira Holt"),
        heard("Salt and Sorrow: To the Green Tower, Part 1", "Mira Holt"),
    ),
    "one of the works that the tracker's record lists": (
        ("The Salt Trilogy: Stone Harbor, The Quarry, Last Light", "Mira Holt"),
        heard("The Salt Trilogy: Stone Harbor", "Mira Holt"),
    ),
    "the first of a series that is the tracker's one record": (
        ("The Lantern Trilogy: Lantern, Dawn, Harbor", "Mira Holt"),
        heard("The Lantern Trilogy: Lantern", "Mira Holt", series_title="Lantern"),
    ),
    "a story of a collection named like the series": (
        ("The Harbor Chronicles", "Mira Holt"),
        heard(
            "The Harbor Chronicles: What Really Happened in the Quarry",
            "Mira Holt",
            series_title="The Harbor Chronicles",
            series_sequence="1",
        ),
    ),
    "a collection against its title story": (
        ("The Overcoat (Harbor, #3)", "Mira Holt"),
        heard(
            "The Overcoat and Other Stories",
            "Mira Holt",
            series_title="Harbor",
            series_sequence="3",
        ),
    ),
    "two collections": (
        ("The Overcoat and Other Christmas Writings", "Mira Holt"),
        heard("The Overcoat and Other Christmas Books", "Mira Holt"),
    ),
    "books instead of a book": (
        ("The Harbor Book", "Mira Holt"),
        heard("The Harbor Books", "Mira Holt"),
    ),
    "siblings in the subtitle": (
        ("Harbor: First Strike", "Mira Holt"),
        heard("Harbor", "Mira Holt", subtitle="Ghosts of Quarry"),
    ),
    "several works after periods": (
        ("Noches. El jugador. Un hombre honrado.", "Mira Holt"),
        heard("Noches", "Mira Holt", language="spanish"),
    ),
    "other numbers in the title": (
        ("101 Winter Tales", "Mira Holt"),
        heard("201 Winter Tales", "Mira Holt"),
    ),
}


@pytest.mark.parametrize(("entry", "query"), OTHER.values(), ids=OTHER)
def test_another_work_is_never_linked(entry: Entry, query: TitleQuery) -> None:
    """What only looks alike goes to the reader, or nowhere."""
    assert outcome(shelf(entry).match(query))[1] is None


def test_volumes_are_told_apart_where_all_are_there() -> None:
    """Each volume finds its own record among its siblings."""
    tracker = shelf(
        *((f"Stone Harbor {n} (Stone Harbor, #{n})", "Mira Holt") for n in range(1, 10))
    )

    found = [
        tracker.match(
            heard(
                f"Stone Harbor {n}",
                "Mira Holt",
                series_title="Stone Harbor",
                series_sequence=str(n),
            )
        ).book_id
        for n in range(1, 10)
    ]

    assert list(range(1, 10)) == found


def test_each_of_many_volumes_is_found() -> None:
    """More volumes than are compared closely: the number leads to the right one."""
    tracker = shelf(*((f"Stone Harbor, Vol. {n}", "Mira Holt") for n in range(1, 40)))

    found = [
        tracker.match(heard(f"Stone Harbor, Vol. {n}", "Mira Holt")).book_id
        for n in range(1, 40)
    ]

    assert list(range(1, 40)) == found


NEAR: dict[str, tuple[Entry, TitleQuery]] = {
    "the first book called by its series": (
        ("His Lantern (Quarry, #1)", "Mira Holt"),
        heard("Quarry", "Mira Holt"),
    ),
    "another given name": (("Salt Roads", "Maud Holt"), heard("Salt Roads", "P. Holt")),
    "a single name of two": (
        ("The Consolation of Salt", "Boethius, Victor Watts"),
        heard("The Consolation of Salt", "Marcus Boethius"),
    ),
    "a translated title beside the other": (
        ("The Analyst", "Mira Holt"),
        heard("El analista [The Analyst]", "Mira Holt", language="spanish"),
    ),
}


@pytest.mark.parametrize(("entry", "query"), NEAR.values(), ids=NEAR)
def test_a_near_miss_is_never_called_no_match(entry: Entry, query: TitleQuery) -> None:
    """What may well be the book is shown, so that no second record is made of it."""
    assert outcome(shelf(entry).match(query))[0] != "no_match"


def test_a_common_first_title_is_learnt_to_be_a_series() -> None:
    """Three books that go on differently make the text before the colon a series."""
    tracker = shelf(
        ("Harbor Tales: The Iron Lantern", "Mira Holt"),
        ("Harbor Tales: The Glass Lantern", "Mira Holt"),
        ("Harbor Tales: The Copper Lantern", "Mira Holt"),
    )

    assert tracker.match(heard("Harbor Tales", "Mira Holt")).book_id is None
    assert (
        2
        == tracker.match(heard("Harbor Tales: The Glass Lantern", "Mira Holt")).book_id
    )


def test_the_whole_title_goes_before_the_longer_one() -> None:
    """Where both are there, the one that says no more and no less is meant."""
    tracker = shelf(
        ("Salt Roads: How the Winter Trade Changed Northern Europe", "Mira Holt"),
        ("Salt Roads", "Mira Holt"),
    )

    assert 2 == tracker.match(heard("Salt Roads", "Mira Holt")).book_id
