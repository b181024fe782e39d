"""Ways to make a false statement of true sentences, each by rules of its own on the raw text.

What is made is meant to be unsupported by the quotes it names, not to be good English: a verdict
must refuse it whoever writes it. No rule uses the reading that the verdict uses.
"""

from evals.bench.altered import ALTERATIONS
from evals.bench.falsehoods.added import ADDED
from evals.bench.falsehoods.certainty import CERTAINTY
from evals.bench.falsehoods.form import FORM
from evals.bench.falsehoods.moved import MOVED
from evals.bench.falsehoods.place import Falsehood, Lie, Place, altered
from evals.bench.falsehoods.sense import SENSE
from evals.bench.falsehoods.values import VALUES

__all__ = ["LIES", "Falsehood", "Lie", "Place"]

LIES: dict[str, Lie] = {
    **{kind: altered(kind) for kind in ALTERATIONS},
    **VALUES,
    **MOVED,
    **SENSE,
    **CERTAINTY,
    **ADDED,
    **FORM,
}
"""The kinds of falsehood, each with what makes one of a sentence."""
