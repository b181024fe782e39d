"""The setting IBID_LLM, `PROVIDER:NAME`, to a llama-index model, and any such model to Ibid's."""

import asyncio
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from ingest.errors import BadInputError, ModelError
from ingest.settings import Settings
from ingest.split import count_tokens
from rag.call import Call
from rag.model import LanguageModel, Message, Usage, reply_room

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

logger = logging.getLogger(__name__)

CONTEXT = 8192
"""Tokens of context for a model that does not tell its own."""
MAX_CHARACTERS = 12_000
"""Where a reply is cut that is longer than it may be."""
RETRIES = 2
"""How often a call that the server turns down for now (429, 5xx) is tried again, by the client."""
NOTHING_KEPT = httpx.Limits(max_keepalive_connections=0)
"""No connection stays open between two questions."""
_TELLS_USAGE = {"stream_options": {"include_usage": True}}
_SAID = {
    400: "did not take the request (HTTP 400)",
    401: "did not take the key (HTTP 401). Set IBID_LLM_KEY",
    403: "did not take the key (HTTP 403). Set IBID_LLM_KEY",
    404: "answered HTTP 404. Is that the model's name",
    429: "has no capacity left (HTTP 429): a rate limit, or the end of the credit",
}


def load_model(spec: str, settings: Settings) -> LanguageModel:
    """Return the model that a setting names; nothing is sent to it yet.

    Raises:
        BadInputError: no such provider, or its extra or its key is missing.
    """
    provider, _, name = spec.partition(":")
    if provider not in _PROVIDERS or not name:
        raise BadInputError(
            f"IBID_LLM={spec!r} names no language model. Write one of "
            f"{', '.join(f'{known}:{p.form}' for known, p in _PROVIDERS.items())}."
        )
    return _PROVIDERS[provider].load(name, settings)


class LlamaIndexModel:
    """Any llama-index chat model. `count` counts a text's tokens, tiktoken's when not given."""

    def __init__(
        self,
        llm: "LLM",
        name: str,
        context: int = CONTEXT,
        seconds: float = 60,
        count: Callable[[str], int] = count_tokens,
    ) -> None:
        self.name = name
        self.context = context
        self.count = count
        self._llm = llm
        self._seconds = seconds

    def stream(self, messages: Sequence[Message]) -> Generator[str | Usage, None, None]:
        """Yield the reply piece by piece, then what it took; "" while there is nothing new."""
        said = ""
        usage: Usage | None = None
        call = Call(self._pieces(messages))
        try:
            for piece in call:
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                yield piece
                said += piece
                if len(said) > MAX_CHARACTERS:
                    break
        except Exception as error:  # noqa: BLE001 any client raises its own
            logger.warning("%s: %s", self.name, type(error).__name__)
            raise self._explained(error) from None
        finally:
            call.cancel()
        prompt = sum(self.count(message.content) for message in messages) if not usage else 0
        yield usage or Usage(prompt, self.count(said))

    async def _pieces(self, messages: Sequence[Message]) -> AsyncIterator[str | Usage]:
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=message.role, content=message.content) for message in messages]
        async with asyncio.timeout(self._seconds):
            async for response in await self._llm.astream_chat(chat):
                if response.delta:
                    yield response.delta
                taken = _usage(response.additional_kwargs)
                if taken:
                    yield taken

    def _explained(self, error: Exception) -> ModelError:
        """Return what happened in our own words: a server's may be anything, a key among them."""
        status = getattr(error, "status_code", None)
        if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
            said = f"did not finish within {self._seconds:g} s (IBID_LLM_TIMEOUT)"
        elif isinstance(status, int):
            said = _SAID.get(status, f"failed (HTTP {status})")
        elif "Connect" in type(error).__name__:
            said = "cannot be reached"
        else:
            said = f"failed ({type(error).__name__})"
        return ModelError(f"The language model {self.name} {said}.")


def _usage(told: Mapping[str, Any]) -> Usage | None:
    prompt, completion = told.get("prompt_tokens"), told.get("completion_tokens")
    if isinstance(prompt, int) and isinstance(completion, int):
        return Usage(prompt, completion)
    return None


class _Provider(NamedTuple):
    form: str
    load: Callable[[str, Settings], LanguageModel]


def _openai(name: str, settings: Settings) -> LanguageModel:
    module = _extra("openai", "llama_index.llms.openai")
    key = _key(settings, "OPENAI_API_KEY", "openai")
    llm = module.OpenAI(
        model=name, api_key=key, additional_kwargs=_TELLS_USAGE, **_limits(settings)
    )
    context = settings.llm_context or _told(lambda: llm.metadata.context_window)
    return LlamaIndexModel(llm, f"openai:{name}", context, settings.llm_timeout)


