#!/usr/bin/python3
"""What a trained zstd dictionary would save on the alerts lane:  alert_dictionary.py GATEWAY.SQLITE

Takes the alerts that a gateway has stored (a demo's, after `demo-jam` or the fleet's "jam all" and "clear all"), trains on
those of one half of the devices and compresses those of the other half, one by one, as batches of one event. Ids are
drawn anew for the training, so that no dictionary learns them. The figures are in docs/decisions/0009.
"""

import ctypes
import os
import random
import sqlite3
import statistics
import sys

ALERT = 20  # Event.body's field.
VARIANTS = 50  # Of each alert trained on.

ZSTD = ctypes.CDLL("libzstd.so.1")
for name in ("ZSTD_compressBound", "ZSTD_compress_usingDict", "ZDICT_trainFromBuffer"):
    getattr(ZSTD, name).restype = ctypes.c_size_t
ZSTD.ZSTD_createCCtx.restype = ctypes.c_void_p
CONTEXT = ctypes.c_void_p(ZSTD.ZSTD_createCCtx())


def compressed(payload, dictionary=b""):
    """Bytes of a payload at level 1."""
    room = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(payload)))
    out = ctypes.create_string_buffer(room)
    sizes = [ctypes.c_size_t(size) for size in (room, len(payload), len(dictionary))]
    return ZSTD.ZSTD_compress_usingDict(CONTEXT, out, sizes[0], payload, sizes[1], dictionary, sizes[2], 1)


def trained(samples, size):
    """A dictionary of at most `size` bytes."""
    out = ctypes.create_string_buffer(size)
    sizes = (ctypes.c_size_t * len(samples))(*map(len, samples))
    made = ZSTD.ZDICT_trainFromBuffer(out, ctypes.c_size_t(size), b"".join(samples), sizes, ctypes.c_uint(len(samples)))
    return out.raw[:made]


def payload_of(event):
    """The event as a platen.ingest.v1.BatchPayload has it."""
    size = len(event)
    length = bytes([size & 0x7F | 0x80, size >> 7]) if size >= 0x80 else bytes([size])
    return b"\x0a" + length + event


def with_new_ids(event):
    """The same alert of another device: event id (field 1) and device id (field 4) are drawn anew."""
    for tag in (b"\x0a\x10", b"\x22\x10"):
        at = event.find(tag)
        if at >= 0:
            event = event.replace(event[at + 2 : at + 18], os.urandom(16))
    return event


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
        alerts = database.execute("SELECT device, payload FROM events WHERE kind = ? ORDER BY seq", (ALERT,)).fetchall()
    devices = sorted({device for device, _ in alerts})
    random.Random(1).shuffle(devices)
    known = set(devices[: len(devices) // 2])
    samples = [payload_of(with_new_ids(event)) for device, event in alerts if device in known for _ in range(VARIANTS)]
    others = [payload_of(event) for device, event in alerts if device not in known]
    print(f"{len(others)} alerts of devices that were not trained on, bytes of one:")
    print(f"as it is          {statistics.mean(map(len, others)):6.0f}")
    print(f"zstd              {statistics.mean(map(compressed, others)):6.0f}")
    for size in (2048, 4096, 8192, 16384):
        dictionary = trained(samples, size)
        mean = statistics.mean(compressed(each, dictionary) for each in others)
        print(f"dictionary {size:6d} {mean:6.0f}")
    for count in (2, 5, 10):
        batches = [b"".join(others[i : i + count]) for i in range(0, len(others) - count + 1, count)]
        mean = sum(map(compressed, batches)) / len(batches) / count if batches else float("nan")
        print(f"zstd, batch of {count:2d} {mean:6.0f}")


if __name__ == "__main__":
    main()
