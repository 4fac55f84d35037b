"""Comes to the gateway's gRPC port with a certificate that is good and bytes that are not: as little of HTTP/2 (RFC 9113), of
protobuf and of zstd (RFC 8878) as that takes, because a real client would refuse to send it."""

import pathlib
import select
import socket
import ssl
import struct

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_INITIAL_WINDOW = 4
_FRAME_MAX = 16384
_PATH = "/platen.ingest.v1.IngestService/Exchange"
_ZSTD, _UNCOMPRESSED = 2, 1
_WINDOW = 65535  # What may be sent before the server has said more.


class Visit:
    """One connection with one stream. Raises OSError where the gateway does not even take the connection."""

    def __init__(self, port, certificates, name):
        folder = pathlib.Path(certificates)
        context = ssl.create_default_context(cafile=folder / "ca.crt")
        context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")
        self._received = b""
        self._over = False
        self._windows = {0: _WINDOW, 1: _WINDOW}  # Of connection and stream: what may still be sent.
        headers = {":method": "POST", ":scheme": "https", ":path": _PATH, ":authority": f"localhost:{port}", "te": "trailers",
                   "content-type": "application/grpc"}  # fmt: skip
        # Literals without indexing or Huffman's code: RFC 7541, section 6.2.2.
        block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in headers.items())
        self._socket.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + _frame(_HEADERS, _END_HEADERS, 1, block))

    def send(self, data):
        """The stream's bytes, as they are, as far as flow control lets them; the gateway may have hung up already. Returns how many
        went."""
        sent = 0
        try:
            while sent < len(data) and (room := min(_FRAME_MAX, *self._windows.values())) > 0:
                part = data[sent : sent + room]
                self._socket.sendall(_frame(_DATA, 0, 1, part))
                sent += len(part)
                for stream in self._windows:
                    self._windows[stream] -= len(part)
        except OSError:
            self._over = True
        return sent

    def is_over(self):
        """Whether the gateway has ended stream or connection."""
        while not self._over and (self._socket.pending() or select.select([self._socket], [], [], 0)[0]):
            try:
                more = self._socket.recv(65536)
            except OSError:
                more = b""
            self._over = not more
            self._received += more
            self._read_frames()
        return self._over

    def _read_frames(self):
        while len(self._received) >= 9:
            size = int.from_bytes(self._received[:3], "big")
            kind, flags, stream = self._received[3], self._received[4], int.from_bytes(self._received[5:9], "big")
            if len(self._received) < 9 + size:
                return
            ended = kind in (_HEADERS, _DATA) and flags & _END_STREAM
            if kind == _GOAWAY or (stream == 1 and (ended or kind == _RESET)):
                self._over = True
            self._heed(kind, flags, stream, self._received[9 : 9 + size])
            self._received = self._received[9 + size :]

    def _heed(self, kind, flags, stream, body):
        """What a client owes the server, so that it goes on listening."""
        if kind == _WINDOW_UPDATE and stream in self._windows:
            self._windows[stream] += int.from_bytes(body, "big")
        elif kind in (_SETTINGS, _PING) and not flags & _ACK:
            for begin in range(0, len(body) if kind == _SETTINGS else 0, 6):
                name, value = struct.unpack(">HI", body[begin : begin + 6])
                if name == _INITIAL_WINDOW:
                    self._windows[1] += value - _WINDOW
            try:
                self._socket.sendall(_frame(kind, _ACK, 0, body if kind == _PING else b""))
            except OSError:
                self._over = True

    def close(self):
        self._socket.close()


def hostile(random):
    """{kind: bytes of a stream}. The gateway must end each of these."""
    bomb = _zstd(2 << 30, 64)
    event = b"\x0a" + _varint(1 << 31) + b"x" * 64
    noise = random.randbytes(3000)
    return {
        "a compressed message without compression": b"\x01" + struct.pack(">I", 5) + bytes(5),
        "noise for a message": _message(noise),
        "a field of 2^31 bytes": _message(b"\x12" + _varint(1 << 31) + b"x" * 500),
        "groups 60,000 deep": _message(b"\x0b" * 60000),
        "a batch before hello": _batch(b"", 1),
        "a zstd bomb that says so": _hello() + _batch(bomb, 1, _ZSTD, (2 << 30)),
        "a zstd bomb that lies": _hello() + _batch(_zstd(1 << 20, 12000), 1, _ZSTD, 1 << 20),
        "a zstd bomb of unknown size": _hello() + _batch(_zstd(None, 12000), 1, _ZSTD, 1 << 20),
        "a second zstd frame behind the first": _hello() + _batch(_zstd(1 << 17, 1) + _zstd(1 << 30, 8192), 1, _ZSTD, 1 << 17),
        "four billion events": _hello() + _batch(b"\x0a\x01x", 0xFFFFFFFF),
        "payload of 4 GB announced": _hello() + _batch(b"\x0a\x01x", 1, _UNCOMPRESSED, 0xFFFFFFFF),
        "an event of 2^31 bytes": _hello() + _batch(event, 1),
        "a number out of order": _hello() + _batch(b"\x0a\x01x", 1, number=1 << 63),
    }


def endless():
    """{kind: how a stream begins}: messages larger than any that is taken, to be poured in for as long as the gateway lets them."""
    return {
        "a message of 4 GB": _prefix(0xFFFFFFFF),
        "a message of 64 MB behind hello": _hello() + _prefix(64 << 20),
    }


def _frame(kind, flags, stream, body):
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def _text(text):
    return bytes((len(text),)) + text.encode()


def _prefix(size):
    return b"\x00" + struct.pack(">I", size)


def _message(body):
    return _prefix(len(body)) + body


def _varint(value):
    out = b""
    while value >= 0x80:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


def _bytes_field(number, body):
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _number_field(number, value):
    return _varint(number << 3) + _varint(value)


def hello(installation, lane):
    """platen.ingest.v1.ExchangeRequest.hello of whoever says it is a relay of that installation."""
    said = _bytes_field(1, installation.encode()) + _bytes_field(2, b"intruder") + _number_field(3, lane) + _bytes_field(4, b"default")
    return _message(_bytes_field(1, said))


def events(payloads):
    """platen.ingest.v1.ExchangeRequest.batch: the first of its stream, with these serialised events."""
    return _batch(b"".join(_bytes_field(1, payload) for payload in payloads), len(payloads))


def _hello():
    return hello("default", 2)


def _batch(payload, events, compression=_UNCOMPRESSED, payload_bytes=None, number=1):
    """platen.ingest.v1.ExchangeRequest.batch."""
    size = len(payload) if payload_bytes is None else payload_bytes
    batch = _number_field(1, number) + _number_field(2, compression) + _number_field(3, size) + _number_field(4, events)
    return _message(_bytes_field(2, batch + _bytes_field(5, payload)))


def _zstd(says, blocks):
    """A frame of so many blocks that are one byte 128 KB times each, and what it says of its size."""
    descriptor = b"\x00\x58" if says is None else b"\xc0\x58" + struct.pack("<Q", says)  # A window of 2 MB.
    block = 128 << 10
    body = b"".join((block << 3 | 1 << 1 | (number == blocks - 1)).to_bytes(3, "little") + b"x" for number in range(blocks))
    return b"\x28\xb5\x2f\xfd" + descriptor + body
