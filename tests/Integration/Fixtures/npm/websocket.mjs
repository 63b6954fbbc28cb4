// A WebSocket server on ws: it sends back what it gets, or does what a message tells it to.
import { createRequire } from 'node:module';

const { WebSocketServer } = createRequire(process.argv[2])('ws');
const server = new WebSocketServer({
  host: '127.0.0.1', port: Number(process.argv[3]), maxPayload: 64 << 20,
  perMessageDeflate: process.argv[4] === 'deflate' ? { threshold: 0 } : false,
  handleProtocols: offered => offered.has('second') ? 'second' : false,
});

server.on('connection', socket => {
  socket.on('error', error => console.log(`error ${error.code}`));
  socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
  socket.on('message', (data, isBinary) => {
    const [order, ...rest] = isBinary || data.length > 100 ? [] : data.toString().split(' ');
    switch (order) {
      case 'close': return socket.close(Number(rest[0]), rest.slice(1).join(' '));
      case 'send': return socket.send(Buffer.alloc(Number(rest[0]), 'x'));
      case 'ping': return socket.ping(rest[0], undefined, () => socket.once('pong', payload => socket.send(`pong ${payload}`)));
      case 'half':
        // The head of a message of 1000 bytes and three of them, then the end (terminate) or a reset.
        return socket._socket.write(Buffer.from([0x82, 126, 3, 232, 1, 2, 3]), () => rest[0] === 'reset' ? socket._socket.resetAndDestroy() : socket.terminate());
      default: return socket.send(data, { binary: isBinary });
    }
  });
});
