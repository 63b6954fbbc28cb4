// A worker of the WebSocket suite: "seconds concurrency url" a line in, one line of JSON out.
// Arguments: ws, ws-corked or undici, and the path of the module.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , kind, path] = process.argv;
const { WebSocket } = await import(pathToFileURL(path));
const corks = kind === 'ws-corked';
const pattern = '{"channel":"trades","symbol":"BTC-EUR","price":64123.5,"size":0.01,"id":4711}';
const batch = 256;
const most = 1 << 20;

const turn = () => new Promise((resolve) => setImmediate(resolve));

function open(url, deflate) {
  const socket = kind === 'undici' ? new WebSocket(url) : new WebSocket(url, { perMessageDeflate: deflate ? { threshold: 0 } : false, maxPayload: 1 << 30 });
  socket.binaryType = kind === 'undici' ? 'arraybuffer' : 'nodebuffer';
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = reject;
  });
}

function finish(socket) {
  socket.onmessage = null;
  if (socket.removeAllListeners) socket.removeAllListeners('message');
  socket.onerror = () => {};
  if (socket.terminate) socket.terminate();
  else socket.close();
}

async function flood(socket, end) {
  return new Promise((resolve) => {
    let messages = 0;
    const received = () => {
      messages++;
      if ((messages & 63) === 0 && performance.now() >= end) {
        finish(socket);
        resolve({ messages });
      }
    };
    if (socket.on) socket.on('message', received);
    else socket.onmessage = received;
  });
}

async function sink(socket, payload, end) {
  let messages = 0;
  do {
    if (corks) socket._socket.cork();
    for (let i = 0; i < batch; i++, messages++) socket.send(payload);
    if (corks) socket._socket.uncork();
    do await turn();
    while (socket.bufferedAmount > most);
  } while (performance.now() < end);
  const arrived = new Promise((resolve) => { socket.onmessage = (event) => resolve(Number(Buffer.from(event.data).toString())); });
  socket.send('end');
  if (await arrived !== messages) throw new Error('messages were lost');
  finish(socket);
  return { messages };
}

async function echo(socket, payload, end) {
  const times = [];
  let now;
  do {
    const before = performance.now();
    const answer = new Promise((resolve) => { socket.onmessage = resolve; });
    socket.send(payload);
    await answer;
    now = performance.now();
    times.push(now - before);
  } while (now < end);
  finish(socket);
  times.sort((a, b) => a - b);
  return { messages: times.length, p50: times[times.length >> 1] * 1000, p99: times[Math.floor(times.length * 0.99)] * 1000 };
}

async function run(seconds, url) {
  const [mode, size, deflate] = new URL(url).pathname.slice(1).split('/');
  const payload = Buffer.from(pattern.repeat(Math.ceil(size / pattern.length)).slice(0, size));
  const socket = await open(url, deflate === 'deflate');
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const { messages, p50, p99 } = await { flood: () => flood(socket, end), sink: () => sink(socket, payload, end), echo: () => echo(socket, payload, end) }[mode]();
  const elapsed = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { requests: messages, seconds: elapsed, cpuSeconds: (used.user + used.system) / 1e6, bodyBytes: messages * size, p50Microseconds: p50 ?? null, p99Microseconds: p99 ?? null };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [seconds, , url] = line.split(' ');
  console.log(JSON.stringify(await run(Number(seconds), url)));
}
process.exit(0);
