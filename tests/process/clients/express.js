// The little of Express that the sample receiver uses, so that the test needs no registry.
const http = require('node:http');

function express() {
  const routes = new Map();
  return {
    use() {},
    post(path, handler) {
      routes.set(path, handler);
    },
    listen(port, host, ready) {
      const server = http.createServer(async (req, res) => {
        let text = '';
        for await (const piece of req) text += piece;
        const kind = req.headers['content-type'] ?? '';
        // As `express.json()` does: another content type leaves no body.
        req.body = kind.startsWith('application/json') ? JSON.parse(text) : undefined;
        res.status = (code) => {
          res.statusCode = code;
          return res;
        };
        res.json = (body) => {
          res.setHeader('Content-Type', 'application/json; charset=utf-8');
          res.end(JSON.stringify(body));
          return res;
        };
        const handler = req.method === 'POST' ? routes.get(req.url) : undefined;
        if (!handler) return res.status(404).json({});
        return handler(req, res);
      });
      return server.listen(port, host, ready);
    },
  };
}
express.json = () => () => {};
module.exports = express;
