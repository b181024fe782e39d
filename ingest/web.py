"""Articles and feeds from the web: at public addresses, as robots.txt allows, one at a time.

Nothing is sent before `Web.fetch` is called; what it returns is read by `ingest.read`.
"""

import re
import ssl
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from io import BytesIO
from pathlib import PurePosixPath
from threading import Lock
from time import monotonic
from typing import NamedTuple, Self

import feedparser
import httpcore
import httpx
from protego import Protego

from ingest.errors import UnreadableError
from ingest.network import Guard, Transport, addresses_of
from ingest.read import FORMATS, READERS, decode_labelled
from ingest.settings import Settings

ROBOT = "Ibid"
AGENT = f"{ROBOT}/{version('ibid')}"
SECONDS = 30
"""Longest that one address may take, with its robots.txt and its redirects."""
DELAY_SECONDS = 5
"""Longest wait between two requests that a robots.txt is granted."""
REDIRECTS = 5
ROBOTS_BYTES = 512_000
"""Of a longer robots.txt the rest is not read: https://www.rfc-editor.org/rfc/rfc9309#section-2.5"""
FEED_BYTES = 2_000_000
"""Largest feed: half a minute of work for one made to take long."""
ATTRIBUTES = 5000
"""Of one element: feedparser takes the square of their number in time."""

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/pdf": ".pdf",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "message/rfc822": ".eml",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_KIND = re.compile(r"[a-z0-9.+/_-]{1,99}")
_XML = re.compile(r"(?:text|application)/(?:\w+\+)?xml")
_MEDIA = re.compile(r"(?:image|audio|video|font)/")
_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?P<inner>\[.*?\]\s*)?>)*+"
    rb"<(?:\w+:)?(?:rss|feed|RDF)[\s/>]",
    re.DOTALL,
)
_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    zlib.error,
    OSError,
    ValueError,  # of what they make of an address or a header
)


class Fetched(NamedTuple):
    """What an address holds, as a file: its bytes, and a name whose suffix tells its kind.

    `url` is as it was asked for and `final_url` where redirects led, both as `normalise` has them.
    The name of a feed ends in .xml, which only `entries` reads.
    """

    url: str
    final_url: str
    name: str
    data: bytes


def normalise(url: str) -> str:
    """Return the one way in which an address is written, without its fragment.

    Raises:
        UnreadableError: it is none of http or https, or holds a user's name or password.
    """
    return str(_parse(url))


def entries(fetched: Fetched) -> list[str] | None:
    """Return the addresses of a feed's articles, in its order; None where this is no feed.

    Raises:
        UnreadableError: the feed is broken, or too large.
    """
    root = _FEED.match(fetched.data[:8192])
    if root is None:
        return None
    if root["inner"]:
        raise UnreadableError("its feed declares XML entities, which are not read")
    data = fetched.data.decode("utf-8", "replace").encode()  # addresses are ASCII in any encoding
    if len(data) > FEED_BYTES or max(tag.count(b"=") for tag in data.split(b"<")) > ATTRIBUTES:
        raise UnreadableError(f"its feed is too large (over {FEED_BYTES / 1e6:.0f} MB) or a trap")
    served = {
        "content-type": "application/xml; charset=utf-8",
        "content-location": fetched.final_url,
    }
    try:  # as a stream: of anything else feedparser asks whether it is an address or a path
        found = feedparser.parse(BytesIO(data), response_headers=served, sanitize_html=False)
    except Exception as error:  # noqa: BLE001 whatever its parsers stumble over
        raise UnreadableError(f"its feed is broken ({type(error).__name__})") from None
    if found.bozo and not found.entries:
        raise UnreadableError("its feed is broken, and lists no article")
    links: list[str] = []
    for link in (entry.link for entry in found.entries if entry.get("link")):
        with suppress(UnreadableError, httpx.InvalidURL):  # mailto: and the like
            links.append(normalise(str(httpx.URL(fetched.final_url).join(link))))
    return list(dict.fromkeys(links)) if found.version else None


