"""The row that takes long: whether anything grows."""

import statistics

from obligations import Broken
from table import row

_MINUTES = 10  # Of each third: all well, the gateway away, all well again.
_FLAT = 1.1
# What they remember of events and of messages told has bounds (50,000 ids, for one) that half an hour does not reach.
_REMEMBER = {"gateway": 64, "notifier": 32}


@row(
    32, "30 minutes of load, the gateway away for ten of them", "B: memory of collectors and relay flat within 10 %; lag returns to nothing; C I M A L",
    long=True, at_least=[("kill gateway", 1)],
)  # fmt: skip
def soak(lab):
    seconds = 60 * _MINUTES if not lab.short else 20
    lab.go_on(seconds / 2)  # Caches fill.
    before = _resident(lab, seconds / 2)
    lab.kill("gateway")
    away = _resident(lab, seconds)
    lab.start("gateway")
    lab.ready("gateway")
    lab.go_on(seconds / 2)
    after = _resident(lab, seconds / 2)
    lab.figures["resident MB"] = {
        name: [round(phase[name], 1) for phase in (before, away, after) if name in phase] for name in before
    }
    grown = sorted(
        {
            name
            for name, was in before.items()
            for phase in (away, after)
            if phase.get(name, was) > was * _FLAT + _REMEMBER.get(name, 0)
        }
    )
    if grown and not lab.short:
        raise Broken(f"{', '.join(grown)} grew; MB before, while the gateway was away, and after: {lab.figures['resident MB']}")


def _resident(lab, seconds):
    """Median of each process's memory over a while, in MB."""
    seen = {}
    for _ in range(20):
        lab.go_on(seconds / 20)
        for name in lab.parts.services:
            if lab.parts.is_running(name):
                seen.setdefault(name, []).append(lab.watch.resident(name))
    return {name: statistics.median(values) for name, values in seen.items()}
