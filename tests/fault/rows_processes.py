"""Rows about processes that are killed or stand still."""

from laboratory import Setup
from table import row

KILLED = ("collector-1", "collector-2", "relay", "gateway", "notifier")


@row(
    1, "kill -9 of collectors, relay, gateway, notifier, at random moments", "C I M A L", short=True,
    at_least=[("kill collector", 4), ("kill relay", 2), ("kill gateway", 2), ("kill notifier", 2)],
)  # fmt: skip
def kill_services(lab):
    # Each in turn, in a random order: no choice of the seed leaves one out.
    for _ in range(lab.times(5, 1)):
        for victim in lab.random.sample(KILLED, len(KILLED)):
            lab.go_on_between(0.2, 2.5)
            lab.kill(victim)
            lab.go_on_between(0, 1.5)
            lab.start(victim)
            # Now and then it is killed again before it serves.
            if lab.random.random() < 0.7:
                lab.ready(victim)


@row(
    2, "kill -9 of the only broker; of a collector, too, while its events are in the spool",
    "C I M A L; the notifier sends nothing again that it has delivered",
    at_least=[("kill kafka", 3), ("kill collector", 2)], again_max=8,
)  # fmt: skip
def kill_broker(lab):
    for number in range(lab.times(4, 1)):
        lab.go_on_between(1, 4)
        lab.kill("kafka-1")
        # Shorter and longer than it takes collectors to turn to their spools, and groups to expel their members.
        lab.go_on_between(0.5, 12)
        if number % 2 == 1 or lab.short:
            victim = lab.random.choice(lab.plan.collector_names)
            lab.wait(lambda each=victim: lab.metric(each, "platen_kafka_away") == 1, f"{victim} to turn to its spool")
            lab.parts.fleet.tell("print all 3")
            lab.wait(lambda each=victim: lab.metric(each, "platen_spool_bytes") > 0, f"{victim} to spool something")
            lab.go_on_between(0, 3)
            lab.kill(victim)
            lab.start(victim)
            lab.go_on_between(0, 2)
        lab.start("kafka-1")
        lab.ready("kafka-1")


@row(4, "SIGSTOP of the relay beyond its session, then SIGCONT", "M: nothing is committed after the fence; C", at_least=[("stop relay", 2)])
def stop_relay(lab):
    for _ in range(lab.times(3, 1)):
        lab.go_on_between(1, 3)
        lab.pause("relay")
        lab.go_on_between(7, 15)  # The session lasts 6 s.
        lab.resume("relay")
        lab.ready("relay")


@row(
    5, "SIGSTOP of broker, gateway, relay, notifier, collectors, 2–20 s", "B; deadlines fire, nothing stays blocked; C L",
    at_least=[("stop kafka", 2), ("stop gateway", 2)],
)  # fmt: skip
def stop_any(lab):
    for _ in range(lab.times(2, 1)):
        for victim in lab.random.sample(("kafka-1", "gateway", *KILLED[:2], "notifier"), 5):
            lab.go_on_between(0.5, 2)
            lab.pause(victim)
            lab.go_on_between(2, 20 if victim in ("kafka-1", "gateway") else 9)
            lab.resume(victim)
