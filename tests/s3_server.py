"""An S3 server on loopback (moto), for tests: real requests, real listings, its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dask_cluster import free_port, wait_until

BUCKET = "ke-hoach"


@contextmanager
def started(log: Path) -> Iterator[str]:
    """The address of a server, while it runs."""
    port = free_port()
    with log.open("ab") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=stream, stderr=stream, env={**os.environ, **environment("")},
        )  # fmt: skip
    try:
        wait_until(lambda: _answers(port), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def environment(address: str) -> dict[str, str]:
    """What points S3 clients at the server; no file of the user's is read."""
    names = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
             "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
             "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
             "AWS_MAX_ATTEMPTS": "1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}  # fmt: skip
    return {**names, "AWS_ENDPOINT_URL": address} if address else names


def client(address: str) -> object:
    """A client of boto3, to put objects in place."""
    import boto3

    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip


def _answers(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
