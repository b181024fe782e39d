"""Small words and a few others on which the sense of a sentence hangs, as general English has them.

The lists hold words for what they do in any text; none was chosen for the texts at hand.
"""

from ingest.words import stem


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


NEUTRAL = frozenset(
    """
    a an the that which who whom whose and but it its itself he him his himself she her hers herself
    they them their theirs themselves this these those i me my myself we us our ours ourselves you
    your yours yourself yourselves there here having do does did doing s re ve d m t
    isn aren wasn weren hasn haven hadn doesn don didn wouldn shan shouldn couldn mustn what
    how too yet also
    """.split()  # noqa: SIM905
)
"""Small words that may come and go."""

_OTHER_SMALL = """
    many several every much less least since despite although though whether toward towards
    among amid per via around along within beyond except unlike like instead almost nearly till
    upon following including throughout onto plus versus amongst behind beside besides near
    outside inside either enough fewer
""".split()  # noqa: SIM905

SENSE = {
    **{stem(word): word for word in _OTHER_SMALL},
    **{stem(word): "many" for word in ("numerous", "many")},
    **{stem(word): "only" for word in ("just", "merely", "solely")},
    "are": "is", "have": "has", "am": "is", "were": "was", "been": "was", "being": "be",
    "ll": "will", "shall": "will", "within": "in", "upon": "on", "till": "until",
    "towards": "toward",
    "'ll": "will", "amid": "during",
}  # fmt: skip
"""Small words by another that stands for the same."""

CONJUNCTIONS = frozenset({"and", "or", "but", "nor", "yet", "while", "whereas", "although"})
RELATIVE = frozenset({"who", "which", "whose", "whom", "where"})
_SUBORDINATING = """
    that because if unless when whether since as than before after until though so
""".split()  # noqa: SIM905
BREAKING = CONJUNCTIONS | RELATIVE | frozenset(_SUBORDINATING)

SAYING = _stems(
    """
    say says said state stated tell told add added note noted explain explained report reported
    write wrote accord according
    """
)
"""Words of saying that take no side, by their stems."""

TIMES = _stems(
    """
    yesterday today tomorrow now recently monday tuesday wednesday thursday friday saturday
    sunday week month year later earlier ago meanwhile then
    """
)
ADVERBS = TIMES | _stems(
    """
    still already soon often always ever even just however thus
    """
)

CONNECTIVES = _stems("therefore thus hence consequently accordingly thereby")
"""Words that make what they open the outcome of what stands before."""

UNSURE = _stems(
    """
    deny denies denied refuse refused reject rejected doubt doubted fail failed decline declined
    prevent prevented avoid avoided stop stopped block blocked cancel cancelled canceled ban
    banned forbid forbade forbidden prohibit prohibited abandon abandoned postpone postponed
    delay delayed fear feared hope hoped wish wished want wanted dream dreamed try tried attempt
    attempted seek sought aim aimed intend intended plan planned promise promised threaten
    threatened offer offered propose proposed ask asked demand demanded call called urge urged
    order ordered request requested expect expected predict predicted forecast believe believed
    think thought claim claimed allege alleged suspect suspected accuse accused suggest
    suggested argue argued assume assumed suppose supposed pretend pretended imagine imagined
    rumour rumor rumours rumors possibility possible impossible likely unlikely probable
    probably possibly perhaps maybe apparently allegedly reportedly supposedly seemingly
    presumably potential potentially former would-be fake false draft interim acting alleged
    unconfirmed hypothetical imaginary opportunity chance attempt proposal consider considered
    discuss discussed negotiate negotiated prepare prepared poised ready able unable ability
    need needed let allow allowed permit permitted agree agreed decide decided warn warned risk
    danger threat almost nearly roughly approximately virtually practically scarcely hardly
    barely rarely seldom partly partially mostly mainly largely usually sometimes occasionally
    theoretically ostensibly half-heartedly deputy vice never seem seems seemed appear appears
    appeared
    """
)
"""Words after which a thing is less than a fact, or the opposite of one, by their stems."""

PERFECT = frozenset({"has", "had"})
"""They may come and go, but not one for the other."""

CONDITIONS = frozenset({"if", "unless", "until"})

_ALIKE = """
    say says said tell told state add note explain report write wrote written accord according /
    begin start commence / help assist aid / many numerous / buy purchase / entire whole /
    big large / show demonstrate / begin began begun / begin start / started began /
    choose chose chosen select / happen occur / near close / attempt try / obtain get got /
    build construct / end finish / finally eventually / sometimes occasionally / film movie /
    car automobile / doctor physician / child children kid / people persons /
    roughly approximately / company firm / programme program / centre center / defence defense /
    labour labor / theatre theater / metre meter / kilometre kilometer /
    organisation organization / grey gray
"""
ALIKE: dict[str, str] = {}
"""Words that may stand for each other, by their stems, and the one that stands for all."""
for _group in _ALIKE.split("/"):
    for _word in _group.split():
        ALIKE.setdefault(stem(_word), ALIKE.get(stem(_group.split()[0]), stem(_group.split()[0])))

TAKEN_FOR_TRUE = frozenset({"although", "though", "while", "whereas", "because", "so", "as"})
"""Conjunctions before what is stated as a fact all the same."""
NOUNS = frozenset({"state", "states", "report", "reports", "note", "notes"})
"""Forms of words of saying that may be nouns."""
