"""A name server of the laboratory's own, and addresses that lead out of it: for names that are not what they were a moment ago."""

import collections
import contextlib
import pathlib
import socket
import struct
import subprocess
import threading

_ADDRESS, _IN = 1, 1  # Type A, class IN (RFC 1035).


class Names:
    """Use as a context manager, inside the namespace: names are asked for here meanwhile. `addresses`: {name: its addresses}, of which
    an answer holds the next one only, in turn, and is not to be kept. `asked` counts questions for addresses, by name."""

    def __init__(self, folder, addresses):
        self.asked = collections.Counter()
        self._addresses = addresses
        self._file = pathlib.Path(folder) / "resolv.conf"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._socket.bind(("127.0.0.1", 53))
        self._thread.start()
        self._file.write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:2\n")
        subprocess.run(["mount", "--bind", self._file, "/etc/resolv.conf"], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "/etc/resolv.conf"], check=True)
        with contextlib.suppress(OSError):  # Linux tells it so; the thread wakes all the same.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, asker = self._socket.recvfrom(512)
            if not question:
                return
            self._socket.sendto(self._answer(question), asker)

    def _answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        name, end = ".".join(labels), at + 5
        kind = struct.unpack_from("!H", question, at + 1)[0]
        answers = b""
        if kind == _ADDRESS and name in self._addresses:
            known = self._addresses[name]
            address = known[self.asked[name] % len(known)]
            self.asked[name] += 1
            # The name is the question's; kept for no time.
            answers = struct.pack("!HHHIH", 0xC00C, _ADDRESS, _IN, 0, 4) + socket.inet_aton(address)
        header = question[:2] + struct.pack("!HHHHH", 0x8180 if name in self._addresses else 0x8183, 1, bool(answers), 0, 0)
        return header + question[12:end] + answers


@contextlib.contextmanager
def also_here(*addresses):
    """These addresses are the laboratory's own meanwhile, whosever they are outside."""
    for address in addresses:
        subprocess.run(["ip", "addr", "add", address, "dev", "lo"], check=True)
    try:
        yield
    finally:
        for address in addresses:
            subprocess.run(["ip", "addr", "del", address, "dev", "lo"], check=True)
