"""What somebody writes who knows httpx and not this project: one client, and many tasks on another. The argument is the
URL of a server."""

import asyncio
import sys

import httpx

BASE = sys.argv[1]
TIMEOUT = 20
ADA = {"name": "Ada", "email": "ada@example.org"}
ONLY_NEW = {"If-None-Match": "*"}


def seen(answer):
    """The condition under which what was read here may be replaced."""
    assert answer.status_code == 200, answer.text
    return {"If-Match": answer.headers["ETag"]}


def client_that_notes(addresses):
    """Notes the address that each answer came to: as long as it is one, the connection is kept."""

    def note(answer):
        addresses.add(answer.extensions["network_stream"].get_extra_info("client_addr"))

    return httpx.Client(base_url=BASE, timeout=TIMEOUT, event_hooks={"response": [note]})


def lose_a_race_reload_retry():
    my_addresses, their_addresses = set(), set()
    with client_that_notes(my_addresses) as mine, client_that_notes(their_addresses) as theirs:
        url = "/api/users/600"
        created = mine.put(url, json=ADA, headers=ONLY_NEW)
        assert created.status_code == 201, created.text
        assert created.headers["Location"] == url
        assert theirs.put(url, json=ADA, headers=ONLY_NEW).status_code == 412

        my_read, their_read = mine.get(url), theirs.get(url)
        assert my_read.json() == created.json() == their_read.json()
        assert my_read.headers["ETag"] == created.headers["ETag"]
        assert mine.get(url, headers={"If-None-Match": my_read.headers["ETag"]}).status_code == 304

        won = theirs.put(url, json={**their_read.json(), "nickname": "Countess"}, headers=seen(their_read))
        assert won.status_code == 200, won.text
        lost = mine.put(url, json={**my_read.json(), "role": "admin"}, headers=seen(my_read))
        assert lost.status_code == 412 and lost.json()["condition"] == "If-Match"
        assert lost.headers["ETag"] == won.headers["ETag"]

        again = mine.get(url)
        assert again.json() == won.json(), "the refusal changed nothing"
        retried = mine.put(url, json={**again.json(), "role": "admin"}, headers=seen(again))
        assert retried.status_code == 200, retried.text
        last = theirs.get(url)
        assert last.json() == {"id": 600, **ADA, "role": "admin", "nickname": "Countess"}
        assert last.headers["ETag"] == retried.headers["ETag"]

        assert mine.head(url).headers["ETag"] == last.headers["ETag"]
        assert mine.delete(url).status_code == 405
        minimal = mine.put(url, json=last.json(), headers={"Prefer": "return=minimal"})
        assert minimal.status_code == 204 and minimal.content == b""
        assert mine.put(url, data={"name": "Ada"}).status_code == 415
        assert mine.put(url, json={"nmae": 5}).status_code == 422
        assert len(my_addresses) == len(their_addresses) == 1, "no answer, refusals included, ended the connection"

        # A generator has no length, so it is chunked; one that is too long is answered all the same.
        json = {"Content-Type": "application/json"}
        pieces = (piece for piece in [b'{"name":"Ada",', b'"email":"ada@', b'example.org"}'])
        assert mine.put(url, content=pieces, headers=json).status_code == 200
        too_long = (b" " * 65_536 for _ in range(48))
        assert mine.put(url, content=too_long, headers=json).status_code == 413
        assert mine.get(url).json() == {"id": 600, **ADA, "role": "user", "nickname": None}


async def many_at_once():
    async with httpx.AsyncClient(base_url=BASE, timeout=TIMEOUT) as client:
        url = "/api/users/601"
        creations = (client.put(url, json={**ADA, "name": f"racer {n}"}, headers=ONLY_NEW) for n in range(24))
        answers = await asyncio.gather(*creations)
        assert sorted(answer.status_code for answer in answers) == [201] + [412] * 23
        read = await client.get(url)
        assert [read.json()] == [answer.json() for answer in answers if answer.status_code == 201]

        for _ in range(5):
            tag = seen(read)
            edits = (client.put(url, json={**ADA, "name": f"racer {n}"}, headers=tag) for n in range(100, 124))
            answers = await asyncio.gather(*edits)
            assert sorted(answer.status_code for answer in answers) == [200] + [412] * 23
            read = await client.get(url)
            assert [read.json()] == [answer.json() for answer in answers if answer.status_code == 200]
            # The next round replaces something else.
            read = await client.put(url, json=ADA, headers=seen(read))


async def nobody_loses_an_update():
    """Eight tasks count in one document; each reads, changes, writes, and begins anew after a 412."""
    async with httpx.AsyncClient(base_url=BASE, timeout=TIMEOUT) as client:
        url = "/api/documents/httpx-counter"
        assert (await client.put(url, json={"title": "0", "content": "-"}, headers=ONLY_NEW)).status_code == 201

        async def edit():
            done = 0
            while done < 5:
                read = await client.get(url)
                document = {**read.json(), "title": str(int(read.json()["title"]) + 1)}
                answer = await client.put(url, json=document, headers=seen(read))
                assert answer.status_code in (200, 412), answer.text
                done += answer.status_code == 200

        await asyncio.gather(*(edit() for _ in range(8)))
        assert (await client.get(url)).json()["title"] == "40"


lose_a_race_reload_retry()
asyncio.run(many_at_once())
asyncio.run(nobody_loses_an_update())
print("done")
