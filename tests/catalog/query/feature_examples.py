"""One example or more for each feature: a query that uses it, and source whose marked lines it finds, and no other.

The query must say something: without the test of the feature it finds more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Example:
    """A query with the source that it is asked of.

    Attributes:
        feature: the feature that it shows.
        wanted: what the feature must be.
        source: the text.
        also: the other tests of the query.
        path: of the file.
    """

    feature: str
    wanted: object
    source: str
    also: Mapping[str, object] = field(default_factory=dict)
    path: str = "shop/orders.py"


CALL = {"fact": "call"}

CALLS = (
    Example(
        "callee",
        "requests.get",
        """
        import requests
        from requests import get as fetch

        def load(url):
            requests.get(url)  #!
            fetch(url)  #!
            requests.post(url)
            url.get()
        """,
    ),
    Example(
        "callee",
        ".Order.save",
        """
        class Order:
            def save(self):
                pass

            def pay(self):
                self.save()  #!
                self.other.save()
        """,
    ),
    Example(
        "callee",
        "subprocess.*",
        """
        import subprocess

        def start():
            subprocess.run(["a"])  #!
            subprocess.Popen(["a"])  #!
            print("started")
        """,
        CALL,
    ),
    Example(
        "method",
        ["commit", "rollback"],
        """
        def pay(session):
            session.add(1)
            session.commit()  #!
            session.connection.rollback()  #!
            commit()  #!
        """,
        CALL,
    ),
    Example(
        "method",
        "all",
        """
        def load(session, Release, project):
            session.query(Release).filter(Release.project == project).filter(Release.version != "").all()  #!
            session.query(Release).filter(Release.project == project).filter(Release.version != "").one()
        """,
        CALL,
    ),
    Example(
        "library",
        "requests",
        """
        import requests
        import httpx

        def load(url, session: requests.Session):
            requests.get(url)  #!
            session.get(url)  #!
            httpx.get(url)
            load(url)
        """,
        CALL,
    ),
    Example(
        "library",
        True,
        """
        from shop import prices
        import httpx

        def load(url):
            prices.load(url)
            httpx.get(url)  #!
        """,
        CALL,
    ),
    Example(
        "service",
        "http",
        """
        import requests
        import subprocess

        def load(url):
            requests.get(url)  #!
            subprocess.run(["a"])
        """,
        CALL,
    ),
    Example(
        "blocking",
        True,
        """
        import asyncio
        import time

        async def wait():
            time.sleep(1)  #!
            await asyncio.sleep(1)
        """,
        CALL,
    ),
    Example(
        "awaited",
        True,
        """
        import asyncio

        async def wait():
            asyncio.sleep(1)
            await asyncio.sleep(1)  #!
        """,
        CALL,
    ),
    Example(
        "coroutine",
        True,
        """
        import asyncio

        async def load():
            pass

        def start():
            asyncio.sleep(1)  #!
            load()  #!
            print()
        """,
        CALL,
    ),
    Example(
        "use",
        "discarded",
        """
        import subprocess

        def start():
            subprocess.call(["a"])  #!
            return subprocess.call(["b"])
        """,
        CALL,
    ),
    Example(
        "argument",
        "timeout",
        """
        import requests
        import socket

        def load(url, address):
            requests.get(url, timeout=5)  #!
            requests.get(url)
            socket.create_connection(address, 5)  #!
            socket.create_connection(address)
        """,
        CALL,
    ),
    Example(
        "argument",
        "1",
        """
        def load(read):
            read(1)
            read(1, 2)  #!
            read(1, size=2)
        """,
        CALL,
    ),
    Example(
        "argument-value",
        ["timeout=None", "check=False", "0='w'"],
        """
        def load(call, text):
            call(timeout=None)  #!
            call(timeout=5)
            call("w")  #!
            call(text, "w")
            call(check=False)  #!
        """,
        CALL,
    ),
    Example(
        "argument-type",
        "0:bytes",
        """
        def load(call):
            call(b"a")  #!
            call("a")
        """,
        CALL,
    ),
    Example(
        "argument-boundary",
        "environment",
        """
        import os

        def load(call):
            call(os.environ["HOST"])  #!
            call("host")
        """,
        CALL,
    ),
    Example(
        "argument-made-by",
        "json.loads",
        """
        import json

        def load(text, use):
            data = json.loads(text)
            use(data)  #!
            use(text)
        """,
        CALL,
    ),
    Example(
        "argument-symbol",
        "time.sleep",
        """
        import asyncio
        import time

        async def wait():
            await asyncio.to_thread(time.sleep, 1)  #!
            await asyncio.to_thread(wait)
        """,
        CALL,
    ),
    Example(
        "argument-guard",
        "isinstance:dict",
        """
        def load(data, use):
            use(data)
            if isinstance(data, dict):
                use(data)  #!
        """,
        {"method": "use"},
    ),
    Example(
        "parameter-given",
        True,
        """
        def load(data, use):
            other = "a"
            use(data.name)  #!
            use(other)
        """,
        {"method": "use"},
    ),
    Example(
        "unpacks",
        True,
        """
        def load(call, options):
            call(1, **options)  #!
            call(*options)  #!
            call(options)
        """,
        CALL,
    ),
    Example(
        "timeout",
        "none",
        """
        import requests
        import httpx

        def load(url):
            requests.get(url)  #!
            requests.get(url, timeout=3)
            requests.get(url, timeout=None)  #!
            httpx.get(url)
            print(url)
        """,
        CALL,
    ),
    Example(
        "timeout",
        "library-default",
        """
        import requests
        import httpx

        def load(url):
            requests.get(url)
            httpx.get(url)  #!
        """,
        CALL,
    ),
    Example(
        "receiver-type",
        "requests.Session",
        """
        import requests

        def load(url, other):
            session = requests.Session()
            session.get(url)  #!
            other.get(url)
        """,
        CALL,
    ),
    Example(
        "receiver-kind",
        "self-attribute",
        """
        class Client:
            def load(self, other):
                self.wire.send(1)  #!
                self.check()
                other.send(1)
        """,
        CALL,
    ),
    Example(
        "receiver-kind",
        "super",
        """
        class Client(Base):
            def load(self):
                super().load()  #!
                self.load()
        """,
        {"method": "load"},
    ),
    Example(
        "receiver-boundary",
        "http response",
        """
        import requests

        def load(url, other):
            answer = requests.get(url, timeout=3).json()
            answer.get("id")  #!
            other.get("id")
        """,
        {"method": "get", "not": {"service": "http"}},
    ),
    Example(
        "receiver-made-by",
        "open",
        """
        def load(name, other):
            file = open(name)
            file.read()  #!
            other.read()
        """,
        {"method": "read"},
    ),
    Example(
        "receiver-guard",
        "not-none",
        """
        def load(wire):
            wire.send(1)
            if wire is not None:
                wire.send(2)  #!
        """,
        {"method": "send"},
    ),
    Example(
        "receiver-setting",
        ["socket_timeout=5", "decode_responses"],
        """
        import redis

        def load():
            one = redis.Redis(socket_timeout=5)
            one.get("a")  #!
            other = redis.Redis()
            other.get("a")
            third = redis.Redis(decode_responses=True)
            third.get("a")  #!
        """,
        {"method": "get"},
    ),
    Example(
        "idempotent",
        "no",
        """
        import requests

        def load(url):
            requests.get(url)
            requests.post(url)  #!
        """,
        CALL,
    ),
    Example(
        "needs-release",
        True,
        """
        def load(name):
            open(name)  #!
            print(name)
        """,
        CALL,
    ),
    Example(
        "own",
        True,
        """
        from shop.prices import current
        import requests

        def load(url):
            current(url)  #!
            load(url)  #!
            requests.get(url)
        """,
        CALL,
    ),
    Example(
        "chain",
        "with_for_update",
        """
        def load(session, Release):
            session.query(Release).with_for_update().all()  #!
            session.query(Release).all()
        """,
        {"method": "all"},
    ),
    Example(
        "argument-form",
        "f-string",
        """
        def load(cursor, name):
            cursor.execute(f"SELECT {name}")  #!
            cursor.execute("SELECT ?", (name,))
        """,
        CALL,
    ),
    Example(
        "argument-form",
        ["percent", "format", "concatenated"],
        """
        def load(cursor, name):
            cursor.execute("SELECT %s" % name)  #!
            cursor.execute("SELECT {}".format(name))  #!
            cursor.execute("SELECT " + name)  #!
            cursor.execute(name + 1)
        """,
        {"method": "execute"},
    ),
    Example(
        "argument-form",
        "lambda",
        """
        def plan(transaction, send):
            transaction.on_commit(lambda: send(1))  #!
            transaction.on_commit(send)
        """,
        {"method": "on_commit"},
    ),
    Example(
        "regex",
        "nested-quantifier",
        """
        import re

        WORD = r"[a-z]+"
        NAME = re.compile("^(" + WORD + "-?)*$")  #!
        SAFE = re.compile("^(" + WORD + "-)*$")
        """,
        CALL,
    ),
    Example(
        "regex",
        "dynamic",
        """
        import re

        def find(words, text):
            re.search("|".join(words), text)  #!
            re.search("|".join(map(re.escape, words)), text)
            re.search("a", text)
        """,
        {"callee": "re.search"},
    ),
)

VALUES = (
    Example(
        "value-type",
        "requests.Response",
        """
        import requests

        def load(url):
            return requests.get(url)  #!

        def other(url):
            return url
        """,
        {"fact": "return"},
    ),
    Example(
        "value-boundary",
        "environment",
        """
        import os

        def load(mapping):
            a = os.environ["A"]  #!
            b = mapping["B"]
        """,
        {"fact": "assign"},
    ),
    Example(
        "value-made-by",
        "json.loads",
        """
        import json

        def load(text):
            data = json.loads(text)
            data["id"]  #!
            text[0]
        """,
        {"fact": "use", "operation": ["key", "index"]},
    ),
    Example(
        "value-symbol",
        "os.environ",
        """
        import os

        def load():
            a = os.environ  #!
            b = {}
        """,
        {"fact": "assign"},
    ),
    Example(
        "value-parameter",
        True,
        """
        def load(self, order):
            a = order.id  #!
            b = 1
        """,
        {"fact": "assign"},
    ),
    Example(
        "decoded",
        True,
        """
        import json

        def load(text):
            json.loads(text)["id"]  #!
            known = {"id": 1}
            known["id"]
        """,
        {"operation": "key"},
    ),
    Example(
        "may-be",
        "none",
        """
        import re

        def load(text):
            found = re.match("a", text)
            found.group()  #!
            if found:
                found.group()
        """,
        {"operation": "method"},
    ),
    Example(
        "guard",
        "key",
        """
        import json

        def load(text):
            data = json.loads(text)
            data["name"]
            if "id" in data:
                data["id"]  #!
        """,
        {"operation": "key"},
    ),
    Example(
        "operation",
        "iterate",
        """
        import json

        def load(text):
            data = json.loads(text)
            data["a"]
            for one in data:  #!
                pass
        """,
        {"fact": "use"},
    ),
    Example(
        "attribute-name",
        "text",
        """
        import requests

        def load(url):
            answer = requests.get(url)
            answer.text  #!
            answer.content
        """,
        {"operation": "attribute"},
    ),
    Example(
        "handed-to",
        "int",
        """
        import os

        def load():
            int(os.environ["PORT"])  #!
            print(os.environ["HOST"])
        """,
        {"operation": "argument"},
    ),
    Example(
        "changes",
        True,
        """
        import functools

        @functools.lru_cache
        def settings():
            return {}

        def load():
            known = settings()
            known["a"] = 1  #!
            return known["b"]
        """,
        {"operation": "key"},
    ),
    Example(
        "target-kind",
        "attribute",
        """
        class Client:
            def stop(self, make):
                self.wire = None  #!
                wire = None
                self.parts[1] = None
                self.other = make()  #!
        """,
        {"fact": "assign"},
    ),
    Example(
        "target-root",
        ["self", "global"],
        """
        class Client:
            def stop(self, other):
                global LAST
                self.wire = None  #!
                other.wire = None
                LAST = None  #!
        """,
        {"fact": "assign"},
    ),
    Example(
        "literal",
        "None",
        """
        class Client:
            def stop(self, other):
                self.wire = None  #!
                self.size = 0
                return None  #!
        """,
        {"fact": ["assign", "return"]},
    ),
    Example(
        "augments",
        True,
        """
        class Client:
            def count(self):
                self.size += 1  #!
                self.size = 1
        """,
        {"fact": "assign"},
    ),
)

PLACES = (
    Example(
        "fact",
        ["raise", "assert", "yield", "loop", "with", "break", "continue", "if", "handler", "try", "unit"],
        """
        def load(items, lock):  #!
            with lock:  #!
                work(items)
            for one in items:  #!
                if one:  #!
                    continue  #!
                else:
                    break  #!
            try:  #!
                pass
            except ValueError:  #!
                raise  #!
            assert items  #!
            yield items  #!
            return 1
        """,
    ),
    Example(
        "fact",
        "property",
        """
        class Order:
            @property
            def price(self):
                return 1

            def pay(self):
                return self.price  #!
        """,
    ),
    Example(
        "async",
        True,
        """
        async def one():
            work()  #!

        def other():
            work()
        """,
        CALL,
    ),
    Example(
        "import-time",
        True,
        """
        work()  #!

        class Order:
            price = work()  #!

            def pay(self):
                work()
        """,
        CALL,
    ),
    Example(
        "inside",
        ["lock", "transaction"],
        """
        import threading
        from django.db import transaction

        LOCK = threading.Lock()

        def pay(name):
            with LOCK:
                work()  #!
            with transaction.atomic():
                work()  #!
            with open(name):
                work()
        """,
        {"method": "work"},
    ),
    Example(
        "inside",
        "lambda",
        """
        def plan(queue):
            queue.then(lambda: work())  #!
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "inside",
        ["finally", "try-else", "suppress", "handler"],
        """
        import contextlib

        def pay():
            try:
                work()
            except OSError:
                work()  #!
            else:
                work()  #!
            finally:
                work()  #!
            with contextlib.suppress(OSError):
                work()  #!
        """,
        {"method": "work"},
    ),
    Example(
        "inside-with",
        "asyncio.timeout",
        """
        import asyncio

        async def load():
            async with asyncio.timeout(5):
                await work()  #!
            await work()
        """,
        {"method": "work"},
    ),
    Example(
        "in-loop",
        "endless",
        """
        def load(items):
            while True:
                work()  #!
            while items:
                work()
            for one in items:
                work()
        """,
        {"method": "work"},
    ),
    Example(
        "in-loop",
        "comprehension",
        """
        def load(items):
            [work(one) for one in items]  #!
            work(items)
        """,
        {"method": "work"},
    ),
    Example(
        "iterates",
        "os.listdir",
        """
        import os

        def load(items):
            for name in os.listdir("."):
                work(name)  #!
            for name in items:
                work(name)
        """,
        {"method": "work"},
    ),
    Example(
        "in-handler",
        "OSError",
        """
        def load():
            try:
                work()
            except OSError:
                work()  #!
            except ValueError:
                work()
        """,
        {"method": "work"},
    ),
    Example(
        "unit-kind",
        ["method", "generator"],
        """
        class Order:
            def pay(self):
                work()  #!

        def one():
            yield work()  #!

        def other():
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "unit-name",
        "__exit__",
        """
        class Order:
            def __exit__(self, *error):
                work()  #!

            def pay(self):
                work()
        """,
        {"method": "work"},
    ),
    Example(
        "decorator",
        "functools.lru_cache",
        """
        import functools

        @functools.lru_cache(maxsize=None)
        def one(self):
            work()  #!

        def other():
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "decorator-argument",
        ["ttl", "maxsize=None"],
        """
        import functools

        @functools.lru_cache(maxsize=None)
        def one():
            work()  #!

        @cached(ttl=5 * MINUTE)
        def two():
            work()  #!

        @functools.lru_cache(maxsize=5)
        def three():
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "parameter-default",
        "[]",
        """
        def one(items=[]):  #!
            work()

        def two(items=None):
            work()
        """,
        {"fact": "unit"},
    ),
    Example(
        "base",
        "threading.Thread",
        """
        import threading

        class Worker(threading.Thread):
            def run(self):
                work()  #!

        class Other:
            def run(self):
                work()
        """,
        {"method": "work"},
    ),
    Example(
        "boundary",
        "route",
        """
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/")
        def show():
            work()  #!

        def other():
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "reached-from",
        "route",
        """
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/")
        def show():
            helper()

        def helper():
            work()  #!

        def other():
            work()
        """,
        {"method": "work"},
    ),
    Example(
        "test-code",
        True,
        """
        def one():
            work()  #!
        """,
        CALL,
        "tests/test_orders.py",
    ),
)

