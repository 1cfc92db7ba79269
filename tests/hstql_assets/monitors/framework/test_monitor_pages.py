"""The page of a monitor, its pictures, and the index of all monitors."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from builders.invented_charts import (
    HOSTILE,
    broken_chart,
    chart,
    histogram_chart,
    make_report,
    make_row,
    make_trend,
    scatter_chart,
    trend_chart,
)
from builders.page_reading import Page
from hstql_assets.monitors.framework import publishing
from hstql_assets.monitors.framework.index_page import find_index, write_index
from hstql_assets.monitors.framework.publishing import publish
from hstql_assets.monitors.framework.report import Section, TrendReport, Verdict
from hstql_assets.monitors.framework.states import find_page, judge
from hstql_assets.pages.charts import Chart, Points
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.filesystem import Filesystem

VERDICTS = (
    Verdict("rate_low", "NUV", None, "None in the last year."),
    Verdict("rate_low", "FUVA", "ok", "1.2e-06 against 4e-06."),
    Verdict("rate_low", "FUVB", "warning", "3.9e-06 against 4e-06."),
)
ALARM = Verdict("stims_present", "FUVA", "alarm", "ltst0002q has none.")


def write(filesystem: Filesystem, report: TrendReport, links: dict[str, str] | None = None) -> Page:
    return Page(publish(make_trend(), report, filesystem, lambda _: links or {}))


@pytest.mark.parametrize(
    ("verdicts", "exposures", "state"),
    [
        ((), 3, "not judged"), (VERDICTS[:1], 3, "not judged"), (VERDICTS[:2], 3, "ok"),
        (VERDICTS, 3, "warning"),
        ((ALARM, *VERDICTS), 3, "alarm"), ((ALARM,), 0, "empty"),
    ],
)  # fmt: skip
def test_the_state_is_the_worst_verdict(
    verdicts: tuple[Verdict, ...], exposures: int, state: str
) -> None:
    assert judge(make_report([], verdicts, exposures)) == state


def test_the_time_of_a_change_stays_while_the_state_does() -> None:
    first = make_row(make_trend(), make_report([], VERDICTS), None)
    assert first["changed_at"] == first["ingest_date"]
    early = first | {"changed_at": datetime(2020, 1, 1, tzinfo=UTC)}
    same = make_row(make_trend(), make_report([], VERDICTS), early)
    assert same["changed_at"] == early["changed_at"]
    changed = make_row(make_trend(), make_report([], (ALARM,)), early)
    assert changed["changed_at"] == changed["ingest_date"]
    assert (changed["state"], changed["page"]) == ("alarm", "monitors/dark_rate_monitor/index.html")


def test_a_page_has_state_limits_sections_and_charts(filesystem: Filesystem) -> None:
    page = write(filesystem, make_report([trend_chart(), histogram_chart()], (*VERDICTS, ALARM)))
    states = [a["class"] for tag, a in page.elements if tag == "span"]
    assert states == ["state alarm", "state alarm", "state warning", "state ok", "state not-judged"]
    written = ("Dark rates of COS", "The dark rate is 1.2e-06.", "2025-08-12 12:00", "not judged",
               "Medians of 25 s.", "Title of histogram", "300 exposures.")  # fmt: skip
    for text in written:
        assert text in page.text
    figures = [a["id"] for tag, a in page.elements if tag == "div" and a.get("class") == "figure"]
    assert figures == ["dark_rate_trend", "histogram"]
    assert page.json("dark_rate_trend")["doc"]


def test_every_link_is_relative_and_leads_to_a_file(filesystem: Filesystem) -> None:
    publish_scripts(filesystem)
    write_index([], filesystem)
    page = write(filesystem, make_report([trend_chart()]))
    assert [path for path in page.linked_files if not path.exists()] == []
    for ending in ("png", "csv"):
        assert page.path.parent / f"dark_rate_trend.{ending}" in page.linked_files
    assert find_index(filesystem) in page.linked_files
    assert find_index(filesystem).is_file()


def test_only_exposures_that_are_drawn_have_addresses_on_the_page(filesystem: Filesystem) -> None:
    links = {"ltst0001q": "../../../previews/1/ltst0001q.jpg", "other": "../x.jpg"}
    page = write(filesystem, make_report([trend_chart(20)]), links)
    # In the table under it the exposure is named, too.
    assert page.links.count(links["ltst0001q"]) == 1
    assert page.json("links") == {"ltst0001q": links["ltst0001q"]}
    assert "A click on a point" in page.text
    assert "A click on a point" not in write(filesystem, make_report([trend_chart(20)])).text


def test_pictures_lie_beside_the_page_and_those_of_charts_that_are_no_more_go(
    filesystem: Filesystem,
) -> None:
    page = publish(
        make_trend(), make_report([trend_chart(), histogram_chart()]), filesystem, lambda _: {}
    )
    folder = page.parent
    assert page == find_page(filesystem, "dark_rate_monitor")
    for ending in ("png", "csv"):
        assert {path.stem for path in folder.glob(f"*.{ending}")} == {
            "dark_rate_trend",
            "histogram",
        }
    for name in ("dark_rate_trend", "histogram"):
        with Image.open(folder / f"{name}.png") as image:
            assert image.width == 1000
    publish(make_trend(), make_report([histogram_chart()]), filesystem, lambda _: {})
    assert sorted(path.name for path in folder.iterdir()) == [
        "histogram.csv", "histogram.png", "index.html", "page.json",
    ]  # fmt: skip


def test_only_pictures_of_charts_that_changed_are_drawn_again(
    filesystem: Filesystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = publishing._draw
    monkeypatch.setattr(
        publishing, "_draw", lambda chart, *rest: (drawn.append(chart.name), draw(chart, *rest))
    )

    def remake(*charts: Chart) -> list[str]:
        drawn.clear()
        publish(make_trend(), make_report(list(charts)), filesystem, lambda _: {})
        return sorted(drawn)

    one, other = trend_chart(), histogram_chart()
    assert remake(one, other) == sorted([one.name, other.name])
    assert remake(one, other) == []
    assert remake(replace(one, note="Other."), other) == [one.name]
    assert remake(one, other) == [one.name]
    band, points, *others = one.layers
    assert isinstance(points, Points)
    y = points.y.copy()
    y[7] *= 1.5
    changed = replace(one, layers=(band, replace(points, y=y), *others))
    assert remake(changed, other) == [one.name]
    picture = find_page(filesystem, make_trend().page_folder).parent / f"{other.name}.png"
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-20])
    assert remake(one, other) == sorted([one.name, other.name])
    assert picture.read_bytes() == whole
    monkeypatch.setattr(publishing, "_find_method", lambda: ("another", ""))
    assert len(remake(one, other)) == 2


def test_the_same_report_gives_the_same_files(tmp_path: Path) -> None:
    contents = []
    for home in ("one", "two"):
        filesystem = Filesystem(tmp_path / home)
        page = publish(
            make_trend(),
            make_report([scatter_chart(), histogram_chart()]),
            filesystem,
            lambda _: {},
        )
        contents.append({path.name: path.read_bytes() for path in page.parent.iterdir()})
    assert contents[0] == contents[1]
    assert len(contents[0]) == 6


def test_a_monitor_without_exposures_has_a_page_that_says_so(filesystem: Filesystem) -> None:
    report = TrendReport(
        "There is no dark exposure yet.", 0, sections=(Section("Trend", (chart(),)),)
    )
    page = write(filesystem, report)
    assert "There is no dark exposure yet." in page.text
    assert "There is nothing to show yet." in page.text
    assert page.count("h3") == 1
    assert [a["class"] for tag, a in page.elements if tag == "span"] == ["state empty"]


def test_two_charts_of_one_name_are_refused(filesystem: Filesystem) -> None:
    with pytest.raises(ValueError, match="dark_rate_trend"):
        publish(make_trend(), make_report([trend_chart(), trend_chart()]), filesystem, lambda _: {})


def test_hostile_text_stays_text(filesystem: Filesystem) -> None:
    def elements(text: str) -> list[str]:
        verdict = Verdict(text, text, "ok", text)
        section = Section(text, (broken_chart(),), text, (text,), ((text,),))
        report = TrendReport(text, 1, None, (section, section_of(text)), (verdict,))
        trend = replace(make_trend(title=text), about=text)
        page = Page(publish(trend, report, filesystem, lambda _, own=text: {own: own}))
        assert text in page.text
        return [tag for tag, _ in page.elements]

    def section_of(text: str) -> Section:
        return Section(f"2 {text}", columns=(text, "b"), rows=((text, text),))

    assert elements(HOSTILE) == elements("harmless")


def state(name: str, state: str, **more: object) -> dict[str, object]:
    row = make_row(make_trend(name, f"Title of {name}"), make_report([]), None)
    return row | {"state": state} | more


def test_the_index_has_alarms_first_and_links_pages_that_there_are(filesystem: Filesystem) -> None:
    report = make_report([], (Verdict("rate_low", "FUVB", "alarm", "5e-06 against 4e-06."),))
    publish(make_trend("b"), report, filesystem, lambda _: {})
    rows = [state("a", "ok"), state("e", "empty", newest_mjd=None), state("b", "alarm"),
            state("c", "warning"), state("d", "ok", summary=HOSTILE, title=HOSTILE)]  # fmt: skip
    page = Page(write_index(rows, filesystem))
    assert [a["id"] for tag, a in page.elements if tag == "tr" and "id" in a] == [
        "b", "c", "d", "a", "e",
    ]  # fmt: skip
    assert find_page(filesystem, "b") in page.linked_files
    (limits,) = [
        a["href"] for tag, a in page.elements if tag == "a" and str(a["href"]).endswith("#limits")
    ]
    assert limits == "./b/index.html#limits"
    shown = Page(find_page(filesystem, "b"))
    assert any(a.get("id") == "limits" for _, a in shown.elements)
    assert page.text.count("(no page yet)") == 4
    assert HOSTILE in page.text
    assert page.text.count("2025-08-12") == 4
    classes = [
        str(a["class"]) for tag, a in page.elements if tag == "span" and a["class"] != "missing"
    ]
    assert classes[:4] == ["state alarm", "state warning", "state ok", "state empty"]
    words = re.findall(r"\b(alarm|warning|ok|empty)\b", page.text)
    assert words == ["alarm", "warning", "ok", "empty", "alarm", "warning", "ok", "ok", "empty"]


def test_what_is_not_judged_comes_before_what_is_old(filesystem: Filesystem) -> None:
    rows = [state("a", "ok"), state("b", "stale"), state("c", "not judged"), state("d", "warning")]
    page = Page(write_index(rows, filesystem))
    classes = [a["class"] for tag, a in page.elements if tag == "span" and a["class"] != "missing"]
    expected = ["state warning", "state not-judged", "state stale", "state ok"]
    assert classes == [*expected, *expected]


def test_the_index_links_a_page_of_another_form(filesystem: Filesystem) -> None:
    own = filesystem.plots / "monitors" / "images" / "index.html"
    own.parent.mkdir(parents=True)
    own.write_text("cameras")
    page = Page(
        write_index([state("image_trends", "ok", page="monitors/images/index.html")], filesystem)
    )
    assert own in page.linked_files


def test_an_index_of_nothing_says_so(filesystem: Filesystem) -> None:
    assert "No monitor has been made yet." in Page(write_index([], filesystem)).text
