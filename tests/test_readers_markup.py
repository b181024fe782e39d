"""Web pages, books and mails: what they say comes whole, what stands around it does not."""

# ruff: noqa: E501

import zlib
from email.message import EmailMessage
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from ingest.errors import UnreadableError
from ingest.readers import epub, html, mail
from ingest.readers.markup import to_markdown

# HTML to Markdown -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h2>Über <em>uns</em></h2><p>Ein <b>Satz</b>\nin  zwei Zeilen.", "## Über uns\n\nEin Satz in zwei Zeilen."),
        ('<p>See <a href="/x">the note</a><img src="a.png" alt="A dog">.</p>', "See the note."),
        ("<p>snake_case * 3, [sic] # 1</p>", "snake_case * 3, [sic] # 1"),
        ("<p>10<sup>6</sup> m<sup>2</sup>, 1<sup>st</sup>, H<sub>2</sub>O</p>", "10⁶ m², 1st, H2O"),
        ("<p>Il a dit <q>non</q>.<br>Puis il est parti.</p>", 'Il a dit "non".\nPuis il est parti.'),
        ("<p>Preis: <del>50</del> 30 Euro</p>", "Preis: ~~50~~ 30 Euro"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol start=3><li>trzy</li><li>cztery</li></ol>", "3. trzy\n4. cztery"),
        ("<dl><dt>ток</dt><dd>поток зарядов</dd><dt>сила</dt><dd>мера</dd></dl>", "- ток\n  поток зарядов\n- сила\n  мера"),
        ("<blockquote><p>Eins.</p><p>Zwei.</p></blockquote>", "Eins.\n\nZwei."),
        ("<p>漢<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>です。</p>", "漢字です。"),
        ("<p>Donau\u00addampf</p><style>p {}</style><p hidden>x</p>", "Donaudampf"),
        ("<p>Uno<p>Dos<ul><li>a<li>b</ul>", "Uno\n\nDos\n\n- a\n- b"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><title/><p><a id="x"/>Eins</p><p/>', "Eins"),
        ("<table><caption>Loyers</caption><tr><th>An<th>Euros<tr><td>1<td>2</table>", "Loyers\n\n| An | Euros |\n| --- | --- |\n| 1 | 2 |"),
        ("<pre>one\n  two\n\nthree</pre>", "one\n two\n\nthree"),
        ("<pre><code>a  = 1\nb = 2</code></pre>", "```\na  = 1\nb = 2\n```"),
        ("<header>A</header><main>B<hr>C</main><footer>D</footer>", "A\n\nB\n\nC\n\nD"),
    ],
)  # fmt: skip
def test_what_is_shown_is_written_as_markdown(source: str, expected: str) -> None:
    assert to_markdown(source) == expected


def test_a_table_has_a_header_and_each_row_all_its_cells() -> None:
    rows = "<tr><th>País<th>Año<th>Población</tr><tr><td rowspan=2>Perú<td>2007<td><p>27</p> <p>M</p></tr><tr><td>2017<td>29 M</tr>"
    assert to_markdown(f"<table>{rows.replace('<p>M</p>', 'M')}</table>").splitlines() == [
        "| País | Año | Población |",
        "| --- | --- | --- |",
        "| Perú | 2007 | 27 M |",
        "| Perú | 2017 | 29 M |",
    ]
    assert to_markdown("<table><tr><td>a<td>b</tr><tr><td colspan=2>c</tr></table>") == (
        "| a | b |\n| --- | --- |\n| c |  |"
    )


def test_a_table_that_lays_out_a_page_is_none() -> None:
    inner = "<table><tr><td>Jahr<td>Zahl</tr><tr><td>2020<td>7</tr></table>"
    text = to_markdown(f"<table><tr><td>Links</td><td><p>Ein Satz.</p>{inner}</td></tr></table>")
    assert text == "Links\n\nEin Satz.\n\n| Jahr | Zahl |\n| --- | --- |\n| 2020 | 7 |"


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(UnreadableError, match="nested too deep"):
        to_markdown("<div>" * 5000 + "x")


# Web pages ------------------------------------------------------------------------------------

