"""The bare application: limits, headers, and errors that say nothing."""

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bot.web.twiml import message

MAX_BODY = 64 * 1024
"""Bytes; the provider's forms have less than a tenth of it."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


def site(safe_reply: str, fault: Callable[[BaseException], None]) -> Flask:
    """Make an application without pages; `fault` is told of every exception."""
    app = Flask("porchlight", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.merge_slashes = False

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _bare(error)
        fault(error)
        # A frightened person gets an answer, whatever broke.
        return message(safe_reply) if request.blueprint == "sms" else Response(status=500)

    return app


def _bare(error: HTTPException) -> Response:
    response = Response(status=error.code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response
