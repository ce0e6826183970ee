"""A provider on this machine: speaks the REST shape of Twilio by TLS, behind a proxy.

The real client reaches it at its real addresses through HTTPS_PROXY, so nothing in it is changed.
"""

import json
import secrets
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("api.twilio.com", "messaging.twilio.com")
ACCOUNT, KEY, SECRET = "AC" + "a1" * 16, "SK" + "b2" * 16, "canary-secret"
Record = dict[str, Any]


def certificate(folder: Path) -> Path:
    """Write a certificate for the provider's names with its key, good for one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)  # noqa: TID251 TLS looks at the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, HOSTS)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path = folder / "provider.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Provider:
    """An account at the provider, what befalls its requests, and what was asked."""

    def __init__(self, pem: Path) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem)
        self.records: dict[str, list[Record]] = {"messages": [], "calls": []}
        self.numbers: list[Record] = []
        self.services: list[Record] = []
        self.faults: deque[str] = deque()
        """What befalls the next requests, one each: see Handler.fault."""
        self.forbidden: set[str] = {"queues"}
        self.asked: list[tuple[str, str]] = []
        self.deleted: list[str] = []
        self.connections: list[socket.socket] = []
        self.patience, self.impatient = 0.0, 0
        self.lock, self.orders = threading.Lock(), count()
        handler = type("Bound", (Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.environ = {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.server.server_port}",
            "NO_PROXY": "",
            "REQUESTS_CA_BUNDLE": str(pem),
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_API_KEY": KEY,
            "TWILIO_API_SECRET": SECRET,
        }

    def add(self, kind: str, minutes: float, number: int = 1, **more: object) -> None:
        """Add records made so many minutes ago, each with a canary of its own."""
        made = format_datetime(
            datetime.now(UTC) - timedelta(minutes=minutes)  # noqa: TID251 as the sweep does
        )
        for _ in range(number):
            with self.lock:
                record = {
                    "sid": ("SM" if kind == "messages" else "CA") + secrets.token_hex(16),
                    "date_created": made,
                    "date_sent": made,
                    "start_time": made,
                    "from": f"+1213{secrets.randbelow(10**7):07}",
                    "body": "canary words",
                    "order": next(self.orders),
                }
                self.records[kind].insert(0, record | more)

    def close(self) -> None:
        """Stop answering, and end every connection."""
        self.server.shutdown()
        for one in self.connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server.server_close()

    def left(self) -> int:
        """Count the records there are."""
        return sum(map(len, self.records.values()))


class Handler(BaseHTTPRequestHandler):
    """Answers one connection: first as the proxy, then as the provider behind it."""

    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_CONNECT(self) -> None:
        """Become the host that was asked for."""
        host = self.path.partition(":")[0]
        self.send_response(200 if host in HOSTS else 403)
        self.end_headers()
        self.rfile.close()
        self.connection = self.provider.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.close_connection = False
        self.provider.connections.append(self.connection)

    def fault(self) -> bool:
        """Do the next fault there is."""
        given = self.provider
        if time.monotonic() < given.patience:
            given.impatient += 1
            self.say(429, {"code": 20429, "message": "canary too soon"})
            return True
        match given.faults.popleft() if given.faults else "":
            case "":
                return False
            case "wait":
                given.patience = time.monotonic() + 1
                self.say(429, {"code": 20429}, **{"Retry-After": "1"})
            case "drop":
                self.hang_up()
            case "nonsense":
                self.say(200, ["canary"])
            case "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"canary":')
                self.wfile.flush()
                self.hang_up()
            case status:
                self.say(int(status), {"code": 20500, "message": "canary " + self.path})
        return True

    def hang_up(self) -> None:
        """End the connection without a word."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def finish(self) -> None:
        """Close all that belongs to the connection."""
        super().finish()
        self.connection.close()

    def say(self, status: int, body: object = None, **headers: str) -> None:
        """Answer with JSON."""
        sent = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(sent)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def known(self) -> str:
        """Give the resource, if the key may have it; says no otherwise."""
        given = self.provider
        url = urlsplit(self.path)
        given.asked.append((self.command, url.path))
        right = "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()
        start = "/v1/" if url.path.startswith("/v1/") else f"/2010-04-01/Accounts/{ACCOUNT}/"
        resource = url.path.removeprefix(start).removesuffix(".json").lower()
        if self.headers["Authorization"] != right or not url.path.startswith(start):
            self.say(401, {"code": 20003, "message": "canary " + KEY})
        elif resource.split("/")[0] in given.forbidden:
            self.say(403, {"code": 70051, "message": "canary " + KEY})
        else:
            return resource
        return ""

    def do_GET(self) -> None:
        """List records, newest first, page by page, or the rest of the account."""
        with self.provider.lock:
            if self.fault() or not (resource := self.known()):
                return
            given = self.provider
            if resource == "services":
                meta = {"key": "services", "next_page_url": None}
                self.say(200, {"meta": meta, "services": given.services})
            elif resource in given.records:
                self.say(200, self.page(resource, given.records[resource]))
            else:
                rows = given.numbers if resource == "incomingphonenumbers" else []
                name = {"incomingphonenumbers": "incoming_phone_numbers"}.get(resource, resource)
                self.say(200, {name: rows, "next_page_uri": None})

    def page(self, kind: str, rows: list[Record]) -> Record:
        """Cut the page that the query asks for."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        for name, field in (("DateSent<", "date_sent"), ("StartTime<", "start_time")):
            if before := query.get(name):
                moment = datetime.fromisoformat(before)
                rows = [row for row in rows if _moment(row[field]) < moment]
        size, at = int(query["PageSize"]), int(query.get("Page", 0))
        if token := query.get("PageToken"):
            # The real one knows where it was by the last name shown, deleted or not.
            rows = [row for row in rows if row["order"] < int(token)]
        shown, more = rows[:size], rows[size:]
        path = urlsplit(self.path).path
        token = str(shown[-1]["order"]) if shown else ""
        uri = f"{path}?PageSize={size}&Page={at + 1}&PageToken={token}" if more else None
        return {kind: shown, "page_size": size, "page": at, "next_page_uri": uri}

    def do_DELETE(self) -> None:
        """Delete one record; a record may have a refusal of its own."""
        with self.provider.lock:
            if self.fault() or not (resource := self.known()):
                return
            kind, _, name = resource.partition("/")
            rows = self.provider.records[kind]
            row = next((row for row in rows if row["sid"].lower() == name), None)
            if row is None:
                self.say(404, {"code": 20404, "message": "canary " + self.path})
            elif refusal := row.get("refusal"):
                self.say(*refusal)
            else:
                rows.remove(row)
                self.provider.deleted.append(row["sid"])
                self.say(204)


def _moment(given: str) -> datetime:
    return datetime.strptime(given, "%a, %d %b %Y %H:%M:%S %z")
