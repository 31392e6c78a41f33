"""Views, middleware, management commands and migrations of Django, and views of Django REST framework.

Django answers Http404 with 404, PermissionDenied with 403, SuspiciousOperation and BadRequest with 400, and everything
else with 500: a ValidationError or a missing object too. This holds for middleware as well; a `process_exception`
method is asked before. REST framework answers APIException with its status, and Http404 and PermissionDenied likewise;
the rest goes on to Django. A management command ends with a CommandError's message and return code, and with a
traceback for anything else. What a function of a migration raises stops `migrate` before the deployment goes on; the
migration is rolled back where the database can do that.

Source: https://docs.djangoproject.com/en/stable/ref/views/,
https://docs.djangoproject.com/en/stable/topics/http/middleware/#process-exception,
https://www.django-rest-framework.org/api-guide/exceptions/,
https://docs.djangoproject.com/en/stable/howto/custom-management-commands/#command-exceptions,
https://docs.djangoproject.com/en/stable/ref/migration-operations/#runpython;
django/core/handlers/exception.py response_for_exception
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.answer import OWN_STATUS, SERVER_ERROR, VERBS, by_handler, handed_name, view_name
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations

_ROOTS = ("django", "rest_framework")
_VIEW_DECORATORS = frozenset(
    {
        "login_required", "permission_required", "csrf_exempt", "require_http_methods", "require_GET",
        "require_POST", "require_safe", "never_cache", "cache_page", "user_passes_test", "staff_member_required",
    }
)  # fmt: skip
_VIEW_METHODS = VERBS | {"dispatch", "get_queryset", "get_context_data", "form_valid", "get_object"}
_REST_METHODS = VERBS | {
    "dispatch", "initial", "list", "create", "retrieve", "update", "partial_update", "destroy", "perform_create",
    "perform_update", "perform_destroy", "get_queryset", "get_object",
}  # fmt: skip
_MIGRATES = frozenset({"django.db.migrations.RunPython", "django.db.migrations.operations.RunPython"})
_COMMAND = Ending("a traceback and exit status 1", "ends")
_MIGRATION = Ending("the migration is not applied and `migrate` ends with exit status 1", "ends", intended=True)

EXAMPLES = (
    Example(
        """
from django.urls import path
from django.http import JsonResponse

def order(request, id):
    return JsonResponse(find(id))

urlpatterns = [path("orders/<int:id>/", order)]
""",
        "order",
        "route",
        "orders/<int:id>/",
        {
            "ValueError": ("500 Internal Server Error to the caller", "answered"),
            "django.http.response.Http404": ("404 Not Found to the caller", "answered"),
            "django.core.exceptions.PermissionDenied": ("403 Forbidden to the caller", "answered"),
            "django.core.exceptions.DisallowedHost": ("400 Bad Request to the caller", "answered"),
            "django.core.exceptions.ValidationError": ("500 Internal Server Error to the caller", "answered"),
        },
    ),
    Example(
        """
from django.views import View

class Orders(View):
    def get(self, request):
        return page(request)
""",
        "Orders.get",
        "route",
        "GET Orders",
        {"KeyError": ("500 Internal Server Error to the caller", "answered")},
    ),
    Example(
        """
from rest_framework.views import APIView

class Orders(APIView):
    def post(self, request):
        return save(request)
""",
        "Orders.post",
        "route",
        "POST Orders",
        {
            "rest_framework.exceptions.APIException": ("the status that it carries, to the caller", "answered"),
            "django.http.response.Http404": ("404 Not Found to the caller", "answered"),
            "django.core.exceptions.ValidationError": ("500 Internal Server Error to the caller", "answered"),
        },
    ),
    Example(
        """
from rest_framework.decorators import api_view

@api_view(["GET"])
def orders(request):
    return page(request)
""",
        "orders",
        "route",
        "GET orders",
    ),
    Example(
        """
from django.core.management.base import BaseCommand, CommandError

class Command(BaseCommand):
    def handle(self, *args, **options):
        load()
""",
        "Command.handle",
        "command",
        "command load_orders",
        {
            "django.core.management.base.CommandError": ("its message on stderr and exit status 1", "ends"),
            "OSError": ("a traceback and exit status 1", "ends"),
        },
        path="shop/management/commands/load_orders.py",
    ),
    Example(
        """
from django.db import migrations

def fill(apps, schema_editor):
    apps.get_model("shop", "Order").objects.update(paid=False)

class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill, reverse_code=migrations.RunPython.noop)]
""",
        "fill",
        "command",
        "migration 0007_fill",
        {"OSError": ("the migration is not applied and `migrate` ends with exit status 1", "ends")},
        path="shop/migrations/0007_fill.py",
    ),
    Example(
        """
from django.http import HttpResponse

def plain(request):
    return HttpResponse(str(request))
