"""Runs the benchmarks of benches.txt and holds their figures against their floors. Called by bench/run."""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = 77  # A peer is missing; the program has said which.
PROGRAMS = ROOT / "build" / "release" / "bench"


def benches():
    for line in (ROOT / "bench" / "benches.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        program, kafka, quick, full = (part.strip() for part in line.split("|"))
        yield program, kafka == "kafka", quick, full


def machine():
    """What a figure's reader wants to know of the machine; ratios are what counts."""
    model = next(
        (l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo", encoding="ascii", errors="replace") if l.startswith("model name")),
        platform.machine(),
    )
    return {"machine": model, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2), "kernel": platform.release()}


def run(program, needs_kafka, arguments):
    """The program's figures and its exit code."""
    command = [str(PROGRAMS / program), *arguments.split()]
    if needs_kafka:
        command = [str(ROOT / "deploy" / "local" / "with-kafka"), *command]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return figures, done.returncode


def verdict(figure):
    if figure.get("ratio") is None or figure.get("floor") is None:
        return "-"
    # A figure where less is better (bytes, milliseconds) says so.
    better = (lambda a, b: a <= b) if figure.get("less_is_better") else (lambda a, b: a >= b)
    if not better(figure["ratio"], figure["floor"]):
        return "UNDER FLOOR"
    return "goal" if better(figure["ratio"], figure.get("goal", figure["floor"])) else "floor"


def table(figures):
    rows = [("figure", "value", "unit", "against", "ratio", "floor", "goal", "verdict")]
    for figure in figures:
        number = lambda key: "" if figure.get(key) is None else f"{figure[key]:.4g}"
        rows.append(
            (figure["name"], number("value"), figure.get("unit", ""), figure.get("against") or "", number("ratio"),
             number("floor"), number("goal"), verdict(figure))
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="what guards a floor, in about three minutes")
    options = parser.parse_args()
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    figures, broken = [], []
    with open(results / f"{stamp}.jsonl", "w", encoding="utf-8") as file:
        for program, needs_kafka, quick, full in benches():
            arguments = quick if options.quick else full
            if arguments == "-":
                continue
            if not (PROGRAMS / program).exists():
                print(f"{program}: not built here (see bench/{'*'}/CMakeLists.txt for what it needs): skipped", file=sys.stderr)
                continue
            print(f"{program} …", file=sys.stderr)
            found, code = run(program, needs_kafka, arguments)
            if code == SKIPPED:
                continue
            if code not in (0, 1) or not found:
                broken.append(program)
            for figure in found:
                line = json.dumps(figure)
                print(line, flush=True)
                file.write(json.dumps(figure | machine()) + "\n")
            figures += found
    print("\n" + table(figures), file=sys.stderr)
    if broken:
        print(f"broken: {', '.join(broken)}", file=sys.stderr)
        return 2
    under = [figure["name"] for figure in figures if verdict(figure) == "UNDER FLOOR"]
    if under:
        print(f"under their floor: {', '.join(under)}", file=sys.stderr)
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main())
