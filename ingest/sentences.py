"""Where sentences end, in any language: told by form, by the document, and by its abbreviations.

A full stop may end a sentence or a shortened word. The word before it, what follows it, and whether
the document has the following word in lower case decide.
"""

import re
from collections.abc import Iterator

from ingest.types import Span

LONGEST = 4000
"""Characters from which a text without an end is no sentence: it is cut between words."""
REMARK = 8
"""Characters of a remark after a quotation in scripts without spaces: “……！”他喊道。"""

SAID = 200
"""Characters before a full stop that may tell whether a sentence ends there."""

FRAGMENT = 4
"""Words that are no sentence, where the last of them is shortened: “W 1998 r. Anna …”."""

# Shortened words that something always follows: titles, references, "for example".
_LEADING = frozenset(
    """mr mrs ms messrs dr drs prof rev hon gen col lt sgt capt cmdr maj gov sen rep pres st ste
    mt ft no nos vol fig figs sec art arts ch chap p pp vs cf approx ca e.g i.e viz esp incl
    attn hr fr frl nr nrn abs bd str hrsg vgl bzw bzgl inkl evtl ggf sog geb gest hl dipl ing
    tel z.b d.h m mm mme mmes mlle env av apr c.-à-d p.ex sr sra srta sres d dña dra ud uds vd
    avda pág págs núm lic gral p.ej admón ul al pl os hab inż mgr ks św bp abp płk ppłk kpt
    por red ust pkt par godz np tzn tj tzw ok ub im pow woj gm pt ds wg lek zob ул пер просп д
    кв корп стр с ст п пп гл рис табл проф акад доц им тов гр т.е напр см ср тел sig sigg dott
    avv pag blz dhr mevr bijv mudr judr č např tzv kl t.ex bl.a""".split()  # noqa: SIM905
)
# Shortened words that may also be the last of a sentence.
_TRAILING = frozenset(
    """etc inc ltd co corp bros jr al usw ff itd itp i.in r w zł tys mln mld proc godz p.m a.m
    н.э г гг в вв др т.д т.п руб коп тыс млн млрд чел мин ч jhd mio mrd eur cie ed eds u.a o.ä
    s.o s.u m.w a.c j.-c resp obl apod atd aj enz jan feb mar apr aug sept oct nov dec mon tue
    wed thu fri sat sun""".split()  # noqa: SIM905
)
_CLOSERS = r"(?:[”’»“\"')\]*_]|[ \u00a0\u202f]»|\[\d+\])*"
_STOP = re.compile(
    rf"(?:(?<![.!?…؟۔।॥])[.!?…؟۔।॥]+{_CLOSERS}(?P<gap>\s+)|[。！？｡．؟۔।॥]+…*[”’」』）)\"]*\s*)(?=\S)"
)
_GOES_ON = re.compile(
    r"[/=<>]|[”’»\"']?\s?[,;:)\]、，；：）”」』]|[-–—]+\s+[^\W\d_A-ZÀ-ÞĀĂĄĆČŁŃŚŠŹŻŽА-Я]"
)
_OPENERS = "\"'“„«‘‚¿¡([*_–—- \u00a0\u202f"
_QUOTES = "“「『"
_WORD = re.compile(r"[^\W_]+")
_BEFORE = re.compile(
    r"(?:\b[^\W_]{1,2}\.[ \u00a0\u202f-])+[^\W_]{1,2}$|[^\W_]+(?:(?:\.-|[-.’'])[^\W_]+)*$"
)
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}|[^\W\d_]|[ivxIVX]{2,5})")
_INITIALS = re.compile(r"(?:[^\W\d_a-zа-я]\.[\s-]?)*[^\W\d_a-zа-я]")
_MEASURE = re.compile(r"\d[\s\u00a0\u202f](?:\S{1,3}\s)?\S{1,4}$")
_ROMAN = re.compile(r"[IVXLC]+$")
_VOWEL = re.compile("[aeiouyäöüáéíóúàèìòùâêîôûåæøœąęóėěůűőаеёиоуыэюяіїєαεηιουωάέήίόύώ]", re.I)


