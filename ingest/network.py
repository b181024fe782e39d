"""Connections to public addresses only, and none that lasts longer than it may.

An address is checked where it is connected to, not where its name is first seen: a name may be
resolved to another address the next time.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import httpcore
import httpx

from ingest.errors import BadInputError, UnreadableError

CONNECT_SECONDS = 10
"""Longest wait for one address of a host; then its next one is tried."""
# What `is_global` lets pass: the inner addresses of two clouds, and IPv4 in IPv6. All public
# addresses of IPv6 are in 2000::/3; mapped IPv4 and NAT64 are not.
_INNER = [
    *map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "2002::/16"))
]
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


def addresses_of(host: str) -> list[str]:
    """Return the IP addresses of a host, as the system resolves its name."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip not in _PUBLIC_IPV6:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _INNER)


class Guard(httpcore.NetworkBackend):
    """Connects only to addresses that it resolved and checked; no wait outlasts `deadline`."""

    def __init__(
        self,
        backend: httpcore.NetworkBackend,
        resolve: Callable[[str], list[str]],
        *,
        private: bool,
    ) -> None:
        self._backend, self._resolve, self._private = backend, resolve, private
        self._names = ThreadPoolExecutor(thread_name_prefix="names")
        self.deadline = 0.0

    def close(self) -> None:
        """Give up on names that are still being resolved."""
        self._names.shutdown(wait=False, cancel_futures=True)

    def left(self) -> float:
        """Return the seconds until the deadline; raise where there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left

    def sleep(self, seconds: float) -> None:
        """Wait, and put the deadline off by that."""
        self._backend.sleep(seconds)
        self.deadline += seconds

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers, if all of them are public."""
        failure: Exception = httpcore.ConnectError()
        for address in self._addresses(host):
            seconds = min(self.left(), CONNECT_SECONDS)
            try:
                stream = self._backend.connect_tcp(address, port, seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self.left)
        raise failure

    def _addresses(self, host: str) -> list[str]:
        try:  # in a thread, as the system's resolver knows no deadline
            found = self._names.submit(self._resolve, host).result(self.left())
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        except (OSError, UnicodeError):
            raise UnreadableError(
                f"no host {host} is known; check the address and your connection"
            ) from None
        if not self._private and not all(map(_is_public, found)):
            raise UnreadableError(
                f"{host} is inside a network, not public; IBID_FETCH_PRIVATE=true allows that"
            )
        return found


class _Stream(httpcore.NetworkStream):
    """A connection of the guard's."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream, self._left = stream, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._left())
        return _Stream(stream, self._left)


class Transport(httpx.BaseTransport):
    """Requests over the guard's connections, as httpx's own transport makes them."""

    def __init__(self, guard: Guard) -> None:
        try:
            tls = httpx.create_ssl_context()
        except OSError as error:
            raise BadInputError(f"SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {error}.") from None
        self._pool = httpcore.ConnectionPool(tls, keepalive_expiry=5, network_backend=guard)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raise what httpcore raises."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response.stream)
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 httpcore's, which has both
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
