"""The rows about members of a group that come and go: relays, notifiers that go by rules, collectors."""

import time

from laboratory import Setup
from obligations import owed_messages
from polled import Unpolled
from table import row

_RELAYS = ("relay", "relay-2", "relay-3", "relay-4")
_COLLECTORS = ("collector-1", "collector-2", "collector-3")
_NOTIFIERS = ("notifier", "notifier-2", "notifier-3")
# Members of a group come and go without anybody's standing still for longer.
_IDLE_MAX_S = 10.0
# A printer that is asleep is polled each two seconds here.
_UNPOLLED_MAX_S = 2 + 10.0
# A killed relay is missed at the end of its session, 6 s. One that is killed while the group makes room for it counts as there,
# is given partitions, and is missed a session later. Beside that, two rounds of a rebalance and the tick of heartbeats.
_AFTER_KILLS_MAX_S = 2 * 6 + 6.0
# A message waits for others of its group for 8 s at the most (rules.yaml), and so does what began to wait anew with another member.
_UNTOLD_MAX_S = _IDLE_MAX_S + 8 + 10.0
_UNTOLD_AFTER_KILLS_MAX_S = _AFTER_KILLS_MAX_S + 8 + 10.0


@row(
    19, "relays join and leave, 1 to 4 at a time; are killed one by one; then faster than their sessions end",
    "M: nothing is committed by who has lost it; no partition stays idle for 10 s, and for 18 s after the last of many kills; C",
    at_least=[("relay joins", 10), ("relay leaves", 10), ("kill relay", 8)],
)  # fmt: skip
def storm_group(lab):
    for name in _RELAYS[1:]:
        lab.parts.add_copy(name)
    storm = _Storm(lab, _RELAYS, _Partitions(lab).longest_idle)
    for _ in range(lab.times(40, 6)):
        storm.change()
    storm.settle()
    lab.figures["longest idle partition while relays joined and left, s"] = round(storm.idle, 1)
    lab.require(storm.idle <= _IDLE_MAX_S, f"a partition was idle for {storm.idle:.1f} s while relays joined and left")
    for _ in range(lab.times(4, 1)):
        storm.start_all()
        lab.kill(lab.random.choice(_RELAYS))
        _recovers(lab, "one kill", _IDLE_MAX_S)
    for _ in range(lab.times(2, 1)):
        storm.start_all()
        for name in lab.random.sample(_RELAYS, 3):
            lab.kill(name)
            lab.go_on_between(0, 2)
            lab.start(name)
            lab.go_on_between(0, 2)
        _recovers(lab, "many kills", _AFTER_KILLS_MAX_S)
    for name in _RELAYS[1:]:
        lab.require(lab.parts.stop(name) == 0, f"{name} did not stop in order")


@row(
    19, "notifiers with rules that group and inhibit join and leave, 1 to 3 at a time; are killed one by one, then several",
    "M: nothing is committed by who has lost it; A: all is told 28 s after they came to rest, 36 s after many kills; nothing inhibited is told",
    Setup(by_rules=True), at_least=[("notifier joins", 10), ("notifier leaves", 10), ("kill notifier", 8)],
)  # fmt: skip
def storm_notifiers(lab):
    for name in _NOTIFIERS[1:]:
        lab.parts.add_copy(name)
    untold = _Untold(lab)
    storm = _Storm(lab, _NOTIFIERS, untold.longest)
    for _ in range(lab.times(40, 6)):
        storm.change()
    storm.settle()
    storm.start_all()
    # Messages begin to wait for others anew with each member that their group goes to: while members change, that is measured only.
    _tells(lab, storm, "notifiers that joined and left", _UNTOLD_MAX_S)
    for _ in range(lab.times(4, 1)):
        lab.kill(lab.random.choice(_NOTIFIERS))
        storm.go_on(lab.random.uniform(0, 8))
        storm.start_all()
        _tells(lab, storm, "one kill", _UNTOLD_MAX_S)
    for _ in range(lab.times(2, 1)):
        for name in lab.random.sample(_NOTIFIERS, 3):
            lab.kill(name)
            storm.go_on(lab.random.uniform(0, 2))
            lab.start(name)
            storm.go_on(lab.random.uniform(0, 2))
        storm.start_all()
        _tells(lab, storm, "many kills", _UNTOLD_AFTER_KILLS_MAX_S)
    for name in _NOTIFIERS[1:]:
        lab.require(lab.parts.stop(name) == 0, f"{name} did not stop in order")


