"""Rows about the network: partitions, loss, resets, and lines that delay, double, reorder and corrupt."""

from laboratory import Setup
from table import row

_LINKS = ("gateway", "collectors", "relay", "notifier", "printers")


@row(6, "full, one-way and partial partitions", "C M B L A", short=True, at_least=[("packets cut", 100)])
def partition(lab):
    # Each link, in turn and in each direction; now and then a second one with it.
    for direction in lab.random.sample(("both", "to", "from"), lab.times(3, 1)):
        for link in lab.random.sample(_LINKS, lab.times(len(_LINKS), 2)):
            lab.go_on_between(0.5, 2)
            lab.network.cut(lab.ports(link), direction)
            if lab.random.random() < 0.3:
                lab.network.cut(lab.ports(lab.random.choice(_LINKS)), lab.random.choice(("both", "to", "from")))
            lab.go_on_between(1, 4 if lab.short else 12)
            lab.mend_network("packets cut")
            if not lab.short:
                lab.recovers(f"cut {link}")
    if not lab.short:
        _cut_long(lab)


def _cut_long(lab):
    """Nobody hears of a connection's end: whoever waits for TCP to give it up waits for a quarter of an hour, or, where the line
    comes back first, for as long again as it was away."""
    lab.network.cut(lab.ports("gateway"))
    lab.go_on(45)
    lab.mend_network("packets cut")
    lab.recovers("45 s without the gateway")


@row(7, "loss of 1 to 30 %, storms of RST, a line of 40 KB/s", "C; goodput falls smoothly, never to nothing", short=True,
     at_least=[("packets lost", 50), ("connections reset", 5)])  # fmt: skip
def lose(lab):
    everything = [port for link in ("gateway", "collectors", "relay", "notifier") for port in lab.ports(link)]
    lab.passes(100)
    for percent in lab.times((1, 5, 15, 30), (5,)):
        stored = len(lab.store.read().order)
        lab.network.lose(everything, percent)
        lab.go_on(lab.times(10, 3))
        lab.figures[f"events/s at {percent} % loss"] = (len(lab.store.read().order) - stored) // lab.times(10, 3)
        # Something passes all the same.
        lab.wait(lambda before=stored: len(lab.store.read().order) > before, f"something to pass at {percent} % loss")
        lab.mend_network("packets lost")
        if not lab.short:
            lab.recovers(f"{percent} % loss")
    for _ in range(lab.times(6, 2)):
        lab.network.reset(everything, lab.random.choice((2, 20, 100)))
        lab.go_on_between(0.5, 3)
        lab.mend_network("connections reset")
        lab.go_on_between(0.2, 1)
    lab.recovers("resets")
    lab.network.limit(everything, 40)
    lab.go_on(lab.times(15, 3))
    lab.mend_network("packets beyond the line's rate")


@row(
    8, "delay, jitter, stalls, half-closed and broken TCP; corrupted bytes to the gateway; datagrams late, doubled, reordered, lost",
    "I: TLS notices each changed byte; C M A L", Setup(proxied=("gateway", "collectors", "relay", "notifier", "printers")),
    at_least=[("corrupt (gateway)", 3), ("duplicate (printers)", 20), ("delayed (collectors)", 50), ("half_close (relay)", 1)],
)  # fmt: skip
def worsen_lines(lab):
    # Kafka's protocol knows a changed byte within records only: where bytes may change, the way to Kafka needs TLS.
    rules = {
        "gateway": [{"corrupt": 0.02}, {"half_close": 0.02}, {"reset": 0.02}, {"delay": 0.1, "jitter": 0.2}, {"stalled": True}],
        "printers": [{"delay": 0.02, "jitter": 0.3, "duplicate": 0.3, "lose": 0.05}],
    }
    kafka = [{"half_close": 0.01}, {"reset": 0.01}, {"delay": 0.05, "jitter": 0.1}, {"bytes_per_second": 50_000}, {"stalled": True}]
    for number in range(lab.times(5, 2)):
        for link, proxy in lab.proxies.items():
            choices = rules.get(link, kafka)
            proxy.set(seed=lab.random.randrange(1 << 30), **choices[(number + len(link)) % len(choices)])
        lab.go_on_between(6, 12)
        for proxy in lab.proxies.values():
            proxy.heal()
        lab.go_on_between(1, 4)
    # A doubled answer is taken once: the second one is known as late (or, where many requests have ended since, as nobody's), and no
    # answer is held against another request.
    def answers(result):
        return sum(lab.metric(name, "platen_snmp_responses_total", f'result="{result}"') for name in lab.plan.collector_names)

    lab.figures["answers that came twice or too late"] = int(answers("late") + answers("unknown_id"))
    lab.require(answers("late") > 0, "no collector noticed a doubled answer")
    for result in ("wrong_names", "wrong_address", "wrong_community"):
        lab.require(answers(result) == 0, f"answers were held against other requests: {result}")
