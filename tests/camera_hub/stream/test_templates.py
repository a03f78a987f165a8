"""Makers' addresses."""

from __future__ import annotations

import pytest

from camera_hub.stream.templates import BY_VENDOR, TEMPLATES, Vendor
from registry.address import check_url, fill_credentials
from registry.errors import Invalid


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.vendor)
def test_every_address_is_one_a_camera_may_have(template) -> None:
    for stream in ("main", "sub"):
        for channel in (1, template.channels):
            url = template.address("192.0.2.7", channel, stream)
            check_url(url)
            assert "{channel}" not in url
            check_url(template.address("fd00::7", channel, stream, 8554))
    assert template.address("192.0.2.7", 1, "main") != template.address("192.0.2.7", 1, "sub")
    with pytest.raises(Invalid):
        template.address("192.0.2.7", template.channels + 1, "main")


def test_addresses_read_as_the_makers_write_them() -> None:
    def address(vendor: Vendor, channel: int = 1, stream="sub", port: int | None = None) -> str:
        return BY_VENDOR[vendor].address("192.0.2.7", channel, stream, port)

    assert set(BY_VENDOR) == set(Vendor)
    assert address(Vendor.HIKVISION, 12, "main") == "rtsp://192.0.2.7:554/Streaming/Channels/1201"
    assert address(Vendor.DAHUA, 3) == "rtsp://192.0.2.7:554/cam/realmonitor?channel=3&subtype=1"
    assert address(Vendor.UNIVIEW_NVR, 4, "main", 8554) == "rtsp://192.0.2.7:8554/unicast/c4/s0/live"
    assert address(Vendor.TP_LINK, stream="main") == "rtsp://192.0.2.7:554/stream1"
    filled = fill_credentials(address(Vendor.XM), "admin", "p&w")
    assert filled == "rtsp://192.0.2.7:554/user=admin&password=p%26w&channel=1&stream=1.sdp?"
