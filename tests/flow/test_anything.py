"""Long talks of the book's own words and noise: never an error, always a reply and a way out."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.flow.book import Book
from bot.flow.model import PromptNode
from bot.reading.model import RESERVED
from bot.text.normalise import SEPARATORS
from tests.chat import Chat, county, shipped

BOOKS = (county(), shipped())


def vocabulary(book: Book) -> list[str]:
    """Give every word and phrase the book knows, and some of its places."""
    lexicon = book.lexicon
    tables = (lexicon.danger, lexicon.commands, lexicon.switches, lexicon.needs, lexicon.triggers)
    phrases = [" ".join(phrase) for table in tables for phrase in table.table]
    phrases += [" ".join(phrase) for phrase in (*lexicon.names.table, *lexicon.particles.table)]
    phrases += [" ".join(phrase) for phrase in book.gazetteer.lexicon.names]
    phrases += [*sorted(lexicon.gazetteer.lexicon.zips)[:20], *sorted(RESERVED), *SEPARATORS]
    labels = (
        label
        for _, node in book.nodes()
        if isinstance(node, PromptNode)
        for choice in node.choices
        for label in choice.label.values()
    )
    return sorted({*phrases, *labels})


KNOWN = [vocabulary(book) for book in BOOKS]
DIGITS = st.sampled_from("123456789") | st.integers(0, 100_000).map(str)


class Talk(RuleBasedStateMachine):
    """One phone that says anything at all."""

    @initialize(which=st.sampled_from(range(len(BOOKS))))
    def begins(self, which: int) -> None:
        """Start with one of the two books."""
        self.words = st.sampled_from(KNOWN[which])
        self.chat = Chat(BOOKS[which])

    def hears(self, text: str) -> None:
        """Send a text; only an opt-out by the carrier could ever be met by silence."""
        self.chat.says(text)
        assert self.chat.reply.strip(), self.chat.transcript
        assert len(self.chat.reply) <= 1600, self.chat.transcript

    @rule(text=DIGITS)
    def says_a_number(self, text: str) -> None:
        """Answer with a number."""
        self.hears(text)

    @rule(pick=st.data(), joint=st.sampled_from([" ", ", ", " / ", "\n"]))
    def says_known_words(self, pick: st.DataObject, joint: str) -> None:
        """Say some of the book's own words, in any order."""
        self.hears(joint.join(pick.draw(st.lists(self.words, min_size=1, max_size=3))))

    @rule(pick=st.data())
    def says_a_command(self, pick: st.DataObject) -> None:
        """Use one of the words that work everywhere."""
        table = self.chat.book.lexicon.commands.table
        self.hears(" ".join(pick.draw(st.sampled_from(sorted(table)))))

    @rule(text=st.text(max_size=200))
    def says_noise(self, text: str) -> None:
        """Send any characters at all."""
        self.hears(text)

    @rule(minutes=st.sampled_from([1, 31]))
    def waits(self, minutes: int) -> None:
        """Let time pass."""
        self.chat.waits(minutes)

    @precondition(lambda self: self.chat.kept)
    @invariant()
    def has_a_way_out(self) -> None:
        """START, a word for MENU in any language, leads to the front door."""
        book = self.chat.book
        assert len(self.chat.kept) < 2000
        out = Chat(book, self.chat.session).says("start")
        out.at(".".join(book.front))


Talk.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestTalk = Talk.TestCase
TestTalk.__doc__ = "Any talk at all gets a reply to every text and keeps a way out."
