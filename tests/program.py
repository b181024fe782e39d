"""The command line as typer makes it, with the commands that are plugged in."""

from importlib.metadata import entry_points
from typing import Any

import typer.main

from ui.cli import app


def program() -> Any:
    """Return the whole command."""
    command: Any = typer.main.get_command(app)
    for point in entry_points(group="ibid.commands"):
        command.add_command(typer.main.get_command(point.load()), point.name)
    return command


def parse(words: list[str]) -> None:
    """Raise unless these words are a command with options and arguments that it takes."""
    command = program()
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    command.make_context("ibid", words)
