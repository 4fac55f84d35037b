"""Rows about clocks that step while a process runs (stepped_clock.cc; monotonic clocks go on as they did)."""

from laboratory import Setup
from table import row

_STEPS_S = {"an hour ahead": 3600, "an hour back": -3600, "a day back": -86_400, "a day ahead": 86_400, "a minute back": -60, "right": 0}


@row(
    11, "the wall clock steps by a minute, an hour, a day, in each service alone and in all", "timers go on; nothing expires; C M A L",
    Setup(faked_clocks=True), at_least=[("clock steps", 15)],
)  # fmt: skip
def step_clocks(lab):
    services = lab.parts.services
    for _ in range(lab.times(3, 1)):
        for name in [*lab.random.sample(services, len(services)), None]:
            step = lab.random.choice(list(_STEPS_S.values()))
            for each in services if name is None else [name]:
                lab.step_clock(each, step)
            lab.go_on_between(2, 6)
    for name in services:
        lab.step_clock(name, 0)
