"""One example or more for each relation, in the form of those for features."""

from __future__ import annotations

from tests.catalog.query.feature_examples import Example

WORK = {"method": "work"}
STOP = {"method": "stop"}

EXAMPLES = (
    Example(
        "followed-by",
        STOP,
        """
        def load():
            work()  #!
            stop()
            work()
        """,
        WORK,
    ),
    Example(
        "followed-by",
        STOP,
        """
        def load(flag):
            if flag:
                work()
                return
            elif not flag:
                stop()
            try:
                work()  #!
            except OSError:
                stop()
            except ValueError:
                work()
            else:
                work()
        """,
        WORK,
    ),
    Example(
        "followed-by",
        STOP,
        """
        def load(items):
            for one in items:
                if one:
                    work(one)
                    continue
                stop(one)
        """,
        {"any": [{"fact": "loop"}, WORK]},
    ),
    Example(
        "surely-followed-by",
        STOP,
        """
        def load(flag, lock):
            work()
            if flag:
                stop()
            if flag:
                work()
                if lock:
                    return
            with lock:
                work()  #!
            stop()
        """,
        WORK,
    ),
    Example(
        "surely-followed-by",
        STOP,
        """
        def load(flag, lock):
            try:
                work()  #!
                if flag:
                    return
            finally:
                stop()
            try:
                work()
            except OSError:
                stop()
        """,
        WORK,
    ),
    Example(
        "surely-preceded-by",
        STOP,
        """
        def load(flag, lock):
            if flag:
                stop()
                work()  #!
            work()
            try:
                stop()
            except OSError:
                pass
            work()
            try:
                stop()
            except OSError:
                raise KeyError
            work()  #!
        """,
        WORK,
    ),
    Example(
        "unit-has",
        STOP,
        """
        def one():
            work()  #!
            if work():  #!
                stop()

        def two():
            work()
        """,
        WORK,
    ),
    Example(
        "contains",
        STOP,
        """
        def load(lock, other):
            with lock:  #!
                if other:
                    stop()
            with other:
                work()
        """,
        {"fact": "with"},
    ),
    Example(
        "preceded-by",
        STOP,
        """
        def load():
            work()
            stop()
            work()  #!
        """,
        WORK,
    ),
    Example(
        "followed-on-success",
        STOP,
        """
        def load():
            try:
                work()
            except OSError:
                stop()
            finally:
                stop()

        def other():
            try:
                work()  #!
            except OSError:
                pass
            stop()
        """,
        WORK,
    ),
    Example(
        "contains",
        STOP,
        """
        def load(items):  #!
            for one in items:  #!
                try:  #!
                    work()
                except OSError:  #!
                    stop()
            while items:
                if items:
                    work()
        """,
        {"fact": ["loop", "try", "handler", "if", "unit"]},
    ),
    Example(
        "contains",
        {"fact": "break"},
        """
        def load(items):  #!
            for one in items:  #!
                try:  #!
                    pass
                except OSError:
                    if one:  #!
                        break
            for one in items:
                pass
        """,
        {"fact": ["loop", "try", "if", "unit"]},
    ),
    Example(
        "in-body",
        STOP,
        """
        def load(flag):
            try:
                work()
            except OSError:
                stop()
            try:  #!
                stop()
            except OSError:
                work()
            if flag:  #!
                stop()
            else:
                work()
            if flag:
                work()
            else:
                stop()
        """,
        {"fact": ["try", "if"]},
    ),
    Example(
        "within",
        {"fact": "if", "condition": "truthy"},
        """
        def load(flag):
            if flag:
                work()  #!
            work()
        """,
        WORK,
    ),
    Example(
        "in-handlers",
        STOP,
        """
        def load():
            try:
                work()  #!
            except OSError:
                stop()
            try:
                stop()
            except OSError:
                work()
        """,
        WORK,
    ),
    Example(
        "in-finally",
        {"any": [STOP, {"fact": "if"}]},
        """
        def load(flag):
            try:
                work()  #!
            finally:
                stop()
            try:
                work()  #!
            finally:
                if flag:
                    pass
            try:
                work()
            except OSError:
                stop()
        """,
        WORK,
    ),
    Example(
        "same-receiver-later",
        {"method": "close"},
        """
        def load(one, other):
            one.open()  #!
            other.open()
            one.close()
            one.open()
        """,
        {"method": "open"},
    ),
    Example(
        "same-receiver-before",
        {"method": "flush"},
        """
        def load(one, other):
            one.flush()
            one.close()  #!
            other.close()
        """,
        {"method": "close"},
    ),
    Example(
        "uses-result",
        {"attribute-name": "status_code"},
        """
        import requests

        def load(url):
            answer = requests.get(url)  #!
            answer.status_code
            other = requests.get(url)
            other.text
        """,
        {"callee": "requests.get"},
    ),
    Example(
        "uses-result",
        {"method": "decode"},
        """
        def load(client):
            one = client.fetch()  #!
            one.body.decode()
            two = client.fetch()
            two = client.other()
            two.decode()
            three = client.fetch()
            threes.decode()
        """,
        {"method": "fetch"},
    ),
    Example(
        "result-of",
        {"method": "fetch"},
        """
        def load(client):
            one = client.fetch()
            work(one)  #!
            work(one["a"])  #!
            one = client.other()
            work(one)
        """,
        WORK,
    ),
    Example(
        "in-arguments",
        STOP,
        """
        def load(queue):
            queue.call(1, then=lambda: stop())  #!
            queue.call(one(stop))
            queue.call(one(stop()))  #!
            queue.call()
        """,
        {"method": "call"},
    ),
    Example(
        "argument-of",
        {"method": "call"},
        """
        def load(queue):
            queue.call(lambda: stop())  #!
            queue.other(stop())
            stop().call(queue)
        """,
        STOP,
    ),
    Example(
        "result-of",
        {"callee": "json.loads"},
        """
        import json

        def load(text):
            data = json.loads(text)
            data["id"]  #!
            text["id"]
        """,
        {"operation": "key"},
    ),
    Example(
        "beside",
        STOP,
        """
        def load(flag):
            if flag:
                work()  #!
                stop()
            work()
        """,
        WORK,
    ),
    Example(
        "guarded-by",
        {"condition": "is-not-none"},
        """
        def load(wire):
            work()
            if wire is None:
                work()
                return
            work()  #!
            while wire:
                work()  #!
        """,
        WORK,
    ),
    Example(
        "guarded-by",
        {"fact": ["loop", "assert"], "condition": "greater"},
        """
        def load(size):
            work()
            while size > 3:
                work()  #!
            assert size > 3
            work()  #!
        """,
        WORK,
    ),
    Example(
        "checked-by",
        {"condition": "compares-length"},
        """
        def load(text, other):
            if len(text) > 5:
                raise ValueError
            work(text)  #!
            work(other)
        """,
        WORK,
    ),
    Example(
        "tests",
        {"method": "read"},
        """
        def load(stream, other):
            chunk = stream.read(1)
            while chunk:  #!
                chunk = stream.read(1)
            if stream.read(2):  #!
                pass
            while other:
                other = other.next()
        """,
        {"fact": ["loop", "if"]},
    ),
    Example(
        "runs-over",
        {"method": "iterator"},
        """
        def load(rows, others):
            for one in rows.filter(1).iterator():  #!
                work(one)
            later = rows.filter(1).iterator(5)
            for one in later:  #!
                work(one)
            for one in others:
                one.iterator()
        """,
        {"fact": "loop"},
    ),
)
