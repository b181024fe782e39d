"""The setting IBID_LLM: what it takes, and what it says where something is missing."""

import sys
from pathlib import Path

import pytest

from ingest.errors import BadInputError
from rag import prompts
from rag.llm import load_model
from tests.conftest import run_ibid, settings_for

CASES = [
    ("gpt-4o", "openai:MODEL"),
    ("openai:", "openai:MODEL"),
    ("watson:x", "llamacpp:PATH"),
    ("openai-like:localhost", "openai-like:http://127.0.0.1:8080/v1#NAME"),
    ("openai-like:http://127.0.0.1:1/v1", "openai-like:http://127.0.0.1:8080/v1#NAME"),
    ("openai:gpt-4o", "export OPENAI_API_KEY"),
    ("anthropic:claude-sonnet-4-0", "export ANTHROPIC_API_KEY"),
    ("llamacpp:/nowhere/model.gguf", "no such GGUF file"),
]


@pytest.mark.parametrize(("spec", "said"), CASES)
def test_a_model_that_cannot_be_had_says_what_to_do(
    tmp_path: Path, spec: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(BadInputError, match=said):
        load_model(spec, settings_for(tmp_path, llm=spec))


@pytest.mark.parametrize(
    ("spec", "package", "extra"),
    [
        ("openai:gpt-4o", "llama_index.llms.openai", "openai"),
        ("anthropic:claude-sonnet-4-0", "llama_index.llms.anthropic", "anthropic"),
        ("ollama:qwen2.5", "llama_index.llms.ollama", "ollama"),
        ("openai-like:http://127.0.0.1:1/v1#x", "llama_index.llms.openai_like", "openai-like"),
        (f"llamacpp:{__file__}", "xllamacpp", "llamacpp"),
    ],
)
def test_a_missing_extra_says_the_line_to_run(
    tmp_path: Path, spec: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BadInputError, match=rf"-m pip install 'ibid\[{extra}\]'"):
        load_model(spec, settings_for(tmp_path, llm=spec, llm_key="k"))


@pytest.mark.parametrize(
    ("spec", "name", "context"),
    [
        ("openai:gpt-4o", "openai:gpt-4o", 128000),
        ("openai:not-known-yet", "openai:not-known-yet", 8192),
        ("anthropic:claude-sonnet-4-0", "anthropic:claude-sonnet-4-0", 1000000),
        ("ollama:qwen2.5:7b", "ollama:qwen2.5:7b", 8192),
        ("openai-like:http://me:pass@127.0.0.1:1/v1#a/b", "openai-like:a/b", 8192),
    ],
)
def test_each_provider_is_loaded_without_a_call(
    tmp_path: Path, spec: str, name: str, context: int
) -> None:
    model = load_model(spec, settings_for(tmp_path, llm=spec, llm_key="k"))
    assert (model.name, model.context) == (name, context)
    assert load_model(spec, settings_for(tmp_path, llm_key="k", llm_context=999)).context == 999


def test_the_command_shows_every_prompt(tmp_path: Path) -> None:
    done = run_ibid(tmp_path / "library", "prompts")
    shown = " ".join(done.stdout.split())
    told = {name: getattr(prompts, name) for name in dir(prompts) if name.isupper()}
    assert {name for name in told if name in shown.split()} == set(told)
    assert all(" ".join(text.split()) in shown for text in told.values() if isinstance(text, str))
    assert done.returncode == 0
