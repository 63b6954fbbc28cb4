"""A worker of the benchmark suite: "seconds concurrency url" a line in, one line of JSON out. Argument: requests, httpx or aiohttp."""
import asyncio
import json
import sys
import threading
import time


def run_requests(seconds, concurrency, url):
    import requests

    latencies, sizes = [], []
    end = time.perf_counter() + seconds

    def repeat():
        with requests.Session() as session:
            while True:
                before = time.perf_counter()
                sizes.append(len(session.get(url).content))
                now = time.perf_counter()
                latencies.append(now - before)
                if now >= end:
                    return

    threads = [threading.Thread(target=repeat) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, sum(sizes)


async def repeat_all(get, seconds, concurrency):
    latencies, sizes = [], []
    end = time.perf_counter() + seconds

    async def repeat():
        while True:
            before = time.perf_counter()
            sizes.append(await get())
            now = time.perf_counter()
            latencies.append(now - before)
            if now >= end:
                return

    await asyncio.gather(*(repeat() for _ in range(concurrency)))
    return latencies, sum(sizes)


async def run_httpx(seconds, concurrency, url):
    import httpx

    async with httpx.AsyncClient() as client:
        async def get():
            return len((await client.get(url)).content)

        return await repeat_all(get, seconds, concurrency)


async def run_aiohttp(seconds, concurrency, url):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async def get():
            async with session.get(url) as response:
                return len(await response.read())

        return await repeat_all(get, seconds, concurrency)


def run(library, seconds, concurrency, url):
    cpu, start = time.process_time(), time.perf_counter()
    if library == "requests":
        latencies, size = run_requests(seconds, concurrency, url)
    else:
        latencies, size = asyncio.run(globals()["run_" + library](seconds, concurrency, url))
    elapsed, used = time.perf_counter() - start, time.process_time() - cpu
    latencies.sort()

    def percentile(share):
        return latencies[int((len(latencies) - 1) * share)] * 1e6

    return {
        "requests": len(latencies), "seconds": elapsed, "cpuSeconds": used, "bodyBytes": size,
        "p50Microseconds": percentile(0.5), "p99Microseconds": percentile(0.99),
    }


for line in sys.stdin:
    a, b, address = line.split()
    print(json.dumps(run(sys.argv[1], float(a), int(b), address)), flush=True)
