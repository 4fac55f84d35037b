"""Printers whose answers are no SNMP: each stands before a real one, passes questions on to it and breaks what it says (RFC 3416,
X.690). Nothing of what they answer is valid, whatever the seed, so whoever believes anything believes too much."""

import collections
import select
import socket
import threading

_ANSWER = 0xA2  # GetResponse-PDU.


class Liars:
    """Use as a context manager. `lies` counts what was answered, by kind. A thread of its own serves all of them."""

    def __init__(self, printers, port, own_port, random):
        self.lies = collections.Counter()
        self.addresses = [f"127.66.0.{number + 1}" for number in range(len(printers))]
        self._behind = {}
        self._random = random
        for address, printer in zip(self.addresses, printers):
            self._behind[_bound(address, own_port)] = (_bound("127.0.0.1", 0), (printer.address, port))
        self._stranger = _bound("127.66.1.1", 0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()
        for front, (back, _) in self._behind.items():
            front.close()
            back.close()
        self._stranger.close()

    def _serve(self):
        askers = {}  # The socket towards the printer: (the socket in front, who asked there).
        fronts = list(self._behind)
        backs = {back: front for front, (back, _) in self._behind.items()}
        while not self._stopping.is_set():
            ready, _, _ = select.select([*fronts, *backs], [], [], 0.1)
            for one in ready:
                said, peer = one.recvfrom(1 << 16)
                if one in backs:
                    front = backs[one]
                    if front in askers:
                        self._answer(front, askers[front], said)
                    continue
                askers[one] = peer
                back, printer = self._behind[one]
                back.sendto(said, printer)

    def _answer(self, front, asker, answer):
        for kind in self._random.sample(sorted(_LIES), 2):
            self.lies[kind] += 1
            front.sendto(_LIES[kind](answer, self._random)[:65000], asker)
        # What is right but for its sender.
        self.lies["from elsewhere"] += 1
        self._stranger.sendto(answer, asker)


def _bound(address, port):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((address, port))
    return one


def _pdu(answer):
    """Where the PDU's tag is: behind version and community."""
    at = 2 if answer[1] < 0x80 else 2 + (answer[1] & 0x7F)
    for _ in range(2):
        at += 2 + answer[at + 1]
    return at


def _number(answer):
    """Where the request-id's value is, and how long it is."""
    at = _pdu(answer) + 1
    at += 1 if answer[at] < 0x80 else 1 + (answer[at] & 0x7F)
    return at + 2, answer[at + 1]


def _put(answer, at, *octets):
    return answer[:at] + bytes(octets) + answer[at + len(octets) :]


def _another_number(answer, random):
    at, size = _number(answer)
    return _put(answer, at + size - 1, answer[at + size - 1] ^ random.randrange(1, 256))


def _many(answer, random):
    """Well made, and asked for by nobody: 1.3.6.1.2.1.1.1.0 is 0 to 127, thousands of times."""
    one = b"\x30\x0d\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x02\x01" + bytes([random.randrange(128)])
    body = one * 4000

    def wrap(tag, content):
        return bytes([tag, 0x83]) + len(content).to_bytes(3, "big") + content

    at, size = _number(answer)
    pdu = wrap(_ANSWER, answer[at - 2 : at + size] + b"\x02\x01\x00\x02\x01\x00" + wrap(0x30, body))
    return wrap(0x30, b"\x02\x01\x01" + b"\x04\x06public" + pdu)


_LIES = {
    "cut": lambda answer, random: answer[: random.randrange(len(answer))],
    "length beyond the end": lambda answer, random: answer[:1] + b"\x84\x7f\xff\xff\xff" + answer[2:],
    "length of 2^64": lambda answer, random: answer[:1] + b"\x88" + b"\xff" * 8 + answer[2:],
    "indefinite length": lambda answer, random: answer[:1] + b"\x80" + answer[2:] + b"\x00\x00",
    "another version": lambda answer, random: _put(answer, answer.index(b"\x02\x01") + 2, 7),
    "a question": lambda answer, random: _put(answer, _pdu(answer), 0xA0),
    "another request's number": _another_number,
    "thousands of variables": _many,
    "noise": lambda answer, random: random.randbytes(random.randrange(1, 2000)),
    "nothing": lambda answer, random: b"",
    "64 KB of nothing": lambda answer, random: bytes(65000),
    "nested lists": lambda answer, random: b"\x30\x82\x10\x00" * 2000,
}
