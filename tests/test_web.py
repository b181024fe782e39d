"""Fetching from a server on this machine: what is taken, what is refused, and how it says so."""

import gzip
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import httpcore
import pytest

from ingest.errors import BadInputError, UnreadableError
from ingest.files import is_url
from ingest.read import read
from ingest.settings import Settings
from ingest.web import AGENT, Fetched, Web, entries, normalise

PUBLIC = "93.184.215.14"
HTML = {"Content-Type": "text/html"}
PAGE = b"<html><body><article><p>The ferry to the island leaves at seven.</p></article></body>"


class Reply(NamedTuple):
    status: int = 200
    headers: dict[str, str] = HTML
    body: bytes = PAGE
    wait: float = 0
    """Seconds before each byte of the body; the headers too where `slow_headers`."""
    slow_headers: bool = False


class Site(ThreadingHTTPServer):
    """Gives the replies it is told to, by path, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is no error."""


class Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        reply = self.server.replies.get(self.path, Reply(404))
        if reply.slow_headers:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
            self.drip(b"x" * 50, reply.wait)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Connection", "close")
        self.end_headers()
        self.drip(reply.body, reply.wait) if reply.wait else self.wfile.write(reply.body)

    def drip(self, data: bytes, wait: float) -> None:
        for byte in data:
            time.sleep(wait)
            self.wfile.write(bytes([byte]))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Plain(httpcore.NetworkStream):
    """A connection on which TLS is agreed at once, and is none."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, timeout)

    def close(self) -> None:
        self.stream.close()

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self


class Everywhere(httpcore.NetworkBackend):
    """A network in which every address leads to one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.connected: list[str] = []
        self.waits: list[float] = []
        self.slept: list[float] = []

    def connect_tcp(self, host: str, port: int, timeout: Any = None, *_: Any, **__: Any) -> Any:
        assert port
        self.connected.append(host)
        self.waits.append(timeout)
        local = httpcore.SyncBackend()
        return Plain(local.connect_tcp("127.0.0.1", self.site.server_port, timeout))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        time.sleep(min(seconds, 0.3))


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def network(site: Site) -> Everywhere:
    return Everywhere(site)


def web(*, private: bool = False, **others: Any) -> Web:
    return Web(Settings(_env_file=None, fetch_private=private), limit_mb=1, **others)


def fetch(url: str, **others: Any) -> Fetched:
    with web(private=True, **others) as opened:
        return opened.fetch(url)


def refused(url: str, **others: Any) -> str:
    """Return the one line with which an address is refused."""
    with web(**{"private": True, **others}) as opened, pytest.raises(UnreadableError) as caught:
        opened.fetch(url)
    message = str(caught.value)
    assert message.isprintable()
    assert 0 < len(message) < 300
    assert caught.value.__cause__ is None
    return message


def resolver(**names: str) -> Callable[[str], list[str]]:
    """Return a resolver that knows these names, with _ for dots; an address is its own."""
    return lambda host: names.get(host.replace(".", "_"), host).split()


# Addresses ------------------------------------------------------------------------------------


def test_an_address_of_the_web_is_told_from_a_path() -> None:
    assert is_url("https://example.org/a")
    assert is_url(" HTTP://example.org")
    assert not any(map(is_url, ("a/b.html", "/http://x", "ftp://x.org", "https:", "http://")))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTP://Example.org:80", "http://example.org/"),
        ("https://example.org:443/a/../b?x=%20#part", "https://example.org/b?x=%20"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("http://example.org:8080?a=b", "http://example.org:8080/?a=b"),
    ],
)
def test_an_address_is_kept_in_one_way(given: str, kept: str) -> None:
    assert normalise(given) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://x.org/a", "http://", "http:///a", "http://h:99999/", "x", "http://[",
     f"http://{'a.' * 200}b/", "http://a\nb/", "http://h/\udc80"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    assert "it is no address of" in refused(url)


@pytest.mark.parametrize("url", ["http://joe:secret@example.org/", "http://secret@example.org/"])
def test_a_password_is_refused_and_not_repeated(url: str) -> None:
    assert "secret" not in refused(url)
    with pytest.raises(UnreadableError, match="password"):
        normalise(url)


# What is fetched ------------------------------------------------------------------------------


