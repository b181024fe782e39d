"""A YAML list as checked items; what is wrong is said with its file, line and item."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import BadInputError


class Part(BaseModel):
    """Part of an item; a field that does not exist is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(Part):
    """One item of a list, under an id of its own."""

    id: str


Kind = TypeVar("Kind", bound=Item)


def load_items(
    path: Path, model: type[Kind], check: Callable[[Kind], None] = lambda _: None
) -> list[Kind]:
    """Read a list of items; `check` raises ValueError for one that is wrong otherwise.

    Raises:
        BadInputError: with the line and what is wrong there.
    """
    found: dict[str, Kind] = {}
    for node, value in _nodes(path):
        name = value.get("id", "an item") if isinstance(value, dict) else "an item"
        try:
            item = model.model_validate(value)
            check(item)
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{path}:{_line(node, first['loc'])}: {name}: "
            place = ".".join(map(str, first["loc"]))
            said = f"{place}: {first['msg']}" if place else first["msg"]
            raise BadInputError(where + said) from None
        except ValueError as error:
            raise BadInputError(f"{path}:{_line(node)}: {name}: {error}") from None
        if item.id in found:
            raise BadInputError(f"{path}:{_line(node)}: the id {item.id!r} is there twice.")
        found[item.id] = item
    return list(found.values())


def _nodes(path: Path) -> list[tuple[yaml.Node, Any]]:
    """Return the items of a YAML list, as nodes that know their lines, and as values."""
    try:
        source = path.read_text("utf-8")
        node, values = yaml.compose(source, yaml.SafeLoader), yaml.safe_load(source)
    except OSError as error:
        raise BadInputError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not YAML: {error}") from None
    if not isinstance(node, yaml.SequenceNode) or not values:
        raise BadInputError(f"{path}: it must be a list of items, each beginning with '- id:'")
    return list(zip(node.value, values, strict=True))


def _line(node: yaml.Node, location: tuple[int | str, ...] = ()) -> int:
    """Return the line, from 1, of what stands at a location within a node."""
    for step in location:
        children: dict[int | str, yaml.Node] = {}
        if isinstance(node, yaml.MappingNode):
            children = {key.value: child for key, child in node.value}
        elif isinstance(node, yaml.SequenceNode):
            children = dict(enumerate(node.value))
        node = children.get(step, node)
    return int(node.start_mark.line) + 1