NEWS = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8">
<title>Aale kehren in die Elbe zurück | Stadtblatt</title>
<meta property="og:site_name" content="Stadtblatt"><meta name="author" content="Anna Lehmann">
<meta property="article:published_time" content="2024-05-03T08:00:00+02:00">
<link rel="canonical" href="https://stadtblatt.example/aale"></head><body>
<div class="cookie-banner"><p>Wir verwenden Cookies, um Inhalte anzupassen. Sie können ablehnen.</p>
<button>Alle akzeptieren</button></div>
<nav><ul><li><a href="/">Start</a></li><li><a href="/p">Politik</a></li></ul></nav>
<header><h1>Aale kehren in die Elbe zurück</h1></header><main><article>
<p>Bei Geesthacht wurden am <time datetime="2024-04-30">30. April</time> <b>12.000 junge Aale</b> gezählt,
so viele wie seit zehn Jahren nicht.</p>
<h2>Was sich geändert hat</h2>
<p>Die neue Treppe ist 550 Meter lang. <a href="/a">Ein Bericht</a> nannte nur 500.</p>
<ol><li>Mehr Wasser<ul><li>auch im Sommer</li></ul></li><li>Weniger Licht</li></ol>
<table><tr><th>Jahr</th><th>Aale</th></tr><tr><td>2022</td><td>4 100</td></tr></table>
<blockquote><p>„Das hat niemand erwartet“, sagt Biologin Petra Vogt.</p></blockquote></article>
<aside class="related"><h3>Mehr zum Thema</h3><a href="/1">Lachse im Rhein gezählt</a></aside></main>
<footer><p>© 2021 Stadtblatt GmbH. Alle Rechte vorbehalten.</p></footer></body></html>"""


def test_an_article_comes_without_what_stands_around_it() -> None:
    document = html.read(NEWS.encode())
    assert document.text.split("\n\n") == [
        "# Aale kehren in die Elbe zurück",
        "Bei Geesthacht wurden am 30. April 12.000 junge Aale gezählt, so viele wie seit zehn Jahren nicht.",
        "## Was sich geändert hat",
        "Die neue Treppe ist 550 Meter lang. Ein Bericht nannte nur 500.",
        "1. Mehr Wasser\n   - auch im Sommer\n2. Weniger Licht",
        "| Jahr | Aale |\n| --- | --- |\n| 2022 | 4 100 |",
        "„Das hat niemand erwartet“, sagt Biologin Petra Vogt.",
    ]  # fmt: skip
    assert document.metadata == {
        "title": "Aale kehren in die Elbe zurück",
        "author": "Anna Lehmann",
        "publisher": "Stadtblatt",
        "published": "2024-05-03",
        "url": "https://stadtblatt.example/aale",
    }


ABOUT_COOKIES = [
    "Cookie banners were meant to give people a choice, and most ask for consent with one click.",
    "“Subscribe to our newsletter” is the next thing that 61% of the 400 sites show.",
    "We use cookies.",
    "That sentence stands on most pages. The privacy policy behind it has 4,000 words on average.",
    "All rights reserved notices do not count, and neither does a copyright line.",
    "You can unsubscribe at any time, says the law, but only 3 of 10 links worked.",
]


def test_an_article_about_cookies_keeps_every_paragraph() -> None:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in ABOUT_COOKIES)
    page = f"""<html><head><title>Why cookie banners annoy everyone</title></head>
    <body class="cookie-post"><div id="cookie-consent"><p>This site sets cookies. Accept them?</p></div>
    <div class="post"><h1>Why cookie banners annoy everyone</h1><h2>Privacy policy</h2>{paragraphs}</div>
    <div class="newsletter-signup"><p>Join 20,000 readers now.</p></div>
    <div id="comments"><p>Bob says that he liked it.</p></div></body></html>"""
    text = html.read(page.encode()).text
    assert text.split("\n\n") == [
        "# Why cookie banners annoy everyone",
        "## Privacy policy",
        *ABOUT_COOKIES,
    ]


BODY = "<p>El puente nuevo mide tres kilómetros y se abrió el lunes.</p><p>Costó 40 millones.</p>"


def make_page(head: str, body: str = BODY) -> bytes:
    return f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode()


def test_linked_data_says_who_and_when() -> None:
    head = """<title>Un puente</title><script type="application/ld+json">{"@graph": [
    {"@type": "Organization", "@id": "#o", "name": "El Faro &amp; Cía"},
    {"@type": "Person", "@id": "#p", "name": "María Núñez"},
    {"@type": "NewsArticle", "headline": "Un puente", "datePublished": "2023-11-08T23:10:00+01:00",
     "author": [{"@id": "#p"}, {"name": "jan de Vries"}], "publisher": {"@id": "#o"}}]}</script>
    <script type="application/ld+json">{"broken": </script>"""
    assert html.read(make_page(head)).metadata == {
        "title": "Un puente",
        "author": "María Núñez, jan de Vries",
        "publisher": "El Faro & Cía",
        "published": "2023-11-08",
    }


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ("", "<p>Publicado: <time datetime='2020-03-01'>1 de marzo</time></p>", "2020-03-01"),
        ("<meta name=date content='1 marzo 2020'>", "", "2020-03-01"),
        ("<meta name=date content='03/04/2020'>", "", None),
        ("<meta name=date content=2020>", "", None),
        ("", "<p>© 2019 El Faro</p><p>Actualizado el 5 de mayo de 2021.</p>", None),
        ("", "<p><time datetime=2020-03-01>a</time> <time datetime=2020-04-01>b</time></p>", None),
        ("", f"<p>{'palabra ' * 20}<time datetime=2020-03-01>en marzo</time>.</p>", None),
    ],
)
def test_a_date_is_what_the_page_says_and_never_guessed(
    head: str, body: str, published: str | None
) -> None:
    page = make_page(f"<title>Un puente</title>{head}", BODY + body)
    assert html.read(page).metadata.get("published") == published


@pytest.mark.parametrize(
    ("head", "body", "title", "first"),
    [
        ("<title>Un puente | El Faro</title><meta property=og:site_name content='El Faro'>", "", "Un puente", "# Un puente"),
        ("<title>Un puente | El Faro</title>", "<h1>El Faro</h1><h2>Un puente</h2>", "Un puente | El Faro", "# Un puente | El Faro"),
        ("<title>El Faro</title>", "<h1>Un puente</h1>", "Un puente", "# Un puente"),
        ("", "", None, "El puente nuevo mide tres kilómetros y se abrió el lunes."),
    ],
)  # fmt: skip
def test_the_title_stands_first_and_once(
    head: str, body: str, title: str | None, first: str
) -> None:
    document = html.read(make_page(head, body + BODY))
    assert document.metadata.get("title") == title
    assert document.text.splitlines()[0] == first
    assert document.text.count(f"# {title}\n") == (title is not None)


@pytest.mark.parametrize(
    ("lines", "author", "published"),
    [
        ("<div class=meta><span>Por <a href=/a>Ana Ruiz</a></span> | 3 de marzo de 2024</div>", "Ana Ruiz", "2024-03-03"),
        ("<ul><li>Ana Ruiz – <span>3.3.2024</span></li></ul><!-- By Bo Lee -->", "Ana Ruiz", "2024-03-03"),
        ("<p>Madrid, 3 de marzo de 2024</p>", None, "2024-03-03"),
        ("<p>2024-03-03</p><p>Actualizado: 2024-03-03</p>", None, "2024-03-03"),
        ("<p>3 de marzo de 2024, actualizado el 5 de marzo de 2024</p>", None, None),
        ("<p>3 de marzo de 2024</p><p>Actualizado el 5 de marzo de 2024</p>", None, None),
        (f"<p>Un puente {'muy ' * 20}largo.</p><p>Por Ana Ruiz</p><p>2024-03-03</p>", None, None),
    ],
)  # fmt: skip
def test_the_lines_below_the_title_say_who_and_when(
    lines: str, author: str | None, published: str | None
) -> None:
    page = make_page("<title>Un puente</title>", f"<h1>Un puente</h1>{lines}{BODY}")
    metadata = html.read(page).metadata
    assert (metadata.get("author"), metadata.get("published")) == (author, published)


def test_what_a_page_marks_comes_before_what_it_shows() -> None:
    head = "<title>Un puente</title><meta name=author content='Eva Gil'>"
    page = make_page(head, f"<h1>Un puente</h1><p>Por Ana Ruiz, 2024-03-03</p>{BODY}")
    said = html.read(page).metadata
    assert (said["author"], said["published"]) == ("Eva Gil", "2024-03-03")


def test_the_lead_between_title_and_text_is_kept() -> None:
    lead = "Siete años después de la primera piedra, el puente nuevo une por fin las dos orillas del río."
    caption = "<figure><figcaption>El puente nuevo, visto el lunes por la mañana desde la orilla norte del río, con niebla.</figcaption></figure>"
    more = "<p>La obra dio trabajo a unas cuatrocientas personas de la comarca, y cruzar cuesta dos euros.</p>"
    body = f"<h1>Un puente</h1><div class=teaser><p>{lead}</p></div>{caption}<article>{more}{BODY}</article>"
    text = html.read(make_page("<title>Un puente</title>", body)).text
    assert text.startswith(f"# Un puente\n\n{lead}\n\nLa obra")
    assert text.count(lead) == 1


def test_a_short_article_on_a_page_with_a_login_is_read() -> None:
    login = "<form><input name=user><input type=password></form>"
    story = (
        "<p>La obra duró siete años y dio trabajo a unas cuatrocientas personas de la comarca.</p>"
    )
    toll = (
        "<p>Cruzar cuesta dos euros, salvo los domingos y para quien vive a menos de una legua.</p>"
    )
    page = make_page("<title>Un puente</title>", f"{login}<main>{BODY}{story}{toll}</main>")
    assert "tres kilómetros" in html.read(page).text


RUSSIAN = "Новый мост длиной три километра открыли в понедельник. Его строили семь лет."
JAPANESE = "海沿いの町に小さな図書館が開館した。蔵書は約八千冊で、毎日午前九時から開いている。"
CHINESE = (
    "本市第十二条地铁线今天开通，全长三十一公里，设二十二个车站。票价为三元起，首班车早上六点发车。"
)


@pytest.mark.parametrize(
    ("text", "encoding", "head"),
    [
        (RUSSIAN, "windows-1251", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
        (JAPANESE, "cp932", '<meta charset="Shift_JIS">'),
        (JAPANESE, "iso-2022-jp", "<meta charset=iso-2022-jp>"),
        (CHINESE, "gb18030", "<meta charset=gb2312>"),
        (JAPANESE, "utf-16", "<meta charset=utf-16>"),
        (JAPANESE, "utf-8-sig", ""),
        (RUSSIAN, "utf-8", "<meta charset=windows-1251>"),
        (RUSSIAN, "windows-1251", "<meta charset=utf-8>"),
        (RUSSIAN * 9, "koi8-r", ""),
    ],
)  # fmt: skip
def test_a_page_is_decoded_by_what_it_says_or_shows(text: str, encoding: str, head: str) -> None:
    menu = "<div id=nav><ul><li><a href=1>1</a></li><li><a href=2>2</a></li></ul></div>"
    page = (
        f"<html><head>{head}</head><body>{menu}<div class=content><p>{text}</p></div></body></html>"
    )
    assert html.read(page.encode(encoding)).text == text


def test_a_stray_nul_is_passed_over() -> None:
    page = f"<html><body><p>{RUSSIAN}\0</p></body></html>"
    assert html.read(page.encode()).text == RUSSIAN


def test_words_in_odd_elements_stay_and_a_page_within_a_form_is_read() -> None:
    page = make_page(
        "",
        "<form id=aspnet><div id=menu><ul><li><a href=1>Início</a></li></ul></div><div class=main>"
        "<p>A votação é em <time datetime=2024-03-01>1 de março</time>, diz a <label>câmara</label>.</p>"
        "<p>Use <code>ls_a</code> e <q>nada</q>.<br>Fim da linha.</p>"
        "<figure><table><tr><td>Ano<td>Total</tr><tr><td rowspan=2>2023<td>4</tr><tr><td>5</tr></table></figure>"
        "<pre><code>um  dois\ntrês</code></pre></div></form>",
    )
    assert html.read(page).text.split("\n\n") == [
        "A votação é em 1 de março, diz a câmara.",
        'Use ls_a e "nada".\nFim da linha.',
        "| Ano | Total |\n| --- | --- |\n| 2023 | 4 |\n| 2023 | 5 |",
        "```\num  dois\ntrês\n```",
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", "an empty body"),
        ("<noscript>Enable JavaScript to run this app, please.</noscript><div id=root></div><script>x</script>", "1 scripts"),
        ("<h1>Sign in</h1><form><input type=password></form><p>By signing in you agree to the terms.</p>", "password"),
        ("<ul><li><a href=1>Home</a></li><li><a href=2>News</a></li></ul>", "2 words"),
        ("<div>" * 5000 + "deep", "nested too deep"),
    ],
)  # fmt: skip
def test_a_page_without_an_article_is_refused_with_what_it_shows(body: str, found: str) -> None:
    with pytest.raises(UnreadableError, match=found):
        html.read(make_page("<title>App</title>", body))


# Books ----------------------------------------------------------------------------------------

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
OPF = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Moře a &amp; lidé</dc:title>
<dc:creator opf:role="aut">Jana Nováková</dc:creator><dc:creator>Petr Malý</dc:creator>
<dc:creator opf:role="trl">Bo Lee</dc:creator><dc:publisher>Vlna</dc:publisher>
<dc:date opf:event="modification">2024-01-01</dc:date><dc:date>{date}</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="picture" href="text/picture.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="three" href="text/three.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="one"/><itemref idref="picture"/>
<itemref idref="two"/><itemref idref="three"/><itemref idref="one"/></spine></package>"""
XHTML = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
)
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": OPF.format(date="2019-09-30"),
    "OEBPS/nav.xhtml": f'{XHTML}<body><nav><ol><li><a href="text/one%20a.xhtml#x">Příliv</a></li></ol></nav></body></html>',
    "OEBPS/cover.xhtml": f"{XHTML}<body><p>Cover of the book</p></body></html>",
    "OEBPS/text/one a.xhtml": f"{XHTML}<body><a id='x'/><h1>I</h1><p>Voda&nbsp;stoupá dvakrát denně.</p></body></html>",
    "OEBPS/text/picture.xhtml": f'{XHTML}<body><img src="a.png" alt="a"/></body></html>',
    "OEBPS/text/two.xhtml": f"{XHTML}<body><h2>Odliv</h2><p>Pak <i>klesá</i>.</p></body></html>",
    "OEBPS/text/three.xhtml": f"{XHTML}<body><p>Konec.</p></body></html>",
}


