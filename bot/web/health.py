"""GET /health: whether the line works, and on which book. Nothing about anybody."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify


def health(store_up: Callable[[], bool], fingerprint: str) -> Blueprint:
    """Make the page; 200 even without the store, because texts are answered without it too."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/health", provide_automatic_options=False)
    def show() -> Response:
        up = store_up()
        return jsonify(
            status="ok" if up else "degraded", redis="up" if up else "down", book=fingerprint
        )

    return blueprint