def test_a_page_is_fetched_and_read(site: Site) -> None:
    site.replies["/news/a?b=c"] = Reply()
    found = fetch(f"{site.url}/news/a?b=c#part")
    address = f"{site.url}/news/a?b=c"
    assert found == Fetched(address, address, "a.html", PAGE)
    assert "leaves at seven" in read(found.name, found.data, 1).text
    assert site.paths == ["/robots.txt", "/news/a?b=c"]
    headers = site.asked[1][1]
    assert headers["user-agent"] == AGENT
    assert AGENT.startswith("Ibid/")
    assert not {"cookie", "authorization", "referer"} & headers.keys()


def test_a_connection_is_kept_and_its_time_counted_anew(network: Everywhere) -> None:
    headers = {**HTML, "Content-Length": str(len(PAGE))}
    slow = Reply(headers=headers, wait=0.3 / len(PAGE))
    network.site.replies = {"/robots.txt": Reply(headers=headers), "/a": slow, "/b": slow}
    with web(private=True, backend=network, seconds=0.5) as opened:
        assert opened.fetch("http://127.0.0.1/a").data == PAGE
        assert opened.fetch("http://127.0.0.1/b").data == PAGE
    assert network.connected == ["127.0.0.1"]
    assert 0 < network.waits[0] <= 0.5


def test_nothing_is_sent_before_fetch(network: Everywhere) -> None:
    with web(private=True, backend=network):
        pass
    assert network.connected == []


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/", "text/html", "127.0.0.1.html"),
        ("/a.php", "text/html; charset=utf-8", "a.php.html"),
        ("/a.htm", "TEXT/HTML", "a.html"),
        ("/...", "text/html", "page.html"),
        (f"/{'%C3%A9' * 99}", "text/html", f"{'é' * 60}.html"),
        ("/report.aspx?x", "application/pdf", "report.aspx.pdf"),
        ("/notes.md", "text/plain", "notes.md"),
        ("/notes", "text/plain", "notes.txt"),
        ("/table.csv", "application/octet-stream", "table.csv"),
        ("/a%20b%2F..%2Fc.pdf", "application/x-download", "c.pdf"),
        ("/feed", "application/rss+xml", "feed.xml"),
        ("/page", "application/xhtml+xml", "page.xhtml"),
        ("/%D0%9C%D0%B8%D0%BD%D1%81%D0%BA", "text/html", "Минск.html"),
    ],
)
def test_its_name_tells_its_kind(site: Site, path: str, kind: str, name: str) -> None:
    site.replies[path] = Reply(headers={"Content-Type": kind})
    assert fetch(site.url + path).name == name


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/a.html", {"Content-Type": "image/png"}),
        ("/a", {"Content-Type": "application/json"}),
        ("/a", {}),
        ("/a", {"Content-Type": "\x1b[31m" + "x" * 5000}),
    ],
)
def test_what_no_reader_reads_is_refused(site: Site, path: str, headers: dict[str, str]) -> None:
    site.replies[path] = Reply(headers=headers)
    assert "is not read (.txt" in refused(site.url + path)


WORDS = "Паром на остров отходит в семь часов утра, и билет стоит сорок рублей."


