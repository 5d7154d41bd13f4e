"""A set that elements leave by themselves."""

from chatapp.live import Elements, LiveElement


def test_they_stand_in_their_order_and_each_once():
    elements, all_of_them = Elements(), [LiveElement() for _ in range(3)]
    for element in [*all_of_them, all_of_them[0]]:
        elements.add(element)
    assert list(elements) == all_of_them
    assert len(elements) == 3
    assert all_of_them[1] in elements
    elements.discard(all_of_them[1])
    elements.discard(all_of_them[1])
    assert list(elements) == [all_of_them[0], all_of_them[2]]
    assert all_of_them[1] not in elements


def test_who_is_gone_is_out_and_does_not_come_in():
    elements, element = Elements(), LiveElement()
    elements.add(element)
    element.disconnect()
    assert list(elements) == []
    elements.add(element)
    assert list(elements) == []


def test_who_has_left_leaves_nothing_with_the_element():
    elements, element = Elements(), LiveElement()
    for _ in range(3):
        elements.add(element)
        elements.discard(element)
    assert not element._farewells
    elements.add(element)
    element.disconnect()
    assert len(elements) == 0


def test_who_comes_or_goes_meanwhile_does_not_matter():
    elements = Elements()
    for _ in range(3):
        elements.add(LiveElement())
    for count, element in enumerate(elements):
        element.disconnect()
        if not count:
            elements.add(LiveElement())
    assert len(elements) == 1
