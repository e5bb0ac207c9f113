"""Talk to a hotel in the terminal, through the running assistant: `make chat HOTEL=dunas`."""

import argparse
import os
import secrets
import sys

import requests

PROMPT = "tú> "


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hotel", nargs="?", default="mirador")
    hotel = parser.parse_args().hotel
    port = os.environ.get("ASSISTANT_PORT", "5005")
    url = f"http://127.0.0.1:{port}/webhooks/web/{hotel}/message"
    guest = f"terminal-{secrets.token_hex(4)}"
    print(f"Hablas con {hotel}. Escribe un número para pulsar un botón; Ctrl-D para salir.")
    choices: list[str] = []
    while True:
        try:
            said = input(PROMPT).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return 0
        if not said:
            continue
        if said.isdigit() and 0 < int(said) <= len(choices):
            said = choices[int(said) - 1]
        try:
            answer = requests.post(url, json={"sender": guest, "message": said}, timeout=60)
        except requests.ConnectionError:
            print(f"No hay nadie en el puerto {port}: arranca antes `make run`.", file=sys.stderr)
            return 1
        choices = _show(answer)


def _show(answer: requests.Response) -> list[str]:
    """Prints what was answered; the payloads of the buttons, as they are numbered."""
    if not answer.ok:
        print(f"  ({answer.status_code}) {answer.json().get('message')}")
        return []
    choices: list[str] = []
    for message in answer.json():
        for line in (message.get("text") or "").splitlines():
            print(f"  {line}")
        for button in message.get("buttons") or []:
            choices.append(button["payload"])
            print(f"    [{len(choices)}] {button['title']}")
    return choices


if __name__ == "__main__":
    sys.exit(main())