@pytest.mark.parametrize("meta", ["", "<meta charset=utf-8>", "<meta charset=koi8-r>"])
def test_the_charset_of_the_header_goes_before_that_of_the_page(site: Site, meta: str) -> None:
    page = f"<html><head>{meta}</head><body><article><p>{WORDS}</p></article></body>"
    headers = {"Content-Type": 'text/html; charset="Windows-1251"'}
    site.replies["/a"] = Reply(headers=headers, body=page.encode("cp1251"))
    found = fetch(f"{site.url}/a")
    assert WORDS in read(found.name, found.data, 1).text


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "punycode", "nonsense", "unicode_escape"]
)
def test_a_charset_that_the_letters_contradict_is_ignored(site: Site, charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    site.replies["/a"] = Reply(headers=headers, body=WORDS.encode())
    site.replies["/b"] = Reply(headers=headers, body=b"\\ud800 \xff\xfe" * 40)
    site.replies["/c"] = Reply(headers=headers, body="größer".encode())
    assert fetch(f"{site.url}/a").data == WORDS.encode()
    assert fetch(f"{site.url}/c").data == "größer".encode()
    assert fetch(f"{site.url}/b").data.count(b"\\ud800") == 40


def test_text_in_utf16_is_left_to_its_reader(site: Site) -> None:
    headers = {"Content-Type": "text/plain; charset=windows-1252"}
    site.replies["/a"] = Reply(headers=headers, body=WORDS.encode("utf-16"))
    found = fetch(f"{site.url}/a")
    assert WORDS in read(found.name, found.data, 1).text


def test_a_packed_page_is_unpacked(site: Site) -> None:
    packed = {**HTML, "Content-Encoding": "gzip"}
    site.replies["/a"] = Reply(headers=packed, body=gzip.compress(PAGE))
    site.replies["/cut"] = Reply(headers=packed, body=gzip.compress(PAGE)[:-9])
    site.replies["/no"] = Reply(headers=packed)
    site.replies["/br"] = Reply(headers={**HTML, "Content-Encoding": "br"})
    assert fetch(f"{site.url}/a").data == PAGE
    assert site.asked[1][1]["accept-encoding"] == "gzip"
    assert "broken or not whole" in refused(f"{site.url}/cut")
    assert "broken or not whole" in refused(f"{site.url}/no")
    assert "not in gzip as asked" in refused(f"{site.url}/br")


# Redirects ------------------------------------------------------------------------------------


def moved(target: str) -> Reply:
    return Reply(302, {"Location": target}, b"")


def test_redirects_are_followed(site: Site) -> None:
    for number in range(5):
        site.replies[f"/{number}"] = moved(f"{number + 1}#part")
    site.replies["/5"] = Reply()
    found = fetch(f"{site.url}/0")
    assert (found.url, found.final_url, found.name) == (f"{site.url}/0", f"{site.url}/5", "5.html")


def test_a_sixth_redirect_is_not_followed(site: Site) -> None:
    site.replies["/a"] = moved("/a")
    assert "more than 5 times" in refused(f"{site.url}/a")
    assert site.paths.count("/a") == 6


def test_a_cookie_lives_as_long_as_one_fetch(site: Site) -> None:
    site.replies["/a"] = Reply(302, {"Location": "/b", "Set-Cookie": "seen=1"}, b"")
    site.replies["/b"] = Reply()
    with web(private=True) as opened:
        opened.fetch(f"{site.url}/a")
        opened.fetch(f"{site.url}/b")
    assert [headers.get("cookie") for path, headers in site.asked if path == "/b"] == [
        "seen=1",
        None,
    ]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", "http or https"),
        ("http://joe:secret@x.org/", "password"),
        ("//[", "http or https"),
        ("", "more than 5 times"),
    ],
)
def test_redirects_to_what_is_not_fetched_are_refused(site: Site, target: str, said: str) -> None:
    site.replies["/a"] = moved(target)
    message = refused(f"{site.url}/a")
    assert said in message
    assert "secret" not in message


def test_no_redirect_leads_from_https_to_http(network: Everywhere) -> None:
    network.site.replies |= {"/a": moved("http://example.org/b"), "/b": Reply()}
    network.site.replies["/c"] = moved("/b")
    there: dict[str, Any] = {"backend": network, "resolve": lambda _: [PUBLIC]}
    assert "https to http" in refused("https://example.org/a", **there)
    assert fetch("https://example.org/c", **there).data == PAGE


# Only public addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1",
     "0x7f.1", "127.1", "2130706433", "0.0.0.0", "[::]", "[fe80::1]", "[fd00:ec2::254]"],  # noqa: S104
)  # fmt: skip
def test_hosts_inside_are_refused(network: Everywhere, host: str) -> None:
    network.site.replies["/a"] = Reply()
    assert "IBID_FETCH_PRIVATE" in refused(f"http://{host}/a", private=False, backend=network)
    assert network.connected == []


@pytest.mark.parametrize(
    "address",
    ["192.168.1.1", "100.64.0.1", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255",
     "168.63.129.16", "192.0.0.192", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
     "::7f00:1", "2002:7f00:1::1", "2001:0:1::1", "ff02::1", "fec0::1", f"{PUBLIC} 10.0.0.1"],
)  # fmt: skip
def test_names_that_lead_inside_are_refused(network: Everywhere, address: str) -> None:
    network.site.replies["/a"] = Reply()
    resolve = resolver(news_example_org=address)
    said = refused("http://news.example.org/a", private=False, backend=network, resolve=resolve)
    assert "IBID_FETCH_PRIVATE" in said
    assert network.connected == []


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111"])
def test_a_public_address_is_connected_to_as_it_was_checked(
    network: Everywhere, address: str
) -> None:
    network.site.replies["/a"] = Reply()
    with web(backend=network, resolve=resolver(example_org=address)) as opened:
        assert opened.fetch("http://example.org/a").data == PAGE
    assert set(network.connected) == {address}
    assert network.site.asked[1][1]["host"] == "example.org"