""",
        "plain",
        "route",
        "view plain",
        path="shop/views.py",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of Django and Django REST framework that a function is."""
    file = candidate.file
    if not file.imports(*_ROOTS) and not candidate.bases:
        return
    django = (*((clause,) for clause in file.remembered(handlers, lambda: tuple(handlers(file)))), _OWN)
    rest = (_REST, *django)
    if candidate.owner:
        yield from _methods(candidate, django, rest)
        return
    for decorator in candidate.decorators:
        if decorator.symbol == "rest_framework.decorators.api_view":
            name = f"{_listed(decorator.arguments.get('http_method_names', 0))} {candidate.method}".strip()
            yield Boundary("route", "Django REST framework", name, decorator.line, SERVER_ERROR, rest, False)
            return
        if decorator.method in _VIEW_DECORATORS and decorator.symbol.startswith("django."):
            yield Boundary("route", "Django", f"view {candidate.method}", decorator.line, SERVER_ERROR, django, False)
            return
    for handed in candidate.handed:
        site = handed.site
        if site.method in ("path", "re_path", "url") and handed.for_parameter("view", 1) and file.imports("django"):
            name = handed_name(site.arguments, candidate.method)
            yield Boundary("route", "Django", name, site.line, SERVER_ERROR, django, False)
            return
        if site.callee in _MIGRATES and (handed.for_parameter("code", 0) or handed.for_parameter("reverse_code", 1)):
            name = f"migration {file.path.rpartition('/')[2].removesuffix('.py')}"
            yield Boundary("command", "Django", name, site.line, _MIGRATION)
            return
    if _looks_like_view(candidate):
        yield Boundary("route", "Django", f"view {candidate.method}", candidate.line, SERVER_ERROR, django, False)


def handlers(file: Registrations) -> Iterator[Clause]:
    """The `process_exception` methods of the middleware of a file, by the classes that they ask for."""
    for definition in file.outline.in_order:
        if definition.owner is not None and definition.node.name == "process_exception":
            for node in ast.walk(definition.node):
                is_test = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 2
                if is_test and isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                    types = file.types(node.args[1], definition.name)
                    if types:
                        yield Clause(types, by_handler(file, definition.name, definition.line))


def _methods(
    candidate: Candidate, django: tuple[tuple[Clause, ...], ...], rest: tuple[tuple[Clause, ...], ...]
) -> Iterator[Boundary]:
    bases = candidate.bases
    if any(base.startswith("rest_framework.") for base in bases) and _is_view(bases):
        if candidate.method in _REST_METHODS or any(
            decorator.symbol == "rest_framework.decorators.action" for decorator in candidate.decorators
        ):
            name = view_name(candidate)
            yield Boundary("route", "Django REST framework", name, candidate.line, SERVER_ERROR, rest, False)
    elif any(base.startswith("django.") for base in bases) and _is_view(bases):
        if candidate.method in _VIEW_METHODS:
            yield Boundary("route", "Django", view_name(candidate), candidate.line, SERVER_ERROR, django, False)
    elif candidate.inherits("django.core.management.base.BaseCommand", "django.core.management.BaseCommand"):
        if candidate.method == "handle":
            name = candidate.file.path.rpartition("/")[2].removesuffix(".py")
            told = Ending("its message on stderr and exit status 1", "ends", intended=True)
            kinds = ("django.core.management.base.CommandError", "django.core.management.CommandError")
            yield Boundary("command", "Django", f"command {name}", candidate.line, _COMMAND, ((Clause(kinds, told),),))
    elif _is_middleware(candidate):
        name = f"middleware {candidate.owner}"
        yield Boundary("middleware", "Django", name, candidate.line, SERVER_ERROR, (_OWN,), False)


def _is_view(bases: tuple[str, ...]) -> bool:
    return any(base.endswith(("View", "ViewSet", "ViewSetMixin")) for base in bases)


def _is_middleware(candidate: Candidate) -> bool:
    """A class in the form that Django asks for: made with `get_response`, or an heir of MiddlewareMixin."""
    if not candidate.file.imports("django"):
        return False
    if candidate.inherits("django.utils.deprecation.MiddlewareMixin"):
        return candidate.method.startswith("process_")
    maker = candidate.file.outline.definitions.get(f"{candidate.owner}.__init__")
    arguments = getattr(maker.node, "args", None) if maker is not None else None
    takes = isinstance(arguments, ast.arguments) and any(one.arg == "get_response" for one in arguments.args)
    return takes and (candidate.method == "__call__" or candidate.method.startswith("process_"))


def _looks_like_view(candidate: Candidate) -> bool:
    """A function of `views.py` whose first parameter is the request; its address stands in another file."""
    parts = candidate.file.path.split("/")
    if not (candidate.in_file_named("views.py") or "views" in parts[:-1]) or candidate.name != candidate.method:
        return False
    arguments = candidate.node.args.args
    return bool(arguments) and arguments[0].arg == "request" and not candidate.method.startswith("_")


def _listed(node: ast.expr | None) -> str:
    if isinstance(node, ast.List | ast.Tuple):
        return "/".join(str(one.value) for one in node.elts if isinstance(one, ast.Constant))
    return ""


def _answer(words: str) -> Ending:
    return Ending(f"{words} to the caller", "answered", intended=True)


_OWN = (
    Clause(("django.http.response.Http404", "django.http.Http404"), _answer("404 Not Found")),
    Clause(("django.core.exceptions.PermissionDenied",), _answer("403 Forbidden")),
    Clause(
        ("django.core.exceptions.SuspiciousOperation", "django.core.exceptions.BadRequest"),
        _answer("400 Bad Request"),
    ),
)
_REST = (
    Clause(
        tuple(
            f"rest_framework.exceptions.{name}"
            for name in ("APIException", "ValidationError", "NotFound", "ParseError", "PermissionDenied",
                         "AuthenticationFailed", "NotAuthenticated", "MethodNotAllowed", "Throttled")
        ),
        OWN_STATUS,
    ),
)  # fmt: skip
