"""Whose account sends: the environment, and a file of it."""

from __future__ import annotations

import argparse
import os

from dtmfdsl.cli.output import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dtmfdsl.sending.carriers import Carrier, Credentials


def add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--carrier", metavar="NAME", default="bandwidth-v1", help="whose API to use (bandwidth-v1)"
    )
    parser.add_argument("--base-url", metavar="URL", help="the carrier's address, if it is another")
    parser.add_argument(
        "--env-file", metavar="FILE", help="a file of NAME=VALUE lines that stand in for the environment"
    )


def environment(options: argparse.Namespace) -> Mapping[str, str]:
    """The environment, with what the file of `--env-file` adds. Raises Refusal if that cannot be read."""
    if options.env_file is None:
        return os.environ
    from dotenv import dotenv_values

    if not os.path.isfile(options.env_file):
        raise Refusal(f"there is no file {options.env_file}")
    try:
        added = dotenv_values(options.env_file, interpolate=False)
    except (OSError, ValueError):
        raise Refusal(f"{options.env_file} cannot be read as lines of NAME=VALUE") from None
    return {**os.environ, **{name: value for name, value in added.items() if value is not None}}


def credentials(carrier: Carrier, variables: Mapping[str, str]) -> Credentials:
    """The account's credentials. Raises Refusal that names the variables which are not set."""
    from dtmfdsl.sending.carriers import Credentials

    missing = [name for name in carrier.environment if not variables.get(name)]
    if missing:
        raise Refusal(f"set {', '.join(missing)} in the environment or an --env-file, or try --test-line")
    user_id, token, secret = (variables[name] for name in carrier.environment)
    return Credentials(user_id, token, secret)