def test_a_name_that_turns_inward_is_refused(network: Everywhere) -> None:
    network.site.replies["/a"] = Reply()
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with (
        web(backend=network, resolve=lambda _: next(answers)) as opened,
        pytest.raises(UnreadableError, match="IBID_FETCH_PRIVATE"),
    ):
        opened.fetch("http://example.org/a")
    assert network.connected == [PUBLIC]
    assert network.site.paths == ["/robots.txt"]


@pytest.mark.parametrize("path", ["/a", "/robots.txt"])
@pytest.mark.parametrize("target", ["http://127.0.0.1/b", "http://[::1]/b", "//0x7f.1/b"])
def test_redirects_inside_are_refused(network: Everywhere, path: str, target: str) -> None:
    network.site.replies |= {path: moved(target), "/b": Reply()}
    resolve = {"example.org": [PUBLIC], "0x7f.1": ["127.0.0.1"]}
    said = refused(
        "http://example.org/a",
        private=False,
        backend=network,
        resolve=lambda host: resolve.get(host, [host]),
    )
    assert "IBID_FETCH_PRIVATE" in said
    assert "/b" not in network.site.paths


def test_the_next_address_of_a_host_is_tried(site: Site) -> None:
    class FirstIsDown(Everywhere):
        def connect_tcp(self, host: str, *others: Any, **named: Any) -> Any:
            if host == "::2":
                raise httpcore.ConnectError
            return super().connect_tcp(host, *others, **named)

    site.replies["/a"] = Reply()
    resolve = resolver(example_org=f"::2 {PUBLIC}")
    assert fetch("http://example.org/a", backend=FirstIsDown(site), resolve=resolve).data == PAGE


def test_the_proxies_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    site.replies["/a"] = Reply()
    assert fetch(f"{site.url}/a").data == PAGE


# Bounds ---------------------------------------------------------------------------------------


def test_a_page_as_large_as_the_limit_is_taken_and_no_larger(site: Site) -> None:
    limit = 1_000_000
    site.replies["/fits"] = Reply(body=b"x" * limit)
    site.replies["/over"] = Reply(body=b"x" * (limit + 1))
    told = {**HTML, "Content-Length": str(limit + 1)}
    site.replies["/told"] = Reply(headers=told, body=b"x", wait=1)
    assert len(fetch(f"{site.url}/fits").data) == limit
    assert "more than 1 MB" in refused(f"{site.url}/over")
    start = time.monotonic()
    assert "more than 1 MB" in refused(f"{site.url}/told")
    assert time.monotonic() - start < 0.9


def test_what_unpacks_to_too_much_is_stopped(site: Site) -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    assert len(bomb) < 60_000
    site.replies["/a"] = Reply(headers={**HTML, "Content-Encoding": "gzip"}, body=bomb)
    tracemalloc.start()
    assert "more than 1 MB" in refused(f"{site.url}/a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_body_cut_short_is_not_taken(site: Site) -> None:
    site.replies["/a"] = Reply(
        headers={**HTML, "Content-Length": "500", "Connection": "close"}, body=b"x" * 499
    )
    assert "not whole" in refused(f"{site.url}/a")


@pytest.mark.parametrize("slow_headers", [True, False])
@pytest.mark.parametrize("path", ["/a", "/robots.txt"])
def test_a_server_that_drips_is_given_up(site: Site, path: str, slow_headers: bool) -> None:
    site.replies = {"/a": Reply(), path: Reply(wait=0.05, slow_headers=slow_headers)}
    start = time.monotonic()
    assert "within 0.3 s" in refused(f"{site.url}/a", seconds=0.3)
    assert "within 0.3 s" in refused("https://127.0.0.1/a", seconds=0.3, backend=Everywhere(site))
    assert time.monotonic() - start < 1.5


def test_a_name_that_takes_long_to_resolve_is_given_up() -> None:
    def resolve(_: str) -> list[str]:
        time.sleep(0.6)
        return [PUBLIC]

    start = time.monotonic()
    assert "within 0.1 s" in refused("http://example.org/", seconds=0.1, resolve=resolve)
    assert time.monotonic() - start < 0.5


# Failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (404, {}, "127.0.0.1 answers 404 (Not Found); check the address"),
        (403, {}, "answers 403 (Forbidden); save the page in a browser"),
        (429, {"Retry-After": "120"}, "answers 429 (Too Many Requests); try again in 120 s"),
        (429, {}, "try again later"),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "Unavailable); try again later"),
        (500, {}, "try again later"),
        (599, {}, "answers 599 (unknown); try again later"),
        (304, {}, "304"),
        (302, {}, "302"),
    ],
)  # fmt: skip
def test_a_status_is_told(site: Site, status: int, headers: dict[str, str], said: str) -> None:
    site.replies["/a?token=secret"] = Reply(status, headers, b"")
    message = refused(f"{site.url}/a?token=secret")
    assert said in message
    assert "secret" not in message
    assert site.paths.count("/a?token=secret") == 1


