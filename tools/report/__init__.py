"""How well the assistant understands and decides: one HTML page for people, JSON and JUnit beside.

`python -m tools.report` (`make report`) measures four things and writes them under `reports/`:

- `pipeline`: cross-validation of the NLU components alone, and the messages kept apart;
- `stories`: the end-to-end stories of `tests/stories`, step by step;
- `suites`: the dates, parties and whole conversations that pytest plays;
- `figures` counts, `page` and `charts` draw, `junit` tells it to CI.
"""