ERRORS = (
    Example(
        "exception",
        "ValueError",
        """
        def check(value):
            if value < 0:
                raise ValueError(value)  #!
            raise KeyError(value)
        """,
        {"fact": "raise"},
    ),
    Example(
        "reraise",
        True,
        """
        def load():
            try:
                work()
            except OSError:
                raise  #!
            except ValueError as error:
                raise KeyError from error
        """,
        {"fact": "raise"},
    ),
    Example(
        "cause",
        "none",
        """
        def load():
            try:
                work()
            except OSError:
                raise KeyError from None  #!
            except ValueError as error:
                raise KeyError from error
            except TypeError:
                raise KeyError
        """,
        {"fact": "raise"},
    ),
    Example(
        "may-raise",
        "OSError",
        """
        import requests

        def load(url, text):
            requests.get(url)  #!
            int(text)
        """,
        CALL,
    ),
    Example(
        "escapes",
        "requests.exceptions.Timeout",
        """
        import requests

        def load(url):
            try:
                requests.get(url)
            except requests.Timeout:
                return None
            requests.post(url)  #!
        """,
        CALL,
    ),
    Example(
        "escapes",
        "KeyError",
        """
        def check(value):  #!
            raise KeyError(value)

        def other(value):
            return value
        """,
        {"fact": "unit", "unit-kind": "function"},
    ),
    Example(
        "handler",
        "OSError",
        """
        def load():
            try:
                work()  #!
            except OSError:
                pass
            try:
                work()
            except ValueError:
                pass
        """,
        {"method": "work"},
    ),
    Example(
        "handler",
        "BaseException",
        """
        def load():
            try:
                work()
            except:  #!
                pass
            try:
                work()
            except ValueError:
                pass
        """,
        {"fact": "handler"},
    ),
    Example(
        "handler-covers",
        "ConnectionError",
        """
        def load():
            try:
                work()  #!
            except OSError:
                raise
            try:
                work()
            except ValueError:
                pass
        """,
        {"method": "work"},
    ),
    Example(
        "handler-covers",
        "asyncio.CancelledError",
        """
        async def load():
            try:
                await work()
            except Exception:
                pass
            try:
                await work()  #!
            except BaseException:
                raise
        """,
        {"method": "work"},
    ),
    Example(
        "caught",
        "requests.exceptions.Timeout",
        """
        import requests

        def load():
            try:
                work()  #!
            except requests.RequestException:
                pass
            try:
                work()
            except requests.Timeout:
                raise
        """,
        {"method": "work"},
    ),
    Example(
        "handler-does",
        ["silent", "continues"],
        """
        def load(items):
            for one in items:
                try:
                    work()
                except OSError:  #!
                    pass
                except KeyError:  #!
                    continue
                except ValueError:
                    raise
        """,
        {"fact": "handler"},
    ),
    Example(
        "handler-does",
        "drops-cause",
        """
        def load():
            try:
                work()
            except OSError:  #!
                raise KeyError from None
            except ValueError as error:
                raise KeyError from error
        """,
        {"fact": "handler"},
    ),
    Example(
        "handler-raises",
        "KeyError",
        """
        def load():
            try:
                work()
            except OSError:  #!
                raise KeyError(1)
            except ValueError:
                raise
        """,
        {"fact": "handler"},
    ),
    Example(
        "has-finally",
        True,
        """
        def load():
            try:
                work()  #!
            finally:
                stop()
            try:
                work()
            except OSError:
                pass
        """,
        {"method": "work"},
    ),
)