def test_a_host_that_is_not_there_is_told(site: Site) -> None:
    def resolve(_: str) -> list[str]:
        raise OSError("no such name")

    assert "no host example.invalid" in refused("http://example.invalid/", resolve=resolve)
    assert "no host" in refused(f"http://{'a' * 70}.org/")
    assert "no host" in refused("http://.example.org/")
    site.server_close()
    assert "cannot be reached (Connection refused)" in refused(site.url)


def test_an_answer_that_is_no_http_is_told(site: Site) -> None:
    site.replies["/a"] = Reply(headers={"Content-Length": "many"})
    assert "broken" in refused(f"{site.url}/a")


def test_a_connection_without_tls_is_told(site: Site) -> None:
    assert "no secure connection" in refused(f"https://127.0.0.1:{site.server_port}/")


def test_a_certificate_that_is_not_valid_is_told(network: Everywhere) -> None:
    class Forged(Plain):
        def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            self.close()
            raise httpcore.ConnectError(error)

    class Forgers(Everywhere):
        def connect_tcp(self, *others: Any, **named: Any) -> Any:
            return Forged(super().connect_tcp(*others, **named))

    said = refused(
        "https://example.org/", backend=Forgers(network.site), resolve=lambda _: [PUBLIC]
    )
    assert "the certificate of example.org is not valid (self-signed certificate)" in said


def test_certificates_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with pytest.raises(BadInputError, match="SSL_CERT_FILE"):
        web()


# robots.txt -----------------------------------------------------------------------------------


def robots(text: str, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "text/plain"}, text.encode())


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /news", True),
        ("User-agent: Ibid\nDisallow: /a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: ibid\nAllow: /", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a?b", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\n" + "#" * 600_000 + "\nDisallow: /", True),
        ("<html>Not found</html>", True),
        ("", True),
    ],
)
def test_robots_are_heeded(site: Site, text: str, allowed: bool) -> None:
    site.replies = {"/robots.txt": robots(text), "/a?b": Reply()}
    if allowed:
        assert fetch(f"{site.url}/a?b").data == PAGE
    else:
        assert "robots.txt of 127.0.0.1 forbids" in refused(f"{site.url}/a?b")
        assert site.paths == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_without_robots_all_is_allowed(site: Site, status: int) -> None:
    site.replies = {"/robots.txt": robots("User-agent: *\nDisallow: /", status), "/a": Reply()}
    assert fetch(f"{site.url}/a").data == PAGE


def test_where_robots_cannot_be_read_nothing_is_fetched_and_they_are_asked_once(site: Site) -> None:
    site.replies = {"/robots.txt": robots("", 503), "/a": Reply(), "/b": Reply()}
    with web(private=True) as opened:
        for path in ("/a", "/b"):
            with pytest.raises(UnreadableError, match="robots.txt of 127.0.0.1: .* answers 503"):
                opened.fetch(site.url + path)
    assert site.paths == ["/robots.txt"]


def test_robots_are_asked_once_for_each_host_and_for_redirects_too(network: Everywhere) -> None:
    replies = network.site.replies
    replies |= {"/a": moved("http://b.org/b"), "/b": Reply(), "/c": moved("//c.org/c")}
    replies["/c.org"] = robots("User-agent: *\nDisallow: /c")
    with web(backend=network, resolve=lambda _: [PUBLIC]) as opened:
        opened.fetch("http://a.org/a")
        opened.fetch("http://a.org/a")
        asked = [headers["host"] for path, headers in network.site.asked if path == "/robots.txt"]
        assert asked == ["a.org", "b.org"]
        replies["/robots.txt"] = replies["/c.org"]
        with pytest.raises(UnreadableError, match=r"robots.txt of c.org forbids"):
            opened.fetch("http://a.org/c")