class Sentences:
    """Cuts parts of one document, whose other words help to decide."""

    def __init__(self, text: str) -> None:
        self._text = text
        words = _WORD.findall(text)
        self._lower = {word for word in words if word[0].islower()}
        self.names = set(
            re.findall(r"(?<=[a-zà-ÿа-яąćęłńóśźż] )[A-ZÀ-ÞА-ЯŁŚŻŹĆ][^\W\d_]+", text)
        ) - {word.capitalize() for word in self._lower}
        self._has_capital_nouns = _has_capital_nouns(text)

    def spans(self, start: int = 0, end: int | None = None) -> Iterator[Span]:
        """Yield the sentences of `text[start:end]`, without the white space around them."""
        end = len(self._text) if end is None else end
        begin = start
        for stop in _STOP.finditer(self._text, start, end):
            if stop.end() < end and self._ends(stop, begin, end):
                yield from pieces(self._text, begin, stop.end())
                begin = stop.end()
        yield from pieces(self._text, begin, end)

    def _ends(self, stop: re.Match[str], begin: int, end: int) -> bool:
        """Whether a sentence that began at `begin` ends at a stop."""
        following = self._text[stop.end() : min(end, stop.end() + 40)]
        if stop["gap"] is None:
            return self._text[begin] not in _QUOTES or not _is_remark(stop.group(), following)
        if _GOES_ON.match(following):
            return False
        word = _WORD.match(following.lstrip(_OPENERS))
        if word and word.group()[0].islower():
            return False
        if not stop.group().startswith(".") or stop.group().startswith(".."):
            return True
        before = _BEFORE.search(self._text[max(begin, stop.start() - 24) : stop.start()])
        if before is None or not word:
            return True
        if before.start() == 0 and len(before.group()) <= 3 and self._numbers(begin, stop.start()):
            return False
        closed = stop.group()[1:].strip() != ""
        said = self._text[max(begin, stop.start() - SAID) : stop.start()]
        return closed or not self._shortened(before.group(), word.group(), said)

    def _numbers(self, begin: int, stop: int) -> bool:
        """Whether all that a sentence has so far is the number or letter of an item."""
        return _ENUMERATOR.fullmatch(self._text[begin:stop].strip()) is not None

    def _shortened(self, before: str, following: str, said: str) -> bool:
        """Whether a full stop belongs to the word before it, and the sentence goes on."""
        starts = following.lower() in self._lower
        word = re.split(r"[\s’']", before)[-1]
        name = re.sub(r"\s", "", before.lower())
        digit = following[0].isdigit()
        if word.isdigit() or (_ROMAN.match(word) and len(word) > 1):
            ordinal = len(word) <= 2 or not word.isdigit()
            return ordinal and not starts and not digit and self._has_capital_nouns
        if name in _LEADING or word.lower() in _LEADING:
            return digit or not (starts and len(word) > 2)
        if digit:
            return (len(word) <= 4 or word.endswith("str")) and word.isalpha()
        if name in _TRAILING or word.lower() in _TRAILING:
            known = following in self.names or len(said.split()) <= FRAGMENT
            return (known and not starts) or _is_acronym(following)
        if _INITIALS.fullmatch(before) or "." in name:
            return not starts
        if len(word) == 1 or (_is_acronym(word) and _is_acronym(following)):
            return not starts
        short = not _VOWEL.search(word) and not word.isupper() and word.isalpha()
        return short and not starts and not _MEASURE.search(said[-12:])


def split_sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the sentences of `text[start:end]`, without the white space around them."""
    return Sentences(text).spans(start, end)


def _has_capital_nouns(text: str) -> bool:
    """Whether words within sentences begin with a capital as often as in German."""
    words: list[str] = re.findall(r"(?<=[a-zà-ÿ,] )[^\W\d_]+", text[:20_000])
    return sum(word[0].isupper() for word in words) > 0.25 * len(words)


def _is_acronym(word: str) -> bool:
    return 2 <= len(word) <= 3 and word.isupper()


def _is_remark(stop: str, following: str) -> bool:
    """Whether a quotation, in a script without spaces, goes on in a few words (他喊道)."""
    closed = stop.rstrip()[-1:] in "”」』"
    return closed and re.match(rf"[^“「『：:]{{1,{REMARK}}}[。！？，]", following) is not None


def pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a span without the white space around it, cut between words where it is too long."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        space = max(text.rfind(gap, start + 1, start + LONGEST) for gap in " \n\t,，")
        cut = space + 1 if space > start else start + LONGEST
        yield from pieces(text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield Span(start, end)
