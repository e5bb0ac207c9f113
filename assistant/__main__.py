"""`python -m assistant --port 5005 --model models/current.tar.gz`: serves guests."""

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
warnings.filterwarnings("ignore", category=DeprecationWarning)  # Rasa's pins are old, not ours

from conserje.databases import database_url  # noqa: E402
from conserje.hotels import HotelFileError, hotels  # noqa: E402
from conserje.settings import SettingsError  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(prog="assistant")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument(
        "--model", type=Path, required=True, help="a file, or a link that is followed"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        database_url()
        hotels()
    except (HotelFileError, SettingsError) as error:
        sys.exit(str(error))
    if not arguments.model.is_file():
        sys.exit(f"{arguments.model}: no such model; `make train` makes one")

    from assistant.server import make_app  # seconds of imports: not before the checks above

    make_app(arguments.model).run(
        host=arguments.host, port=arguments.port, access_log=False, motd=False
    )


if __name__ == "__main__":
    main()
