#!/usr/bin/python3
"""A line between two parts that behaves as badly as it is told: for what the kernel here can't do (no netem).

  proxy.py tcp:LISTEN_PORT:PORT… udp:ADDRESS:LISTEN_PORT:PORT…

Each argument is a line on loopback. Standard input takes one JSON object a line, the faults from now on (Faults' fields; {} heals),
and each is answered with a line of counters: how often each fault has happened. It ends with its input.
"""

import asyncio
import dataclasses
import json
import random
import socket
import sys


@dataclasses.dataclass
class Faults:
    """Times in seconds, chances from 0 to 1. All of it concerns both directions."""

    delay: float = 0.0  # Each chunk or datagram waits so long,
    jitter: float = 0.0  # and up to so much longer: datagrams overtake each other.
    duplicate: float = 0.0  # UDP: chance of a datagram to come twice.
    lose: float = 0.0  # UDP: chance of a datagram to be lost.
    corrupt: float = 0.0  # TCP: chance of a chunk to have a byte changed.
    half_close: float = 0.0  # TCP: chance of a chunk to be the last in its direction; the other goes on.
    reset: float = 0.0  # TCP: chance of a chunk to end both directions at once, unread.
    bytes_per_second: int = 0  # TCP: bandwidth of each direction of each connection; 0: no bound.
    stalled: bool = False  # TCP: nothing is read, connections stay.
    seed: int = 0


class Line:
    """What all lines of this process share: faults and counters."""

    def __init__(self):
        self.set({})

    def set(self, told):
        """Faults from now on. Their random choices begin anew with the seed."""
        self.faults = Faults(**told)
        self.random = random.Random(self.faults.seed)
        self.counters = getattr(self, "counters", {})

    def count(self, what):
        self.counters[what] = self.counters.get(what, 0) + 1

    def happens(self, what):
        """Whether this fault strikes now."""
        strikes = self.random.random() < getattr(self.faults, what)
        if strikes:
            self.count(what)
        return strikes

    def waiting_time(self):
        """How long what has just come is to wait."""
        wait = self.faults.delay + self.random.random() * self.faults.jitter
        if wait:
            self.count("delayed")
        return wait


# --- TCP ------------------------------------------------------------------------------------------------------------------

_CHUNK = 16384


async def serve_tcp(line, listen, to):
    """One port, each connection led on to another."""
    running = set()

    async def connected(reader, writer):
        # The loop itself refers to tasks weakly: this one ends with its connection, and not before.
        running.add(asyncio.current_task())
        try:
            await lead(reader, writer)
        finally:
            running.discard(asyncio.current_task())

    async def lead(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
        except OSError:
            writer.transport.abort()
            return
        both = (writer.transport, far_writer.transport)
        line.count("connections")
        await asyncio.gather(_pump(line, reader, far_writer, both), _pump(line, far_reader, writer, both))
        for transport in both:
            transport.close()

    await asyncio.start_server(connected, "127.0.0.1", listen, limit=4 * _CHUNK)


async def _pump(line, reader, writer, both):
    try:
        while True:
            if line.faults.stalled:
                line.count("stalled")
            while line.faults.stalled:
                await asyncio.sleep(0.05)
            chunk = await reader.read(_CHUNK)
            if not chunk:
                break
            chunk = await _worsen(line, chunk, both)
            if chunk is None:
                break
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        for transport in both:
            transport.abort()


async def _worsen(line, chunk, both):
    """What becomes of a chunk; None where it is the last one."""
    if line.happens("reset"):
        for transport in both:
            transport.abort()
        return None
    if line.happens("half_close"):
        return None
    if line.happens("corrupt"):
        at = line.random.randrange(len(chunk))
        chunk = chunk[:at] + bytes([chunk[at] ^ (1 << line.random.randrange(8))]) + chunk[at + 1 :]
    wait = line.waiting_time()
    if line.faults.bytes_per_second:
        wait += len(chunk) / line.faults.bytes_per_second
        line.count("slowed")
    if wait:
        await asyncio.sleep(wait)
    return chunk


# --- UDP ------------------------------------------------------------------------------------------------------------------


class _Server(asyncio.DatagramProtocol):
    """The side that clients send to. Each client gets a socket of its own towards the far side."""

    def __init__(self, line, far):
        self._line, self._far, self._clients = line, far, {}

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, client):
        if client not in self._clients:
            self._clients[client] = _Client(self._line, self._far, lambda back: self._transport.sendto(back, client))
        pass_datagram(self._line, data, self._clients[client].send)


class _Client(asyncio.DatagramProtocol):
    """One client's socket towards the far side."""

    def __init__(self, line, far, answer):
        self._line, self._answer, self._ready = line, answer, []
        self._transport = None
        loop = asyncio.get_running_loop()
        # The far side may be an address of 127.0.0.0/8 that answers only from itself.
        self._task = loop.create_task(loop.create_datagram_endpoint(lambda: self, remote_addr=far))

    def connection_made(self, transport):
        self._transport = transport
        for data in self._ready:
            transport.sendto(data)

    def send(self, data):
        if self._transport:
            self._transport.sendto(data)
        else:
            self._ready.append(data)

    def datagram_received(self, data, _):
        pass_datagram(self._line, data, self._answer)

    def error_received(self, _):
        self._line.count("refused")


def pass_datagram(line, data, send):
    """Sends it now or later, once, twice or never."""
    if line.happens("lose"):
        return
    for _ in range(2 if line.happens("duplicate") else 1):
        wait = line.waiting_time()
        if wait:
            asyncio.get_running_loop().call_later(wait, send, data)
        else:
            send(data)


async def serve_udp(line, address, listen, to):
    """One address and port, led on to another port of the same address."""
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    near.bind((address, listen))
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Server(line, (address, to)), sock=near)


# --- the program ----------------------------------------------------------------------------------------------------------


async def main(lines):
    """Serves until standard input ends."""
    line = Line()
    for words in (argument.split(":") for argument in lines):
        if words[0] == "tcp":
            await serve_tcp(line, int(words[1]), int(words[2]))
        else:
            await serve_udp(line, words[1], int(words[2]), int(words[3]))
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    print(json.dumps({}), flush=True)  # It serves.
    while command := await commands.readline():
        line.set(json.loads(command))
        print(json.dumps(line.counters), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