class Web:
    """Fetches addresses, for one run: what a robots.txt said is not asked again.

    `seconds` bounds each fetch, `limit_mb` what it returns.
    """

    def __init__(
        self,
        settings: Settings,
        limit_mb: int,
        *,
        seconds: float = SECONDS,
        resolve: Callable[[str], list[str]] = addresses_of,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._limit_mb, self._seconds = limit_mb, seconds
        backend = backend or httpcore.SyncBackend()
        self._guard = Guard(backend, resolve, private=settings.fetch_private)
        self._client = httpx.Client(
            transport=Transport(self._guard),
            headers={"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"},
            timeout=None,  # noqa: S113 the guard's deadline bounds every wait
            trust_env=False,
        )
        self._robots: dict[httpx.URL, Protego | str] = {}
        self._asked: dict[httpx.URL, float] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._guard.close()

    def fetch(self, url: str) -> Fetched:
        """Return what an address holds.

        Raises:
            UnreadableError: whatever the reason; the next run may try again.
        """
        asked = _parse(url)
        with self._lock:
            self._guard.deadline = monotonic() + self._seconds
            self._client.cookies.clear()
            with self._open(asked) as response:
                return self._take(str(asked), response)

    @contextmanager
    def _open(self, url: httpx.URL, *, heed: bool = True) -> Iterator[httpx.Response]:
        """Ask for an address and follow its redirects; each must be allowed."""
        try:
            for _ in range(REDIRECTS + 1):
                if heed:
                    self._heed_robots(url)
                with self._client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = _redirected(url, response.headers["location"])
        except _FAILURES as error:
            raise UnreadableError(self._explain(url.host, error)) from None
        raise UnreadableError(
            f"{url.host} redirects more than {REDIRECTS} times; check the address"
        )

    def _heed_robots(self, url: httpx.URL) -> None:
        """Raise where robots.txt forbids an address; wait as long as it wants between two."""
        origin = url.copy_with(raw_path=b"/robots.txt")
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(origin)
        rules = self._robots[origin]
        if isinstance(rules, str):
            raise UnreadableError(rules)
        if not rules.can_fetch(str(url), ROBOT):
            raise UnreadableError(
                f"the robots.txt of {url.host} forbids programs to fetch it; save it in a browser"
            )
        delay = min(rules.crawl_delay(ROBOT) or 0, DELAY_SECONDS)
        wait = self._asked.get(origin, -DELAY_SECONDS) + delay - monotonic()
        if wait > 0:
            self._guard.sleep(wait)
        self._asked[origin] = monotonic()

    def _read_robots(self, url: httpx.URL) -> Protego | str:
        """Return the rules of a host, or why nothing may be fetched: RFC 9309, section 2.3.1."""
        try:
            with self._open(url, heed=False) as response:
                if response.status_code >= 500:
                    return f"the robots.txt of {url.host}: {_refusal(response)}"
                data = _body(response, ROBOTS_BYTES) if response.is_success else b""
        except UnreadableError as error:
            return str(error)
        return Protego.parse(data.decode("utf-8-sig", "replace"))

    def _take(self, url: str, response: httpx.Response) -> Fetched:
        """Read a response whose kind and size can be taken."""
        if not response.is_success:
            raise UnreadableError(_refusal(response))
        name, limit = _name(response), self._limit_mb * 1_000_000
        length = int(response.headers.get("content-length", 0))
        if length > limit or len(data := _body(response, limit + 1)) > limit:
            raise UnreadableError(f"it has more than {self._limit_mb} MB (IBID_MAX_UPLOAD_MB)")
        if response.charset_encoding and not name.endswith(".xml"):
            data = _in_utf8(data, response.charset_encoding)
        return Fetched(url, str(response.url), name, data)

    def _explain(self, host: str, error: Exception) -> str:
        cause = error.args[0] if error.args else error  # httpcore keeps what it caught there
        if isinstance(error, httpcore.TimeoutException):
            return f"{host} did not answer within {self._seconds:g} s; try again later"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"the certificate of {host} is not valid ({cause.verify_message}); where your "
                "network signs its own, name their authority in SSL_CERT_FILE"
            )
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection to {host} can be made ({cause.reason}); check the address"
        if isinstance(error, httpcore.ConnectError):
            reason = cause.strerror if isinstance(cause, OSError) else "no answer"
            return f"{host} cannot be reached ({reason}); check the address and your connection"
        return f"what {host} answered is broken or not whole; try again later"


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(str(httpx.URL(url.strip())))  # the second time drops HTTP's port 80
    except (httpx.InvalidURL, ValueError):
        raise UnreadableError("it is no address of the web; check it") from None
    named = 0 < len(parsed.host) < 254 and "%" not in parsed.host
    if parsed.scheme not in ("http", "https") or not named or (parsed.port or 0) > 65535:
        raise UnreadableError("it is no address of http or https; check it")
    if parsed.userinfo:
        raise UnreadableError("it holds a user's name or password; give the address without")
    return parsed.copy_with(raw_path=parsed.raw_path, fragment=None)


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    target = _parse(str(url.join(location)))
    if (url.scheme, target.scheme) == ("https", "http"):
        raise UnreadableError(f"{url.host} redirects from https to http, which is not safe")
    return target


