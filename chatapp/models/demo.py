"""An example team for an empty installation, so that somebody who looks at Plainwire sees it in use."""

import secrets
from datetime import timedelta

from sqlalchemy import exists, select

from chatapp.extensions import db
from chatapp.lib import passwords

from .assistant import Assistant
from .chat import Chat
from .demo_figures import DemoFigures
from .listed_chat import ListedChat
from .message import Message
from .mixins.timestamps import now
from .place import Place
from .user import User

#: First names, which are also the addresses, with the rest of the card. The first one is the administrator.
TEAM = (
    ("Maya Okafor", "Product. Ask me what comes next", "Europe/Berlin"),
    ("Priya Nair", "Backend, databases, tea", "Asia/Kolkata"),
    ("Jonas Weber", "Design. I draw before I talk", "Europe/Berlin"),
    ("Lucía Torres", "Support, and your customers' voice", "America/Bogota"),
)
PLACE = "Fernlight"
#: The second assistant, which shares the model of the first one.
SCRIBE = "Scribe"
SUMS_UP = "You are the scribe of a team. Sum up what was said in a few short points, without adding anything."
#: What is said in each chat: the author, with None for the built-in assistant; the text; the emoji with which others
#: react; and how many messages back the one stands that it answers, 0 for none.
LAUNCH = (
    ("Maya", "Morning! The launch is on **Thursday**. What is still open?", "", 0),
    ("Priya", "- [x] migrations run on a copy of the real data\n- [x] backups restored once\n- [ ] load test", "🎉", 0),
    ("Jonas", "Screenshots are done. I still need the last sentence of the announcement.", "", 0),
    ("Lucía", "Three customers ask whether it works behind their proxy. @Priya Nair, does it?", "👀", 0),
    ("Priya", "It does. Every message is a plain `POST`, and the page notices when a stream is held back.", "👍", 1),
    ("Maya", "@Scribe, what is still open?", "", 0),
    (SCRIBE, "- The load test (Priya)\n- The last sentence of the announcement (Jonas)", "👍", 0),
    ("Maya", "@assistant, write one sentence for the announcement, please.", "", 0),
    (None, "Team chat that works wherever a web page works.", "🎉", 0),
    ("Jonas", "I take that one.", "👍", 1),
)
KITCHEN = (
    ("Lucía", "Who brings cake on Friday?", "", 0),
    ("Jonas", "Me. Lemon or chocolate?", "", 0),
    ("Priya", "Both 🍋🍫", "😂", 0),
)
DIRECT = (
    ("Priya", "Have you got ten minutes before the call?", "", 0),
    ("Maya", "Yes, at half past.", "", 0),
    ("Priya", "Good. I would like to show you the load test.", "", 0),
)
#: The time between two messages.
PAUSE = timedelta(minutes=4)


class Inhabited(RuntimeError):
    """Somebody has an account here already."""


class Demo:
    """Fills an empty installation. All its people have ``password``, which is not saved."""

    def __init__(self):
        self.password = secrets.token_urlsafe(9)

    def fill(self) -> None:
        """Raises Inhabited."""
        if db.session.scalar(select(exists().where(User.kind == "person"))):
            raise Inhabited
        Place.rename(PLACE)
        password_hash = passwords.hash_of(self.password)
        self.people = {name.split()[0]: self._person(name, *card, password_hash) for name, *card in TEAM}
        maya, priya, *others = self.people.values()
        maya.admin = True
        self.assistants = {None: User.assistant(), SCRIBE: self._scribe()}
        crew = [priya, *others, *self.assistants.values()]
        launch = self._chat("Launch", maya, crew, "closed", "mentioned")
        said = self._talk(launch, LAUNCH)
        self._talk(self._chat("Kitchen", others[-1], [maya, priya, others[0]], "open", "never"), KITCHEN, read=False)
        self._talk(Chat.direct(priya, [maya]), DIRECT, read=False)
        answer = next(message for message in said if message.author.kind == "assistant")
        DemoFigures(list(self.people.values()), [launch]).fill(answer)

    @property
    def emails(self) -> list[str]:
        return [user.email for user in self.people.values()]

    @staticmethod
    def _person(name: str, about: str, time_zone: str, password_hash: str) -> User:
        first = name.split()[0].lower().replace("í", "i")
        user = User(name=name, email=f"{first}@example.com", password_hash=password_hash)
        user.about, user.time_zone = about, time_zone
        db.session.add(user)
        return user

    @staticmethod
    def _scribe() -> User:
        return Assistant.add(SCRIBE, instructions=SUMS_UP, reply_tokens=500).user

    @staticmethod
    def _chat(title: str, creator: User, others: list[User], kind: str, assistant: str) -> Chat:
        chat = Chat.start(creator, title, kind, assistant)
        db.session.flush()
        for other in others:
            chat.admit(other)
        return chat

    def _talk(self, chat: Chat, lines, read: bool = True) -> list[Message]:
        """The last message was written just now, and the others before it. Everybody has read them, or nobody has."""
        said: list[Message] = []
        for place, (name, content, emoji, before) in enumerate(lines, 1):
            author = self.people.get(name) or self.assistants[name]
            message = self._say(chat, author, content, said[-before] if before else None)
            said.append(message)
            message.created_at = now() - PAUSE * (len(lines) - place)
            others = [person for person in self.people.values() if person is not author]
            for person in others[: 1 + place % 3] if emoji else ():
                message.react(person, emoji)
            if read:
                db.session.flush()
                self._read(chat, message)
        return said

    @staticmethod
    def _say(chat: Chat, author: User, content: str, quoted: Message | None) -> Message:
        """Write a message without asking the assistants, whose words are given."""
        message = Message(chat=chat, author=author, content=content, quoted=quoted, mentions=[])
        if chat.is_direct:
            chat.take_words_of(author)
        db.session.add(message)
        db.session.flush()
        message.settle_mentions()
        return message

    def _read(self, chat: Chat, message: Message) -> None:
        for person in self.people.values():
            ListedChat.of(person, chat).read_id = message.id
