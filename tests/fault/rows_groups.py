"""The row about relays that come and go."""

import time

from table import row

_RELAYS = ("relay", "relay-2", "relay-3", "relay-4")
# Members of a group come and go without anybody's standing still for longer.
_IDLE_MAX_S = 10.0
# A killed relay is missed at the end of its session, 6 s. One that is killed while the group makes room for it counts as there,
# is given partitions, and is missed a session later. Beside that, two rounds of a rebalance and the tick of heartbeats.
_AFTER_KILLS_MAX_S = 2 * 6 + 6.0


@row(
    19, "relays join and leave, 1 to 4 at a time; are killed one by one; then faster than their sessions end",
    "M: nothing is committed by who has lost it; no partition stays idle for 10 s, and for 18 s after the last of many kills; C",
    at_least=[("relay joins", 10), ("relay leaves", 10), ("kill relay", 8)],
)  # fmt: skip
def storm_group(lab):
    for name in _RELAYS[1:]:
        lab.parts.add_relay(name)
    storm = _Storm(lab)
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


def _recovers(lab, what, most):
    took = lab.recovers(what)
    lab.require(took <= most, f"fresh events took {took:.1f} s after {what}, at most {most:.0f}")


class _Storm:
    """Relays that join, and leave in order; meanwhile it looks for how long a partition has stood still."""

    def __init__(self, lab):
        self.idle = 0.0
        self._lab = lab
        self._leaving = {}  # Their processes.
        self._last = {}

    def change(self):
        """One relay joins or leaves. One at least stays."""
        lab = self._lab
        name = lab.random.choice(_RELAYS)
        running = [each for each in _RELAYS if lab.parts.is_running(each) and each not in self._leaving]
        if name in running and len(running) == 1:
            name = lab.random.choice([each for each in _RELAYS if each != name])
        if name in running:
            # It says farewell to its group, which may take a while, and is awaited only where it is to come back.
            self._leaving[name] = lab.parts.begin_stop(name)
            lab.faults["relay leaves"] += 1
        else:
            self._await_gone(name)
            lab.start(name)
            lab.faults["relay joins"] += 1
        self._go_on(lab.random.uniform(0.2, 2))

    def settle(self):
        """Returns when whoever leaves has left."""
        for name in _RELAYS:
            self._await_gone(name)

    def start_all(self):
        """Starts those that do not run; returns when all serve."""
        for name in _RELAYS:
            if not self._lab.parts.is_running(name):
                self._lab.start(name)
        self._lab.ready(*_RELAYS)

    def _await_gone(self, name):
        if name not in self._leaving:
            return
        process = self._leaving.pop(name)
        while process.is_running():
            self._go_on(0.2)
        self._lab.require(process.wait_end() == 0, f"{name} did not stop in order")

    def _go_on(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._lab.go_on(min(0.5, end - time.monotonic()))
            self.idle = max(self.idle, self._longest_idle())

    def _longest_idle(self):
        """For how long the stillest partition has passed nothing. Only one that has something to pass counts."""
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
