"""Which addresses may be opened: looked at without a network."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.adapters.fetcher_httpx import HttpFetcher, is_public
from lumiku_web.errors import Permanent

#: Not of the public internet, by the registries of IANA (RFC 6890 and what followed).
PRIVATE = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
PRIVATE_6 = [
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def inside(network: str) -> st.SearchStrategy[str]:
    net = IPv4Network(network) if "." in network else IPv6Network(network)
    return st.integers(int(net.network_address), int(net.broadcast_address)).map(
        lambda number: str(IPv4Address(number) if net.version == 4 else IPv6Address(number))
    )


@given(st.sampled_from(PRIVATE + PRIVATE_6).flatmap(inside))
def test_u8_no_address_of_a_private_network_is_public(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "2002::", "2001::"]))
def test_u8_no_address_that_stands_for_another_one_is_public(inner: IPv4Address, prefix: str) -> None:
    shift = 80 if prefix == "2002::" else 0
    assert not is_public(str(IPv6Address(int(IPv6Address(prefix)) | int(inner) << shift)))


@given(st.ip_addresses())
def test_u8_what_is_public_is_global_and_for_one_receiver(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not any((address.is_multicast, address.is_private, address.is_reserved, address.is_link_local))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "104.16.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_u8_a_number_is_no_name(address: IPv4Address | IPv6Address, form: str) -> None:
    """Dotted, in brackets, decimal, hexadecimal, octal: some reader takes each of them for an address."""
    plain = f"[{address}]" if address.version == 6 else str(address)
    for host in (plain, form.format(int(address))):
        with pytest.raises(Permanent, match="result_address_refused"):
            HttpFetcher().check(f"https://{host}/x.png")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.png",
        "//delivery.example.com/x.png",
        "http://delivery.example.com/x.png",
        "ftp://delivery.example.com/x.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://",
        "https:///x.png",
        "https://localhost/x.png",
        "https://intranet/x.png",
        "https://127.1/x.png",
        "https://0x7f.1/x.png",
        "https://2130706433/x.png",
        "https://017700000001/x.png",
        "https://1.2.3.4.5/x.png",
        "https://[::1]/x.png",
        "https://[::ffff:10.0.0.1]/x.png",
        "https://user@delivery.example.com/x.png",
        "https://user:password@delivery.example.com/x.png",
        "https://delivery.example.com:8443/x.png",
        "https://delivery.example.com:0/x.png",
        "https://delivery.example.com:port/x.png",
        "https://delivery.example.com:99999/x.png",
        "https://delivery..example.com/x.png",
        "https://-a.example.com/x.png",
        "https://delivery.example.com\\@127.0.0.1/x.png",
        "https://delivery.example.com /x.png",
        "https://delivery.example.com\t/x.png",
        "https://delivery.example.com/x.png\r\nhost: evil",
        "https://delivery.ex\u0430mple.com/x.png",
        "https://127\u30020\u30020\u30021/x.png",
        "https://delivery.example.com/" + "x" * 5000,
    ],
)
def test_u8_an_address_of_an_odd_kind_is_refused(url: str) -> None:
    with pytest.raises(Permanent, match="result_address_refused"):
        HttpFetcher().check(url)


@given(st.text(max_size=60))
def test_u8_any_text_is_an_address_of_the_right_kind_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example.com{text}"):
        try:
            place = HttpFetcher().check(url)
        except Permanent as refused:
            assert refused.key == "result_address_refused"  # noqa: PT017 (either end is right)
        else:
            name = place.raw_host.decode()
            assert (place.scheme, place.userinfo, place.port) == ("https", b"", None)
            assert "." in name
            with pytest.raises(ValueError, match="does not appear"):
                ip_address(name)


@pytest.mark.parametrize(
    "url", ["https://delivery.eu2.bfl.ai/a/b.png?sig=%2B&se=1", "https://a.example.com:443/x", "https://xn--bcher-kva.example/x"]
)
def test_an_address_of_the_right_kind_is_taken(url: str) -> None:
    assert HttpFetcher().check(url).scheme == "https"


@pytest.mark.parametrize(
    ("host", "is_taken"),
    [
        ("bfl.ai", True),
        ("api.eu2.bfl.ai", True),
        ("API.BFL.AI", True),
        ("notbfl.ai", False),
        ("bfl.ai.evil.example", False),
        ("bfl.ai.", False),
    ],
)
def test_u8_hosts_are_those_that_were_named_and_those_below(host: str, *, is_taken: bool) -> None:
    try:
        HttpFetcher().check(f"https://{host}/v1/get_result", hosts=["bfl.ai"])
    except Permanent:
        assert not is_taken
    else:
        assert is_taken


def test_u8_an_origin_of_the_operator_is_taken_as_it_is_and_no_other_beside_it() -> None:
    fetcher = HttpFetcher(trusted_origins=["http://10.0.0.7:8080/flux"])
    assert fetcher.check("http://10.0.0.7:8080/v1/get_result?id=1", hosts=["bfl.ai"]).port == 8080
    for url in ("http://10.0.0.7/", "https://10.0.0.7:8080/", "http://10.0.0.8:8080/", "http://me@10.0.0.7:8080/"):
        with pytest.raises(Permanent, match="result_address_refused"):
            fetcher.check(url)


def test_a_refused_address_is_told_without_its_signature() -> None:
    with pytest.raises(Permanent) as refused:
        HttpFetcher().check("http://delivery.example.com/private/x.png?sig=secret")
    assert refused.value.detail == "http://delivery.example.com is none that Lumiku opens"
