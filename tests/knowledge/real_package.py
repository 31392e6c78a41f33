"""Finding the real thing that a described name stands for, in the installed packages.

Most names are importable attributes. Methods of objects that exist only at run time (`openai.OpenAI.chat.completions`)
are followed through return annotations of properties, annotations of attributes and what the descriptions themselves
say of an attribute's type.
"""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import importlib
import importlib.util
import inspect
import os
import re
import sys
import threading
import types
from collections.abc import Callable as Function
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reviewer.errors import ReviewerError
from reviewer.knowledge.lookup import Knowledge

DESCRIBED = Knowledge()


class NotFoundError(Exception):
    """The installed package has no such name; the message says where the search ended."""


@dataclass(frozen=True, slots=True)
class Found:
    """A real thing.

    Attributes:
        value: the thing.
        owner: the class or module it was found on; None for a top-level module.
        last: its last name.
        made: it comes from an object made at run time, whose signatures say nothing.
    """

    value: object
    owner: object = None
    last: str = ""
    made: bool = False

    @property
    def bound(self) -> bool:
        """Its first parameter is not `self`."""
        if not isinstance(self.owner, type):
            return True
        for base in self.owner.__mro__:
            if self.last in vars(base):
                static = vars(base)[self.last]
                return isinstance(static, staticmethod | classmethod | type) or type(static).__name__ in {
                    "classmethod_descriptor",
                    "builtin_function_or_method",
                    "method",
                }
        return False


def _boto3() -> Any:
    # Without type stubs, hence not by an import statement.
    return importlib.import_module("boto3")


