"""Words that catalogs add to titles, in the languages of the eleven marketplaces.

Generic words of the book trade only: no title, series or person is named here.
"""

import re
from typing import Final

from .language import LANGUAGE_NAMES
from .normalize import word_list, word_set

_ARTICLES_BY_LANGUAGE: Final = {
    "en": ("the", "a", "an"),
    "de": ("der", "die", "das", "ein", "eine"),
    "fr": ("le", "la", "les", "un", "une"),
    "es": ("el", "la", "los", "las", "un", "una"),
    "it": ("il", "lo", "la", "i", "gli", "le", "un", "una"),
    "pt": ("o", "a", "os", "as", "um", "uma"),
    "nl": ("de", "het", "een"),
}
_ELIDED: Final = {"l'": frozenset(("fr", "it", "ca"))}

ARTICLES: Final = word_set(
    "the a an der das ein eine le la les un une el los las una il lo gli het een l"
)
"""Leading words that do not tell titles apart. "die" and single vowels are left alone,
because they are other words in other languages."""

INDEFINITE: Final = (
    "a ",
    "an ",
    "ein ",
    "eine ",
    "un ",
    "une ",
    "una ",
    "um ",
    "uma ",
    "een ",
)

ARTICLE_LANGUAGES: Final = {
    article: frozenset(
        code for code, words in _ARTICLES_BY_LANGUAGE.items() if article in words
    )
    for words in _ARTICLES_BY_LANGUAGE.values()
    for article in words
} | _ELIDED
"""In which languages a title may begin with the word as its article."""

ELIDED_ARTICLE: Final = re.compile(r"\s*[Ll]['\u2019]\w")
"""A French or Italian article that its noun has swallowed."""

LINK_LANGUAGES: Final = {
    "and": frozenset(("en",)), "und": frozenset(("de",)), "y": frozenset(("es",)),
    "et": frozenset(("fr", "la")), "e": frozenset(("it", "pt")),
    "ed": frozenset(("it",)), "och": frozenset(("sv",)), "og": frozenset(("da", "no")),
}  # fmt: skip
"""In which languages a title may have the word as its "and"."""

COUNTING_WORDS: Final = word_set(
    "series serie season staffel saison temporada stagione sezon cycle zyklus ciclo"
    " act akt acte acto issue heft level stage phase set unit lesson lektion step"
    " chapter kapitel chapitre capitulo capitolo day tag jour dia giorno"
    " year jahr annee ano anno week woche cd disc"
)
"""Words that with a number behind them count pieces, and name no series."""

SEASON: Final = re.compile(
    r"(?:\w+ )?(?:complete |komplette |entire |completa )?"
    r"(?P<nth>\d{1,2}|[a-z]{5,9})(?:\.|st|nd|rd|th|re|e|a)? "
    r"(?P<word>season|staffel|saison|temporada|stagione)"
)
"""A season with its number before the word: "Die komplette 1. Staffel"."""

TRAILING_ARTICLE: Final = re.compile(
    r",\s*(?:the|an?|der|die|das|eine?|les?|la|une?|el|l[ao]s|il|lo|gli|os?|as?|uma?"
    r"|het|een|de|l')\s*$"
)

_NUMBER_WORDS: Final = (
    word_list("one two three four five six seven eight nine ten eleven twelve"),
    word_list("first second third fourth fifth sixth seventh eighth ninth tenth"),
    word_list("eins zwei drei vier funf sechs sieben acht neun zehn"),
    word_list("un deux trois quatre cinq six sept huit neuf dix"),
    word_list("premier deuxieme troisieme quatrieme cinquieme sixieme septieme"),
    word_list("uno dos tres cuatro cinco seis siete ocho nueve diez"),
    word_list("primero segundo tercero cuarto quinto sexto septimo"),
    word_list("uno due tre quattro cinque sei sette otto nove dieci"),
    word_list("primo secondo terzo quarto quinto sesto settimo"),
    word_list("um dois tres quatro cinco seis sete oito nove dez"),
    word_list("een twee drie vier vijf zes zeven acht negen tien"),
)
_ROMAN: Final = word_list(
    "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
)
ROMAN: Final = {str(number): text for number, text in enumerate(_ROMAN, start=1)}
NUMBERS: Final = {
    word: str(number)
    for words in (*_NUMBER_WORDS, _ROMAN)
    for number, word in enumerate(words, start=1)
}
"""Number words and Roman numbers, valid beside a volume word only."""