def _openai_like(name: str, settings: Settings) -> LanguageModel:
    module = _extra("openai-like", "llama_index.llms.openai_like")
    url, _, model = name.rpartition("#")
    if urlsplit(url).scheme not in ("http", "https") or not model:
        raise BadInputError(
            f"IBID_LLM='openai-like:{name}' needs the address and the model's name: "
            "openai-like:http://127.0.0.1:8080/v1#NAME."
        )
    key = settings.llm_key.get_secret_value() if settings.llm_key else "none"
    llm = module.OpenAILike(api_base=url, **_like_openai(model, key, settings))
    context = settings.llm_context or CONTEXT
    return LlamaIndexModel(llm, f"openai-like:{model}", context, settings.llm_timeout)


def _anthropic(name: str, settings: Settings) -> LanguageModel:
    module = _extra("anthropic", "llama_index.llms.anthropic")
    key = _key(settings, "ANTHROPIC_API_KEY", "anthropic")
    llm = module.Anthropic(model=name, api_key=key, **_limits(settings))
    context = settings.llm_context or _told(lambda: llm.metadata.context_window)
    return LlamaIndexModel(llm, f"anthropic:{name}", context, settings.llm_timeout)


def _ollama(name: str, settings: Settings) -> LanguageModel:
    module = _extra("ollama", "llama_index.llms.ollama")
    context = settings.llm_context or CONTEXT
    llm = module.Ollama(
        model=name,
        base_url=os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434",
        request_timeout=settings.llm_timeout,
        context_window=context,
        temperature=0.0,
        additional_kwargs={"num_predict": reply_room(context)},
    )
    return LlamaIndexModel(llm, f"ollama:{name}", context, settings.llm_timeout)


def _llamacpp(name: str, settings: Settings) -> LanguageModel:
    """Serve a GGUF file from this process, to this process only."""
    path = Path(name)
    if not path.is_file():
        raise BadInputError(f"IBID_LLM='llamacpp:{name}': there is no such GGUF file.")
    cpp = _extra("llamacpp", "xllamacpp")
    module = _extra("llamacpp", "llama_index.llms.openai_like")
    context, key = settings.llm_context or CONTEXT, secrets.token_hex()
    wanted = cpp.CommonParams()
    wanted.model.path, wanted.n_ctx, wanted.n_parallel = str(path), context, 1
    wanted.hostnames, wanted.port, wanted.api_keys = ["127.0.0.1"], 0, [key]
    wanted.ui, wanted.offline, wanted.verbosity = False, True, 0
    server = cpp.Server(wanted)
    llm = module.OpenAILike(
        api_base=f"{server.listening_address}/v1",
        additional_kwargs=_TELLS_USAGE,
        **_like_openai(path.stem, key, settings),
    )
    return _Served(llm, f"llamacpp:{path.stem}", context, settings.llm_timeout, server, key)


class _Served(LlamaIndexModel):
    """A model with the server that it lives in; tokens are counted by the model's own tokenizer."""

    def __init__(
        self,
        llm: "LLM",
        name: str,
        context: int,
        seconds: float,
        server: Any,  # noqa: ANN401 xllamacpp has no types
        key: str,
    ) -> None:
        super().__init__(llm, name, context, seconds, self._count_there)
        self._server = server
        self._client = httpx.Client(
            base_url=server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            limits=NOTHING_KEPT,
        )

    def _count_there(self, text: str) -> int:
        try:
            answer = self._client.post("/tokenize", json={"content": text}).raise_for_status()
        except httpx.HTTPError:
            raise ModelError(f"The language model {self.name} does not count tokens.") from None
        return len(answer.json()["tokens"])


def _like_openai(model: str, key: str, settings: Settings) -> dict[str, Any]:
    return {
        "model": model,
        "api_key": key,
        "is_chat_model": True,
        "context_window": settings.llm_context or CONTEXT,
        "async_http_client": httpx.AsyncClient(limits=NOTHING_KEPT),
        **_limits(settings),
    }


def _limits(settings: Settings) -> dict[str, Any]:
    return {
        "temperature": 0.0,
        "max_tokens": reply_room(settings.llm_context or CONTEXT),
        "max_retries": RETRIES,
        "timeout": settings.llm_timeout,
    }


def _told(context: Callable[[], int]) -> int:
    """Return a model's context, where its package knows the model."""
    try:
        return context()
    except ValueError:
        return CONTEXT


def _key(settings: Settings, variable: str, provider: str) -> str:
    key = settings.llm_key.get_secret_value() if settings.llm_key else os.environ.get(variable)
    if not key:
        raise BadInputError(
            f"IBID_LLM={provider}:... needs a key. Run: export {variable}=... (or IBID_LLM_KEY)."
        )
    return key


def _extra(name: str, module: str) -> Any:  # noqa: ANN401 a module that may not be there
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise BadInputError(
            f"IBID_LLM={name}:... needs a package that is not installed. "
            f"Run: {sys.executable} -m pip install 'ibid[{name}]'"
        ) from None


_PROVIDERS = {
    "openai": _Provider("MODEL", _openai),
    "anthropic": _Provider("MODEL", _anthropic),
    "ollama": _Provider("MODEL", _ollama),
    "openai-like": _Provider("URL#MODEL", _openai_like),
    "llamacpp": _Provider("PATH", _llamacpp),
}
