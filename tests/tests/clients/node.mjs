// What somebody writes who knows fetch and not this project. The argument is the URL of a server.

import assert from "node:assert/strict";

const base = process.argv[2];
const json = { "Content-Type": "application/json" };

function put(url, content, fields = {}) {
  return fetch(url, { method: "PUT", headers: { ...json, ...fields }, body: JSON.stringify(content) });
}

async function createReadReplace() {
  const url = `${base}/api/users/800`;
  const created = await put(url, { name: "Ada", email: "ada@example.org" });
  assert.equal(created.status, 201, await created.clone().text());
  assert.equal(created.headers.get("Location"), "/api/users/800");
  assert.equal((await created.json()).role, "user");

  const read = await fetch(url);
  assert.equal(read.headers.get("ETag"), created.headers.get("ETag"));
  const user = { ...(await read.json()), name: "Ada Lovelace" };
  const seen = { "If-Match": read.headers.get("ETag") };
  const replaced = await put(url, user, seen);
  assert.equal(replaced.status, 200);
  assert.deepEqual(await replaced.json(), user);

  const stale = await put(url, user, seen);
  assert.equal(stale.status, 412);
  assert.equal(stale.headers.get("Content-Type"), "application/problem+json");
  assert.equal((await stale.json()).condition, "If-Match");

  const known = await fetch(url, { headers: { "If-None-Match": replaced.headers.get("ETag") } });
  assert.equal(known.status, 304);

  const small = await put(url, { ...user, name: "A" }, { Prefer: "return=minimal" });
  assert.equal(small.status, 204);
  assert.equal(await small.text(), "");
}

// What a program does that edits, while another one edits the same user.
async function loseARaceReloadRetry() {
  const url = `${base}/api/users/802`;
  const content = { name: "Ada", email: "ada@example.org" };
  const status = async (answer) => {
    const { status } = await answer;
    await (await answer).text();
    return status;
  };
  const read = async () => {
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    return [await answer.json(), { "If-Match": answer.headers.get("ETag") }];
  };
  const creations = Array.from({ length: 8 }, () => status(put(url, content, { "If-None-Match": "*" })));
  assert.deepEqual((await Promise.all(creations)).sort(), [201, ...Array(7).fill(412)]);

  const [[mine, myTag], [theirs, theirTag]] = await Promise.all([read(), read()]);
  assert.equal(await status(put(url, { ...theirs, nickname: "Countess" }, theirTag)), 200);
  assert.equal(await status(put(url, { ...mine, role: "admin" }, myTag)), 412);
  const [again, newTag] = await read();
  assert.deepEqual(again, { ...theirs, nickname: "Countess" });
  assert.equal(await status(put(url, { ...again, role: "admin" }, newTag)), 200);

  const [last, lastTag] = await read();
  assert.deepEqual(last, { id: 802, ...content, role: "admin", nickname: "Countess" });
  const edits = Array.from({ length: 8 }, (_, at) => status(put(url, { ...last, name: `racer ${at}` }, lastTag)));
  const statuses = await Promise.all(edits);
  assert.deepEqual([...statuses].sort(), [200, ...Array(7).fill(412)]);
  assert.equal((await read())[0].name, `racer ${statuses.indexOf(200)}`);
}

async function allMistakesAtOnce() {
  const answer = await put(`${base}/api/users/801`, { nmae: "Ada", email: 5 });
  assert.equal(answer.status, 422);
  const pointers = (await answer.json()).errors.map((error) => error.pointer).sort();
  assert.deepEqual(pointers, ["#/email", "#/name", "#/nmae"]);
  // A string without a word about its type is text/plain.
  const text = await fetch(`${base}/api/users/801`, { method: "PUT", body: "{}" });
  assert.equal(text.status, 415);
  assert.equal(text.headers.get("Accept"), "application/json");
  await text.text();
}

async function namesInPaths() {
  for (const name of ["café", "a b", "a/b", "100%", "日本", "x?y#z"]) {
    const url = `${base}/api/documents/node-${encodeURIComponent(name)}`;
    const created = await put(url, { title: name, content: "…" });
    assert.equal(created.status, 201, await created.clone().text());
    await created.text();
    assert.equal((await (await fetch(url)).json()).slug, `node-${name}`);
  }
}

// Four editors count in one document; each reads, changes, writes, and begins anew after a 412.
async function nobodyLosesAnUpdate() {
  const url = `${base}/api/documents/node-counter`;
  const created = await put(url, { title: "0", content: "-" }, { "If-None-Match": "*" });
  assert.equal(created.status, 201);
  await created.text();
  async function edit() {
    for (let done = 0; done < 5; ) {
      const read = await fetch(url);
      const document = await read.json();
      document.title = String(Number(document.title) + 1);
      const answer = await put(url, document, { "If-Match": read.headers.get("ETag") });
      const text = await answer.text();
      assert.ok(answer.status === 200 || answer.status === 412, text);
      if (answer.status === 200) done += 1;
    }
  }
  await Promise.all([edit(), edit(), edit(), edit()]);
  assert.equal((await (await fetch(url)).json()).title, "20");
}

async function tooLargeIsAnAnswer() {
  for (const octets of [1_048_577, 3_000_000, 20_000_000]) {
    const answer = await put(`${base}/api/users/803`, { name: "x".repeat(octets) });
    assert.equal(answer.status, 413);
    assert.equal((await answer.json()).limit, 1_048_576);
    const after = await fetch(`${base}/api/users/803`);
    assert.equal(after.status, 404);
    await after.text();
  }
}

await createReadReplace();
await loseARaceReloadRetry();
await allMistakesAtOnce();
await namesInPaths();
await nobodyLosesAnUpdate();
await tooLargeIsAnAnswer();
console.log("done");