_NUMBER: Final = (
    r"(?:\d{1,4}(?:\.\d{1,2})?|"
    + "|".join(sorted(NUMBERS, key=len, reverse=True))
    + r")(?![\w])"
)
_PART: Final = r"part|pt|teil|partie|parte|deel|del|chast"
_SERIAL: Final = (
    r"books?|bks?|buch|livres?|libros?|libri|livros?|boek|bok|kniga|kitap|novella|case"
)
"""Words that number the books of a series; the others number the text itself."""

_BOOK: Final = (
    r"books?|bks?|volumes?|vols?|tomes?|tom|arc|episode|ep|season|number|no|nr|bande?|bd"
    r"|buch|folge|livres?|libros?|libri|tomos?|volumen|livros?|boek|bok|bind|kniga|kitap"
    r"|ksiega|novella|case"
)
_ORDINALS: Final = (
    word_list("first second third fourth fifth"),
    word_list("primera segunda tercera cuarta quinta"),
    word_list("prima seconda terza quarta quinta"),
    word_list("primeira segunda terceira quarta quinta"),
    word_list("premiere deuxieme troisieme quatrieme cinquieme"),
    word_list("erster zweiter dritter vierter funfter"),
    word_list("erstes zweites drittes viertes funftes"),
    word_list("eerste tweede derde vierde vijfde"),
)
ORDINALS: Final = {
    word: str(number)
    for words in _ORDINALS
    for number, word in enumerate(words, start=1)
}
"""Ordinals that stand before the volume word."""

_NTH: Final = "|".join(ORDINALS)
VOLUME: Final = re.compile(
    rf"(?:\b(?:(?P<part>{_PART})|(?P<book>{_SERIAL})|(?:{_BOOK}))\b\.?\s*#?\s*"
    rf"|#(?!1 [a-z])\s*)(?P<low>{_NUMBER})"
    rf"(?:\s*(?:-|to|through|&|and)\s*(?:#\s*)?(?P<high>{_NUMBER}))?"
    rf"(?:\s*(?:of|von|de|di|/)\s*(?P<of>\d{{1,2}}|two|three|four)\b)?"
    rf"|\b(?P<nth>{_NTH})\s+(?:parte|partie|teil|band|buch|tomo|tome|volume|deel)\b"
    rf"|(?:第\s*)?(?P<ja>\d{{1,3}})\s*巻"
)
"""A volume word with its number, with "-3" for a range and "of 2" for a piece."""

VOLUME_WORDS: Final = word_set(
    "part pt teil partie parte deel del chast book books bk bks volume volumes"
    " vol vols tome tomes tom arc episode ep season number no nr band bande bd"
    " buch folge livre livres libro libros libri tomo tomos volumen livro"
    " livros boek bok bind kniga kitap ksiega novella case"
)
"""All volume words, to see at once that a title has none."""

TRAILING_NUMBERS: Final = word_set(
    "ii iii iv vi vii viii ix xi xii xiii xiv xvi xvii xviii xix"
)
"""Roman numbers that end a title as its volume; single letters are left alone."""

SERIES_WORDS: Final = word_set(
    "series serie saga trilogy trilogie trilogia cycle zyklus ciclo chronicles"
    " chronicle novels novel books book quartet duology duologie tetralogy"
    " sequence mysteries mystery thriller thrillers reihe bucher romane romanzi"
    " sequence adventures a an the of from in an aus der die das le la les de"
    " du des to introducing featuring starring prequel sequel novella novellas"
    " investigation enquetes caso casos"
)
SERIES_END: Final = re.compile(
    r"\b(?:series|saga|trilogy|cycle|chronicles?|quartet|duology|tetralogy|sequence"
    r"|novels|mysteries|books|serie|trilogie|trilogia|zyklus|reihe|ciclo|collection"
    r"|library|press|classics|courses|shorts|universe)$"
)

