"""Flask whose ``async def`` views wait on the loop: `Flask` in the place of ``flask.Flask``.

    app = Flask(__name__)

    @app.get("/poll")
    async def poll():
        return await queue.get(timeout=10)

Flask calls `ensure_sync` on every function of the user's before it calls it. Here an ``async def``
one stays as it is, and its coroutine is waited for between dispatching and finalizing, where the
request is parked. The request context is that of the whole request, so that ``request``, ``g`` and
``session`` hold what they held, sessions changed after a wait are saved, and error handlers,
``after_request`` and teardown functions hear of what happens after it.

May be ``async def`` and wait: views, also those of classes and blueprints, error handlers,
``before_request``, ``after_request`` and ``after_this_request`` functions. ``async def`` teardown
functions and receivers of signals run to their end as on any other WSGI server, and hold up the
loop meanwhile. On another server than cogen everything is as Flask does it.

Written for Flask 3.1, whose own `wsgi_app`, `full_dispatch_request`, `preprocess_request`,
`finalize_request` and `process_response` it follows step by step.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable
from contextvars import ContextVar
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import flask
from flask.ctx import RequestContext
from flask.signals import request_finished, request_started
from flask.views import View

from cogen.web.actions import complete
from cogen.web.gate import Gate

__all__ = ["Flask"]

_waits: ContextVar[bool] = ContextVar("cogen.flask", default=False)
Steps = Generator[bytes, None, Any]


class _Unfinished(NamedTuple):
    """What `flask.Flask.handle_exception` gives when we finalize it."""

    result: Any


class _Run:
    """The functions of one request, which may wait.

    When the client goes, the function that waits is cancelled, but ends only when it is its task's
    turn. What is to come after its end, so that it finds its request until then, is left to it.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._awaiting = False
        self._left: Callable[[], Any] | None = None

    def call(self, function: Callable[..., Any], *args: Any) -> Steps:
        """Call it, and wait for what it gives."""
        token = _waits.set(True)
        try:
            result = function(*args)
        finally:
            _waits.reset(token)
        return (yield from self.wait(result))

    def wait(self, result: Any) -> Steps:
        """The result itself; what it gives, if it is a coroutine."""
        if not inspect.iscoroutine(result):
            return result
        try:
            return (yield from complete(self._await(result), self._gate))
        finally:
            if inspect.getcoroutinestate(result) == inspect.CORO_CREATED:
                result.close()  # given up before it began

    def at_end(self, function: Callable[..., Any], *args: Any) -> None:
        """Call it when nothing runs any more."""
        if self._awaiting:
            self._left = partial(function, *args)
        else:
            function(*args)

    async def _await(self, result: Any) -> Any:
        self._awaiting = True
        try:
            return await result
        finally:
            self._awaiting = False
            if self._left is not None:
                self._left()


class Flask(flask.Flask):
    """``flask.Flask`` whose ``async def`` views park their requests."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Leave ``async def`` functions as they are where what they give is waited for.

        That is so for the view, under whatever decorators (that say ``__wrapped__``), and for
        error handlers. Other code that calls this wants the result, not a coroutine: what an
        extension takes for true must not be one.
        """
        if _waits.get() and inspect.iscoroutinefunction(func) and self._answers(func):
            return func
        return super().ensure_sync(func)

    def finalize_request(self, rv: Any, from_error_handler: bool = False) -> Any:
        """Flask's; or left to `_finalize`, which can wait."""
        if _waits.get():
            return _Unfinished(rv)
        return super().finalize_request(rv, from_error_handler)

    def _answers(self, func: Callable[..., Any]) -> bool:
        if isinstance(getattr(func, "__self__", None), View):
            return True
        view: Any = self.view_functions.get(flask.request.endpoint or "")
        while view is not None:
            if view is func:
                return True
            view = getattr(view, "__wrapped__", None)
        return any(
            func in by_class.values()
            for by_code in self.error_handler_spec.values()
            for by_class in by_code.values()
        )

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        gate = environ.get("cogen.wsgi")
        if gate is None:
            return super().wsgi_app(environ, start_response)
        return self._serve(environ, start_response, gate)

    def _serve(self, environ: Any, start_response: Any, gate: Gate) -> Steps:
        ctx = self.request_context(environ)
        run = _Run(gate)
        error: BaseException | None = None
        try:
            try:
                ctx.push()
                response = yield from self._dispatch(ctx, run)
            except Exception as raised:
                error = raised
                response = yield from self._failed(raised, ctx, run)
            except BaseException as raised:
                error = raised
                raise
            body = response(environ, start_response)
        finally:
            if error is not None and self.should_ignore_error(error):
                error = None
            try:
                run.at_end(ctx.pop, error)
            finally:
                error = None  # its traceback holds this frame: no circle
        try:
            yield from body
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _dispatch(self, ctx: RequestContext, run: _Run) -> Steps:
        self._got_first_request = True
        try:
            request_started.send(self, _async_wrapper=self.ensure_sync)
            result = yield from self._before(run)
            if result is None:
                result = yield from run.call(self.dispatch_request)
        except Exception as error:
            result = yield from run.call(self.handle_user_exception, error)
        return (yield from self._finalize(result, ctx, run))

    def _before(self, run: _Run) -> Steps:
        request = flask.request
        names = (None, *reversed(request.blueprints))
        for name in names:
            for preprocess in self.url_value_preprocessors.get(name, ()):
                preprocess(request.endpoint, request.view_args)
        for name in names:
            for function in self.before_request_funcs.get(name, ()):
                result = yield from run.call(function)
                if result is not None:
                    return result
        return None

    def _finalize(self, result: Any, ctx: RequestContext, run: _Run) -> Steps:
        response = yield from self._after(self.make_response(result), ctx, run)
        request_finished.send(self, _async_wrapper=self.ensure_sync, response=response)
        return response

    def _after(self, response: Any, ctx: RequestContext, run: _Run) -> Steps:
        functions = list(ctx._after_request_functions)
        for name in chain(flask.request.blueprints, (None,)):
            functions += reversed(self.after_request_funcs.get(name, ()))
        for function in functions:
            response = yield from run.call(function, response)
        session = ctx._session  # asking for ctx.session would count as an access
        if session is not None and not self.session_interface.is_null_session(session):
            self.session_interface.save_session(self, session, response)
        return response

    def _failed(self, error: Exception, ctx: RequestContext, run: _Run) -> Steps:
        """The answer to what no handler took: Flask's own, or that of a handler for 500."""
        unfinished: Any = yield from run.call(self.handle_exception, error)
        result = yield from run.wait(unfinished.result)
        response = self.make_response(result)
        try:
            return (yield from self._after(response, ctx, run))
        except Exception:
            self.logger.exception("after_request failed on the answer to an error")
            return response
