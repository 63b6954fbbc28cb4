// A worker of the benchmark suite: "seconds concurrency url" a line in, one line of JSON out. Argument: the path of undici.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { default: undici } = await import(pathToFileURL(process.argv[2]));
const pools = new Map();

async function run(seconds, concurrency, url) {
  const { origin, pathname: path } = new URL(url);
  const key = `${origin} ${concurrency}`;
  if (!pools.has(key)) pools.set(key, new undici.Pool(origin, { connections: concurrency, pipelining: 1 }));
  const pool = pools.get(key);
  const latencies = [];
  let bytes = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const repeat = async () => {
    let now;
    do {
      const before = performance.now();
      const { body } = await pool.request({ path, method: 'GET' });
      bytes += (await body.arrayBuffer()).byteLength;
      now = performance.now();
      latencies.push(now - before);
    } while (now < end);
  };
  await Promise.all(Array.from({ length: concurrency }, repeat));
  const elapsed = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.floor((latencies.length - 1) * share)] * 1000;
  return {
    requests: latencies.length, seconds: elapsed, cpuSeconds: (used.user + used.system) / 1e6, bodyBytes: bytes,
    p50Microseconds: percentile(0.5), p99Microseconds: percentile(0.99),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [seconds, concurrency, url] = line.split(' ');
  console.log(JSON.stringify(await run(Number(seconds), Number(concurrency), url)));
}
process.exit(0);
