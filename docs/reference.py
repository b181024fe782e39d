"""Write docs/reference from the program itself: `python docs/reference.py [FOLDER]`."""

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import typer.main
from pydantic import BaseModel

from ingest.settings import Settings
from rag.build import Ibid
from ui.api import create_app
from ui.cli import app

FOOT = "<!-- Made by `python docs/reference.py`; do not edit. -->\n"
PYTHON = {
    "Opening a library": [
        "ingest.settings.load_settings", "ingest.settings.Settings", "rag.build.build",
        "rag.build.Ibid",
    ],
    "Asking": ["rag.engine.Engine", "ingest.library.Filters", "rag.types.Turn",
               "rag.nodes.PassageRetriever"],
    "What an answer is": ["rag.types.Answer", "rag.types.Statement", "rag.types.Citation",
                          "rag.types.Refusal"],
    "Checking": ["rag.check.Checker", "rag.check.Check", "rag.verify.read_answer",
                 "rag.verify.verify", "rag.verify.Verification"],
    "Ingesting": ["ingest.pipeline.ingest_paths", "ingest.pipeline.ingest_bytes",
                  "ingest.types.Outcome", "ingest.library.Library"],
}  # fmt: skip


def commands() -> str:
    """Return every command with its help, options and arguments."""
    program = typer.main.get_command(app)
    for point in entry_points(group="ibid.commands"):
        cast(Any, program).add_command(typer.main.get_command(point.load()), point.name)
    return "# Commands\n\n" + "\n".join(_command(program, "ibid"))


def _command(command: Any, path: str) -> Iterator[str]:  # noqa: ANN401 typer's own click
    yield f"## {path}\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    rows = [_parameter(one) for one in command.params if one.name != "help"]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"
    for name, one in getattr(command, "commands", {}).items():
        yield from _command(one, f"{path} {name}")


def _parameter(one: Any) -> str:  # noqa: ANN401
    named = (
        [*one.opts, *one.secondary_opts]
        if one.param_type_name == "option"
        else [one.metavar or one.name.upper()]
    )
    return f"| `{'`, `'.join(named)}` | {getattr(one, 'help', None) or ''} |"


def settings() -> str:
    """Return every setting with its default."""
    rows = [
        f"| `IBID_{name.upper()}` | {field.description} | {_default(field.default)} |"
        for name, field in Settings.model_fields.items()
    ]
    return (
        "# Settings\n\nFrom the environment, or a `.env` file where the command is run. "
        "`ibid config` shows each with its value and where that comes from, and no key.\n\n"
        "| variable | what it sets | default |\n|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "With `IBID_API_KEYS` set, the API wants `Authorization: Bearer KEY`, and the page a "
        "login: any name, and a key as the password, one that may change the library.\n"
    )


def _default(value: object) -> str:
    return "" if value in (None, "") else f"`{str(value).lower() if value is False else value}`"


def http() -> str:
    """Return every path of the HTTP API with what it takes and gives."""
    counts = SimpleNamespace(count_articles=int, count_passages=int)
    unopened = SimpleNamespace(settings=Settings.model_construct(), library=counts)
    schema = create_app(cast(Ibid, unopened)).openapi()
    text = [
        "# HTTP API\n\nA server has the same at `/docs`, with examples to try, and the schema at "
        "`/openapi.json`. An error is a problem (RFC 9457): `detail` says what to do. A client "
        "that goes away stops the work on its answer. Where `IBID_API_KEYS` is set, a request "
        "needs the header `Authorization: Bearer KEY`.\n"
    ]
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            text.append(f"## {method.upper()} {path}\n\n{told.get('description', '')}\n")
            parameters = [
                f"- `{one['name']}` ({one['in']}): {one.get('description', _kind(one['schema']))}"
                for one in told.get("parameters", [])
                if one["name"] != "authorization"
            ]
            body = told.get("requestBody", {}).get("content", {})
            parameters += [f"- body: {_kind(one['schema'])}" for one in body.values()]
            good = [one for code, one in told["responses"].items() if code.startswith("2")]
            content = good[0].get("content", {}).get("application/json", {}).get("schema")
            if content:
                parameters.append(f"- gives: {_kind(content)}")
            text.append("\n".join(parameters) + "\n" if parameters else "")
    text.append("## What it takes and gives\n")
    for name, told in schema["components"]["schemas"].items():
        text.append(f"### {name}\n\n{told.get('description', '')}\n")
        fields = [
            f"| `{field}` | {_kind(one)} | {one.get('description', '')} |"
            for field, one in told.get("properties", {}).items()
        ]
        if fields:
            text.append("\n".join(["| field | type | |", "|---|---|---|", *fields]) + "\n")
    return "\n".join(part for part in text if part)


def _kind(told: dict[str, Any]) -> str:
    """Return a JSON schema's type in words."""
    if "$ref" in told:
        name = told["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in told:
        return " or ".join(dict.fromkeys(_kind(one) for one in told["anyOf"]))
    if told.get("type") == "array":
        return f"list of {_kind(told.get('items', {}))}"
    if "enum" in told or "const" in told:
        return ", ".join(f"`{one}`" for one in told.get("enum", [told.get("const")]))
    return str(told.get("type", "any"))


def python() -> str:
    """Return what other programs may build on, from its docstrings."""
    text = [
        "# Python API\n\nWhat other programs may build on; the rest may change. Every error that "
        "a user can meet is an `IbidError`:\n",
        f"```text\n{inspect.getdoc(import_module('ingest.errors'))}\n```\n",
    ]
    for title, names in PYTHON.items():
        text.append(f"## {title}\n")
        text += [_described(name) for name in names]
    return "\n".join(text)


def _described(name: str) -> str:
    module, _, own = name.rpartition(".")
    thing = getattr(import_module(module), own)
    text = [
        f"### {name}\n",
        f"```text\n{_signature(thing, own)}\n```\n",
        f"{inspect.getdoc(thing)}\n",
    ]
    if inspect.isclass(thing) and not issubclass(thing, Settings):
        methods = [
            f"- `{key}{_arguments(one)}`: {(inspect.getdoc(one) or '').splitlines()[0]}"
            for key, one in vars(thing).items()
            if inspect.isfunction(one) and not key.startswith("_")
        ]
        text += ["\n".join(methods) + "\n"] if methods else []
    return "\n".join(text)


def _signature(thing: Any, name: str) -> str:  # noqa: ANN401
    if inspect.isclass(thing) and issubclass(thing, BaseModel):
        if issubclass(thing, Settings):
            return f"{name}(**values)"
        return f"{name}({', '.join(thing.model_fields)})"
    return f"{name}{_arguments(thing)}"


def _arguments(thing: Any) -> str:  # noqa: ANN401
    given = inspect.signature(thing)
    plain = [
        one.replace(annotation=inspect.Parameter.empty)
        for one in given.parameters.values()
        if one.name != "self"
    ]
    return str(given.replace(parameters=plain, return_annotation=inspect.Signature.empty))


def main(folder: Path) -> None:
    """Write the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in (commands, settings, http, python):
        text = f"{page().rstrip()}\n\n{FOOT}"
        (folder / f"{page.__name__}.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else Path(__file__).parent / "reference")
