"""What a body holds, and what is refused."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.body import form, json_body
from chatapp.lib.refusal import Refusal


class Said(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    parts: list[int] = []


SAID = msgspec.json.Decoder(Said)
ANYTHING = msgspec.json.Decoder()
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def read(body: bytes, decoder: Any = SAID, type: str = JSON, **headers: str) -> Any:
    return json_body({"CONTENT_TYPE": type, **headers}, body, decoder, 1_000_000)


def refused(body: bytes, decoder: Any = SAID, type: str = JSON, **headers: str) -> Refusal:
    with pytest.raises(Refusal) as info:
        read(body, decoder, type, **headers)
    return info.value


@pytest.mark.parametrize("type", [JSON, "Application/JSON", "application/json; charset=utf-8"])
def test_json_becomes_what_it_is_to_be(type):
    assert read(b' {"text": "h\\u00e9 \xc3\xa9"} ', type=type) == Said("hé é")


@pytest.mark.parametrize(
    "type", ["", "text/plain", FORM, "application/jsonp", "text/json", "multipart/form-data"]
)
def test_another_type_is_refused(type):
    refusal = refused(b'{"text":"a"}', type=type)
    assert (refusal.status, refusal.headers) == (415, [("Accept", JSON)])


def test_no_type_is_another_type():
    with pytest.raises(Refusal) as info:
        json_body({}, b'{"text":"a"}', SAID, 100)
    assert info.value.status == 415


def test_a_compressed_body_is_refused_and_not_unpacked():
    bomb = gzip.compress(b'"' + b"a" * 10_000_000 + b'"')
    assert refused(bomb, HTTP_CONTENT_ENCODING="gzip").status == 415
    assert read(b'{"text":"a"}', HTTP_CONTENT_ENCODING="Identity") == Said("a")


@pytest.mark.parametrize("body", [b'{"text":"\xff"}', b"\xff\xfe", b'{"x":"\xed\xa0\x80"}'])
@pytest.mark.parametrize("decoder", [SAID, ANYTHING])
def test_what_is_not_utf_8_is_refused(body, decoder):
    refusal = refused(body, decoder)
    assert (refusal.status, refusal.detail) == (400, "The body is not UTF-8.")


@pytest.mark.parametrize("decoder", [SAID, ANYTHING])
@pytest.mark.parametrize("deep", [b"[", b'{"a":', b'{"text":[', b'{"parts":['])
def test_deeply_nested_json_is_refused(deep, decoder):
    assert refused(deep * 100_000, decoder).status == 400


def test_which_field_is_wrong_is_told():
    assert refused(b'{"text":1}').detail == "Expected str, got int - at $.text."
    assert refused(b'{"text":"a","parts":[1,"b"]}').detail == (
        "Expected int, got str - at $.parts[1]."
    )
    assert refused(b"{}").detail == "Object missing required field text."
    assert refused(b'{"text":"a","nonse":"b"}').detail == "Object contains unknown field nonse."


def test_what_is_wrong_is_told_briefly():
    assert len(refused(b'{"%b":1,"text":"a"}' % (b"x" * 100_000)).detail) < 300


@given(st.text(st.characters(categories=["Cs", "L"])))
def test_a_text_that_is_no_unicode_is_refused(text):
    body = json.dumps({"text": text}).encode()
    if any("\ud800" <= each <= "\udfff" for each in json.loads(body)["text"]):
        assert refused(body).status == 400
    else:
        assert read(body) == Said(json.loads(body)["text"])


@pytest.mark.parametrize("body", [b"", b"{", b"{}x", b"null", b"[]", b'{"text":"\\ud800"}', b"NaN"])
def test_what_is_no_such_json_is_refused(body):
    assert refused(body).status == 400


@given(st.binary())
def test_nothing_in_a_body_is_an_error_of_ours(body):
    assert refused(body).status == 400


def test_a_large_body_is_refused():
    environ = {"CONTENT_TYPE": JSON}
    body = b'{"text":"a"}'
    assert json_body(environ, body, SAID, len(body)) == Said("a")
    with pytest.raises(Refusal) as info:
        json_body(environ, body, SAID, len(body) - 1)
    assert info.value.status == 413


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
)
def test_a_form_has_fields(given):
    body = urlencode(dict(list(given.items())[:20])).encode()
    assert form({"CONTENT_TYPE": FORM}, body, 100_000) == dict(list(given.items())[:20])


def test_a_form_as_jquery_sends_it():
    environ = {"CONTENT_TYPE": f"{FORM}; charset=UTF-8"}
    assert form(environ, b"new_message=a+b%20%C3%A9%ff", 100) == {"new_message": "a b é\ufffd"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"a=b", {"CONTENT_TYPE": "multipart/form-data; boundary=x"}, 415),
        (b"a=b", {"CONTENT_TYPE": "text/plain"}, 415),
        (b"a=b", {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        (b"a=" + b"b" * 100, {}, 413),
        (b"a=\xff", {}, 400),
        (b"&".join([b"a=b"] * 21), {}, 400),
    ],
)
def test_a_form_that_is_none_is_refused(body, headers, status):
    with pytest.raises(Refusal) as info:
        form({"CONTENT_TYPE": FORM, **headers}, body, 100)
    assert info.value.status == status