_AUDIENCE: Final = (
    r"singles|(?:wo)?men'?s'?|teen(?:age)?r?'?s?'?|students?'?s?|military|couples|youth"
    r"|leader'?s'?|graduate'?s?|girls'?|boys'?|parents?'?"
)
_KINDS: Final = {
    "summary": r"summary|summari[sz]ed|zusammenfassung|resumen|riassunto|samenvatting"
    r"|resume (?:de|du|des)\b|analyse (?:de|du|des)\b|fiche de lecture|lekturehilfe"
    r"|lektureschlussel|erlauterungen|textanalyse|interpretationshilfe|york notes"
    r"|guia de (?:lectura|estudio)|leitura guiada|instaread|supersummary"
    r"|analysis (?:and|&) review|review (?:and|&) analysis|key takeaways|key insights"
    r"|conversation starters|sparknotes|cliffs?notes|cliffs notes|quicklet|shortcut to"
    r"|(?:study|reading|literature|teacher'?s|discussion|readers') guide|lesson plans?"
    r"|teacher'?s (?:book|edition)"
    r"|trivia|book review|book analysis|book summaries|in (?:15|20|30) minutes",
    "workbook": r"workbook|colou?ring book|guided journal|guided companion|arbeitsbuch"
    r"|companion (?:guide|journal|to)|action plan for|cahier d'exercices",
    "guide": r"(?:visual|official|illustrated|complete|essential|reader'?s'?) companion"
    r"|sourcebook",
    "comic": r"graphic (?:novels?|classics?|adaptation|edition|history|biography)"
    r"|manga|manhwa|webtoon"
    r"|(?:roman|adaptation) graphique|(?:novela|adaptacion) grafica|historieta|comics"
    r"|(?:romanzo|romance) grafico|fumett[oi]|bande dessinee|(?:en|la) bd|stripboek"
    r"|stripverhaal|(?:the|der|das|als|el|en) comic(?! novel)"
    r"|comic (?:book|adaptation|edition)",
    "young": r"young (?:readers?|people|listeners?|adult (?:adaptation|version))"
    r"|for kids|for children|fur kinder"
    r"|(?:kids|kid's|kids'|junior|children'?s|ya|young adult) edition|para ninos"
    r"|per bambini|pour (?:les )?enfants|para criancas",
    "audience": rf"(?:{_AUDIENCE}) edition",
    "dramatized": r"dramati[sz]\w+|full[- ]cast|radio (?:drama|play|production|4)"
    r"|bbc radio|audio ?play|audio ?drama|horspiel\w*|graphic ?audio|original drama"
    r"|screenplay|acting edition|fiction radiophonique|movie novelization"
    r"|(?:an?|the|stage|original) play"
    r"|the musical|playscript|radiodram\w*|luisterspel|radioteat\w+|ficcion sonora"
    r"|(?:play|musical|film)\b.{1,40}\bbased on",
    "abridged": r"abridged|abridge?ment|gekurzt\w*|version abregee|abrege|abreviad[oa]"
    r"|condensed|verkort|(?:penguin|graded|easy|oxford) readers?|bookworms library"
    r"|dual[- ]language|easy classics|simplified|retold (?:by|for)"
    r"|reader,? (?:level|stage|step) \d",
    "omnibus": r"box(?:ed)? ?sets?|omnibus|\d+ ?-? ?(?:books? )?in ?-? ?(?:1|one)"
    r"|two-in-one"
    r"|(?:books|volumes|vols|parts) \d+ ?(?:-|to|&|and|through) ?\d+|complete (?:series"
    r"|collection|trilogy|saga|chronicles|novels|stor(?:y|ies)|quartet|box|set)"
    r"|\d+[- ]books? (?:set|bundle|collection|box)|book (?:set|bundle)|bundle|coffret"
    r"|gesamtausgabe|sammelband|l'integrale|(?:trilogy|series) collection"
    r"|collection set|publisher's pack|(?:the|entire|full) collection(?= |$)",
    "piece": r"(?:(?:2nd|second|bonus|extra) )?(?:epi|pro)logue|bonus (?:chapter|scene)"
    r"|excerpts?|leseprobe|sneak peek|extrait|sample chapters?|free preview",
    "adapted": r"(?<!film )(?<!movie )(?<!series )(?<!tv )(?<!netflix )adaptation"
    r"|adapted (?:for|by|from|classics?|edition)|adaptacion|adattamento"
    r"|adaptee? (?:pour|par|de)",
    "lesson": r"masterclass|meditations? (?:for|from) the|guided meditations?|podcast",
}  # fmt: skip
KINDS: Final = re.compile(
    r"\b(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
    + r")\b"
)
"""Something else than the plain, whole book: the group's name says what."""