def make_book(**changed: str | None) -> bytes:
    """Return the book, with files changed or left out (None) by what their name ends in."""
    files = dict(BOOK)
    for end, content in changed.items():
        name = next((name for name in files if end in name), f"META-INF/{end}.xml")
        files[name] = content or ""
        if content is None:
            del files[name]
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_book_is_its_chapters_in_order_with_their_places() -> None:
    book = epub.read(make_book())
    assert book.text == ("# I\n\nVoda\xa0stoupá dvakrát denně.\n\n## Odliv\n\nPak klesá.\n\nKonec.")
    assert [(place.label, book.text[place.start :][:3]) for place in book.places] == [
        ("chapter 1: Příliv", "# I"),
        ("chapter 2: Odliv", "## "),
        ("chapter 3", "Kon"),
    ]
    assert book.metadata == {
        "title": "Moře a & lidé",
        "author": "Jana Nováková, Petr Malý",
        "publisher": "Vlna",
        "published": "2019-09-30",
    }


def test_titles_of_chapters_come_from_an_older_table_of_contents_too() -> None:
    ncx = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Konec
    knihy</text></navLabel><content src="text/three.xhtml"/></navPoint></navMap></ncx>"""
    opf = BOOK["OEBPS/book.opf"].replace("<spine>", '<spine toc="nav">')
    book = epub.read(make_book(opf=opf, nav=ncx))
    assert [place.label for place in book.places][2] == "chapter 3: Konec knihy"


def test_the_contents_that_a_guide_names_are_no_chapter() -> None:
    guide = '<guide><reference type="toc" href="text/two.xhtml"/></guide></package>'
    book = epub.read(make_book(opf=BOOK["OEBPS/book.opf"].replace("</package>", guide)))
    assert [place.label for place in book.places] == ["chapter 1: Příliv", "chapter 2"]


@pytest.mark.parametrize("date", ["2019", "2019-09", "0101-01-01T00:00:00+00:00", "Sept. 2019"])
def test_a_date_that_is_not_a_full_day_is_left_out(date: str) -> None:
    assert "published" not in epub.read(make_book(opf=OPF.format(date=date))).metadata


def test_entities_of_a_book_are_not_followed() -> None:
    bomb = '<!DOCTYPE package [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    opf = BOOK["OEBPS/book.opf"].replace("?>\n", f"?>{bomb}", 1).replace("Moře a", "M&b;&c;")
    book = epub.read(make_book(opf=opf, three=f"{bomb}<html><body><p>K&b;&c;.</p></body></html>"))
    said = book.text + str(book.metadata)
    assert "aaaa" not in said
    assert "root:" not in said


ENCRYPTED = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">
<e:EncryptedData><e:CipherData><e:CipherReference URI="{}"/></e:CipherData></e:EncryptedData></encryption>"""


