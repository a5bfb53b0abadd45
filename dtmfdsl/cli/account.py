"""Whose account sends: the environment, and a file of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from io import StringIO

from dotenv.parser import parse_stream

from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending import Carrier, Credentials


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
    try:
        with open(options.env_file, encoding="utf-8-sig") as file:
            # `dotenv_values` reads the same, but would log a line that it cannot read, and go on.
            lines = list(parse_stream(StringIO(file.read())))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Refusal(f"{options.env_file} cannot be read: {reason}") from None
    for line in lines:
        if line.error:
            blank = len(line.original.string) - len(line.original.string.lstrip())
            number = line.original.line + line.original.string.count("\n", 0, blank)
            raise Refusal(f"{options.env_file}:{number}: this is not NAME=VALUE")
    return {**os.environ, **{line.key: line.value for line in lines if line.key and line.value is not None}}


def credentials(carrier: Carrier, variables: Mapping[str, str]) -> Credentials:
    """The account's credentials. Raises Refusal that names the variables which are missing or wrong."""
    try:
        return carrier.credentials(variables)
    except DtmfError as error:
        (found,) = error.diagnostics
        raise Refusal(f"{found.message}: {found.help}") from None