KIND_WORDS: Final = word_set(
    "summary summarized summarised zusammenfassung resumen riassunto resume analyse"
    " fiche lekturehilfe lektureschlussel erlauterungen textanalyse"
    " interpretationshilfe york guia guiada instaread supersummary samenvatting"
    " review analysis takeaways insights starters sparknotes cliffnotes cliffsnotes"
    " cliffs guide plan plans trivia summaries quicklet shortcut minutes workbook"
    " coloring colouring journal companion arbeitsbuch cahier sourcebook graphic"
    " manga manhwa webtoon graphique grafica grafico fumetto fumetti bd historieta"
    " stripboek stripverhaal comic comics dessinee young kids kid children kinder"
    " edition teachers ninos bambini enfants criancas"
    " dramatized dramatised dramatization dramatisation full"
    " radio bbc play audioplay drama audiodrama horspiel horspiele horspielfassung"
    " graphicaudio screenplay playscript radiodramma radiodrama luisterspel"
    " radioteatro radioteater sonora musical play film radiophonique novelization"
    " abridged abridgement abridgment gekurzt gekurzte gekurzter gekurztes abregee"
    " abrege abreviado abreviada condensed verkort readers reader bookworms easy"
    " simplified retold dual boxset boxsets set sets omnibus in books volumes vols"
    " parts complete bundle pack coffret gesamtausgabe sammelband integrale lintegrale"
    " adaptation adapted adaptacion adattamento adapte adaptee"
    " collection epilogue prologue chapter scene excerpt excerpts leseprobe sneak"
    " extrait sample"
    " preview masterclass"
    " meditation meditations podcast"
)
"""One of these is in every text that names a kind, to see at once that none does."""

_SOME: Final = (
    r"(?:the |an? |das |der |die |eine? |le |la |une? |el |una |il |(?:un)?official "
    r"|authori[sz]ed |complete |new |modern |critical |essential |ultimate |offizielle "
    r"|officiel |oficial )*"
)
OFFSHOOT: Final = re.compile(
    rf"{_SOME}(?:sequel|prequel|fortsetzung|vorgeschichte|secuela|precuela|suite"
    r"|cookbook|kochbuch|songbook|guidebook|notebook|calendar|planner|journal|companion"
    r"|devotional|guide|quotes|soundtrack|lectures?|(?:card|board|video) game|bd"
    r"|reader'?s'? guide|companion book|handbook|commentary|analysis|analyse"
    r"|(?:(?:audio|video|group|bible) ){0,2}(?:stud(?:y|ies)|sermons?)"
    r"|key (?:insights|lessons|ideas)|book notes|quiz ?book|encyclopedia|fan ?fiction"
    r"|(?:quick|speed) ?read|retelling|reimagining|nacherzahlung|parody|parodie"
    r"|short version|kurzfassung|version courte|bilderbuch|kinderausgabe|jugendausgabe"
    r"|(?:junior|kid'?s'?|children'?s'?|picture|board) ?(?:version|guide|book|story)"
    r"|selections?|highlights|best of|extraits|auszuge|sampler?|first chapters?"
    r"|deleted scenes?|bonus (?:material|chapters?|content)|extras|theaterstuck"
    r"|piece de theatre|obra de teatro|opera|documentary|audio (?:movie|course)"
    r"|behind the scenes|sleep story|course"
    r"|(?:(?:entire|whole|full|komplette|ganze) )?(?:trilog(?:y|ie|ia)|saga"
    r"|duolog(?:y|ie)|quartet|tetralogy|collection)(?: complet[ae]| completa)?"
    r"|(?:[2-6]|two|three|four|five|deux|trois|zwei|drei|dos|tres|due|tre)"
    r" (?:novels|books|romane?|romans|bucher|livres|novelas|libros|romanzi)"
    r"(?: in one)?)"
    r"|(?:\S+ )?revisited|retold|in (?:plain|modern|simple) english"
    r"|fur junge (?:leser|horer)|raconte aux enfants|contado a los ninos"
    rf"|(?:for|fur|pour|para|per|voor) (?:the )?(?:{_AUDIENCE}|beginners|kids)"
    r"|(?:the )?making of (?:an? |the )?"
    r"(?:classic|film|movie|musical|masterpiece|legend|series|show)"
)
"""A whole piece of a title that names what was made after, of or from the work."""

