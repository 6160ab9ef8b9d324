"""Checks code that is not run: names of kerasgan and Keras, and calls of them."""

import ast
import importlib
import inspect
import re
import types

PACKAGES = "kerasgan", "keras"


class Instance:
    """An object of a class, of which no more is known."""

    def __init__(self, of):
        self.of = of


class CodeNames(ast.NodeVisitor):
    """Follows names from their import to attributes and calls.

    What a call returns is known of a class and of a function of kerasgan that
    is annotated with one. Everything else is unknown, and not checked.

    Args:
        choices: a function of a called object, which returns the names that an
            argument may have: parameter -> names.

    Attributes:
        scope: name -> object, an `Instance` or None, which is unknown. The next
            code that is visited continues with it.
        wrong: a line for each name that does not exist, and for each call that
            its signature does not allow.
    """

    def __init__(self, choices):
        self.choices = choices
        self.scope = {name: importlib.import_module(name) for name in PACKAGES}
        self.wrong = []

    def visit_Import(self, node):
        for alias in node.names:
            root = alias.name.partition(".")[0]
            module = self.dotted(alias.name) if root in PACKAGES else None
            if not alias.asname and module is not None:
                module = importlib.import_module(root)
            self.scope[alias.asname or root] = module

    def visit_ImportFrom(self, node):
        root = node.module.partition(".")[0]
        module = self.dotted(node.module) if root in PACKAGES else None
        for alias in node.names:
            self.scope[alias.asname or alias.name] = self.member(
                module, alias.name
            )

    def visit_Assign(self, node):
        value = self.visit(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope[target.id] = value
            else:
                self.visit(target)

    def visit_With(self, node):
        for item in node.items:
            value = self.visit(item.context_expr)
            if isinstance(item.optional_vars, ast.Name):
                self.scope[item.optional_vars.id] = value
        for statement in node.body:
            self.visit(statement)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.scope[node.id] = None
        return self.scope.get(node.id)

    def visit_Attribute(self, node):
        return self.member(self.visit(node.value), node.attr)

    def visit_Call(self, node):
        function = self.visit(node.func)
        for value in [*node.args, *node.keywords]:
            self.visit(value)
        return self.call(function, node) if callable(function) else None

    def dotted(self, name):
        """Returns the object of a dotted name, None for one that is wrong."""
        return self.visit(ast.parse(name, mode="eval").body)

    def member(self, owner, name):
        """Returns an attribute, None for one that is unknown or wrong."""
        if owner is None:
            return None
        if isinstance(owner, Instance):
            return self.member_of_instance(owner, name)
        try:
            return getattr(owner, name)
        except AttributeError:
            shown = getattr(owner, "__name__", owner)
            try:
                return importlib.import_module(f"{shown}.{name}")
            except ImportError:
                self.wrong.append(f"{shown} has no {name}")
                return None

    def member_of_instance(self, owner, name):
        value = inspect.getattr_static(owner.of, name, None)
        if isinstance(value, types.FunctionType):
            return types.MethodType(value, owner)
        if isinstance(value, staticmethod | classmethod):
            return getattr(owner.of, name)
        if value is None and not sets_attribute(owner.of, name):
            self.wrong.append(f"{owner.of.__name__} has no {name}")
        return None

    def call(self, function, node):
        """Checks the arguments of a call; returns what it gives, if known."""
        try:
            signature = signature_of(function)
        except (TypeError, ValueError):
            return None
        positional, unknown = [], False
        for value in node.args:
            unknown = unknown or isinstance(value, ast.Starred)
            if not unknown:
                positional.append(value)
        keywords = {k.arg: k.value for k in node.keywords if k.arg}
        unknown = unknown or len(keywords) < len(node.keywords)
        bind = signature.bind_partial if unknown else signature.bind
        try:
            arguments = bind(*positional, **keywords).arguments
        except TypeError as error:
            self.wrong.append(f"{ast.unparse(node.func)}: {error}")
            return None
        known = passed_on(function)
        for name in keywords if known else ():
            if name not in known:
                self.wrong.append(f"{ast.unparse(node.func)} takes no {name}")
        for name, allowed in self.choices(function).items():
            value = arguments.get(name)
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                if not allowed(value.value):
                    self.wrong.append(
                        f"{ast.unparse(node.func)}: {name}={value.value!r}"
                    )
        returned = signature.return_annotation
        if inspect.isclass(function):
            returned = function
        of_ours = getattr(returned, "__module__", "").startswith(PACKAGES)
        ours = inspect.isclass(returned) and of_ours
        return Instance(returned) if ours else None


def signature_of(function):
    """Returns the signature; that of `__init__` where `__new__` takes any."""
    signature = inspect.signature(function)
    kinds = {p.kind for p in signature.parameters.values()}
    any_kind = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    if inspect.isclass(function) and kinds == any_kind:
        return inspect.signature(types.MethodType(function.__init__, object()))
    return signature


def passed_on(function):
    """Returns the names that a class takes, with those of its bases.

    None for a function: its `**kwargs` may be anything.
    """
    if not inspect.isclass(function):
        return None
    return {
        name
        for base in function.__mro__
        if "__init__" in vars(base)
        for name in inspect.signature(base.__init__).parameters
    }


def sets_attribute(item, name):
    """Whether a class, or one that it derives from, sets an attribute of `self`."""
    return any(
        name in getattr(base, "__annotations__", ())
        or re.search(rf"\bself\.{name}\b", inspect.getsource(base))
        for base in item.__mro__
        if base.__module__.startswith(PACKAGES)
    )
