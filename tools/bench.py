"""Ours against stock Rasa, in one run on the same data: `python -m tools.bench [--share 0.2]`.

Both pipelines learn from the same examples and are asked about the same messages, none of which
they have seen. With `--share 1` the stock pipeline takes more than an hour to learn.
"""

import argparse
from contextlib import suppress

from tools.compare_nlu import Result, measure, ours, stock

FASTER = 5  # how many times, at least


def main() -> int:
    """0 when ours is better in everything that was promised, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=0.2, help="of the examples to learn from")
    share = parser.parse_args().share
    mine = measure(ours, share=share)
    print("ours measured, now stock Rasa (minutes)…", flush=True)
    theirs = measure(stock, share=share)
    print(table(mine, theirs))
    return 0 if kept(mine, theirs) else 1


def table(mine: Result, theirs: Result) -> str:
    """Times are of the processor, all cores added."""
    rows = [
        ("intents right, held back", mine.held_back, theirs.held_back, "{:.1%}"),
        ("intents right, kept apart", mine.apart, theirs.apart, "{:.1%}"),
        ("a message, ms", mine.milliseconds, theirs.milliseconds, "{:.1f}"),
        ("training, s", mine.seconds, theirs.seconds, "{:.0f}"),
    ]
    lines = [f"{'':28}{'ours':>10}{'stock':>10}{'stock/ours':>12}"]
    for name, my, their, form in rows:
        lines.append(f"{name:28}{form.format(my):>10}{form.format(their):>10}{their / my:>11.1f}x")
    return "\n".join(lines)


def kept(mine: Result, theirs: Result) -> bool:
    """Whether ours is more often right and at least `FASTER` times as fast in both."""
    return (
        mine.apart > theirs.apart
        and mine.held_back > theirs.held_back
        and theirs.milliseconds >= FASTER * mine.milliseconds
        and theirs.seconds >= FASTER * mine.seconds
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main())
