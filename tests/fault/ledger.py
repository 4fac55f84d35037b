"""What the laboratory knows of events: tried and acknowledged by the source, seen in Kafka by the witness, stored by the gateway.
Each is read on where it was left off. told.py knows what people were told."""

import collections
import hashlib
import pathlib
import re
import sqlite3

from platen_local.processes import ProcessError

_LANES = ("alerts", "telemetry", "logs")  # As a spool's rows are sorted.
# The source's alarms: one in four covers another, which begins and ends within it.
ALARM = re.compile(r"fault-\d+-\d+(-covering|-covered)?\.")


class Lines:
    """New whole lines of a file that grows."""

    def __init__(self, path):
        self._path = pathlib.Path(path)
        self._at = 0

    def more(self):
        if not self._path.exists():
            return []
        with open(self._path, "rb") as file:
            file.seek(self._at)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._at += len(whole)
        return whole.decode(errors="replace").splitlines()


class SourceLedger:
    """What the load program tried, in order, and what Kafka acknowledged to it."""

    def __init__(self, path):
        self._lines = Lines(path)
        self.tried = {}  # id: (sha256, (topic, partition))
        self.acknowledged = set()

    def read(self):
        for line in self._lines.more():
            word, *rest = line.split()
            if word == "A":
                self.tried[rest[0]] = (rest[1], (rest[2], int(rest[3])))
            else:
                self.acknowledged.add(rest[0])
        return self


class Witness:
    """What Kafka had."""

    def __init__(self, path):
        self._lines = Lines(path)
        self.digests = collections.defaultdict(set)  # id: sha256 of all records with this id
        self.records = 0
        self.alarms = {}  # (alert id, RAISED | ENDED) of the source's: whether seen
        self.jams = collections.defaultdict(set)  # (device, alert id) of jams that collectors saw: transitions
        self.numbers = collections.defaultdict(set)  # stream, as gaps name it: numbers of its events
        self.given_up = collections.defaultdict(list)  # stream: (first, last) that gaps tell as given up
        self.dead_letters = collections.Counter()  # id: how often
        self.reasons = collections.Counter()  # Of this row's dead letters.
        self.no_events = []  # (topic, partition, offset, sha256)
        self.commits = 0
        self.fallen = []  # Commits that went back: in words.
        self._committed = {}

    def read(self):
        for line in self._lines.more():
            word, *rest = line.split()
            getattr(self, f"_see_{word}")(*rest)
        return self

    def _see_E(self, _topic, _partition, _offset, identity, digest, transition="", alert="", device="", category="", *_):
        self.records += 1
        self.digests[identity].add(digest)
        if ALARM.fullmatch(alert):
            self.alarms[alert, transition] = True
        elif category == "JAM":
            self.jams[device, alert].add(transition)

    def _see_N(self, stream, number):
        self.numbers[stream].add(int(number))

    def _see_G(self, stream, first, last):
        self.given_up[stream].append((int(first), int(last)))

    def _see_X(self, topic, partition, offset, digest):
        self.no_events.append((topic, int(partition), int(offset), digest))

    def _see_D(self, identity, reason):
        self.dead_letters[identity] += 1
        self.reasons[reason] += 1

    def _see_C(self, group, topic, partition, offset):
        self.commits += 1
        place, offset = (group, topic, int(partition)), int(offset)
        if offset < self._committed.get(place, 0):
            self.fallen.append(f"{group} {topic}/{partition}: {self._committed[place]} → {offset}")
        self._committed[place] = offset

    def knows(self, stream, number):
        """Whether Kafka has the event of that number, or a gap that says another has it."""
        return number in self.numbers[stream] or any(first <= number <= last for first, last in self.given_up[stream])

    @property
    def repeated(self):
        """Records in Kafka whose id another record had before."""
        return self.records - len(self.digests)


class Store:
    """The gateway's ledger of events, in the order of its rows."""

    def __init__(self, path):
        self._path = path
        self._last = 0
        self.digests = {}  # id: sha256
        self.order = []  # ids
        self.repeated = []  # ids with more than one row
        self.own = set()  # ids of what the gateway's audit says itself

    def read(self):
        statement = "SELECT seq, lower(hex(id)), payload FROM events WHERE seq > ? ORDER BY seq"
        try:
            database = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=30)
            try:
                rows = database.execute(statement, (self._last,)).fetchall()
            finally:
                database.close()
        except sqlite3.OperationalError as error:
            raise ProcessError(f"the gateway's store can't be read: {error}") from error
        for number, identity, payload in rows:
            self._last = number
            if identity in self.digests:
                self.repeated.append(identity)
            self.digests[identity] = hashlib.sha256(payload).hexdigest()
            self.order.append(identity)
            if b"audit/" in payload:
                self.own.add(identity)
        return self


def spooled(path, instance):
    """(stream, number) of the events in a collector's spool. REQUIRES: the collector does not run."""
    if not pathlib.Path(path).exists():
        return set()
    database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=30)
    try:
        rows = database.execute("SELECT id, epoch, sequence, route FROM events").fetchall()
    finally:
        database.close()
    return {(f"{instance}/{epoch}/{_LANES[(place >> 56) - 1]}/{route}", number) for place, epoch, number, route in rows}
