"""`python -m actions --port 5055`: the action server."""

import argparse
import logging
import sys
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)  # rasa-sdk's pins are old, not ours

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: E402
from rasa_sdk.endpoint import create_app  # noqa: E402
from sanic import response  # noqa: E402
from sanic.request import Request  # noqa: E402
from sanic.response import HTTPResponse  # noqa: E402

from conserje.hotels import HotelFileError, hotels  # noqa: E402
from conserje.settings import SettingsError, settings  # noqa: E402


async def metrics(_: Request) -> HTTPResponse:
    """Prometheus text format."""
    return response.raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def main() -> None:
    parser = argparse.ArgumentParser(prog="actions")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5055)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings()
        hotels()
    except (HotelFileError, SettingsError) as error:
        sys.exit(str(error))
    app = create_app("actions", cors_origins="")
    app.add_route(metrics, "/metrics")
    app.run(host=arguments.host, port=arguments.port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
