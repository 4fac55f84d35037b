"""Rows about a cluster of three brokers: replication 3, and no acknowledgement by fewer than two."""

from laboratory import Setup
from table import row

_CLUSTER = Setup(brokers=3, events_per_second=100)


@row(
    3, "three brokers: leaders killed and stopped, two killed at once", "C I M A L; producers survive lost sequences",
    _CLUSTER, at_least=[("kill kafka", 5), ("stop kafka", 1)],
)  # fmt: skip
def change_leaders(lab):
    nodes = lab.brokers.names
    for node in lab.random.sample(nodes, lab.times(3, 1)):
        lab.go_on_between(1, 4)
        lab.kill(node)
        lab.go_on_between(3, 12)
        lab.start(node)
        lab.ready(node)
    # A leader that stands still while others take over, and then goes on as if nothing had been.
    lab.go_on_between(1, 3)
    zombie = lab.random.choice(nodes)
    lab.pause(zombie)
    lab.go_on_between(8, 14)
    lab.resume(zombie)
    # Two at once: the one that is left may neither take records nor choose leaders.
    for _ in range(lab.times(2, 1)):
        lab.go_on_between(2, 5)
        both = lab.random.sample(nodes, 2)
        for node in both:
            lab.kill(node)
        lab.go_on_between(1, 10)
        for node in both:
            lab.start(node)
        lab.ready(*nodes)
