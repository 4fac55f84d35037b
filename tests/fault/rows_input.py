"""Rows about bytes that nobody can use: in Kafka, at the gateway's door, from printers."""

import base64
import hashlib
import subprocess
import time
from dataclasses import dataclass

import intruder
from laboratory import BUILD
from table import row

# The gateway's quota for gRPC, and what else it takes meanwhile.
_QUOTA_MB = 256 + 64
_REASONS = ("undecodable", "invalid", "too-large", "wrong-id", "foreign-tenant", "empty")


@dataclass(frozen=True)
class _Poison:
    """A record that stands in Kafka."""

    kind: str
    topic: str
    partition: int
    offset: int
    digest: str
    bytes: int

    @property
    def place(self):
        return (self.topic, self.partition, self.offset)


@row(
    18, "records that nobody can use: cut, of another schema, 900 KB, nested 20,000 deep, lengths of 2³¹, broken text, empty",
    "each becomes a dead letter with its bytes, reason and origin; its partition goes on; B C I",
    dead_letters=_REASONS, short=True, at_least=[("poison", 200)],
)  # fmt: skip
def poison_topics(lab):
    before = {_origin(letter) for letter in _letters(lab)}
    resident = {name: lab.watch.resident(name) for name in ("relay", "gateway", "notifier")}
    poison, longest = [], 0.0
    for _ in range(lab.times(6, 1)):
        lab.go_on_between(0.5, 2)
        more = _spread_poison(lab)
        began = time.monotonic()
        lab.faults["poison"] += len(more)
        poison += more
        places = {each.place for each in more}
        lab.wait(lambda wanted=places: wanted <= {_origin(letter) for letter in _letters(lab)}, "all poison to be dead letters")
        longest = max(longest, time.monotonic() - began)
        lab.recovers("poison")
    lab.figures["until all were dead letters, s"] = round(longest, 1)
    letters = [letter for letter in _letters(lab) if _origin(letter) not in before]
    _check_letters(lab, {each.place: each for each in poison}, letters)
    for name, megabytes in resident.items():
        more = round(lab.watch.resident(name) - megabytes)
        lab.figures[f"{name}, MB more"] = more
        lab.require(more < 100, f"{name} took {more} MB more with the poison")


def _check_letters(lab, poison, letters):
    by_relay = {}
    for letter in letters:
        place = _origin(letter)
        payload = base64.b64decode(letter.pop("payload", ""))
        if place not in poison and b"notifier-deliver" in payload:
            # An alarm of a tenant or place that is none was told; the report of that is refused as the alarm was.
            lab.require(letter["reason"] in ("invalid", "foreign-tenant"), "a report is refused", letter)
            continue
        lab.require(place in poison, "a dead letter of what was no poison", letter)
        same = hashlib.sha256(payload).hexdigest() == poison[place].digest
        lab.require(same, "other bytes than the poison had", poison[place], len(payload))
        lab.require(letter["reason"] in _REASONS and letter.get("detail"), "a dead letter without a reason in words", place, letter)
        if letter["refusedBy"] != "notifier":
            by_relay.setdefault(place, []).append(letter["reason"])
    # What the notifier refuses, it refuses beside the others.
    missing = poison.keys() - by_relay.keys()
    lab.require(not missing, "poison that only the notifier told of", *(poison[place] for place in missing))
    kinds = {}
    for place, reasons in by_relay.items():
        lab.require(len(set(reasons)) == 1, "a record with two reasons", poison[place], reasons)
        kinds.setdefault(poison[place].kind, set()).add(reasons[0])
    lab.figures["reasons"] = {kind: "/".join(sorted(reasons)) for kind, reasons in sorted(kinds.items())}


def _spread_poison(lab):
    command = [BUILD / "tests" / "fault_poison", lab.parts.bootstrap, lab.folder / "devices", str(lab.random.randrange(1 << 30))]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    lab.require(said.returncode == 0, "the poison could not be written", said.stderr)
    found = [line.split() for line in said.stdout.splitlines()]
    return [_Poison(kind, topic, int(part), int(offset), digest, int(size)) for kind, topic, part, offset, digest, size in found]


def _letters(lab):
    """platen.event.v1.DeadLetter, all of them, as an operator sees them."""
    return lab.control.objects("deadletter", "list")


def _origin(letter):
    return (letter["topic"], letter.get("partition", 0), int(letter.get("offset", 0)))


@row(
    24, "messages of 4 GB, fields of 2³¹ bytes, groups 100,000 deep, zstd bombs, at the gateway's door with a good certificate",
    "refused before memory is taken, or within the quota; others go on; B C", short=True, at_least=[("hostile streams", 60)],
)  # fmt: skip
def storm_door(lab):
    resident = lab.watch.resident("gateway")
    stored = len(lab.store.read().order)
    kinds, ended = intruder.hostile(lab.random), {}
    for _ in range(lab.times(6, 1)):
        for kind in lab.random.sample(sorted(kinds), len(kinds)):
            began = time.monotonic()
            visit = intruder.Visit(lab.plan.ports["gateway-grpc"], lab.plan.path("ca"), "relay")
            try:
                visit.send(kinds[kind])
                lab.wait(visit.is_over, f"the gateway to end a stream with {kind}")
            finally:
                visit.close()
            lab.faults["hostile streams"] += 1
            ended[kind] = round(time.monotonic() - began, 1)
            more = round(lab.watch.resident("gateway") - resident)
            lab.require(more < 64, f"the gateway took {more} MB more for {kind}")
        lab.go_on_between(0.2, 1)
    if not lab.short:
        for kind, beginning in intruder.endless().items():
            _pour(lab, kind, beginning, resident)
    lab.figures["longest until a stream was ended, s"] = max(ended.values())
    lab.figures["gateway, MB more"] = round(lab.watch.resident("gateway") - resident)
    lab.require(len(lab.store.read().order) > stored, "nothing came in meanwhile")
    lab.recovers("hostile streams")


def _pour(lab, kind, beginning, resident):
    """Sends as much as the gateway takes, at the most 200 MB. gRPC refuses a message once it has it: what bounds it is the quota of
    all connections together (docs/known-gaps.md), and others' events pass meanwhile."""
    stored = len(lab.store.read().order)
    visit = intruder.Visit(lab.plan.ports["gateway-grpc"], lab.plan.path("ca"), "relay")
    sent, most, idle_since = visit.send(beginning), 0, time.monotonic()

    def has_ended():
        nonlocal sent, most, idle_since
        went = visit.send(bytes(1 << 20))
        sent += went
        idle_since = time.monotonic() if went else idle_since
        most = max(most, round(lab.watch.resident("gateway") - resident))
        lab.require(most < _QUOTA_MB, f"the gateway holds {most} MB of {kind}; {sent >> 20} MB were sent")
        return visit.is_over() or sent > 200 << 20 or time.monotonic() - idle_since > 20

    try:
        lab.wait(has_ended, f"the gateway to end or to hold up {kind}")
        lab.require(len(lab.store.read().order) > stored, f"nothing came in beside {kind}")
        lab.figures[f"{kind}: KB taken, MB held, ended"] = [sent >> 10, most, visit.is_over()]
    finally:
        visit.close()
    lab.faults["hostile streams"] += 1
