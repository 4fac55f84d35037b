"""What both sinks share: the file they store in, the answers they give, how they start and stop."""

import argparse
import datetime
import json
import pathlib
import signal
import ssl
import threading


def parser(description):
    """The options of every sink."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    made.add_argument("--store", type=pathlib.Path, help="file that gets one JSON line for each message")
    made.add_argument("--cert", type=pathlib.Path, help="certificate chain, PEM: speaks TLS")
    made.add_argument("--key", type=pathlib.Path, help="its private key, PEM")
    made.add_argument("--client-ca", type=pathlib.Path, help="clients need a certificate of this authority, PEM")
    made.add_argument("--answers", default="", help="answers to the first messages, separated by commas")
    made.add_argument(
        "--answer-file", type=pathlib.Path, help="while this file has content, that is the answer to every message"
    )
    return made


def tls_context(args):
    """A server's TLS context, or None."""
    if not args.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(args.cert, args.key)
    if args.client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(args.client_ca)
    return context


class Answers:
    """The answer to each message in turn: what the file says, else the next of the list, else "ok"."""

    def __init__(self, args):
        self._listed = [answer for answer in args.answers.split(",") if answer]
        self._file = args.answer_file
        self._lock = threading.Lock()

    def next(self):
        with self._lock:
            if self._file and self._file.exists():
                said = self._file.read_text(encoding="utf-8").strip()
                if said:
                    return said
            return self._listed.pop(0) if self._listed else "ok"


class Store:
    """Appends one JSON line for each message, each with the time it came (UTC, microseconds)."""

    def __init__(self, path):
        self._path = path
        self._lock = threading.Lock()

    def add(self, record):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
        line = json.dumps({"time": now, **record}, ensure_ascii=False)
        if self._path is None:
            return
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def say_port(port):
    """For whoever started the sink: from this line on it takes messages."""
    print(f"listening on 127.0.0.1:{port}", flush=True)


def run_until_told(port):
    """Says where the sink listens, and returns at SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    say_port(port)
    while not stop.wait(3600):
        pass
