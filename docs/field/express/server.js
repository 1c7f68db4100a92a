// Users behind Express: content parsed by express.json(), kept in a Map, answered with res.json().
const express = require('express');

const users = new Map();
const app = express();
app.use(express.json());

app.get('/users/:id', (req, res) => {
  const user = users.get(req.params.id);
  if (user === undefined) {
    return res.status(404).json({ error: 'no such user' });
  }
  return res.json(user);
});

app.put('/users/:id', (req, res) => {
  users.set(req.params.id, req.body);
  res.json(req.body);
});

app.listen(Number(process.argv[2]), '127.0.0.1');