CONDITIONS = (
    Example(
        "condition",
        "is-none",
        """
        def load(wire):
            if wire is None:  #!
                return
            if not wire:
                return
        """,
        {"fact": "if"},
    ),
    Example(
        "condition",
        ["compares-length", "not-isinstance"],
        """
        def load(data):
            if len(data) > 5:  #!
                return
            if not isinstance(data, dict) or data:  #!
                return
            assert data
        """,
        {"fact": ["if", "assert"]},
    ),
    Example(
        "compares-to",
        "b''",
        """
        def load(stream):
            chunk = stream.read(1)
            while chunk not in (b"a", b""):  #!
                chunk = stream.read(1)
            while chunk != b"a":
                chunk = stream.read(1)
        """,
        {"fact": "loop"},
    ),
    Example(
        "condition-calls",
        "startswith",
        """
        def load(text):
            if text.startswith("a") and text:  #!
                return
            if text:
                return
        """,
        {"fact": "if"},
    ),
    Example(
        "branch-ends",
        ["returns", "raises"],
        """
        def load(text):
            if text:  #!
                with text:
                    return
            if text:  #!
                if work():  #!
                    return
                else:
                    raise ValueError
            if text:
                work()
        """,
        {"fact": "if"},
    ),
    Example(
        "has-else",
        True,
        """
        def load(text):
            if text:  #!
                pass
            else:
                work()
            if text:
                work()
        """,
        {"fact": "if"},
    ),
    Example(
        "left-by",
        "break",
        """
        def load(items):
            for one in items:  #!
                if one:
                    break
            for one in items:
                work(one)
        """,
        {"fact": "loop"},
    ),
    Example(
        "left-by",
        ["raise", "continue"],
        """
        def load(items):
            while True:  #!
                if items:
                    raise ValueError
            for one in items:  #!
                if one:
                    continue
                work()
            for one in items:
                return one
        """,
        {"fact": "loop"},
    ),
    Example(
        "loop-changes-test",
        True,
        """
        def load(rest, step):
            while rest:  #!
                rest = step(rest)
            while rest:
                step(rest)
        """,
        {"fact": "loop"},
    ),
)

EXAMPLES = (*CALLS, *VALUES, *PLACES, *ERRORS, *CONDITIONS)