OTHER_WORKS: Final = re.compile(
    r"(?:(?:and|&|und|et|y|ed?|en|plus) )?(?:the )?"
    r"(?:other|(?:andere|weitere)[rn]?|autres|otr[oa]s|altr[ie]|outr[oa]s) (?=\w)"
)
"""How a piece begins that announces what else a collection holds."""

_EDITION_WORDS: Final = (
    r"unabridged|ungekurzt\w*|integral[ea]?|ausgabe|auflage|editions?|ed\.?|edit\.?|edicion|audio"
    r"|(?:audio|kindle|full|original|extended|uncut) version|audio collection"
    r"|performance(?: by .*)?"
    r"|edizione|edicao|uitgave|text|tie-in|tie in|reissue|reprint|remastered|audiobook"
    r"|lesung|\w+lesung|horfassung|reading"
    r"|narrazione|narracion|narracao|lettura|lectura|leitura|integr[ao]"
    r"|horbuch|livre audio|audiolibro|audiolivro|luisterboek|recording|narration"
    r"|translation|ubersetzung|traduction|traduccion|exclusive|originals?"
    r"|best-?sellers?|bestselling|book club|pick|selection|winner|finalist|classics?"
    r"|recorded books|light novel|paperback|hardcover|kindle|ebook|cd|mp3"
)
_IMPROVED: Final = (
    r"ampliad[ao]|revisad[ao]|actualizad[ao]|aumentad[ao]|corregida|conmemorativa"
    r"|revue|augmentee|corrigee|definitive?a?|special[ei]|especial|collector|limitee"
    r"|ampliata|aggiornata|riveduta|corretta|revista|atualizada|comemorativa|corrigida"
)
"""How editions are said to be better, behind the word in Romance languages."""

EDITION: Final = re.compile(
    rf"(?:[^\s]+\s+){{0,6}}(?:{_EDITION_WORDS})(?:\s+(?:pick|selection|edition|\d{{4}}))?"
    r"|(?:\w+ )?(?:edicion|edition|edizione|edicao)"
    rf"(?:,? (?:{_IMPROVED}|y|et?|\d{{4}}))+"
    r"|(?:updated|revised|expanded|annotated|illustrated|enlarged|new|complete|uncut"
    r"|remastered|deluxe|special|anniversary|and|&|fully|newly|further|completely|with"
    r"|enhanced|abridged|uberarbeitet|erweitert|aktualisiert|neu|the"
    r"|\d{1,3}(?:st|nd|rd|th))"
    r"(?:[\s,]+(?:updated|revised|expanded|annotated|illustrated|enlarged|and|&|new|uncut"
    r"|complete|for|the|\d{4}|21st|century|today|material|deluxe|anniversary))*"
    r"|(?:read|narrated|performed|gelesen|lu|letto|leido|lido|voorgelezen)"
    r" (?:by|von|par|da|por|door)\b.*"
    r"|with an? new\b.*|(?:grand )?(?:prix|premio) \S.*|updated language"
    r"|narracion en .*"
    r"|(?:with (?:an? )?(?:new |original )?)?"
    r"(?:foreword|introduction|afterword|preface)s?\b.*"
    r"|(?:the |an? )?(?:sequel|prequel|conclusion|follow-up|continuation) (?:to|of)\b.*"
    r"|(?:previously|originally|now|soon|winner|based|also|first|formerly)\b.*"
    r"(?:published|titled|known|picture|series|film|show|prize|award|major|as|year)\b.*"
)
"""A piece of a title that names the edition and not the work."""

