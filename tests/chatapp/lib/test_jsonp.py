"""JSON as a script: only what is a name is called."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.jsonp import jsonp
from chatapp.lib.refusal import Refusal


@pytest.mark.parametrize(
    "callback", ["f", "_", "$", "jQuery3_17.done", "a$b_c.d", "x" * 64, "$.parse"]
)
def test_a_name_is_called_with_the_json(callback):
    response = jsonp(callback, b'{"status":1}')
    assert response.body == b'/**/%b({"status":1});' % callback.encode()


def test_a_script_is_not_taken_for_anything_else_and_not_kept():
    response = jsonp("f", b"1")
    assert dict(response.headers) == {
        "Content-Type": "text/javascript; charset=utf-8",
        "Content-Length": "9",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


@pytest.mark.parametrize(
    "callback",
    ["", "alert(1)//", "1a", ".a", "a-b", "a b", "a\n", "a[0]", "é", "aé", "a٣", "x" * 65, "<b>"],
)
def test_all_else_is_refused(callback):
    with pytest.raises(Refusal) as info:
        jsonp(callback, b"1")
    assert info.value.status == 400


@given(st.text())
def test_no_line_ends_inside_of_a_string_and_the_json_means_the_same(text):
    body = jsonp("f", json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")).body
    script = body.decode("utf-8")
    assert not {"\u2028", "\u2029"} & set(script)
    shown = text.encode("utf-8", "replace").decode()
    assert json.loads(script[len("/**/f(") : -len(");")]) == shown