def _refusal(response: httpx.Response) -> str:
    """Say what a status means that is no success."""
    status, wait = response.status_code, response.headers.get("retry-after", "")
    if status in (401, 402, 403, 407, 451):
        advice = "save the page in a browser, and ingest the file"
    elif wait or status == httpx.codes.TOO_MANY_REQUESTS or httpx.codes.is_server_error(status):
        advice = f"try again {f'in {wait} s' if re.fullmatch('[0-9]{1,6}', wait) else 'later'}"
    else:
        advice = "check the address"
    phrase = httpx.codes.get_reason_phrase(status) or "unknown"
    return f"{response.url.host} answers {status} ({phrase}); {advice}"


def _name(response: httpx.Response) -> str:
    """Return a name for a response as a file, its suffix told by its type, else by its path."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = kind if _KIND.fullmatch(kind) else ""
    path = PurePosixPath(response.url.path)
    suffix = path.suffix.lower() if path.suffix.lower() in READERS else ""
    told = _SUFFIXES.get(kind) or (".xml" if _XML.fullmatch(kind) else "")
    if not told and not _MEDIA.match(kind):
        told = suffix or (".txt" if kind == "text/plain" else "")
    if not told:
        raise UnreadableError(
            f"it is {kind or 'of a kind not told'}, which is not read ({FORMATS})"
        )
    stem = (path.stem if suffix else path.name) or response.url.host
    return (re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:60] or "page") + told


def _body(response: httpx.Response, most: int) -> bytes:
    """Return the body, uncompressed; of a longer one the first `most` bytes."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise UnreadableError(
            f"{response.url.host} packs it, but not in gzip as asked; save the page in a browser"
        )
    unzip = None if encoding == "identity" else zlib.decompressobj(wbits=31)
    data = bytearray()
    for chunk in response.iter_raw():
        data += unzip.decompress(chunk, most - len(data)) if unzip else chunk
        if len(data) >= most or (unzip and unzip.eof):
            return bytes(data[:most])
    if unzip and data:
        raise zlib.error
    return bytes(data)


def _in_utf8(data: bytes, label: str) -> bytes:
    """Return text in UTF-8, from the encoding that its sender names.

    That goes before what a page says of itself, as in browsers, but not before a mark or letters
    that are UTF-8. The reader of pages takes UTF-8 for what it is, whatever they say.
    """
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    text = decode_labelled(data, label)
    return data if text is None else text.encode()