_LANGUAGE: Final = rf"(?:{'|'.join(LANGUAGE_NAMES)})"
LANGUAGE_EDITION: Final = re.compile(
    rf"\b({_LANGUAGE})(?: language)? (?:edition|version)"
)
LANGUAGE_ONLY: Final = re.compile(
    rf"(?:(?:in|auf|en|em|edition|edicion|version|edizione|versione|edicao|versao"
    rf"|traduction|traduccion|lesung|lettura) ){{0,2}}({_LANGUAGE})"
    r"(?: language| translation| audiobook| edition| version| ausgabe| fassung| uitgave"
    r"| editie)?"
)
"""All that a bracket or a piece says, where it says the language."""

_GENRES: Final = (
    r"novels?|novella|novelette|memoirs?|thriller|romance|mystery|fantasy|adventure|saga"
    r"|tales?|biography|autobiography|story|stories|short stories|poems?|poetry|essays"
    r"|plays?|romantasy|comedy|fable|fiction|nonfiction|litrpg|series|western"
    r"|roman|krimi|kriminalroman|erzahlung(?:en)?|geschichten?|gedichte|novelle|recit"
    r"|nouvelles?|poemes|novelas?|cuentos|poemas|relatos|romanzo|racconti|poesie"
    r"|narrativa|ficcion|romances?|contos|verhalen|roman policier|trilogy|essay"
)
GENERIC: Final = re.compile(
    rf"(?:an?|the|ein|eine|une?|una|uno|um|uma|een)\s+(?:[^\s]+\s+){{0,4}}?(?:{_GENRES})"
    rf"(?:\s+(?:novel|story|romance|series|book))?"
    rf"|(?:(?:\d+|short|selected|collected|new|stories|and|&)\s+){{0,3}}(?:{_GENRES})"
)
"""A subtitle that says only what sort of text it is."""

TRAILING_EDITION: Final = re.compile(
    r"[\s,]+(?:(?:the|a|an)\s+)?(?:(?:\d{1,3}(?:st|nd|rd|th)|first|second|third|fourth|fifth"
    r"|sixth|tenth|new|revised|updated|expanded|special|deluxe|collector'?s|anniversary"
    r"|illustrated|annotated|complete|international|movie|uncut|and|&)[\s,]+)+"
    r"(?:edition|version|tie-in)$"
    r"|\s+(?:unabridged|ungekurzt|tie-in|movie tie-in)$"
    r"|[\s,]+(?:rev(?:ised|\.)?|\d{1,2}(?:st|nd|rd|th)) ed(?:ition)?\.?$"
    r"|[\s,]+(?:revised|updated|expanded)(?: and | & |, )(?:revised|updated|expanded)$"
)
"""The edition, at the end of a title and not set off by more than a comma."""

LIGHT_NOVEL: Final = re.compile(r"\s+light novels?$")
"""What a numbered title calls itself beside the comic. Other editions before a number
("Deluxe Edition, Vol. 1") count volumes of their own."""

_RUDE: Final = {
    "fuck": "fu?%c?k", "shit": "sh?i?%t", "bitch": "bi?%t?ch", "crap": "cra?%p",
    "damn": "da?%m?n", "dick": "di?%c?k",
}  # fmt: skip
RUDE_WORD: Final = re.compile(
    "|".join(
        f"(?P<{word}>{pattern.replace('%', '[*@#!$]+')}"
        rf"|{pattern.replace('%', '-{2,}')}\b)"
        for word, pattern in _RUDE.items()
    )
)
"""What shops print with signs in place of some letters; the group's name says what."""

GENERIC_MAX_WORDS: Final = 7
