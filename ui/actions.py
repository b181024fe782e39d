"""The buttons of what can be done with an answer."""

FORMATS = {"md": "Markdown", "html": "HTML", "json": "JSON"}
THUMB = (
    "M7 10v10H4V10h3zm3 10h7.5a2 2 0 0 0 2-1.6l1.2-6A2 2 0 0 0 18.8 10H14l.8-4.2"
    "A1.8 1.8 0 0 0 11.5 4.6L10 10z"
)


def answer_actions(*, again: bool, taken: bool, rated: bool) -> str:
    """Return the buttons that ask again, take an answer away, and rate it; those there are."""
    buttons = [
        _button("copy", "Copy") if taken else "",
        _button("retry", "Ask again") if again else "",
        _export() if taken else "",
        "".join(map(_thumb, ("good", "bad"))) if rated else "",
    ]
    shown = "".join(buttons)
    return (
        f'<div class="actions" role="group" aria-label="This answer">{shown}</div>' if shown else ""
    )


def _button(name: str, label: str) -> str:
    return f'<button type="button" data-do="{name}">{label}</button>'


def _export() -> str:
    formats = "".join(
        f'<button type="button" data-do="export" data-format="{name}">{label}</button>'
        for name, label in FORMATS.items()
    )
    return f'<details class="menu"><summary>Export</summary><div>{formats}</div></details>'


def _thumb(rating: str) -> str:
    return (
        f'<button type="button" class="thumb {rating}" data-do="rate" data-rating="{rating}" '
        f'aria-label="This answer is {rating}" title="This answer is {rating}">'
        f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{THUMB}"/></svg></button>'
    )