@functools.cache
def _aws_client(service: str) -> Any:
    return type(
        _boto3().client(service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    )


@functools.cache
def _aws_resource(service: str, kind: str) -> Any:
    resource = _boto3().resource(
        service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    made = resource if kind == "ServiceResource" else getattr(resource, kind)(*["x"] * (2 if kind == "Object" else 1))
    return type(made)


def _make_aws(name: str) -> Any:
    if match := re.fullmatch(r"botocore\.client\.BaseClient\.(\w+)", name):
        clients = (_aws_client(service) for service in _AWS_SERVICES)
        return next((getattr(client, match[1]) for client in clients if hasattr(client, match[1])), None)
    if name in {"botocore.client.BaseClient", "botocore.client.ClientError", "botocore.client.Config"}:
        return None
    if match := re.fullmatch(r"botocore\.client\.([A-Z]\w*)", name):
        return _aws_client(_AWS_NAMES.get(match[1], match[1].lower()))
    if re.fullmatch(r"boto3\.resources\.factory\.(s3|sqs|sns|dynamodb)", name):
        return types.SimpleNamespace()  # the class is named "s3.Bucket"; nothing stands behind the "s3" alone
    if match := re.fullmatch(r"boto3\.resources\.factory\.(\w+)\.(\w+)", name):
        return _aws_resource(match[1], match[2])
    return None


@functools.cache
def _django_model() -> Any:
    django, conf = importlib.import_module("django"), importlib.import_module("django.conf")
    if not conf.settings.configured:
        conf.settings.configure()
        django.setup()
    models: Any = importlib.import_module("django.db.models")
    meta = type("Meta", (), {"app_label": "example"})
    return type("Example", (models.Model,), {"__module__": __name__, "Meta": meta})


def _make_django(name: str) -> Any:
    if match := re.fullmatch(r"django\.db\.models\.Model\.(objects|DoesNotExist|MultipleObjectsReturned)", name):
        return getattr(_django_model(), match[1])
    return None


_AWS_SERVICES = (
    *("s3", "sqs", "sns", "dynamodb", "lambda", "secretsmanager", "ssm", "ses", "kinesis", "firehose", "events"),
    *("stepfunctions", "sts", "kms", "cloudwatch", "logs", "bedrock-runtime"),
)
"""Services whose operations are described on `BaseClient`, for clients whose service is not known."""

_AWS_NAMES: Mapping[str, str] = {
    "CloudWatchLogs": "logs",
    "EventBridge": "events",
    "SFN": "stepfunctions",
    "BedrockRuntime": "bedrock-runtime",
}
"""Client class -> service name, where the one is not the other in lower case."""

MADE_AT_RUN_TIME: tuple[tuple[Function[[str], object | None], str], ...] = (
    (_make_aws, "botocore makes its client classes from service descriptions when a client is made"),
    (_make_django, "Django gives a model its manager and exceptions when the model's class is made"),
)
"""Makers of objects whose classes stand in no source, each with the reason."""


AT_IMPORT: Mapping[str, Mapping[str, str]] = {
    "litellm": {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},  # else its import fetches the newest price list
}
"""Packages whose import reaches the network, with the environment that keeps them from it."""

TYPES_BEHIND_FUNCTIONS: Mapping[str, type] = {
    "threading.Lock": type(threading.Lock()),
    "threading.RLock": type(threading.RLock()),
}
"""Public names of types that are functions in some Python versions: threading.Lock became a class with 3.13."""


def find_type(name: str) -> object:
    """The type behind a type's name, without its elements in brackets; the thing itself where it is no type."""
    name = name.partition("[")[0]
    return TYPES_BEHIND_FUNCTIONS.get(name) or find(name).value


@functools.cache
def find(name: str) -> Found:
    """The real thing behind a canonical name.

    Raises:
        NotFoundError: there is no such thing.
        ImportError: the package is not installed.
    """
    first, *rest = name.split(".")
    if hasattr(builtins, first):
        found = Found(getattr(builtins, first), builtins, first)
    else:
        os.environ.update(AT_IMPORT.get(first, {}))
        found = Found(importlib.import_module(first), None, first)
    path = first
    for part in rest:
        path, parent = f"{path}.{part}", path
        found = _step(found, parent, path, part)
    return found


def _step(found: Found, parent: str, path: str, part: str) -> Found:
    for make, _ in MADE_AT_RUN_TIME:
        if (instance := make(path)) is not None:
            return Found(instance, found.value, part, made=True)
    value = TYPES_BEHIND_FUNCTIONS.get(parent, found.value)
    if isinstance(value, types.ModuleType):
        if not hasattr(value, part):
            try:
                return Found(importlib.import_module(path), value, part)
            except ModuleNotFoundError as error:
                raise NotFoundError(f"{parent} has no {part!r}") from error
        return Found(getattr(value, part), value, part)
    if isinstance(value, type) and not hasattr(value, part):
        return Found(_attribute_value(value, part, path), value, part)
    if isinstance(value, property | functools.cached_property) or inspect.isdatadescriptor(value):
        value = _declared_type(value, found.owner, parent)
        if not hasattr(value, part):
            return Found(_attribute_value(value, part, path), value, part)
    if not hasattr(value, part):
        raise NotFoundError(f"{parent} has no {part!r}")
    return Found(getattr(value, part), value, part, made=found.made)


def _attribute_value(owner: type, part: str, path: str) -> object:
    """The type of an attribute that only instances have; `object` where nobody says its type."""
    described = DESCRIBED.attribute(path)
    if described is not None and described.type is not None and has_attribute(owner, part):
        return find_type(described.type)
    for base in owner.__mro__:
        annotation = inspect.get_annotations(base).get(part)
        if annotation is not None:
            return _annotated_type(annotation, base.__module__) or object
    if has_attribute(owner, part):
        return object
    raise NotFoundError(f"{path.rpartition('.')[0]} ({owner.__module__}.{owner.__qualname__}) has no {part!r}")


def _declared_type(value: object, owner: object, path: str) -> type:
    described = DESCRIBED.attribute(path)
    if described is not None and described.type is not None:
        found = find_type(described.type)
        if isinstance(found, type):
            return found
    getter = getattr(value, "fget", None) or getattr(value, "func", None)
    annotation = getattr(getter, "__annotations__", {}).get("return")
    module = getattr(getter, "__module__", getattr(owner, "__module__", ""))
    found_type = _annotated_type(annotation, module) if annotation is not None else None
    if found_type is None:
        raise NotFoundError(f"{path} does not say what it returns; give [attributes.{path!r}] a type")
    return found_type


def _annotated_type(annotation: object, module: str) -> type | None:
    """The class that an annotation names, None taken away; None where that is no single class."""
    if isinstance(annotation, type):
        return annotation
    text = annotation if isinstance(annotation, str) else str(annotation)
    text = re.sub(r"^(?:typing\.)?Optional\[(.*)\]$", r"\1", text.strip("'\""))
    names = [part.strip() for part in text.split("|") if part.strip() != "None"]
    if len(names) != 1:
        return None
    name = names[0].partition("[")[0]
    found = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if isinstance(found, type):
        return found
    return _imported_for_typing(name, module)


def _imported_for_typing(name: str, module: str) -> type | None:
    """The class that the module imports under this name, at the top, below TYPE_CHECKING or inside a function."""
    for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    package = getattr(sys.modules[module], "__package__", "") or ""
                    target = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                    found = getattr(importlib.import_module(target), alias.name, None)
                    return found if isinstance(found, type) else None
    return None


def has_attribute(owner: object, name: str) -> bool:
    """Whether objects of this class (or this very object) have the attribute, set by the class or by its methods."""
    if hasattr(owner, name):
        return True
    if not isinstance(owner, type):
        return False
    return any(
        name in inspect.get_annotations(base) or name in getattr(base, "__slots__", ()) or name in _assigned(base)
        for base in owner.__mro__
    )


@functools.cache
def _assigned(owner: type) -> frozenset[str]:
    """Attributes that the class's own methods assign, read from their byte code: there is not always source."""
    return frozenset(
        instruction.argval
        for member in vars(owner).values()
        if inspect.isfunction(member)
        for instruction in dis.get_instructions(inspect.unwrap(member))
        if instruction.opname == "STORE_ATTR"
    )


def signature(found: Found) -> inspect.Signature | None:
    """The parameters without `self`; None where the thing is made at run time or written in C and says nothing."""
    if found.made or not callable(found.value):
        return None
    try:
        whole = inspect.signature(found.value)
    except (ValueError, TypeError):
        return None
    if found.bound or isinstance(found.value, type):
        return whole
    return whole.replace(parameters=list(whole.parameters.values())[1:])


def constructors(name: str) -> Iterator[inspect.Signature]:
    """Constructors that could have made the receiver of this method: of every class along the dotted path."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = find(".".join(parts[:end])).value
        except (NotFoundError, ImportError):
            continue
        for base in value.__mro__ if isinstance(value, type) else ():
            try:
                yield inspect.signature(base)
            except (ValueError, TypeError):
                continue


def readable_modules() -> tuple[str, ...]:
    """Modules whose description can be read; the others fail a test of their own."""
    return tuple(module for module in sorted(DESCRIBED.modules) if _readable(module))


def _readable(module: str) -> bool:
    try:
        DESCRIBED.library(module)
    except ReviewerError:
        return False
    return True
