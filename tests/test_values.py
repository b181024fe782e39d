"""The values in a text: numbers by their units, money, dates and times, in any language."""

import pytest

from rag.question import Asks
from rag.values import UNSAID, find_values, match


def kinds_of(text: str, header: str = "") -> dict[str, set[Asks]]:
    """Return the values of a text as written, with their kinds."""
    return {text[v.start : v.end]: set(v.kinds) for v in find_values(text, header)}


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("The bridge is closed to vehicles over 3.5 tonnes.", "3.5 tonnes", Asks.MASS),
        ("Die Strecke ist 12 Kilometer lang.", "12 Kilometer", Asks.LENGTH),
        ("nach 200 Kilometern", "200 Kilometern", Asks.LENGTH),
        ("The hall covers 450 m² on two floors.", "450 m²", Asks.MEASURE),
        ("мощность 15 кВт", "15 кВт", Asks.MEASURE),
        ("расход 3,4 кг/ч", "3,4 кг", Asks.MEASURE),
        ("kept for 72 hours", "72 hours", Asks.DURATION),
        ("a 43-year-old baker", "43-year", Asks.DURATION),
        ("保修3年", "3年", Asks.DURATION),
        ("Wóz kosztuje 180 tys. zł netto.", "180 tys. zł", Asks.MONEY),
        ("entrada: 2,75 €", "2,75 €", Asks.MONEY),
        ("a fine of $250", "$250", Asks.MONEY),
        ("rund 2,4 Millionen Euro", "2,4 Millionen Euro", Asks.MONEY),
        ("It will cost 3.4 million pounds.", "3.4 million pounds", Asks.MONEY),
        ("2,5 Mio. Tonnen Weizen", "2,5 Mio. Tonnen", Asks.MASS),
        ("票价50元", "50元", Asks.MONEY),
        ("34 per cent of them", "34 per cent", Asks.SHARE),
        ("höchstens 18 %", "18 %", Asks.SHARE),
        ("um 17 Uhr", "17 Uhr", Asks.TIME),
        ("at 6:40 a.m. on Tuesday", "6:40 a.m.", Asks.TIME),
        ("à 5 h 15", "5 h 15", Asks.TIME),
        ("末班车为20时30分", "20时30", Asks.TIME),
        ("on 6 Jan. 2020", "6", Asks.DATE),
        ("w dniu 28 lutego", "28", Asks.DATE),
        ("am 1.5.2020", "1.5.2020", Asks.DATE),
        ("seit 1899", "1899", Asks.DATE),
        ("in May it rains", "May", Asks.DATE),
        ("open on Thursdays", "Thursdays", Asks.DATE),
        ("14 stations", "14", Asks.COUNT),
    ],
)
def test_a_value_is_of_the_kind_that_its_unit_tells(text: str, written: str, kind: Asks) -> None:
    assert kind in kinds_of(text)[written]


@pytest.mark.parametrize(
    "text", ["It may rain.", "part H-2420", "room B12", "two men walked to the mill"]
)
def test_what_is_no_value_is_none(text: str) -> None:
    assert not find_values(text)


def test_a_header_says_of_what_kind_the_numbers_of_a_row_are() -> None:
    assert Asks.MASS in kinds_of("HS-4 | 12", header="Model | Weight (kg)")["12"]
    assert Asks.MASS not in kinds_of("HS-4 | 12", header="Model | Frames")["12"]


@pytest.mark.parametrize(
    ("asked", "text", "fit"),
    [
        (Asks.MONEY, "5 euros", 1.0),
        (Asks.MONEY, "5 hours", 0.0),
        (Asks.MONEY, "26.75", UNSAID),
        (Asks.DURATION, "the last ten days", UNSAID),
        (Asks.DATE, "17:30", 1.0),
        (Asks.TIME, "on Thursdays", UNSAID),
        (Asks.MONEY, "by 9 votes to 2 votes", 0.0),
        (Asks.NUMBER, "5 hours", 1.0),
        (Asks.COUNT, "5 hours", 0.0),
    ],
)
def test_a_value_answers_for_its_own_kind(asked: Asks, text: str, fit: float) -> None:
    assert max(match(asked, value.kinds) for value in find_values(text)) == fit
