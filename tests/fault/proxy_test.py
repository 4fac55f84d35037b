"""The proxy does to what passes what it is told, and nothing else."""

import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local"))
from lines import Proxy  # noqa: E402
from platen_local.ports import free_ports  # noqa: E402
from platen_local.processes import wait_until  # noqa: E402

_DEADLINE_S = 30


class TcpTest(unittest.TestCase):
    def setUp(self):
        self.far = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.far.close)
        (port,) = free_ports(1)
        self.proxy = Proxy([f"tcp:{port}:{self.far.getsockname()[1]}"])
        self.addCleanup(self.proxy.close)
        self.port = port

    def connect(self):
        near = socket.create_connection(("127.0.0.1", self.port), timeout=_DEADLINE_S)
        far, _ = self.far.accept()
        far.settimeout(_DEADLINE_S)
        for end in (near, far):
            self.addCleanup(end.close)
        return near, far

    def test_both_directions_pass_unchanged_and_an_end_is_passed_on(self):
        near, far = self.connect()
        sent = bytes(range(256)) * 4000
        thread = threading.Thread(target=lambda: (near.sendall(sent), near.shutdown(socket.SHUT_WR)))
        thread.start()

        self.assertEqual(_all(far), sent)
        thread.join()
        far.sendall(b"answer")
        far.close()
        self.assertEqual(_all(near), b"answer")

    def test_a_corrupted_chunk_differs_in_one_bit_and_is_counted(self):
        near, far = self.connect()
        self.proxy.set(corrupt=1, seed=1)

        near.sendall(b"\0" * 100)

        got = _exactly(far, 100)
        self.assertEqual(sum(bin(byte).count("1") for byte in got), 1)
        self.assertEqual(self.proxy.heal()["corrupt"], 1)
        near.sendall(b"\0" * 100)
        self.assertEqual(_exactly(far, 100), b"\0" * 100)

    def test_half_closed_the_other_direction_goes_on(self):
        near, far = self.connect()
        self.proxy.set(half_close=1)
        near.sendall(b"lost")
        self.assertEqual(far.recv(10), b"")
        self.proxy.heal()

        far.sendall(b"still here")

        self.assertEqual(_exactly(near, 10), b"still here")

    def test_a_reset_ends_both_ends_at_once(self):
        near, far = self.connect()
        self.proxy.set(reset=1)

        near.sendall(b"lost")

        for end in (near, far):
            with self.assertRaises(ConnectionResetError):
                if end.recv(10) == b"":
                    raise ConnectionResetError

    def test_a_stalled_line_takes_what_fits_its_buffers_and_delivers_it_later(self):
        near, far = self.connect()
        near.sendall(b"before")
        self.assertEqual(_exactly(far, 6), b"before")
        self.proxy.set(stalled=True)
        near.sendall(b"a")  # The read that was under way may still pass this one.
        near.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            while True:
                near.sendall(b"x" * 65536)
        self.proxy.heal()
        self.assertEqual(_exactly(far, 2), b"ax")


class UdpTest(unittest.TestCase):
    def setUp(self):
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for end in (self.far, self.near):
            self.addCleanup(end.close)
            end.settimeout(_DEADLINE_S)
        self.far.bind(("127.0.0.1", 0))
        (port,) = free_ports(1)
        self.proxy = Proxy([f"udp:127.0.0.1:{port}:{self.far.getsockname()[1]}"])
        self.addCleanup(self.proxy.close)
        self.near.connect(("127.0.0.1", port))

    def test_a_datagram_and_its_answer_pass(self):
        self.near.send(b"question")
        data, client = self.far.recvfrom(100)
        self.far.sendto(b"answer", client)

        self.assertEqual((data, self.near.recv(100)), (b"question", b"answer"))

    def test_a_duplicated_datagram_comes_twice(self):
        self.proxy.set(duplicate=1)

        self.near.send(b"again")

        self.assertEqual([self.far.recv(100), self.far.recv(100)], [b"again", b"again"])

    def test_a_lost_datagram_is_counted_and_does_not_come(self):
        self.proxy.set(lose=1)
        self.near.send(b"lost")
        wait_until(lambda: self.proxy.set(lose=1).get("lose") == 1, "the loss to be counted", _DEADLINE_S)
        self.proxy.heal()

        self.near.send(b"next")

        self.assertEqual(self.far.recv(100), b"next")

    def test_with_jitter_datagrams_overtake_each_other(self):
        self.proxy.set(jitter=0.3, seed=1)
        for number in range(50):
            self.near.send(bytes([number]))

        came = [self.far.recv(100)[0] for _ in range(50)]

        self.assertEqual(sorted(came), list(range(50)))
        self.assertNotEqual(came, sorted(came))


def _exactly(end, count):
    """So many bytes, or fewer where the line ends. (MSG_WAITALL waits for nothing on a socket that has a timeout.)"""
    got = b""
    while len(got) < count and (more := end.recv(count - len(got))):
        got += more
    return got


def _all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


if __name__ == "__main__":
    unittest.main(verbosity=2)
