"""The ids by which a carrier knows repeats."""

from __future__ import annotations

from dtmfdsl.sending.carriers.ids import NO_ID, is_id, made_ms, new_id


def test_an_id_is_a_uuid_of_version_7_that_holds_its_time_and_no_other_has_it() -> None:
    ids = {new_id(1_700_000_000_000.9) for _ in range(1_000)}
    assert len(ids) == 1_000
    for id in ids:
        assert is_id(id)
        assert made_ms(id) == 1_700_000_000_000
        assert (id[14], id[19] in "89ab") == ("7", True)
    assert is_id(NO_ID)
    assert is_id("")
    assert not is_id("1") and not is_id(7) and not is_id(None)  # noqa: PT018
