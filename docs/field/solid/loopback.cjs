// The server has an option for the port and none for the address; it shall not be reachable from elsewhere.
const { Server } = require('node:net');

const { listen } = Server.prototype;
Server.prototype.listen = function onLoopback(port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
