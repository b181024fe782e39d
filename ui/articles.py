"""`ibid articles`: list, show and remove what the library holds."""

import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from ingest.errors import BadInputError, NotFoundError
from ingest.settings import load_settings
from ui.doors import open_door
from ui.terminal import errors, escape, output, print_json

WIDTH = 10_000
"""Characters a row may have where nobody's terminal limits it."""
_TOLD = ("id", "title", "author", "publisher", "published", "url", "sha256")

app = typer.Typer(
    help="List, show and remove the library's articles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="print it as the API gives it")]


@app.command("list")
def list_articles(as_json: AsJson = False) -> None:
    """List the articles: id, title, publisher, date and number of passages.

    Exit codes: 0 listed, 1 failed, 2 bad use.

    Example: ibid articles list
    """
    with open_door(load_settings(), "ibid articles") as door:
        articles = door.articles()
    if as_json:
        print_json(articles)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("id", no_wrap=True)
    for name in ("title", "publisher"):
        table.add_column(name, overflow="fold")
    table.add_column("date", no_wrap=True)
    table.add_column("passages", justify="right")
    for article in articles:
        named = [article[name] or "" for name in ("id", "title", "publisher", "published")]
        table.add_row(*map(escape, named), str(article["passages"]))
    if not output.is_terminal:
        output.width = WIDTH
    output.print(table)


@app.command()
def show(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="as 'list' and citations say it")],
    as_json: AsJson = False,
) -> None:
    """Show an article: what is known of it, then its text.

    Exit codes: 0 shown, 1 failed, 2 no such article.

    Example: ibid articles show 003_ba50ad80150e0fb4
    """
    with open_door(load_settings(), "ibid articles") as door:
        article = door.article(article_id)
    if as_json:
        print_json(article)
        return
    for name in _TOLD:
        if article[name]:
            output.print(f"{name:<10} {escape(article[name])}")
    for earlier in article["versions"]:
        output.print(f"{'earlier':<10} {earlier['sha256']}, until {earlier['replaced']}")
    output.print()
    output.print(escape(article["text"]))


@app.command()
def remove(
    article_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="articles to remove")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Remove articles with their earlier texts; a file that one came from stays.

    It comes back with the next ingest: move the file away as well.

    Exit codes: 0 removed, 1 failed or not confirmed, 2 no such article.

    Example: ibid articles remove 003_ba50ad80150e0fb4 --yes
    """
    chosen = list(dict.fromkeys(article_ids))
    with open_door(load_settings(), "ibid articles") as door:
        known = {article["id"]: article for article in door.articles()}
        unknown = [article_id for article_id in chosen if article_id not in known]
        if unknown:
            raise NotFoundError(
                f"There is no article {', '.join(map(repr, unknown))}; 'ibid articles list' has "
                "those there are. Nothing was removed."
            )
        if not yes:
            _confirm([known[article_id] for article_id in chosen])
        for article_id in chosen:
            door.remove(article_id)
    output.print(
        f"{len(chosen)} removed. A file that one came from stays, and with the next ingest it "
        "comes back."
    )


def _confirm(articles: list[dict[str, Any]]) -> None:
    """Ask on a terminal, and end the command without a yes."""
    if not sys.stdin.isatty():
        raise BadInputError("Nobody can be asked whether to remove: give --yes. Nothing was done.")
    for article in articles:
        errors.print(f"{escape(article['id'])}  {escape(article['title'])}")
    typer.confirm("Remove, with earlier texts that saved answers may quote?", abort=True, err=True)
