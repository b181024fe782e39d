"""Make rag/values.json: how languages write units of measure, currencies and dates.

    python -m evals.bench.make_values

All of it is Unicode's CLDR, as Babel carries it (a development dependency; Unicode licence).
Units come in their long and short forms, currencies by symbol, code and the noun of their plural.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel import Locale, localedata
from babel.core import get_global
from babel.numbers import get_territory_currencies

from rag.question import Asks
from rag.values import LONGEST

VALUES = Path(__file__).parents[2] / "rag" / "values.json"
LANGUAGES = """
    ar bg bn ca cs da de el en es fa fi fr he hi hr hu id it ja ko nb nl pl pt ro ru sk sr sv th tr
    uk vi zh
""".split()  # noqa: SIM905
"""Those with the most text on the web, of the embedding model's hundred."""
KINDS = {"length": Asks.LENGTH, "mass": Asks.MASS, "duration": Asks.DURATION}
SHARES = ("concentr-percent", "concentr-permille")
UNNAMED = ("angle", "concentr", "consumption", "graphics", "light")
"""Categories of units whose names are, or look like, other words."""
REPEATED = 2
"""In how many currencies of a language a noun (dollars) must stand to be one."""
UNSPACED = ("ja", "th", "zh")


def main() -> None:
    """Write the file."""
    found = {
        "units": units(),
        "currencies": sorted(set(currencies())),
        "multipliers": sorted(set(multipliers())),
        "dates": sorted(set(dates("wide"))),
        "short_dates": sorted(set(dates("abbreviated"))),
        "times": sorted(set(times())),
    }
    VALUES.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print({name: len(items) for name, items in found.items()})


def units() -> dict[str, str]:
    """Map each name of a unit to its kind; where languages differ, to that of most."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for language in LANGUAGES:
        said = {
            (name, kind)
            for unit, forms in _data(language)["unit_patterns"].items()
            if (kind := _kind(unit))
            for width in ("long", "short")
            for name in _names(forms.get(width, {}))
        }
        for name, kind in said:
            votes[name][kind] += 1
    return {name: max(kinds, key=lambda k: kinds[k]) for name, kinds in sorted(votes.items())}


def _kind(unit: str) -> Asks | None:
    category = unit.split("-")[0]
    if unit in SHARES:
        return Asks.SHARE
    return None if category in UNNAMED else KINDS.get(category, Asks.MEASURE)


def _names(forms: Mapping[str, Any]) -> Iterator[str]:
    for count, pattern in forms.items():
        name = str(pattern).replace("{0}", "").strip(" \u00a0\u202f\u200e\u200f")
        plain = name and "{" not in name and not any(map(str.isdecimal, name))
        if count != "per" and plain and len(name) <= LONGEST:
            yield name


def currencies() -> Iterator[str]:
    """Yield symbols, codes, and the nouns in plural names."""
    used = {code for place in get_global("territory_currencies") for code in _used(place)}
    yield from used
    for language in LANGUAGES:
        data = _data(language)
        yield from (symbol for code, symbol in data["currency_symbols"].items() if code in used)
        plurals = data["currency_names_plural"].items()
        forms = [{*said.values()} for code, said in plurals if code in used]
        yield from (name for names in forms for name in names if " " not in name)
        ends: list[Counter[str]] = [Counter(), Counter()]
        for names in forms:
            for side, found in zip((0, -1), ends, strict=True):
                found.update({name.split()[side] for name in names if " " in name})
        nouns = max(ends, key=lambda side: max(side.values(), default=0))
        yield from (noun for noun, n in nouns.items() if n >= REPEATED)
        if language in UNSPACED:
            last = Counter(name[-1] for names in forms for name in names)
            yield from (end for end, n in last.items() if n > REPEATED)


def _used(territory: str) -> list[str]:
    return get_territory_currencies(territory)


def multipliers() -> Iterator[str]:
    """Yield what stands between a number and its unit: thousand, Mio., 万."""
    for language in LANGUAGES:
        for width in ("long", "short"):
            for forms in _data(language)["compact_decimal_formats"][width].values():
                for pattern in forms.values():
                    name = (
                        str(getattr(pattern, "pattern", pattern))
                        .replace("'", "")
                        .strip("0 \u00a0\u202f\u200f")
                    )
                    if name and "0" not in name:
                        yield name


def dates(width: str) -> Iterator[str]:
    """Yield the names of months and days, as a language writes them inside a sentence."""
    for language in LANGUAGES:
        data = _data(language)
        for field in ("months", "days"):
            for context in ("format", "stand-alone"):
                yield from data[field][context][width].values()


def times() -> Iterator[str]:
    """Yield what stands after the number of an hour: Uhr, a.m., h."""
    for language in LANGUAGES:
        data = _data(language)
        for width in ("wide", "abbreviated"):
            periods = data["day_periods"]["format"][width]
            yield from (periods[name] for name in ("am", "pm") if name in periods)
        for skeleton in ("H", "h"):
            literals = re.findall(r"'([^']+)'", str(data["datetime_skeletons"].get(skeleton, "")))
            yield from (literal.strip() for literal in literals)


def _data(language: str) -> localedata.LocaleDataDict:
    data: dict[str | int | None, Any] = dict(localedata.load(Locale(language).language).items())
    return localedata.LocaleDataDict(data)


if __name__ == "__main__":
    main()
