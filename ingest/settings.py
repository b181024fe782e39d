"""Settings, read once from the environment (or a `.env` file) at the entry point."""

from hmac import compare_digest
from pathlib import Path

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
        "minilm",
        description="'minilm' (packaged) or a folder with model.onnx and tokenizer.json",
    )
    api_keys: SecretStr | None = Field(
        None, description="comma-separated keys that the API and the chat page demand"
    )
    max_upload_mb: int = Field(20, ge=1, description="largest article accepted, in megabytes")

    def is_key(self, given: str) -> bool:
        """Whether this is one of the keys; any is while none are set."""
        keys = self.api_keys.get_secret_value().split(",") if self.api_keys else []
        allowed = [key.strip().encode() for key in keys if key.strip()]
        return not allowed or any(compare_digest(given.encode(), key) for key in allowed)


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