def test_a_book_with_drm_is_refused_but_not_for_its_fonts() -> None:
    with pytest.raises(UnreadableError, match="DRM"):
        epub.read(make_book(encryption=ENCRYPTED.format("OEBPS/text/one%20a.xhtml")))
    assert epub.read(make_book(encryption=ENCRYPTED.format("OEBPS/font.ttf"))).places


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no zip", "no EPUB"),
        (make_book()[:900], "no EPUB"),
        (make_book(container=None), "container.xml"),
        (make_book(container="<container/>"), "names no package"),
        (make_book(opf=None), "book.opf"),
        (make_book(opf=" "), "not XML"),
        (make_book(two=None), "two.xhtml"),
        (make_book(one="<p/>", two="<p/>", three="<p/>"), "none of its 4 chapters has text"),
    ],
)
def test_a_broken_book_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        epub.read(data)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(UnreadableError, match="unpacks to 3 MB"):
        epub.read(make_book(three="<p>" + "a" * 3_000_000))


def test_an_entry_gives_no_more_than_its_stated_size() -> None:
    data = make_book(three=f"<p>{'a' * 3_000_000}")
    real, stated = (3_000_003).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert real in data
    with pytest.raises(UnreadableError, match=r"three\.xhtml.*CRC"):
        epub.read(data.replace(real, stated))


