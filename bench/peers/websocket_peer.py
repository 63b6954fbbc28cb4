"""A worker of the WebSocket suite, python websockets: "seconds concurrency url" a line in, one line of JSON out."""
import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

import websockets

PATTERN = b'{"channel":"trades","symbol":"BTC-EUR","price":64123.5,"size":0.01,"id":4711}'


async def run(seconds, url):
    mode, size, *rest = urlsplit(url).path.strip("/").split("/")
    payload = (PATTERN * (int(size) // len(PATTERN) + 1))[: int(size)]
    socket = await websockets.connect(url, compression="deflate" if rest else None, max_size=None, ping_interval=None, close_timeout=0.01)
    messages, times = 0, []
    cpu, start = time.process_time(), time.perf_counter()
    end = start + seconds
    if mode == "flood":
        while messages & 63 or time.perf_counter() < end:
            await socket.recv()
            messages += 1
    elif mode == "sink":
        while messages & 63 or time.perf_counter() < end:
            await socket.send(payload)
            messages += 1
        await socket.send("end")
        assert int(await socket.recv()) == messages, "messages were lost"
    else:
        now = start
        while now < end:
            before = time.perf_counter()
            await socket.send(payload)
            await socket.recv()
            now = time.perf_counter()
            times.append((now - before) * 1e6)
        messages = len(times)
    elapsed, used = time.perf_counter() - start, time.process_time() - cpu
    socket.transport.abort()
    times.sort()
    return {
        "requests": messages, "seconds": elapsed, "cpuSeconds": used, "bodyBytes": messages * int(size),
        "p50Microseconds": times[len(times) // 2] if times else None, "p99Microseconds": times[len(times) * 99 // 100] if times else None,
    }


for line in sys.stdin:
    a, _, address = line.split()
    print(json.dumps(asyncio.run(run(float(a), address))), flush=True)
