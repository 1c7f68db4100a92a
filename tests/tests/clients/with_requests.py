"""What somebody writes who knows requests and not this project. The argument is the URL of a server."""

import sys
import threading

import requests

BASE = sys.argv[1]
TIMEOUT = 20


def create_read_replace():
    url = f"{BASE}/api/users/700"
    created = requests.put(url, json={"name": "Ada", "email": "ada@example.org"}, timeout=TIMEOUT)
    assert created.status_code == 201, created.text
    assert created.headers["Location"] == "/api/users/700"
    assert created.json()["role"] == "user", "the default was filled in"

    read = requests.get(url, timeout=TIMEOUT)
    assert read.status_code == 200
    assert read.json() == created.json()
    assert read.headers["ETag"] == created.headers["ETag"]
    assert read.headers["Content-Type"] == "application/json"

    again = requests.get(url, headers={"If-None-Match": read.headers["ETag"]}, timeout=TIMEOUT)
    assert again.status_code == 304 and again.content == b""

    user = read.json()
    user["name"] = "Ada Lovelace"
    seen = {"If-Match": read.headers["ETag"]}
    replaced = requests.put(url, json=user, headers=seen, timeout=TIMEOUT)
    assert replaced.status_code == 200, replaced.text
    assert replaced.json() == user
    assert replaced.headers["ETag"] != read.headers["ETag"]

    stale = requests.put(url, json=user, headers=seen, timeout=TIMEOUT)
    assert stale.status_code == 412
    assert stale.headers["Content-Type"] == "application/problem+json"
    assert stale.json()["status"] == 412
    assert stale.headers["ETag"] == replaced.headers["ETag"]

    only_new = requests.put(url, json=user, headers={"If-None-Match": "*"}, timeout=TIMEOUT)
    assert only_new.status_code == 412
    assert requests.head(url, timeout=TIMEOUT).headers["ETag"] == replaced.headers["ETag"]
    assert requests.options(url, timeout=TIMEOUT).headers["Allow"] == "GET, HEAD, PUT, OPTIONS"
    assert requests.get(f"{BASE}/api/users/701", timeout=TIMEOUT).status_code == 404
    assert requests.delete(url, timeout=TIMEOUT).status_code == 405


def lose_a_race_reload_retry():
    """What a program does that edits, while another one edits the same user."""
    url = f"{BASE}/api/users/704"
    content = {"name": "Ada", "email": "ada@example.org"}
    mine, theirs = requests.Session(), requests.Session()
    only_new = {"If-None-Match": "*"}
    assert mine.put(url, json=content, headers=only_new, timeout=TIMEOUT).status_code == 201
    assert theirs.put(url, json=content, headers=only_new, timeout=TIMEOUT).status_code == 412

    def read(session):
        answer = session.get(url, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json(), {"If-Match": answer.headers["ETag"]}

    (my_user, my_tag), (their_user, their_tag) = read(mine), read(theirs)
    their_user["nickname"] = "Countess"
    my_user["role"] = "admin"
    assert theirs.put(url, json=their_user, headers=their_tag, timeout=TIMEOUT).status_code == 200
    assert mine.put(url, json=my_user, headers=my_tag, timeout=TIMEOUT).status_code == 412
    assert read(theirs)[0] == their_user, "the refusal changed nothing"

    my_user, my_tag = read(mine)
    my_user["role"] = "admin"
    assert mine.put(url, json=my_user, headers=my_tag, timeout=TIMEOUT).status_code == 200
    assert read(mine)[0] == {"id": 704, **content, "role": "admin", "nickname": "Countess"}


def all_mistakes_at_once():
    wrong = {"nmae": "Ada", "email": 5, "role": "root"}
    answer = requests.put(f"{BASE}/api/users/702", json=wrong, timeout=TIMEOUT)
    assert answer.status_code == 422, answer.text
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"#/name", "#/nmae", "#/email", "#/role"}, answer.text
    assert requests.get(f"{BASE}/api/users/702", timeout=TIMEOUT).status_code == 404

    # `data=` with a dictionary is a form, which is another media type.
    form = requests.put(f"{BASE}/api/users/702", data={"name": "Ada"}, timeout=TIMEOUT)
    assert form.status_code == 415 and form.headers["Accept"] == "application/json"


def names_in_paths():
    for name in ["café", "a b", "a/b", "100%", "日本", "x?y#z"]:
        url = f"{BASE}/api/documents/{requests.utils.quote(name, safe='')}"
        created = requests.put(url, json={"title": name, "content": "…"}, timeout=TIMEOUT)
        assert created.status_code == 201, created.text
        assert requests.get(url, timeout=TIMEOUT).json()["slug"] == name


def nobody_loses_an_update():
    """Four editors count in one document; each reads, changes, writes, and begins anew after a 412."""
    url = f"{BASE}/api/documents/counter"
    created = requests.put(url, json={"title": "0", "content": "-"}, headers={"If-None-Match": "*"}, timeout=TIMEOUT)
    assert created.status_code == 201, created.text
    failures = []

    def edit():
        session = requests.Session()
        for _ in range(5):
            while True:
                read = session.get(url, timeout=TIMEOUT)
                document = read.json()  # created_at and updated_at go back as they came
                document["title"] = str(int(document["title"]) + 1)
                headers = {"If-Match": read.headers["ETag"]}
                answer = session.put(url, json=document, headers=headers, timeout=TIMEOUT)
                if answer.status_code == 200:
                    break
                if answer.status_code != 412:
                    failures.append(answer.text)
                    return

    editors = [threading.Thread(target=edit) for _ in range(4)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert failures == [], failures
    document = requests.get(url, timeout=TIMEOUT).json()
    assert document["title"] == "20", document
    assert document["created_at"] == created.json()["created_at"] < document["updated_at"]


def too_large_is_an_answer_and_no_broken_connection():
    for octets in [1_048_577, 3_000_000, 20_000_000, 50_000_000]:
        for session in [requests, requests.Session()]:
            answer = session.put(f"{BASE}/api/users/703", json={"name": "x" * octets}, timeout=TIMEOUT)
            assert answer.status_code == 413, answer.text
            assert answer.json()["limit"] == 1_048_576
            # The session goes on, whatever became of its connection.
            assert session.get(f"{BASE}/api/users/703", timeout=TIMEOUT).status_code == 404

    def pieces():
        for _ in range(48):
            yield b" " * 65_536

    json = {"Content-Type": "application/json"}
    streamed = requests.put(f"{BASE}/api/users/703", data=pieces(), headers=json, timeout=TIMEOUT)
    assert streamed.status_code == 413, streamed.text


create_read_replace()
lose_a_race_reload_retry()
all_mistakes_at_once()
names_in_paths()
nobody_loses_an_update()
too_large_is_an_answer_and_no_broken_connection()
print("done")
