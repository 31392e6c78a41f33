"""Each sign is read where it is shown and not where the code does it as it should be done."""

from __future__ import annotations

import pytest

from reviewer.catalog.lookup.signs.registry import signs_in
from tests.catalog.lookup.shelf import read


def signs(code: str) -> set[str]:
    return {sign.ideas[0] for view in read(code).views for sign in signs_in(view)}


@pytest.mark.parametrize(
    ("idea", "shown", "not_shown"),
    [
        (
            "cancellation",
            "await c.send(b'x')\nr = await c.recv()\n",
            "try:\n    await c.send(b'x')\n    r = await c.recv()\nfinally:\n    c.close()\n",
        ),
        (
            "cancellation",
            "c = await pool.acquire()\nawait work(c)\nawait pool.release(c)\n",
            "c = await pool.acquire()\ntry:\n    await work(c)\nfinally:\n    await pool.release(c)\n",
        ),
        (
            "state-before-effect",
            "self.token = None\nawait self.server.remove(self.key)\n",
            "await self.server.remove(self.key)\nself.token = None\n",
        ),
        (
            "state-before-effect",
            "mine, self.token = self.token, None\nawait self.server.remove(mine)\n",
            "mine, other = self.token, None\nawait self.server.remove(mine)\n",
        ),
        (
            "before-commit",
            "o = Order()\no.save()\nsend.delay(o.id)\n",
            "o = Order()\no.save()\nsession.commit()\nsend.delay(o.id)\n",
        ),
        (
            "before-commit",
            "with transaction.atomic():\n    o.save()\n    send.delay(o.id)\n",
            "with transaction.atomic():\n    o.save()\n    transaction.on_commit(lambda: send.delay(o.id))\n",
        ),
        (
            "check-then-act",
            "if not Row.objects.filter(name=name).exists():\n    Row.objects.create(name=name)\n",
            "try:\n    Row.objects.create(name=name)\nexcept IntegrityError:\n    pass\n",
        ),
        (
            "io-under-lock",
            "with lock:\n    s3.upload_file(path, bucket, key)\n",
            "with lock:\n    count += 1\ns3.upload_file(path, bucket, key)\n",
        ),
        (
            "io-under-lock",
            "db.execute(advisory_lock(1))\nrequests.get(url, timeout=5)\ndb.commit()\n",
            "db.execute(advisory_lock(1))\ndb.commit()\nrequests.get(url, timeout=5)\n",
        ),
        (
            "lock-order",
            "for row in session.query(Row).all():\n    row.place = 1\n",
            "for row in session.query(Row).order_by(Row.id).all():\n    row.place = 1\n",
        ),
        (
            "commit-in-loop",
            "for row in rows.iterator():\n    work(row)\n    session.commit()\n",
            "for row in list(names):\n    work(row)\nsession.commit()\n",
        ),
        (
            "server-delay",
            "time.sleep(int(response.headers['Retry-After']))\n",
            "time.sleep(min(int(response.headers['Retry-After']), 60))\n",
        ),
        ("sleep", "time.sleep(delay)\n", "time.sleep(5)\n"),
        ("limit-too-late", "b = await r.read()\nif len(b) > MAX:\n    raise E\n", "b = await r.read(MAX)\n"),
        ("unbounded-memory", "b = await r.read()\n", "b = await r.read(100)\n"),
        (
            "end-of-stream",
            "while True:\n    c = f.read(1)\n    if c == b'x':\n        break\n",
            "while True:\n    c = f.read(1)\n    if not c or c == b'x':\n        break\n",
        ),
        (
            "no-progress",
            "while data:\n    out += d.decompress(data)\n    data = d.unconsumed_tail\n",
            "out = d.decompress(data)\n",
        ),
        ("quadratic", "while i < n:\n    i = text.find(';', i) + 1\n", "i = text.find(';')\n"),
        ("backtracking", "re.match(r'(\\s*a+)*b', text)\n", "re.match(r'[a-z]+b', text)\n"),
        ("backtracking", "re.sub(r'\\s+$', '', text)\n", "re.sub(r'^x', '', text)\n"),
        ("user-pattern", "re.compile(prefix + name)\n", "re.compile('x')\n"),
        (
            "bulk-operation",
            "for page in pages():\n    found.append(page)\n",
            "for page in pages():\n    work(page)\n",
        ),
        ("bulk-operation", "client.post(url, json=[m.id for m in members])\n", "client.post(url, json=member)\n"),
        (
            "blocking-in-async",
            "async def f():\n    if small:\n        out.write(b)\n    else:\n        await asyncio.to_thread(out.write, b)\n",
            "async def f():\n    await asyncio.to_thread(out.write, b)\n",
        ),
        ("aliasing", "doc = cache.get(key)\ndoc['now'] = 1\n", "doc = dict(cache.get(key))\ndoc['now'] = 1\n"),
        ("aliasing", "doc = memo.look_up(key)\ndoc.pop('x')\n", "doc = load(key)\ndoc.pop('x')\n"),
        (
            "error-cached",
            "try:\n    v = ask()\nexcept Exception:\n    v = None\ncache.set(k, v)\n",
            "v = ask()\ncache.set(k, v)\n",
        ),
        ("schema-migration", "op.add_column('t', column)\n", "op.inspect('t')\n"),
        ("schema-migration", "db.execute('ALTER TABLE t ADD x int')\n", "db.execute('SELECT 1')\n"),
        ("authorisation", "session.delete(role)\n", "session.delete(draft)\n"),
    ],
)
def test_a_sign_is_read_where_it_is_shown_alone(idea: str, shown: str, not_shown: str) -> None:
    assert idea in signs(shown)
    assert idea not in signs(not_shown)