@row(
    19, "collectors join and leave, 1 to 3 at a time (an upgrade); are killed one by one; stand still beyond their session, and go on",
    "C M A: no alert is raised twice or missed; no printer is unpolled for an interval and 10 s",
    at_least=[("collector-1 joins", 10), ("collector-1 leaves", 10), ("kill collector", 4), ("stop collector", 3)],
)  # fmt: skip
def storm_collectors(lab):
    lab.parts.add_copy(_COLLECTORS[2])
    unpolled = Unpolled(lab)
    storm = _Storm(lab, _COLLECTORS, unpolled.longest)
    for _ in range(lab.times(40, 6)):
        storm.change()
    storm.settle()
    storm.start_all()
    _polls(lab, storm, "collectors joined and left")
    for _ in range(lab.times(4, 1)):
        lab.kill(lab.random.choice(_COLLECTORS))
        storm.go_on(lab.random.uniform(8, 14))
        storm.start_all()
    _polls(lab, storm, "collectors were killed")
    for _ in range(lab.times(3, 1)):
        name = lab.random.choice(_COLLECTORS)
        lab.pause(name)
        storm.go_on(lab.random.uniform(8, 14))
        lab.resume(name)
        storm.go_on(lab.random.uniform(2, 5))
    _polls(lab, storm, "collectors stood still")
    lab.require(lab.parts.stop(_COLLECTORS[2]) == 0, f"{_COLLECTORS[2]} did not stop in order")


def _polls(lab, storm, what):
    lab.figures[f"longest a printer was not asked while {what}, s"] = round(storm.idle, 1)
    lab.require(storm.idle <= _UNPOLLED_MAX_S, f"a printer was not asked for {storm.idle:.1f} s while {what}")
    storm.idle = 0.0


def _tells(lab, storm, what, most):
    """Returns when all that is owed by now is told, so many seconds from now at the most."""
    lab.witness.read()
    owed = owed_messages(lab)
    began = time.monotonic()
    while not owed <= lab.told.read().taken.keys():
        lab.require(time.monotonic() - began < most, f"alarms were not told {most:.0f} s after {what}", *sorted(owed - lab.told.taken.keys()))
        storm.go_on(0.5)
    longest = f"longest until told with {what}, s"
    lab.figures[longest] = max(round(storm.idle, 1), lab.figures.get(longest, 0))
    storm.idle = 0.0


def _recovers(lab, what, most):
    took = lab.recovers(what)
    lab.require(took <= most, f"fresh events took {took:.1f} s after {what}, at most {most:.0f}")


class _Storm:
    """Members that join, and leave in order; meanwhile it looks for how long something has stood still, in seconds (`idle`)."""

    def __init__(self, lab, members, look):
        self.idle = 0.0
        self._lab = lab
        self._members = members
        self._look = look
        self._leaving = {}  # Their processes.

    def change(self):
        """One member joins or leaves. One at least stays."""
        lab = self._lab
        name = lab.random.choice(self._members)
        running = [each for each in self._members if lab.parts.is_running(each) and each not in self._leaving]
        if name in running and len(running) == 1:
            name = lab.random.choice([each for each in self._members if each != name])
        kind = self._members[0]
        if name in running:
            # It says farewell to its group, which may take a while, and is awaited only where it is to come back.
            self._leaving[name] = lab.parts.begin_stop(name)
            lab.faults[f"{kind} leaves"] += 1
        else:
            self._await_gone(name)
            lab.start(name)
            lab.faults[f"{kind} joins"] += 1
        self.go_on(lab.random.uniform(0.2, 2))

    def settle(self):
        """Returns when whoever leaves has left."""
        for name in self._members:
            self._await_gone(name)

    def start_all(self):
        """Starts those that do not run; returns when all serve."""
        for name in self._members:
            if not self._lab.parts.is_running(name):
                self._lab.start(name)
        self._lab.ready(*self._members)

    def _await_gone(self, name):
        if name not in self._leaving:
            return
        process = self._leaving.pop(name)
        while process.is_running():
            self.go_on(0.2)
        self._lab.require(process.wait_end() == 0, f"{name} did not stop in order")

    def go_on(self, seconds):
        """Lets the load go on, and looks."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._lab.go_on(min(0.5, end - time.monotonic()))
            self.idle = max(self.idle, self._look())


class _Partitions:
    """For how long the stillest partition has passed nothing. Only one that has something to pass counts."""

    def __init__(self, lab):
        self._lab = lab
        self._last = {}

    def longest_idle(self):
        now, last = time.monotonic(), self._last
        stored, tried = self._lab.store.read(), self._lab.source_ledger.read().tried
        waiting = {place for identity, (_, place) in tried.items() if identity not in stored.digests}
        count = {}
        for identity in stored.order:
            if identity in tried:
                count[tried[identity][1]] = count.get(tried[identity][1], 0) + 1
        for place in {place for _, place in tried.values()}:
            if place not in waiting or last.get(place, (0, now))[0] != count.get(place, 0):
                last[place] = (count.get(place, 0), now)
        return max(now - since for _, since in last.values())


class _Untold:
    """For how long the oldest message that is owed has waited."""

    def __init__(self, lab):
        self._lab = lab
        self._since = {}

    def longest(self):
        now = time.monotonic()
        self._lab.witness.read()
        taken = self._lab.told.read().taken
        self._since = {key: self._since.get(key, now) for key in owed_messages(self._lab) - taken.keys()}
        return max((now - since for since in self._since.values()), default=0.0)