def test_robots_may_be_elsewhere(site: Site) -> None:
    site.replies = {"/robots.txt": moved("/r"), "/r": robots("User-agent: *\nDisallow: /a")}
    assert "forbids" in refused(f"{site.url}/a")


@pytest.mark.parametrize(("wanted", "waited"), [("2", 2), ("3600", 5), ("nan", None)])
def test_the_delay_that_robots_want_is_kept(
    network: Everywhere, wanted: str, waited: float | None
) -> None:
    replies = network.site.replies
    replies |= {"/a": Reply(), "/robots.txt": robots(f"User-agent: *\nCrawl-delay: {wanted}")}
    with web(backend=network, resolve=lambda _: [PUBLIC], seconds=0.3) as opened:
        opened.fetch("http://a.org/a")
        opened.fetch("http://b.org/a")
        assert network.slept == []
        opened.fetch("http://a.org/a")
    assert network.slept == ([] if waited is None else [pytest.approx(waited, abs=0.5)])


# Feeds ----------------------------------------------------------------------------------------


def feed(text: str, url: str = "https://example.org/news/feed.xml") -> Fetched:
    return Fetched(url, url, "feed.xml", text.encode())


RSS = """<?xml version="1.0"?><!-- made <by> hand --><rss version="2.0"><channel><link>/</link>
<item><link>https://example.org/b#top</link><enclosure url="/b.mp3" type="audio/mpeg"/></item>
<item><link> /a </link><description>&lt;a href="/x">more&lt;/a></description></item>
<item><link>c?d=1&amp;e=2</link></item>
<item><guid>https://example.org/g</guid></item>
<item><guid isPermaLink="false">12</guid><title>no address</title></item>
<item><link>mailto:a@example.org</link></item>
<item><link>http://[</link></item>
<item><link>https://example.org/b</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/">
<link rel="self" href="/feed"/><entry><id>1</id><link rel="edit" href="edit/1"/>
<link rel="alternate" href="one"/></entry>
<entry><id>2</id><link href="//example.com/two"/></entry></feed>"""
RDF_ROOT = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{}">'
RDF = f"""{RDF_ROOT.format("http://purl.org/rss/1.0/")}
<item rdf:about="https://example.org/r"><link>https://example.org/r</link></item></rdf:RDF>"""


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (RSS, ["https://example.org/b", "https://example.org/a", "https://example.org/news/c?d=1&e=2",
               "https://example.org/g"]),
        (ATOM, ["https://example.org/blog/one", "https://example.com/two"]),
        (RDF, ["https://example.org/r"]),
        (RSS[: RSS.index("<item><guid>")] + "<b>", ["https://example.org/b", "https://example.org/a",
                                                    "https://example.org/news/c?d=1&e=2"]),
        ('<rss version="2.0"><channel></channel></rss>', []),
    ],
    ids=["rss", "atom", "rdf", "cut", "empty"],
)  # fmt: skip
def test_a_feed_lists_addresses(text: str, links: list[str]) -> None:
    assert entries(feed(text)) == links


@pytest.mark.parametrize(
    "text",
    [
        PAGE.decode(),
        "",
        "plain",
        "<?xml version='1.0'?><!-- <rss> --><svg/>",
        "<html><rss></rss></html>",
        "<feedback><a/></feedback>",
        RDF_ROOT.format("http://xmlns.com/foaf/0.1/") + "<Person/></rdf:RDF>",
        "<!--" * 2000,
    ],
)
def test_what_is_no_feed_is_told(text: str) -> None:
    assert entries(feed(text)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE rss [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><rss>&c;</rss>", "entities"),
        ("<?xml version='1.0'?><!DOCTYPE x [ <!ENTITY f SYSTEM 'file:f'> ]>\n<feed/>", "entities"),
        ('<rss version="2.0"><channel><title>', "broken"),
        ('<rss version="2.0" ' + "".join(f"a{n}='>' " for n in range(6000)) + "/>", "a trap"),
        ('<rss version="2.0">' + "x" * 2_000_000, "over 2 MB"),
    ],
)  # fmt: skip
def test_a_feed_that_is_broken_or_a_trap_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        entries(feed(text))


def test_a_feed_is_told_whatever_it_is_served_as(site: Site) -> None:
    site.replies["/a"] = Reply(body=RSS.encode())
    assert (entries(fetch(f"{site.url}/a")) or [])[1] == f"{site.url}/a"
    assert site.paths == ["/robots.txt", "/a"]