def test_a_book_with_a_damaged_chapter_is_refused() -> None:
    data = bytearray(make_book())
    packed = zlib.compressobj(wbits=-15)
    start = data.index(packed.compress(BOOK["OEBPS/text/two.xhtml"].encode()) + packed.flush())
    data[start + 5 : start + 25] = b"\xff" * 20
    with pytest.raises(UnreadableError, match=r"two\.xhtml"):
        epub.read(bytes(data))


# Mails ----------------------------------------------------------------------------------------


def make_mail(plain: str | None, rich: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Zoë Müller <zoe@example.org>"
    message["Subject"] = (
        "Întâlnire: ședința de luni, cu un subiect destul de lung încât să fie rupt"
    )
    message["Date"] = "Fri, 03 May 2024 23:30:00 +0200"
    if plain is not None:
        message.set_content(plain)
    if rich is not None:
        message.add_alternative(rich, subtype="html")
    return message


def test_a_mail_is_its_text_under_its_subject() -> None:
    message = make_mail("Bună,\n\n> Când?\nLuni la 9.\n", "<p>altceva</p>")
    message.add_attachment("secret", filename="a.txt")
    document = mail.read(message.as_bytes())
    assert document.text == f"# {message['Subject']}\n\nBună,\n\n> Când?\nLuni la 9."
    assert document.metadata == {
        "title": message["Subject"],
        "author": "Zoë Müller",
        "published": "2024-05-03",
    }


def test_a_mail_without_plain_text_is_read_from_its_html() -> None:
    layout = "<table><tr><td><h1>مرحبا</h1><p>الاجتماع يوم الاثنين.</p></td></tr></table>"
    hidden = '<div style="display:none">Preview</div>'
    text = mail.read(make_mail("\n", f"<html><body>{hidden}{layout}</body></html>").as_bytes()).text
    assert text.split("\n\n")[1:] == ["# مرحبا", "الاجتماع يوم الاثنين."]


def test_a_mail_in_an_old_encoding_with_flowed_lines_and_an_address_alone() -> None:
    head = (
        "From: ann@example.org\r\nContent-Type: text/plain; charset=koi8-r; format=flowed\r\n\r\n"
    )
    document = mail.read(head.encode() + "Мост \r\nоткрыт.\r\n-- \r\nАнна".encode("koi8-r"))
    assert document.text == "Мост открыт.\n-- \nАнна"
    assert document.metadata == {"author": "ann@example.org"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_mail(None).as_bytes(), "no text of its own, only text/plain"),
        (b"From: a@b.c\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIIB", "only application/pkcs7-mime"),
        (b"just some words", "no mail"),
        (b"From: a@b.c\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhi", "klingon"),
    ],
)  # fmt: skip
def test_a_mail_without_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        mail.read(data)
