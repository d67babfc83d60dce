"""What a request costs FastAPI beside its sockets: the application is called as a
server would call it. Prints microseconds, the best of rounds.

Usage: cost.py BODY
"""

import asyncio
import sys
import time

from app import app

ROUNDS, REQUESTS = 20, 200
BODY = sys.argv[1].encode()
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/predict",
    "raw_path": b"/predict",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


async def request():
    sent = []

    async def receive():
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(dict(SCOPE), receive, send)
    assert sent[0]["status"] == 200, sent


async def main():
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(REQUESTS):
            await request()
        times.append((time.perf_counter() - start) / REQUESTS * 1e6)
    print(f"{min(times):.1f}")


asyncio.run(main())
