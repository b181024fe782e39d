"""Settings, read once from the environment (or a `.env` file) at the entry point."""

from hmac import compare_digest
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import BadInputError


class Settings(BaseSettings):
    """All settings; each is the environment variable of its name with the prefix `IBID_`."""

    model_config = SettingsConfigDict(
        env_prefix="IBID_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    library: Path = Field(Path(".ibid"), description="folder of the library")
    corpus: Path = Field(Path("corpus"), description="folder ingested when no path is given")
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the server listens on; 0 picks one")
    chroma_url: str | None = Field(
        None, description="a Chroma server (http://host:port); embedded Chroma when unset"
    )
    embedding: str = Field(
        "e5-small",
        description="'e5-small', or a folder with model.onnx, tokenizer.json and ibid.json",
    )
    llm: str | None = Field(
        None,
        description="a language model that chooses among the articles' sentences: openai:MODEL, "
        "anthropic:MODEL, ollama:MODEL, openai-like:URL#MODEL or llamacpp:PATH; none when unset",
    )
    llm_key: SecretStr | None = Field(
        None, description="the model's key; OPENAI_API_KEY or ANTHROPIC_API_KEY when unset"
    )
    llm_timeout: float = Field(
        60, gt=0, description="longest wait for one reply of the model, in seconds"
    )
    llm_context: int | None = Field(
        None, ge=512, description="tokens the model can read and write; its own when it tells"
    )
    llm_price: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+)?,\d+(\.\d+)?$",
        description="US dollars for a million tokens read and written, as 0.15,0.60",
    )
    summary: bool = Field(
        False,
        description="let the language model sum up the statements in its own words, not checked",
    )
    api_keys: SecretStr | None = Field(
        None,
        description="comma-separated keys that the API and the chat page demand; KEY:read may not "
        "change the library",
    )
    allowed_hosts: str = Field(
        "", description="comma-separated names of this server, beside localhost and its addresses"
    )
    allowed_origins: str = Field(
        "", description="comma-separated origins (https://host) whose pages may use the API"
    )
    rate_limit: str | None = Field(
        None,
        pattern=r"^[1-9]\d*/(second|minute|hour|day)$",
        description="most requests of one key or address, as 60/minute; no limit when unset",
    )
    log_format: Literal["text", "json"] = Field("text", description="how log lines are written")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="what is logged; info has a line a request, without the question"
    )
    otlp_url: str | None = Field(
        None, description="an OpenTelemetry collector (http://host:4317) that is sent traces"
    )
    log_questions: bool = Field(False, description="log the questions too")
    max_upload_mb: int = Field(20, ge=1, description="largest article accepted, in megabytes")
    fetch_private: bool = Field(
        False, description="fetch from addresses inside your network too, not public ones only"
    )

    @property
    def price(self) -> tuple[float, float] | None:
        """US dollars for a token that the model reads, and for one that it writes."""
        if not self.llm_price:
            return None
        read, written = map(float, self.llm_price.split(","))
        return read / 1e6, written / 1e6

    def is_key(self, given: str, scope: Literal["read", "write"] = "read") -> bool:
        """Whether this is one of the keys with that scope; any is while none are set."""
        keys = self.names(self.api_keys.get_secret_value()) if self.api_keys else set()
        return not keys or any(_opens(key, given, scope) for key in keys)

    @staticmethod
    def names(listed: str) -> set[str]:
        """Return what a setting lists between commas."""
        return {item.strip() for item in listed.split(",") if item.strip()}


def _opens(key: str, given: str, scope: str) -> bool:
    """Whether a key of the settings, `KEY` or `KEY:read`, is the one given and has a scope."""
    name, mark, end = key.rpartition(":")
    only_reads = bool(mark) and end == "read"
    if only_reads and scope == "write":
        return False
    return compare_digest(given.encode(), (name if only_reads else key).encode())


def load_settings() -> Settings:
    """Read the settings; a value that cannot be used is named with its variable."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"IBID_{str(item['loc'][0]).upper()}={item['input']!r}: {item['msg'].lower()}"
            for item in error.errors()
        )
        raise BadInputError(f"A setting cannot be used: {problems}.") from None
