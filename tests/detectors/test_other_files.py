"""What rules find by way of functions of other files."""

from __future__ import annotations

from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Evidence, Finding
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from tests.code.files_in_memory import Files

KNOWLEDGE = Knowledge()


def found(rule: str, main: str, **others: str) -> list[Finding]:
    """What one rule finds in shop/main.py, the others being files beside it."""
    files = Files({"shop/main.py": main} | {f"shop/{name}.py": text for name, text in others.items()})
    around = Surroundings(KNOWLEDGE, Limits(), Project(files, KNOWLEDGE, Limits()))
    change = FileChange("shop/main.py", ChangeKind.ADDED, content=files.files["shop/main.py"], whole=True)
    reviewed = review_file(change, [one for one in all_rules() if one.id == rule], around)
    assert reviewed.failures == ()
    return list(reviewed.findings.values())


SLOW = """
    import time
    def wait():
        deeper()
    def deeper():
        time.sleep(3)
    async def gentle():
        time.sleep(3)
    """


def test_a_helper_of_another_file_that_blocks_is_followed_from_a_coroutine() -> None:
    [one] = found("blocking-in-coroutine", "from shop.slow import wait\nasync def run():\n    wait()\n", slow=SLOW)
    assert (one.line, one.evidence) == (3, (Evidence("shop/slow.py", 5, "time.sleep() blocks here"),))


def test_what_another_thread_or_another_coroutine_does_blocks_nothing_here() -> None:
    main = """
        import asyncio
        from shop import slow
        async def run():
            await asyncio.to_thread(slow.wait)
            await slow.gentle()
        """
    assert found("blocking-in-coroutine", main, slow=SLOW) == []


def test_a_coroutine_of_another_file_must_be_awaited() -> None:
    [one] = found("coroutine-not-awaited", "from shop.slow import gentle\nasync def run():\n    gentle()\n", slow=SLOW)
    assert one.line == 3


def test_what_another_file_may_return_as_none_is_checked() -> None:
    finding = "def find(name):\n    if name:\n        return name.strip()\n    return None\n"
    [one] = found(
        "may-be-none", "from shop.names import find\ndef run():\n    return find('a').upper()\n", names=finding
    )
    assert one.line == 3


WORK = """
    class Refused(Exception):
        pass
    async def send(item):
        raise Refused(item)
    """
GROUP = """
    import asyncio
    from shop.work import Refused, send
    async def run(items):
        try:
            async with asyncio.TaskGroup() as group:
                for item in items:
                    group.create_task(send(item))
        except Refused:
            return None
    """


def test_a_clause_around_a_task_group_never_sees_what_a_task_of_another_file_raises() -> None:
    [one] = found("narrow-except", GROUP, work=WORK)
    assert one.line == 7
    assert one.message == (
        "group.create_task() may raise ExceptionGroup[shop.work.Refused], which `except Refused` does not catch"
    )
    assert one.exceptions == ("ExceptionGroup", "shop.work.Refused")
    assert Evidence("shop/work.py", 4, "Refused in send") in one.evidence


def test_a_starred_clause_around_a_task_group_sees_it() -> None:
    assert (
        found(
            "narrow-except",
            GROUP.replace("except Refused:", "except* Refused:").replace("return None", "..."),
            work=WORK,
        )
        == []
    )


ROUTER = """
    from fastapi import APIRouter
    from shop.stock import find

    router = APIRouter()

    @router.get("/items")
    def items(name: str):
        return find(name)
    """
STOCK = """
    def find(name):
        if not name:
            raise ValueError(name)
        return name
    """


def test_a_route_lets_through_what_no_handler_of_the_application_takes() -> None:
    [one] = found("route-lets-through", ROUTER, stock=STOCK)
    assert one.severity == "medium"


def test_a_route_lets_nothing_through_that_the_application_has_a_handler_for() -> None:
    application = """
        from fastapi import FastAPI
        from shop.main import router

        def create():
            app = FastAPI()
            app.add_exception_handler(ValueError, refuse)
            app.include_router(router)
            return app
        """
    assert found("route-lets-through", ROUTER, stock=STOCK, application=application) == []
